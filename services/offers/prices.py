"""What a tariff, a TV package, an add-on or the rent of a device costs on which day: its first price, then the versions
announced."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from peewee import Expression, ForeignKeyField

from models.catalogue import AddOn, Equipment, Tariff, TvPackage
from models.price import CataloguePrice
from services import rules
from services.money import ZERO
from services.quotes.monthly import DatedFee

Priced = Tariff | TvPackage | AddOn | Equipment
"""What has versions of its price."""
COLUMNS: dict[type, ForeignKeyField] = {
    Tariff: CataloguePrice.tariff,
    TvPackage: CataloguePrice.tv_package,
    AddOn: CataloguePrice.add_on,
    Equipment: CataloguePrice.equipment,
}


@dataclass(frozen=True)
class Price:
    """Rubles a month with VAT from the day `since` on; `vat_rate` in percent."""

    since: date
    fee: Decimal
    vat_rate: int


@dataclass(frozen=True)
class PriceList:
    """The versions of many things, by the kind and the id of the thing, the oldest first; those taken back are not
    among them."""

    versions: dict[tuple[type, int], tuple[Price, ...]]

    def of(self, thing: Priced) -> tuple[Price, ...]:
        """Return every price of a thing, the first of them without a beginning."""
        vat_rate = self._vat_of_rent if isinstance(thing, Equipment) else thing.vat_rate
        return (Price(date.min, _first_fee(thing), vat_rate), *self.announced(thing))

    def announced(self, thing: Priced) -> tuple[Price, ...]:
        """Return the versions of a thing after its first price."""
        return self.versions.get((type(thing), thing.id), ())

    def on(self, thing: Priced, day: date) -> Price:
        """Return the price of a thing on a day."""
        return [price for price in self.of(thing) if price.since <= day][-1]

    def fee(self, thing: Priced, day: date) -> Decimal:
        """Return what a thing costs on a day, rubles a month; a one-off add-on has its only price."""
        begun = [price.fee for price in self.announced(thing) if price.since <= day]
        return begun[-1] if begun else _first_fee(thing)

    def coming(self, thing: Priced, day: date) -> Price | None:
        """Return the price that begins next after a day, if one is announced."""
        return next((price for price in self.announced(thing) if price.since > day), None)

    def dated(self, thing: Priced) -> tuple[DatedFee, ...]:
        """Return every price as a calculator needs it."""
        return tuple(DatedFee(price.since, price.fee, price.vat_rate) for price in self.of(thing))

    @cached_property
    def _vat_of_rent(self) -> int:
        return rules.current().vat_services


def read_prices(things: Iterable[Priced] | None = None) -> PriceList:
    """Return the prices of these things, or of all; one query."""
    rows: Any = CataloguePrice.select().where(CataloguePrice.withdrawn_at.is_null())
    if things is not None:
        rows = rows.where(_any_of(list(things)))
    versions: dict[tuple[type, int], list[Price]] = defaultdict(list)
    for row in rows.order_by(CataloguePrice.starts_on, CataloguePrice.id):
        versions[_key_of(row)].append(Price(row.starts_on, row.monthly_fee, row.vat_rate))
    return PriceList({thing: tuple(same) for thing, same in versions.items()})


def fee_on(thing: Priced, day: date) -> Decimal:
    """Return what one thing costs on a day, rubles a month."""
    return read_prices([thing]).fee(thing, day)


def is_of(thing: Priced) -> Expression:
    """Return the condition: a price of this thing."""
    return COLUMNS[type(thing)] == thing


def thing_of(row: Any) -> Priced:
    """Return what a price is for."""
    thing: Priced = getattr(row, _column_of(row).name)
    return thing


def _first_fee(thing: Priced) -> Decimal:
    if isinstance(thing, Equipment):
        return thing.rent_fee or ZERO
    fee: Decimal = thing.price if isinstance(thing, AddOn) else thing.monthly_fee
    return fee


def _any_of(things: list[Priced]) -> Any:
    condition: Any = CataloguePrice.id.is_null()  # of none
    for kind, column in COLUMNS.items():
        condition |= column.in_([thing.id for thing in things if isinstance(thing, kind)])
    return condition


def _key_of(row: Any) -> tuple[type, int]:
    column = _column_of(row)
    return column.rel_model, row.__data__[column.name]


def _column_of(row: Any) -> ForeignKeyField:
    return next(column for column in COLUMNS.values() if row.__data__[column.name] is not None)
