"""Charging: the first charge with activation, then every month on its 1st, each once whatever happens in between."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from models.account import PeriodCharge
from models.contract import Contract
from services.accounts import (
    books,
    debt_blocks,
    ending,
    ledger,
    month_charges,
    once_charges,
    overages,
    planned_tariffs,
    subscriptions,
)
from services.accounts.line_postings import book
from services.clock import now, today
from services.money import ZERO
from services.quotes.monthly import Line
from services.quotes.quote import outlook
from services.quotes.subscription import Subscription, next_month, total
from services.runner import transactional


@dataclass(frozen=True)
class NextCharge:
    """The coming charge of the 1st: rubles, and the lines it is made of."""

    on: date
    sum: Decimal
    lines: tuple[Line, ...]


@transactional
def charge_activation(contract: Contract, *, actor_id: int | None) -> Decimal:
    """Charge the rest of the month from `active_on` and the once-only sums of the application; returns the total.

    A second call books nothing and returns zero. The wallet may go below zero: the person pays in his first days.

    Raises:
        ValueError: the contract has no first paid day yet.
    """
    charged = book_activation(contract, actor_id=actor_id)
    debt_blocks.review(contract)
    return charged


@transactional
def charge_month(contract: Contract, month: date) -> Decimal:
    """Charge one month of a contract, once; returns what was charged (zero when it was charged before).

    A planned change of tariff that has come is applied first. The month of activation belongs to `charge_activation`.

    Raises:
        ValueError: the month has not begun.
    """
    charged = book_month(contract, month)
    debt_blocks.review(contract)
    return charged


@transactional
def book_activation(contract: Contract, *, actor_id: int | None, booked_at: datetime | None = None) -> Decimal:
    """Book what `charge_activation` charges, without a look at the block; `booked_at` for a past that is written."""
    contract = subscriptions.reload_locked(contract)
    if contract.active_on is None:
        raise ValueError(f'contract {contract.number} is not active yet')
    if not _open_period(contract, contract.active_on.replace(day=1)):
        return ZERO
    once = once_charges.lines_of(contract)
    lines = [*once, *subscriptions.load(contract).month_lines(contract.active_on)]
    for line in lines:
        words = line.basis if line in once else f'Первый месяц: с дня подключения до конца месяца. {line.basis}'
        key = f'activation:{contract.number}:{line.kind}:{line.code}'
        basis = f'Договор № {contract.number}. {words.rstrip(". ")}.'
        book(contract, line, key=key, basis=basis, actor_id=actor_id, booked_at=booked_at)
    return total(lines)


@transactional
def book_month(contract: Contract, month: date, *, booked_at: datetime | None = None) -> Decimal:
    """Book what `charge_month` charges, without a look at the block; `booked_at` for a past that is written."""
    charges = month_charges.book([contract.id], month.replace(day=1), booked_at=booked_at)
    return sum((total(charge.lines) for charge in charges), ZERO)


def catch_up(contract: Contract) -> None:
    """Charge what is due if the nightly run has not come to this contract yet: call before any other charge."""
    planned_tariffs.apply(contract)
    charge_month(contract, today())


def next_charge(contract: Contract, snapshot: Subscription | None = None) -> NextCharge:
    """Return the coming charge of the 1st; nothing and zero for a contract that is not active.

    Traffic above the quota is in it as far as it has been read. `snapshot` is what `subscriptions.load` has just said,
    if the caller has it.
    """
    on = next_month(today())
    if not contract.is_active or ending.ids_over_before([contract], on):
        return NextCharge(on, ZERO, ())
    subscription = snapshot or subscriptions.load(contract)
    lines = subscription.in_order([*subscription.month_lines(on), *_above(contract, on)])
    return NextCharge(on, total(lines), tuple(lines))


def works_until(contract: Contract, snapshot: Subscription | None = None) -> date | None:
    """Return the last day the balance pays for, at most a year ahead; None when a debt stops it or without contract."""
    rest = ledger.balance(contract)
    if not contract.is_active:
        return None
    subscription = snapshot or subscriptions.load(contract)
    if rest < -subscription.limit_on(today()):
        return None
    stops_on = _stops_on(subscription, rest, total(_above(contract, next_month(today()))))
    last = (stops_on or next_month(today() + timedelta(days=365))) - timedelta(days=1)
    return min(last, ending.last_day_of(contract) or last)


def _above(contract: Contract, on: date) -> list[Line]:
    """Return what the charge of this 1st will take for traffic above the quota, as far as it has been read."""
    return [line for each in overages.due([contract], on).get(contract.id, ()) for line in each.lines]


def _stops_on(subscription: Subscription, rest: Decimal, above: Decimal) -> date | None:
    """Return the first day the money does not do; what is above the quota is charged once, with the coming 1st."""
    stops_on = outlook('overview', subscription, balance=rest, today=today()).stops_on
    first = next_month(today())
    if not above or (stops_on is not None and stops_on <= first):
        return stops_on
    sooner = outlook('overview', subscription, balance=rest - above, today=today()).stops_on
    return max(sooner, first) if sooner else None


def _open_period(contract: Contract, month: date) -> bool:
    """Claim a month for charging; tells whether it was still free.

    Raises:
        ChargingStopped: it was, but the books do not agree.
    """
    if PeriodCharge.select().where((PeriodCharge.contract == contract) & (PeriodCharge.month == month)).exists():
        return False
    books.require_open()
    PeriodCharge.create(contract=contract, month=month, charged_at=now())
    return True
