"""The charge of the 1st as a quote: its lines in the order of debiting, and the wallet after each."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from services.money import ZERO
from services.quotes.monthly import Line
from services.quotes.quote import Quote, Step
from services.quotes.subscription import Subscription, total

ACTION = 'month'


def quote_month(subscription: Subscription, *, balance: Decimal, month: date, extra: Sequence[Line] = ()) -> Quote:
    """Return what the month that begins on this 1st costs; `balance` is rubles before it, `extra` are lines that are
    charged with it: traffic above the quota of months that are over.

    A planned tariff that has come is in it, with its fee. It looks no further ahead: who asks for that has `outlook`.
    """
    lines = tuple(subscription.in_order([*subscription.month_lines(month), *extra]))
    due = total(lines)
    return Quote(ACTION, lines, (Step(month, ZERO - due, balance - due, lines),), None)
