"""A quote: what an action books at once, and the wallet at every charge after it, as far as a person looks ahead."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.money import ZERO
from services.quotes.monthly import Line
from services.quotes.subscription import Subscription, next_month, total
from services.quotes.switching import switch_lines

LOOK_AHEAD = 3
"""Monthly charges shown after today."""
HORIZON = 13
"""How many months ahead the first day without service is looked for."""


@dataclass(frozen=True)
class Step:
    """One dated change of the wallet: `sum` rubles (minus is a charge), `after` the balance then, `lines` its parts."""

    on: date
    sum: Decimal
    after: Decimal
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Quote:
    """The money of one action. `charges` are booked when it is executed; plus is a charge, minus a return.

    `steps` begin today; the three coming charges of the 1st follow, and between them what is due on another day.
    `stops_on` is the first day for which the money does not do, None when it does for a year.
    """

    action: str
    charges: tuple[Line, ...]
    steps: tuple[Step, ...]
    stops_on: date | None

    @property
    def due(self) -> Decimal:
        """What is charged at once in rubles; negative is returned."""
        return total(self.charges)

    @property
    def next_step(self) -> Step:
        """The charge of the coming 1st."""
        return next(step for step in self.steps[1:] if step.on.day == 1)

    @property
    def next_lines(self) -> tuple[Line, ...]:
        """What the charge of the coming 1st is made of."""
        return self.next_step.lines

    def facts(self) -> str:
        """Return SHA-256 of everything the person was shown: any other figure or day is another quote."""
        shown = json.dumps([self.action, self.rows(), str(self.stops_on)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()

    def rows(self) -> list[dict[str, Any]]:
        """Return dated lines as they are stored, sums as text: {on, kind, code, what, formula, basis, sum, booked,
        balance}; `balance` is the wallet after the line, `booked` says that it is charged at once."""
        rows = []
        for place, step in enumerate(self.steps):
            after = step.after - step.sum
            for line in step.lines:
                after -= line.sum
                rows.append({**as_row(line), 'booked': place == 0, 'balance': str(after)})
        return rows


def outlook(
    action: str,
    after: Subscription,
    *,
    balance: Decimal,
    today: date,
    charges: list[Line] | tuple[Line, ...] = (),
) -> Quote:
    """Return the quote of an action: its own charges, then the coming charges of the subscription as it will be.

    Args:
        after: the subscription once the action is done.
        balance: rubles before it.
    """
    rest = balance - total(charges)
    steps = [Step(today, ZERO - total(charges), rest, tuple(charges))]
    for on, lines in coming_charges(after, today):
        rest -= total(lines)
        steps.append(Step(on, ZERO - total(lines), rest, tuple(lines)))
    shown_until = [step.on for step in steps[1:] if step.on.day == 1][LOOK_AHEAD - 1]
    if after.planned:  # the strip must reach the first whole month of the new tariff
        shown_until = max(shown_until, next_month(after.planned.on - timedelta(days=1)))
    shown = tuple(step for step in steps if step.on <= shown_until)
    return Quote(action, tuple(charges), shown, first_short_day(after, steps))


def coming_charges(subscription: Subscription, today: date) -> list[tuple[date, list[Line]]]:
    """Return what will be charged after today, day by day, for thirteen months: each 1st, a tariff planned between."""
    month, days = next_month(today), []
    for _ in range(HORIZON):
        days.append((month, subscription.month_lines(month)))
        month = next_month(month)
    planned = subscription.planned
    if planned is not None and planned.on > today and planned.on.day != 1:
        lines = [*switch_lines(subscription, planned.tariff, planned.on), *planned.fee_lines()]
        days.append((planned.on, lines))
    return sorted(days, key=lambda day: day[0])


def first_short_day(after: Subscription, steps: list[Step]) -> date | None:
    """Return the first day the wallet, with its limits, does not do: after a charge, or when a limit runs out."""
    ends = {each.until for each in after.limits if each.until} | {after.grace_until}
    days = {step.on for step in steps} | {day for day in ends if day and steps[0].on < day <= steps[-1].on}
    for day in sorted(days):
        rest = [step.after for step in steps if step.on <= day][-1]
        if rest < -after.limit_on(day) and not (after.grace_until and day < after.grace_until):
            return day
    return None


def as_row(line: Line) -> dict[str, Any]:
    """Return a line as it is stored; the sum as text, so that nothing rounds it again."""
    return {
        'on': line.on.isoformat(),
        'kind': str(line.kind),
        'code': line.code,
        'what': line.title,
        'formula': line.formula,
        'basis': line.basis,
        'sum': str(line.sum),
    }
