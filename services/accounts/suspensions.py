"""Suspending the internet for some weeks and coming back: by the subscriber himself, with the money shown before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.access import Access
from models.contract import Suspension
from services import audit, form_keys, rules
from services.accounts import billing, debt_blocks, shown_quotes, subscriptions, suspension_terms
from services.accounts.shown_quotes import ShownQuote
from services.authority import Actor, own_contract
from services.clock import now, today
from services.errors import DomainError, NotFound
from services.events import ContractChanged, record
from services.messages.letters import cabinet as letters
from services.money import ZERO
from services.quotes.subscription import total
from services.quotes.suspension import RESUME, SUSPEND
from services.runner import transactional


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
        refusal=None if suspension else suspension_terms.why_not(contract, earliest),
        left_this_year=max(0, terms.suspensions_a_year - suspension_terms.taken(contract, earliest.year)),
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
    first, length = suspension_terms.checked_start(starts_on), suspension_terms.checked_days(days)
    billing.catch_up(contract)
    request = {'starts_on': first.isoformat(), 'days': length}
    return shown_quotes.show(contract, suspension_terms.compute(contract, first, length), request)


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
    fresh = suspension_terms.compute(contract, suspension_terms.checked_start(starts_on), days)
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
    suspension = suspension_terms.open_one(contract)
    return shown_quotes.show(
        contract, suspension_terms.compute_return(contract, suspension), {'suspension': suspension.id}
    )


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
    suspension = suspension_terms.open_one(contract)
    fresh = suspension_terms.compute_return(contract, suspension)
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


def _view(suspension: Suspension) -> SuspensionView:
    return SuspensionView(suspension.id, suspension.starts_on, suspension.ends_on, suspension.starts_on <= today())
