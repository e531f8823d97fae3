"""A quote: what an action books at once, and the balance today, on the next 1st and on the one after."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.money import ZERO
from services.quotes.monthly import Line
from services.quotes.subscription import Subscription, next_month, total

LOOK_AHEAD = 2
"""Charges shown after today: the quote strip has three rows."""


@dataclass(frozen=True)
class Step:
    """One row of the strip: `sum` changes the wallet (rubles, minus is a charge), `after` is the balance then."""

    on: date
    sum: Decimal
    after: Decimal


@dataclass(frozen=True)
class Quote:
    """The money of one action. `charges` are booked when it is executed; plus is a charge, minus a return."""

    action: str
    charges: tuple[Line, ...]
    steps: tuple[Step, ...]
    next_lines: tuple[Line, ...]

    @property
    def due(self) -> Decimal:
        """What is charged at once in rubles; negative is returned."""
        return total(self.charges)

    @property
    def next_step(self) -> Step:
        """The charge of the coming 1st."""
        return self.steps[1]

    def facts(self) -> str:
        """Return SHA-256 of everything the person was shown: any other figure or day is another quote."""
        shown = json.dumps([self.action, self.rows()], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines as they are stored: booked now, then the charges to come; sums as text."""
        booked = [_row(line, is_booked=True) for line in self.charges]
        coming = [_row(line, is_booked=False) for line in self.next_lines]
        ahead = [{'on': s.on.isoformat(), 'sum': str(s.sum), 'balance': str(s.after)} for s in self.steps]
        return [*booked, *coming, *ahead]


def outlook(
    action: str,
    after: Subscription,
    *,
    balance: Decimal,
    today: date,
    charges: list[Line] | tuple[Line, ...] = (),
) -> Quote:
    """Return the quote of an action: its own charges, then the coming months of the subscription as it will be.

    Args:
        after: the subscription once the action is done.
        balance: rubles before it.
    """
    rest = balance - total(charges)
    steps = [Step(today, -total(charges), rest)]
    month = next_month(today)
    next_lines = tuple(after.month_lines(month))
    for _ in range(LOOK_AHEAD):
        charge = total(after.month_lines(month))
        rest -= charge
        steps.append(Step(month, ZERO - charge, rest))
        month = next_month(month)
    return Quote(action, tuple(charges), tuple(steps), next_lines)


def _row(line: Line, *, is_booked: bool) -> dict[str, Any]:
    return {
        'on': line.on.isoformat(),
        'kind': str(line.kind),
        'code': line.code,
        'what': line.title,
        'formula': line.formula,
        'basis': line.basis,
        'sum': str(line.sum),
        'booked': is_booked,
    }
