"""What connecting costs: a pure function of the package, the catalogue's facts and the effect of a promo code."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.catalogue import PromoKind
from services.errors import N_
from services.money import ZERO, round_money, vat_inside
from services.offers.catalogue import Catalogue, TariffCard
from services.offers.packages import Device, Package, Way
from services.quotes.monthly import Item, Line, LineKind, PromoEffect, Services, monthly_lines

BUNDLE = N_('Скидка пакета')
CONNECTION = N_('Подключение')
INSTALLATION = N_('Установка')
MONTHLY_PROMOS = {PromoKind.MONTHS_PERCENT, PromoKind.FIRST_MONTHS_FIXED}


@dataclass(frozen=True)
class MonthRow:
    """Months `first` to `last` (counted from the first full month; None: from then on) cost `sum` each."""

    first: int
    last: int | None
    sum: Decimal


@dataclass(frozen=True)
class VatPart:
    """The VAT inside the sums of one rate, rubles."""

    rate: int
    sum: Decimal


@dataclass(frozen=True)
class ConnectionQuote:
    """The price of a package. All sums are rubles with VAT; `lines` are a whole month as it is charged first.

    `down_kbit` and `extra_gb` show what a promo code for speed or traffic gives; `promo_months` is how long it lasts.
    `saved` is what the code takes off in all: the connection, or the discounted full months.
    """

    monthly: Decimal
    monthly_later: Decimal
    once: Decimal
    lines: tuple[Line, ...]
    once_lines: tuple[Line, ...]
    months: tuple[MonthRow, ...]
    vat: tuple[VatPart, ...]
    vat_once: tuple[VatPart, ...]
    bundle_discount: Decimal
    down_kbit: int
    promo: PromoEffect | None
    promo_months: int
    extra_gb: int
    saved: Decimal

    @property
    def usual_once(self) -> Decimal:
        """The once-only sum without a promo code."""
        is_connection = self.promo is not None and self.promo.kind == PromoKind.CONNECTION_PERCENT
        return self.once + (self.saved if is_connection else ZERO)

    def as_snapshot(self) -> dict[str, object]:
        """The quote as an application keeps it: sums as text, so that nothing rounds them again."""
        return {
            'monthly': str(self.monthly),
            'monthly_later': str(self.monthly_later),
            'once': str(self.once),
            'lines': [_snapshot(line) for line in self.lines],
            'once_lines': [_snapshot(line) for line in self.once_lines],
            'months': [{'first': row.first, 'last': row.last, 'sum': str(row.sum)} for row in self.months],
            'promo_months': self.promo_months,
        }


def quote_connection(package: Package, catalogue: Catalogue, *, promo: PromoEffect | None, on: date) -> ConnectionQuote:
    """Return what this package costs a month and once.

    Args:
        package: from `packages.choose`, so everything in it exists and can be connected.
        promo: the effect of a code that was checked for this package, or None.
        on: today; the lines show a whole month, whichever month it is.

    Raises:
        ValueError: the package names something the catalogue does not have.
    """
    tariff = catalogue.find_tariff(package.tariff)
    if tariff is None:
        raise ValueError(f'no tariff {package.tariff}')
    items, discount = _items(package, catalogue, tariff), _bundle_discount(package, catalogue, tariff)
    first = on.replace(day=1)
    later = monthly_lines(Services(items, discount, BUNDLE), first_day=first)
    now = monthly_lines(Services(items, discount, BUNDLE, promo), first_day=first)
    once = _once_lines(package, catalogue, tariff, promo, first)
    monthly, monthly_later = _total(now), _total(later)
    promo_months = (promo.months or 0) if promo else 0
    rates = {(item.kind, item.code): item.vat_rate for item in items}
    return ConnectionQuote(
        monthly=monthly,
        monthly_later=monthly_later,
        once=_total(once),
        lines=tuple(now),
        once_lines=tuple(once),
        months=_months(monthly, monthly_later, promo_months) if promo and promo.kind in MONTHLY_PROMOS else (),
        vat=_vat((line.sum, rates.get((line.kind, line.code), tariff.vat_rate)) for line in now),
        vat_once=_vat(
            (line.sum, catalogue.vat.goods if line.kind == LineKind.EQUIPMENT else catalogue.vat.services)
            for line in once
        ),
        bundle_discount=discount,
        down_kbit=_speed(tariff, promo),
        promo=promo,
        promo_months=promo_months,
        extra_gb=(promo.traffic_gb or 0) if promo else 0,
        saved=(monthly_later - monthly) * promo_months + _connection_discount(tariff, promo),
    )


def _items(package: Package, catalogue: Catalogue, tariff: TariffCard) -> tuple[Item, ...]:
    items = [Item(LineKind.TARIFF, tariff.code, tariff.name, tariff.monthly_fee, tariff.vat_rate)]
    tv, vat = catalogue.find_tv(package.tv) if package.tv else None, catalogue.vat.services
    if tv:
        items.append(Item(LineKind.TV, tv.code, tv.name, tv.monthly_fee, tv.vat_rate))
    terminal = catalogue.find_equipment('ONT')
    if tariff.lends_terminal and terminal:
        items.append(
            Item(LineKind.RENT, terminal.code, terminal.name, terminal.rent_fee or ZERO, catalogue.vat.services)
        )
    for device in _devices(package, Way.RENT):
        card = catalogue.find_equipment(device.code)
        if card is None or card.rent_fee is None:
            raise ValueError(f'{device.code} is not rented')
        items.append(Item(LineKind.RENT, card.code, card.name, card.rent_fee, vat))
    for code in package.add_ons:
        add_on = catalogue.find_add_on(code)
        if add_on is None:
            raise ValueError(f'no add-on {code}')
        if add_on.is_monthly:
            items.append(Item(LineKind.ADD_ON, code, add_on.name, add_on.price, add_on.vat_rate))
    return tuple(items)


def _bundle_discount(package: Package, catalogue: Catalogue, tariff: TariffCard) -> Decimal:
    bundle = catalogue.find_bundle(package.tariff, package.tv)
    tv = catalogue.find_tv(package.tv) if package.tv else None
    return tariff.monthly_fee + tv.monthly_fee - bundle.monthly_fee if bundle and tv else ZERO


def _devices(package: Package, way: Way) -> list[Device]:
    return [device for device in (package.router, package.receiver) if device and device.way == way]


def _connection_discount(tariff: TariffCard, promo: PromoEffect | None) -> Decimal:
    if promo is None or promo.kind != PromoKind.CONNECTION_PERCENT:
        return ZERO
    return min(tariff.connection_fee, round_money(tariff.connection_fee * (promo.percent or 0) / 100))


def _once_lines(
    package: Package, catalogue: Catalogue, tariff: TariffCard, promo: PromoEffect | None, day: date
) -> list[Line]:
    discount = _connection_discount(tariff, promo)
    formula = f'{_rubles(tariff.connection_fee)} − {promo.percent} %' if promo and discount else ''
    lines = [Line(day, LineKind.CONNECTION, tariff.code, CONNECTION, tariff.connection_fee - discount, formula)]
    for device in _devices(package, Way.BUY):
        card = catalogue.find_equipment(device.code)
        if card is None or card.buy_price is None:
            raise ValueError(f'{device.code} is not sold')
        lines.append(Line(day, LineKind.EQUIPMENT, card.code, card.name, card.buy_price))
    for code in package.equipment:
        card = catalogue.find_equipment(code)
        if card and card.installation_fee:
            lines.append(Line(day, LineKind.FEE, card.code, INSTALLATION, card.installation_fee, card.name))
    return lines


def _months(monthly: Decimal, later: Decimal, months: int) -> tuple[MonthRow, ...]:
    discounted = [MonthRow(number, number, monthly) for number in range(1, months + 1)]
    return (*discounted, MonthRow(months + 1, None, later))


def _speed(tariff: TariffCard, promo: PromoEffect | None) -> int:
    if promo is None or promo.kind != PromoKind.SPEED:
        return tariff.down_kbit
    return tariff.down_kbit * (promo.percent or 100) // 100


def _vat(parts: Iterable[tuple[Decimal, int]]) -> tuple[VatPart, ...]:
    by_rate: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for amount, rate in parts:
        by_rate[rate] += amount
    return tuple(VatPart(rate, vat_inside(gross, rate)) for rate, gross in sorted(by_rate.items()) if gross)


def _total(lines: Iterable[Line]) -> Decimal:
    return sum((line.sum for line in lines), ZERO)


def _snapshot(line: Line) -> dict[str, str]:
    return {
        'kind': str(line.kind),
        'code': line.code,
        'title': line.title,
        'sum': str(line.sum),
        'formula': line.formula,
    }


def _rubles(amount: Decimal) -> str:
    return f'{amount:.2f} р.'.replace('.', ',', 1)
