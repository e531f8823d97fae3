"""Autopay as a rule: is a payment due on a day, and of how much. No database, no clock, no gateway."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.money import ZERO


@dataclass(frozen=True)
class Terms:
    """What a person has agreed to, rubles: `days_before` the next charge or `below` a balance, one of the two; a
    `fixed` sum, or what is missing where there is none; never more than `month_limit` in a calendar month.

    `least` and `most` bound what can be paid at once.
    """

    days_before: int | None
    below: Decimal | None
    fixed: Decimal | None
    month_limit: Decimal
    least: Decimal
    most: Decimal


@dataclass(frozen=True)
class Facts:
    """How a contract stands on a day, rubles: `charge` comes on `charge_on`; `spent` is what autopay has taken or is
    taking in the month of the day; `is_paid_for`: it has paid for this charge already."""

    day: date
    balance: Decimal
    charge_on: date
    charge: Decimal
    spent: Decimal = ZERO
    is_paid_for: bool = False


@dataclass(frozen=True)
class Due:
    """A payment that is due: rubles, and the charge it is for. Beyond the limit of the month nothing is taken."""

    amount: Decimal
    charge_on: date
    is_over_limit: bool = False


def due(terms: Terms, facts: Facts) -> Due | None:
    """Return what autopay owes on this day; None when nothing."""
    wanted = _wanted(terms, facts)
    if wanted <= ZERO:
        return None
    amount = min(max(wanted, terms.least), terms.most)
    return Due(amount, facts.charge_on, is_over_limit=amount > terms.month_limit - facts.spent)


def coming(terms: Terms, facts: Facts) -> tuple[date, Due] | None:
    """Return the first day after this one on which a payment will be due before the next charge, as things stand.

    The day before it the person is told, so it is tomorrow at the earliest; the day of the charge itself is seen when
    it has come, for then the balance is another one.
    """
    day = facts.day + timedelta(days=1)
    while day < facts.charge_on:
        in_month = facts.spent if day.month == facts.day.month else ZERO
        found = due(terms, replace(facts, day=day, spent=in_month))
        if found is not None:
            return day, found
        day += timedelta(days=1)
    return None


def _wanted(terms: Terms, facts: Facts) -> Decimal:
    missing = facts.charge - facts.balance
    if terms.below is not None:
        if facts.balance >= terms.below:
            return ZERO
        return terms.fixed if terms.fixed is not None else max(missing, terms.below - facts.balance)
    first = facts.charge_on - timedelta(days=terms.days_before or 0)
    if not first <= facts.day < facts.charge_on:
        return ZERO
    if terms.fixed is None:
        return missing
    return ZERO if facts.is_paid_for else terms.fixed
