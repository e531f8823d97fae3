"""What a tariff costs on which day: the price it began with, then the versions that were announced."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.catalogue import Tariff
from models.price import TariffPrice


@dataclass(frozen=True)
class Price:
    """Rubles a month with VAT from the day `since` on; `vat_rate` in percent."""

    since: date
    fee: Decimal
    vat_rate: int


@dataclass(frozen=True)
class PriceList:
    """The versions of many tariffs, by the id of the tariff, the oldest first; those taken back are not among them."""

    versions: dict[int, tuple[Price, ...]]

    def of(self, tariff: Tariff) -> tuple[Price, ...]:
        """Return every price of a tariff, the first of them without a beginning."""
        first = Price(date.min, tariff.monthly_fee, tariff.vat_rate)
        return (first, *self.versions.get(tariff.id, ()))

    def on(self, tariff: Tariff, day: date) -> Price:
        """Return the price of a tariff on a day."""
        return [price for price in self.of(tariff) if price.since <= day][-1]

    def fee(self, tariff: Tariff, day: date) -> Decimal:
        """Return what a tariff costs on a day, rubles a month."""
        return self.on(tariff, day).fee

    def coming(self, tariff: Tariff, day: date) -> Price | None:
        """Return the price that begins next after a day, if one is announced."""
        return next((price for price in self.of(tariff) if price.since > day), None)


def read_prices(tariffs: Iterable[Tariff] | None = None) -> PriceList:
    """Return the prices of these tariffs, or of all; one query."""
    rows: Any = TariffPrice.select().where(TariffPrice.withdrawn_at.is_null())
    if tariffs is not None:
        rows = rows.where(TariffPrice.tariff.in_([tariff.id for tariff in tariffs]))
    versions: dict[int, list[Price]] = defaultdict(list)
    for row in rows.order_by(TariffPrice.starts_on, TariffPrice.id):
        versions[row.tariff_id].append(Price(row.starts_on, row.monthly_fee, row.vat_rate))
    return PriceList({tariff_id: tuple(same) for tariff_id, same in versions.items()})


def fee_on(tariff: Tariff, day: date) -> Decimal:
    """Return what one tariff costs on a day, rubles a month."""
    return read_prices([tariff]).fee(tariff, day)
