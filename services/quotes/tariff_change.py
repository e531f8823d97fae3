"""Another tariff: at once, from the next 1st, or on a coming day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.quotes.quote import Quote, outlook
from services.quotes.subscription import PlannedTariff, Subscription
from services.quotes.switching import switch_lines

ACTION = 'tariff'


def quote_now(subscription: Subscription, new: PlannedTariff, *, balance: Decimal, today: date) -> Quote:
    """Return the price of moving today: the line of `switch_lines`, and the fee where there is one.

    Raises:
        ValueError: the move is planned for another day.
    """
    if new.on != today:
        raise ValueError(f'{new.on} is not today')
    after = replace(subscription, tariff=new.tariff, discounts=(), planned=None)
    charges = [*switch_lines(subscription, new.tariff, today), *new.fee_lines()]
    return outlook(ACTION, after, balance=balance, today=today, charges=charges)


def quote_planned(subscription: Subscription, planned: PlannedTariff, *, balance: Decimal, today: date) -> Quote:
    """Return what moving on a coming day costs: nothing today; on that day the fee, and inside a month the difference.

    Raises:
        ValueError: the day has come already.
    """
    if planned.on <= today:
        raise ValueError(f'{planned.on} is not a coming day')
    return outlook(ACTION, replace(subscription, planned=planned), balance=balance, today=today)
