"""What a contract pays for, as a snapshot: from it follows the charge of any coming month. No database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.money import ZERO
from services.quotes.monthly import DatedFee, Item, Line, LineKind, PromoEffect, Services, days_in_month, monthly_lines

_DISCOUNTS_OF_THE_TARIFF = ('months_percent', 'first_months_fixed')


@dataclass(frozen=True)
class TariffTerms:
    """A tariff as a contract pays it: rubles a month with VAT.

    `fee` is the price of today; `fees` are all its prices, the oldest first; none: it never changes.
    """

    code: str
    name: str
    fee: Decimal
    vat_rate: int = 25
    down_kbit: int = 0
    fees: tuple[DatedFee, ...] = ()

    def on(self, day: date) -> 'TariffTerms':
        """Return the tariff with the price of this day."""
        price = self.item.on(day)
        return replace(self, fee=price.fee, vat_rate=price.vat_rate)

    @property
    def item(self) -> Item:
        """The tariff as a line of the month."""
        return Item(LineKind.TARIFF, self.code, f'Интернет «{self.name}»', self.fee, self.vat_rate, self.fees)


@dataclass(frozen=True)
class AddOnTerms:
    """A monthly add-on. `until` is the first day it is no longer connected; None: until disconnected. It ends with a
    tariff slower than `least_kbit`."""

    item: Item
    until: date | None = None
    least_kbit: int = 0


@dataclass(frozen=True)
class DiscountTerms:
    """A promo effect and the months it lasts, both ends included; dates are firsts of months."""

    effect: PromoEffect
    first_month: date
    last_month: date


@dataclass(frozen=True)
class Pause:
    """Days that are not paid: from `starts_on` to the day before `ends_on`."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class PlannedTariff:
    """Another tariff from a day on; `fee` is charged once on that day (rubles, may be zero)."""

    tariff: TariffTerms
    on: date
    fee: Decimal = ZERO
    fee_code: str = ''

    def fee_lines(self) -> list[Line]:
        """Return the line of the fee; none where the move costs nothing."""
        title = f'Переход на тариф «{self.tariff.name}»'
        return [Line(self.on, LineKind.FEE, self.fee_code, title, self.fee, rubles(self.fee))] if self.fee else []


@dataclass(frozen=True)
class Limit:
    """How far below zero the wallet may be without a block, rubles; `until` is the first day it does not hold.

    One that comes with an add-on has its `code`, and ends with a tariff slower than `least_kbit`.
    """

    amount: Decimal
    until: date | None = None
    code: str = ''
    least_kbit: int = 0


@dataclass(frozen=True)
class Subscription:
    """Everything the monthly charge depends on. `bundles` maps a tariff's code to the price of it with `tv`;
    `debiting_order` names kinds of lines, the first is charged first. Before `grace_until`, the end of the first days,
    no debt stops anything."""

    number: str
    active_on: date
    tariff: TariffTerms
    tv: Item | None = None
    bundles: tuple[tuple[str, Decimal], ...] = ()
    rents: tuple[Item, ...] = ()
    add_ons: tuple[AddOnTerms, ...] = ()
    discounts: tuple[DiscountTerms, ...] = ()
    pauses: tuple[Pause, ...] = ()
    planned: PlannedTariff | None = None
    debiting_order: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    grace_until: date | None = None

    def limit_on(self, day: date) -> Decimal:
        """Return how far below zero the wallet may be on this day, rubles."""
        return sum((each.amount for each in self._limits_on(day)), ZERO)

    def credit_on(self, day: date) -> Decimal:
        """Return the part of `limit_on` that comes with an add-on, rubles."""
        return sum((each.amount for each in self._limits_on(day) if each.code), ZERO)

    def tariff_on(self, day: date) -> TariffTerms:
        """Return the tariff of this day, with the price of that day."""
        return (self.planned.tariff if self.planned and self._is_changed(day) else self.tariff).on(day)

    def services_in(self, month: date, *, with_rent: bool = True) -> Services:
        """Return what is paid in the month of this day; a discount ends with the tariff it was given on."""
        month = month.replace(day=1)
        tariff = self.tariff_on(month)
        promo = None if self._is_changed(month) else self._discount_in(month)
        going_on = (a for a in self.add_ons if a.until is None or a.until > month)
        add_ons = (a.item for a in going_on if a.least_kbit <= tariff.down_kbit)
        tv = (self.tv,) if self.tv else ()
        items = (tariff.item, *tv, *(self.rents if with_rent else ()), *add_ons)
        return Services(
            items=tuple(item.on(month) for item in items),
            bundle_discount=self.bundle_discount(tariff, month),
            bundle_name='Скидка пакета',
            promo=promo,
        )

    def bundle_discount(self, tariff: TariffTerms, month: date) -> Decimal:
        """Return how much less this tariff and the TV of a month cost together, rubles; zero without a bundle."""
        together = dict(self.bundles).get(tariff.code)
        if together is None or self.tv is None:
            return ZERO
        return max(ZERO, tariff.fee + self.tv.on(month).fee - together)

    def paid_days(self, first_day: date) -> int:
        """Return how many days of this month, from `first_day` on, are not paused."""
        return self.count_days(first_day, next_month(first_day))

    def count_days(self, start: date, end: date) -> int:
        """Return the days from `start` to the day before `end` that are not paused."""
        days = (start + timedelta(days=n) for n in range((end - start).days))
        return sum(1 for day in days if not any(p.starts_on <= day < p.ends_on for p in self.pauses))

    def part_lines(self, first_day: date, days: int) -> list[Line]:
        """Return the price of some days of a month without the rent, which a pause does not stop (DOMAIN §7.4)."""
        services = self.services_in(first_day, with_rent=False)
        return [line for line in monthly_lines(services, first_day=first_day, paid_days=days) if line.sum]

    def month_lines(self, first_day: date) -> list[Line]:
        """Return the charge of a month from `first_day` (its 1st, or the day of activation), in the order of debiting.

        Paused days are not charged, the rent of equipment goes on; a fee of a planned change comes with its month.
        """
        rent = monthly_lines(Services(tuple(item.on(first_day) for item in self.rents)), first_day=first_day)
        lines = [*self.part_lines(first_day, self.paid_days(first_day)), *rent]
        if self.planned and self.planned.on == first_day:
            lines += self.planned.fee_lines()
        return self.in_order(line for line in lines if line.sum)

    def in_order(self, lines: Iterable[Line]) -> list[Line]:
        """Return lines in the order of debiting; of one kind as they are given."""
        return sorted(lines, key=self._place)

    def _limits_on(self, day: date) -> list[Limit]:
        speed = self.tariff_on(day).down_kbit
        holding = (each for each in self.limits if each.until is None or day < each.until)
        return [each for each in holding if each.least_kbit <= speed]

    def _is_changed(self, month: date) -> bool:
        return self.planned is not None and self.planned.on <= month

    def _place(self, line: Line) -> int:
        """Where a line stands in the order of debiting; what the rules do not name comes after, fees last."""
        order = [*self.debiting_order, *(kind for kind in LineKind if kind not in self.debiting_order)]
        return order.index(line.kind)

    def _discount_in(self, month: date) -> PromoEffect | None:
        for discount in self.discounts:
            if (
                discount.effect.kind in _DISCOUNTS_OF_THE_TARIFF
                and discount.first_month <= month <= discount.last_month
            ):
                return discount.effect
        return None


def total(lines: list[Line] | tuple[Line, ...]) -> Decimal:
    """Return the sum of lines in rubles."""
    return sum((line.sum for line in lines), ZERO)


def next_month(day: date) -> date:
    """Return the 1st of the month after the month of `day`."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def days_left(day: date) -> int:
    """Return the days from `day`, which counts, to the end of its month."""
    return days_in_month(day) - day.day + 1


def rubles(amount: Decimal) -> str:
    """Return a sum for a formula: `29,90 р.`."""
    return f'{amount:.2f} р.'.replace('.', ',', 1)
