"""What a promo code changes in a package, line by line: the quote with the code beside the quote without it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.money import ZERO
from services.offers.catalogue import TariffCard
from services.quotes.connection import ConnectionQuote
from services.quotes.monthly import Line


class ChangeKind(StrEnum):
    """What a line counts: rubles a month, rubles once, kbit/s, GB a month."""

    MONTHLY = 'monthly'
    MONTHLY_TOTAL = 'monthly_total'
    ONCE = 'once'
    SPEED = 'speed'
    TRAFFIC = 'traffic'


@dataclass(frozen=True)
class PromoChange:
    """One line that differs: rubles, kbit/s or GB, as its kind says; `title` is that of the line, if it has one."""

    kind: ChangeKind
    title: str
    before: Decimal
    after: Decimal


def promo_changes(usual: ConnectionQuote, promoted: ConnectionQuote, tariff: TariffCard) -> tuple[PromoChange, ...]:
    """Return the lines in which the two quotes of one package differ; none when the code changes nothing.

    Args:
        usual: without the code.
        promoted: with it.
        tariff: of both; its quota is what extra traffic comes on top of.
    """
    changes = [
        *_of_lines(ChangeKind.MONTHLY, usual.lines, promoted.lines),
        *_of_lines(ChangeKind.ONCE, usual.once_lines, promoted.once_lines),
        PromoChange(ChangeKind.SPEED, '', Decimal(usual.down_kbit), Decimal(promoted.down_kbit)),
        _traffic(tariff, promoted),
        PromoChange(ChangeKind.MONTHLY_TOTAL, '', usual.monthly, promoted.monthly),
    ]
    return tuple(change for change in changes if change.before != change.after)


def _of_lines(kind: ChangeKind, usual: tuple[Line, ...], promoted: tuple[Line, ...]) -> list[PromoChange]:
    before = {(line.kind, line.code): line for line in usual}
    after = {(line.kind, line.code): line for line in promoted}
    keys = list(dict.fromkeys([*before, *after]))
    return [
        PromoChange(
            kind,
            (before.get(key) or after[key]).title,
            before[key].sum if key in before else ZERO,
            after[key].sum if key in after else ZERO,
        )
        for key in keys
    ]


def _traffic(tariff: TariffCard, promoted: ConnectionQuote) -> PromoChange:
    quota = Decimal(tariff.quota_gb or 0)
    return PromoChange(ChangeKind.TRAFFIC, '', quota, quota + promoted.extra_gb)
