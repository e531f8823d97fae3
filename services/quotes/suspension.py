"""Suspending and coming back: what is returned for unused paid days, what is charged for days used after all."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from services.money import ZERO
from services.quotes.monthly import Line, LineKind
from services.quotes.quote import Quote, outlook
from services.quotes.subscription import Pause, Subscription, next_month, rubles

CREDIT = 'Возврат за дни приостановки'
RETURN = 'Возврат из приостановки раньше срока'
SUSPEND, RESUME = 'suspend', 'resume'
"""What the two quotes are stored as."""
FEE_CODE = 'F-PAUSE'
FEE = 'Плата за приостановку'
FEE_BACK = 'Возврат платы за приостановку'


def quote_suspension(
    subscription: Subscription, *, balance: Decimal, today: date, starts_on: date, days: int, fee: Decimal = ZERO
) -> Quote:
    """Return what a suspension gives back at once and what the next charges will be.

    Days of a month already charged are returned, line by line; months not charged yet are simply charged less
    (DOMAIN §7.4). The rent of equipment goes on.

    Args:
        balance: rubles now.
        starts_on: the first day that is not paid, tomorrow or later.
        days: how long; the day after the last one is paid again.
        fee: what a suspension costs by the rules, rubles; charged once, when it is ordered.
    """
    pause = Pause(starts_on, starts_on + timedelta(days=days))
    credit = credit_lines(subscription, pause.starts_on, pause.ends_on, charged_until=next_month(today))
    after = replace(subscription, pauses=(*subscription.pauses, pause))
    return outlook(SUSPEND, after, balance=balance, today=today, charges=[*credit, *_fee_lines(today, fee)])


def quote_return(
    subscription: Subscription, *, balance: Decimal, today: date, pause: Pause, fee_paid: Decimal = ZERO
) -> Quote:
    """Return what coming back today costs: the days from today that were given back or not charged.

    A suspension that has not begun is called off: all its days are paid again, and `fee_paid`, rubles, comes back.
    """
    resumed_on = max(today, pause.starts_on)
    others = tuple(p for p in subscription.pauses if p.starts_on != pause.starts_on)
    after = replace(subscription, pauses=others)  # its days before today change no charge that is still to come
    back = _fee_back(today, fee_paid) if today < pause.starts_on else []
    charges = [*back, *_part(after, resumed_on, min(pause.ends_on, next_month(today)), RETURN)]
    return outlook(RESUME, after, balance=balance, today=today, charges=charges)


def credit_lines(subscription: Subscription, starts_on: date, ends_on: date, *, charged_until: date) -> list[Line]:
    """Return the negative lines for paused days before `charged_until`, the 1st of the first month not charged yet."""
    lines = _part(subscription, starts_on, min(ends_on, charged_until), CREDIT)
    return [replace(line, sum=-line.sum) for line in lines]


def _fee_lines(today: date, fee: Decimal) -> list[Line]:
    basis = 'Списывается один раз, в день, когда вы приостанавливаете интернет.'
    return [Line(today, LineKind.FEE, FEE_CODE, FEE, fee, rubles(fee), basis)] if fee else []


def _fee_back(today: date, fee: Decimal) -> list[Line]:
    basis = 'Приостановка отменена до первого дня.'
    return [Line(today, LineKind.FEE, FEE_CODE, FEE_BACK, -fee, rubles(fee), basis)] if fee else []


def _part(subscription: Subscription, start: date, end: date, why: str) -> list[Line]:
    """Lines for the days from `start` to the day before `end`, which lie in one month."""
    days = max(0, (end - start).days)
    if not days:
        return []
    last = end - timedelta(days=1)
    basis = f'{why}: {start:%d.%m.%Y} — {last:%d.%m.%Y}, {days} дн.'
    lines = subscription.part_lines(start, days)
    return [replace(line, title=f'{why}: {line.title}', basis=f'{basis} {line.basis}'.rstrip()) for line in lines]
