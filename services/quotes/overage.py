"""Traffic above the quota of a tariff: paid by started megabyte, cheaper step by step (DOMAIN §7.7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.money import ZERO, round_money
from services.quotes.monthly import Line, LineKind

BYTES_IN_MB = 1024 * 1024
MB_IN_GB = 1024
TITLE = 'Трафик сверх тарифа'


@dataclass(frozen=True)
class Step:
    """Megabytes above the quota up to `up_to`, counted from the quota, cost `price` rubles each; None: all further."""

    up_to: int | None
    price: Decimal


def steps_of(overage: Sequence[Sequence[object]]) -> tuple[Step, ...]:
    """Return the steps of `Tariff.overage`, which says [[up to MB or null, rubles per MB as text], …].

    Raises:
        ValueError: the steps do not grow, a price is not a sum, or traffic beyond the last step has no price.
    """
    steps = tuple(Step(_whole(up_to), _price(price)) for up_to, price in overage)
    bounds = [step.up_to for step in steps]
    if not steps or bounds[-1] is not None or None in bounds[:-1]:
        raise ValueError('only the last step, and always the last, has no end')
    before = 0
    for bound in bounds[:-1]:
        assert bound is not None  # seen above
        if bound <= before:
            raise ValueError(f'step {bound} does not come after {before}')
        before = bound
    return steps


def started_mb(used_bytes: int, quota_gb: int) -> int:
    """Return how many megabytes above the quota were begun: one byte more is a whole one.

    Raises:
        ValueError: less than nothing was used.
    """
    if used_bytes < 0:
        raise ValueError(f'{used_bytes} bytes cannot be used')
    above = used_bytes - quota_gb * MB_IN_GB * BYTES_IN_MB
    return max(0, -(-above // BYTES_IN_MB))


def overage_lines(steps: Sequence[Step], *, megabytes: int, code: str, on: date) -> list[Line]:
    """Return the line of a month's traffic above the quota, rounded once; none when nothing was used or it is free.

    Args:
        steps: from `steps_of`.
        megabytes: from `started_mb`.
        code: of the tariff.
        on: the day it is charged.
    """
    parts = list(_parts(steps, megabytes))
    amount = round_money(sum((price * count for count, price in parts), ZERO))
    if not amount:
        return []
    formula = ' + '.join(f'{count} МБ × {_rubles(price)}' for count, price in parts)
    basis = f'Сверх квоты начато {megabytes} МБ. Каждый начатый мегабайт считается целым.'
    return [Line(on, LineKind.TARIFF, f'{code}:overage', TITLE, amount, formula, basis)]


def _parts(steps: Sequence[Step], megabytes: int) -> Iterator[tuple[int, Decimal]]:
    """Yield how many megabytes cost how much: what lies between two steps costs the price of the upper one."""
    before = 0
    for step in steps:
        upper = megabytes if step.up_to is None else min(megabytes, step.up_to)
        if upper > before:
            yield upper - before, step.price
            before = upper


def _whole(number: object) -> int | None:
    if number is None:
        return None
    is_whole = isinstance(number, int) and not isinstance(number, bool)
    if not is_whole:
        raise ValueError(f'{number!r} is not a number of megabytes')
    return int(str(number))


def _price(text: object) -> Decimal:
    digits = text.replace('.', '', 1) if isinstance(text, str) else ''
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f'{text!r} is not a price')
    return Decimal(str(text))


def _rubles(price: Decimal) -> str:
    """A price of a megabyte has more than two digits, unlike any sum."""
    return f'{price} р.'.replace('.', ',', 1)
