"""Suspending the internet for some weeks and coming back: by the subscriber himself, with the money shown before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.access import Access
from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract, Suspension
from services import audit, form_keys, rules
from services.accounts import billing, debt_blocks, ending, ledger, shown_quotes, subscriptions
from services.accounts.shown_quotes import ShownQuote
from services.authority import Actor, own_contract
from services.clock import now, today
from services.errors import N_, DomainError, InvalidField, NotFound
from services.events import ContractChanged, record
from services.messages.letters import cabinet as letters
from services.money import ZERO
from services.quotes import suspension as quotes
from services.quotes.monthly import LineKind
from services.quotes.quote import Quote
from services.quotes.subscription import Pause, total
from services.runner import transactional

SUSPEND, RESUME = 'suspend', 'resume'


class SuspensionRefused(DomainError):
    """The internet cannot be suspended or resumed now; subclasses say why."""


class AlreadySuspended(SuspensionRefused):
    """One at a time."""

    message = N_('Интернет уже приостановлен или приостановка назначена.')


class InDebt(SuspensionRefused):
    """DOMAIN §1.3: it must not start while blocked or in debt."""

    message = N_('Сначала погасите долг: пополните счёт на {debt}, потом приостанавливайте.')


class TooManyThisYear(SuspensionRefused):
    """Twice a calendar year."""

    message = N_('Приостановить интернет можно {most} раза в год. В {year} году вы уже сделали это.')


class TariffPlanned(SuspensionRefused):
    """A tariff changes inside the month that would be paused."""

    message = N_('На {on} запланирована смена тарифа. Отмените её или приостановите интернет после этого дня.')


class NotSuspended(SuspensionRefused):
    """There is nothing to resume."""

    message = N_('Интернет не приостановлен: возобновлять нечего.')


@dataclass(frozen=True)
class SuspensionView:
    """A suspension that runs or is ordered. `ends_on` is the day the internet comes back by itself."""

    id: int
    starts_on: date
    ends_on: date
    is_running: bool


@dataclass(frozen=True)
class SuspensionBoard:
    """What the page shows: the open suspension, or the limits of a new one, or why there can be none; `fee` in rubles
    and `times` a year are what the rules say today."""

    current: SuspensionView | None
    refusal: DomainError | None
    left_this_year: int
    earliest: date
    latest: date
    least_days: int
    most_days: int
    times: int
    fee: Decimal


def board(*, actor: Actor | None) -> SuspensionBoard:
    """Return the state of suspension of the contract and the limits of a new one."""
    contract = own_contract(actor, need=Access.MANAGE)
    suspension, terms = subscriptions.open_suspension(contract), rules.current()
    earliest = today() + timedelta(days=1)
    return SuspensionBoard(
        current=_view(suspension) if suspension else None,
        refusal=None if suspension else _why_not(contract, earliest),
        left_this_year=max(0, terms.suspensions_a_year - _taken(contract, earliest.year)),
        earliest=earliest,
        latest=today() + timedelta(days=terms.suspension_ahead_days),
        least_days=terms.suspension_least_days,
        most_days=terms.suspension_most_days,
        times=terms.suspensions_a_year,
        fee=terms.suspension_fee,
    )


@transactional
def quote(starts_on: date | str, days: int | str, *, actor: Actor | None) -> ShownQuote:
    """Return and store what a suspension from this day (a date or its ISO text) for so many days gives back.

    Raises:
        InvalidField: `starts_on` or `days` is not a day or a number within the limits.
        SuspensionRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    first, length = _checked_start(starts_on), _checked_days(days)
    billing.catch_up(contract)
    request = {'starts_on': first.isoformat(), 'days': length}
    return shown_quotes.show(contract, _quote(contract, first, length), request)


@transactional
def suspend(quote_id: int, form_key: str, *, actor: Actor | None) -> SuspensionView:
    """Do what a shown quote says; the same key again does nothing twice.

    Raises:
        NotFound: not a quote of this contract.
        QuoteChanged, NotEnoughMoney, SuspensionRefused: nothing has changed.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_key = form_keys.checked(form_key)
    done = Suspension.get_or_none(Suspension.form_key == form_key)
    if done is not None:
        if done.contract.id != contract.id:
            raise NotFound
        return _view(done)
    row = shown_quotes.find(contract, quote_id, SUSPEND)
    starts_on, days = date.fromisoformat(row.request['starts_on']), row.request['days']
    billing.catch_up(contract)
    fresh = _quote(contract, _checked_start(starts_on), days)
    assert actor is not None  # own_contract has refused a stranger
    shown_quotes.book(contract, row, fresh, key=f'{SUSPEND}:{form_key}', actor_id=actor.user_id)
    suspension = Suspension.create(
        contract=contract,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days),
        form_key=form_key,
        created_at=now(),
        actor=actor.user_id,
    )
    returned = -total([line for line in fresh.charges if line.sum < ZERO])
    facts = {'from': starts_on.isoformat(), 'days': days, 'returned': str(returned), 'fee': str(fresh.due + returned)}
    audit.note('contract.suspend', f'contract:{contract.number}', actor=actor, **facts)
    letters.suspended(contract, suspension, returned=returned, fee=fresh.due + returned)
    record(ContractChanged(contract.id))
    return _view(suspension)


@transactional
def quote_resume(*, actor: Actor | None) -> ShownQuote:
    """Return and store what coming back today costs.

    Raises:
        NotSuspended: no suspension runs or is ordered.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    billing.catch_up(contract)
    suspension = _open(contract)
    return shown_quotes.show(contract, _quote_return(contract, suspension), {'suspension': suspension.id})


@transactional
def resume(quote_id: int, form_key: str, *, actor: Actor | None) -> date:
    """End the suspension now, as a shown quote says, and return the first paid day; a repeat does nothing twice.

    A suspension that has not begun is called off, and what it cost comes back.

    Raises:
        NotFound: not a quote of this contract.
        NotSuspended: it is over, and not by this quote.
        QuoteChanged, NotEnoughMoney: nothing has changed.
    """
    contract = own_contract(actor, lock=True, need=Access.MANAGE)
    form_key = form_keys.checked(form_key)
    row = shown_quotes.find(contract, quote_id, RESUME)
    asked: Suspension = Suspension.get((Suspension.id == row.request['suspension']) & (Suspension.contract == contract))
    if asked.resumed_on is not None and row.executed_at is not None:
        return asked.resumed_on
    billing.catch_up(contract)
    suspension = _open(contract)
    fresh = _quote_return(contract, suspension)
    fee_back = -total([line for line in fresh.charges if line.sum < ZERO])
    assert actor is not None  # own_contract has refused a stranger
    shown_quotes.book(contract, row, fresh, key=f'{RESUME}:{form_key}', actor_id=actor.user_id)
    suspension.resumed_on = max(today(), suspension.starts_on)
    suspension.save(only=[Suspension.resumed_on])
    on = suspension.resumed_on
    facts = {'on': on.isoformat(), 'charged': str(fresh.due + fee_back), 'fee_back': str(fee_back)}
    audit.note('contract.resume', f'contract:{contract.number}', actor=actor, **facts)
    letters.resumed(contract, suspension, charged=fresh.due + fee_back, fee_back=fee_back)
    record(ContractChanged(contract.id))
    debt_blocks.review(contract)
    return on


def _quote(contract: Contract, starts_on: date, days: int) -> Quote:
    refusal = _why_not(contract, starts_on)
    if refusal:
        raise refusal
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    return quotes.quote_suspension(
        subscription,
        balance=balance,
        today=today(),
        starts_on=starts_on,
        days=days,
        fee=rules.current().suspension_fee,
    )


def _quote_return(contract: Contract, suspension: Suspension) -> Quote:
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    pause = Pause(suspension.starts_on, suspension.ends_on)
    fee_paid = _fee_paid(suspension)
    return quotes.quote_return(subscription, balance=balance, today=today(), pause=pause, fee_paid=fee_paid)


def _fee_paid(suspension: Suspension) -> Decimal:
    """Return what this suspension cost when it was ordered, rubles; zero when that was taken back meanwhile."""
    key = f'{SUSPEND}:{suspension.form_key}:{LineKind.FEE}:{quotes.FEE_CODE}'
    fee: Operation | None = Operation.get_or_none(Operation.key == key)
    if fee is None or Operation.select().where(Operation.reverses == fee).exists():
        return ZERO
    of_wallet = (Entry.operation == fee) & (Account.kind == AccountKind.WALLET)
    paid: Decimal = -Entry.select(Entry.amount).join(Account).where(of_wallet).get().amount
    return paid


def _why_not(contract: Contract, starts_on: date) -> DomainError | None:
    if over := ending.why_not(contract):
        return over
    if subscriptions.open_suspension(contract):
        return AlreadySuspended()
    planned = subscriptions.planned_change(contract)
    if planned and planned.effective_on.day != 1:
        return TariffPlanned(on=planned.effective_on)
    balance = ledger.balance(contract)
    if balance < ZERO or debt_blocks.open_block(contract):
        return InDebt(debt=-balance)
    most = rules.on(starts_on).suspensions_a_year
    if _taken(contract, starts_on.year) >= most:
        return TooManyThisYear(most=most, year=starts_on.year)
    return None


def _taken(contract: Contract, year: int) -> int:
    """How many suspensions began in a calendar year; one called off before its first day does not count."""
    rows = Suspension.select().where(
        (Suspension.contract == contract)
        & Suspension.starts_on.between(date(year, 1, 1), date(year, 12, 31))
        & (Suspension.resumed_on.is_null() | (Suspension.resumed_on > Suspension.starts_on))
    )
    return int(rows.count())


def _open(contract: Contract) -> Suspension:
    ending.require_going_on(contract)
    suspension = subscriptions.open_suspension(contract)
    if suspension is None:
        raise NotSuspended
    return suspension


def _checked_start(starts_on: object) -> date:
    try:
        day = starts_on if isinstance(starts_on, date) else date.fromisoformat(str(starts_on)[:10])
    except ValueError as error:
        raise InvalidField('starts_on', N_('Выберите день в календаре.')) from error
    earliest, latest = today() + timedelta(days=1), today() + timedelta(days=rules.current().suspension_ahead_days)
    if not earliest <= day <= latest:
        raise InvalidField('starts_on', N_('Выберите день с {first} по {last}.'), first=earliest, last=latest)
    return day


def _checked_days(days: object) -> int:
    text = str(days).strip()
    terms = rules.current()
    least, most = terms.suspension_least_days, terms.suspension_most_days
    if not (text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most):
        raise InvalidField('days', N_('Введите число дней от {least} до {most}.'), least=least, most=most)
    return int(text)


def _view(suspension: Suspension) -> SuspensionView:
    return SuspensionView(suspension.id, suspension.starts_on, suspension.ends_on, suspension.starts_on <= today())


def days_of(request: dict[str, Any]) -> tuple[date, date]:
    """Return the first day without internet and the day it comes back, of a stored question."""
    first = date.fromisoformat(request['starts_on'])
    return first, first + timedelta(days=request['days'])
