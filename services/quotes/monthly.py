"""What a month costs: tariff, TV, rent and add-ons, minus bundle and promo. The public constructor, the first charge
of a contract and the charge of the 1st all come from here."""

import calendar
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.money import ZERO, round_money

MONTHS = (
    'январь', 'февраль', 'март', 'апрель', 'май', 'июнь',
    'июль', 'август', 'сентябрь', 'октябрь', 'ноябрь', 'декабрь',
)  # fmt: skip


class LineKind(StrEnum):
    """What a line is for; in the order of debiting where the rules say nothing else (DOMAIN §7.5)."""

    TARIFF = 'tariff'
    TV = 'tv'
    BUNDLE = 'bundle'
    RENT = 'rent'
    ADD_ON = 'add_on'
    CONNECTION = 'connection'
    EQUIPMENT = 'equipment'
    FEE = 'fee'
    PAYMENT = 'payment'


@dataclass(frozen=True)
class DatedFee:
    """What a thing costs from the 1st `since` on: rubles a month with VAT."""

    since: date
    fee: Decimal
    vat_rate: int = 25


@dataclass(frozen=True)
class Item:
    """One thing paid by the month: rubles with VAT; `vat_rate` in percent.

    `fee` is the price of today; `fees` are all its prices, the oldest first; none: it never changes. `since` is the
    day from which `fee` holds, None: from the beginning.
    """

    kind: LineKind
    code: str
    name: str
    fee: Decimal
    vat_rate: int = 25
    fees: tuple[DatedFee, ...] = ()
    since: date | None = None

    def on(self, day: date) -> 'Item':
        """Return the thing with the price of this day."""
        begun = [price for price in self.fees if price.since <= day]
        if not begun:
            return self
        since = begun[-1].since if begun[-1].since > date.min else None
        return replace(self, fee=begun[-1].fee, vat_rate=begun[-1].vat_rate, since=since)


@dataclass(frozen=True)
class PromoEffect:
    """What a promo code does, as a snapshot. `kind` is a PromoKind; the numbers are what the kind needs."""

    code: str
    kind: str
    title: str
    percent: int | None = None
    amount: Decimal | None = None
    months: int | None = None
    traffic_gb: int | None = None


@dataclass(frozen=True)
class Line:
    """One dated line: rubles, plus is a charge of the subscriber; `formula` can be re-counted by hand."""

    on: date
    kind: LineKind
    code: str
    title: str
    sum: Decimal
    formula: str = ''
    basis: str = ''


@dataclass(frozen=True)
class Services:
    """What a contract pays for every month; `bundle_discount` is rubles, plus is a discount."""

    items: tuple[Item, ...]
    bundle_discount: Decimal = ZERO
    bundle_name: str = ''
    promo: PromoEffect | None = field(default=None)  # only while it lasts


def month_words(day: date) -> str:
    """Return the month of a day in words: `ноябрь 2026`."""
    return f'{MONTHS[day.month - 1]} {day.year}'


def days_in_month(day: date) -> int:
    """Return the number of days in the month of `day`."""
    return calendar.monthrange(day.year, day.month)[1]


def monthly_lines(services: Services, *, first_day: date, paid_days: int | None = None) -> list[Line]:
    """Return the charge of a month, or of its part.

    Args:
        services: what is connected, with the promo effect if it still lasts in this month.
        first_day: the day the charge is for: the 1st, or the day of activation.
        paid_days: how many days of this month are paid; None means all from `first_day` to the end of the month.

    A part of a month is `fee × paid days / days of the month`, each line rounded once (DOMAIN §7.2).
    """
    total = days_in_month(first_day)
    span = _Span(first_day, total - first_day.day + 1 if paid_days is None else paid_days, total)
    lines = []
    for item in services.items:
        fee, words = _fee_with_promo(item, services.promo)
        lines.append(replace(_line(item.kind, item.code, item.name, fee, words, span), basis=version_words(item)))
    if services.bundle_discount:
        lines.append(_line(LineKind.BUNDLE, '', services.bundle_name, -services.bundle_discount, '', span))
    return lines


def _fee_with_promo(item: Item, promo: PromoEffect | None) -> tuple[Decimal, str]:
    """The discount on the first months is a discount on the internet tariff (DOMAIN §6.5), never below zero."""
    if promo is None or item.kind != LineKind.TARIFF:
        return item.fee, ''
    if promo.kind == 'months_percent' and promo.percent:
        return round_money(item.fee * (100 - promo.percent) / 100), f'{_rubles(item.fee)} − {promo.percent} %'
    if promo.kind == 'first_months_fixed' and promo.amount is not None:
        return min(item.fee, promo.amount), f'{_rubles(promo.amount)} вместо {_rubles(item.fee)}'
    return item.fee, ''


def version_words(item: Item) -> str:
    """Return which of its prices a line is counted from; nothing for the first one."""
    return f'Цена {_rubles(item.fee)} действует с {item.since:%d.%m.%Y}.' if item.since else ''


@dataclass(frozen=True)
class _Span:
    """The paid part of a month: from which day, how many days, of how many."""

    first_day: date
    days: int
    total: int


def _line(kind: LineKind, code: str, title: str, fee: Decimal, words: str, span: _Span) -> Line:
    whole = words or _rubles(abs(fee))  # a discount is told as a sum, its sign is in the line
    if span.days == span.total:
        return Line(span.first_day, kind, code, title, fee, whole)
    part = round_money(fee * span.days / span.total)
    factor = f'({whole})' if words else whole
    return Line(span.first_day, kind, code, title, part, f'{factor} × {span.days} из {span.total} дней')


def _rubles(amount: Decimal) -> str:
    return f'{amount:.2f} р.'.replace('.', ',', 1)
