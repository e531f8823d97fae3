"""What a suspension costs and gives back, and what keeps a contract from it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract, Suspension
from services import rules
from services.accounts import debt_blocks, ending, ledger, subscriptions
from services.accounts.suspension_refusals import (
    AlreadySuspended,
    InDebt,
    NotSuspended,
    TariffPlanned,
    TooManyThisYear,
)
from services.clock import today
from services.errors import N_, DomainError, InvalidField
from services.money import ZERO
from services.quotes import suspension as quotes
from services.quotes.monthly import LineKind
from services.quotes.quote import Quote
from services.quotes.subscription import Pause


def compute(contract: Contract, starts_on: date, days: int) -> Quote:
    """Return what so many days from this one give back.

    Raises:
        SuspensionRefused: it is not possible; the class says why.
    """
    refusal = why_not(contract, starts_on)
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


def compute_return(contract: Contract, suspension: Suspension) -> Quote:
    """Return what coming back today costs."""
    subscription, balance = subscriptions.load(contract), ledger.balance(contract)
    pause = Pause(suspension.starts_on, suspension.ends_on)
    fee_paid = _fee_paid(suspension)
    return quotes.quote_return(subscription, balance=balance, today=today(), pause=pause, fee_paid=fee_paid)


def _fee_paid(suspension: Suspension) -> Decimal:
    """Return what this suspension cost when it was ordered, rubles; zero when that was taken back meanwhile."""
    key = f'{quotes.SUSPEND}:{suspension.form_key}:{LineKind.FEE}:{quotes.FEE_CODE}'
    fee: Operation | None = Operation.get_or_none(Operation.key == key)
    if fee is None or Operation.select().where(Operation.reverses == fee).exists():
        return ZERO
    of_wallet = (Entry.operation == fee) & (Account.kind == AccountKind.WALLET)
    paid: Decimal = -Entry.select(Entry.amount).join(Account).where(of_wallet).get().amount
    return paid


def why_not(contract: Contract, starts_on: date) -> DomainError | None:
    """Return why no suspension can begin on this day, None when one can."""
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
    if taken(contract, starts_on.year) >= most:
        return TooManyThisYear(most=most, year=starts_on.year)
    return None


def taken(contract: Contract, year: int) -> int:
    """Return how many suspensions began in a calendar year; one called off before its first day does not count."""
    rows = Suspension.select().where(
        (Suspension.contract == contract)
        & Suspension.starts_on.between(date(year, 1, 1), date(year, 12, 31))
        & (Suspension.resumed_on.is_null() | (Suspension.resumed_on > Suspension.starts_on))
    )
    return int(rows.count())


def open_one(contract: Contract) -> Suspension:
    """Return the suspension that runs or is ordered.

    Raises:
        NotSuspended: there is none. ContractEnded: the contract is about to end.
    """
    ending.require_going_on(contract)
    suspension = subscriptions.open_suspension(contract)
    if suspension is None:
        raise NotSuspended
    return suspension


def checked_start(starts_on: object) -> date:
    """Return the first day without internet, given as a date or its ISO text.

    Raises:
        InvalidField: it is none, or not within the limits.
    """
    try:
        day = starts_on if isinstance(starts_on, date) else date.fromisoformat(str(starts_on)[:10])
    except ValueError as error:
        raise InvalidField('starts_on', N_('Выберите день в календаре.')) from error
    earliest, latest = today() + timedelta(days=1), today() + timedelta(days=rules.current().suspension_ahead_days)
    if not earliest <= day <= latest:
        raise InvalidField('starts_on', N_('Выберите день с {first} по {last}.'), first=earliest, last=latest)
    return day


def checked_days(days: object) -> int:
    """Return for how many days.

    Raises:
        InvalidField: it is no number, or not within the limits.
    """
    text = str(days).strip()
    terms = rules.current()
    least, most = terms.suspension_least_days, terms.suspension_most_days
    if not (text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most):
        raise InvalidField('days', N_('Введите число дней от {least} до {most}.'), least=least, most=most)
    return int(text)


def days_of(request: dict[str, Any]) -> tuple[date, date]:
    """Return the first day without internet and the day it comes back, of a stored question."""
    first = date.fromisoformat(request['starts_on'])
    return first, first + timedelta(days=request['days'])
