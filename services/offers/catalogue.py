"""What we sell, as pages and calculations need it: plain values, no rows, no queries later.

Not kept in memory: it is seven small reads, and a price changed by the administrator is true everywhere at once.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.catalogue import AddOn, AddOnKind, Bundle, Equipment, EquipmentKind, Signal, Tariff, TvPackage
from models.region import HouseKind, Technology
from services import rules
from services.clock import today
from services.offers.prices import Price, PriceList, read_prices


@dataclass(frozen=True)
class TariffCard:
    """A tariff on sale: rubles a month with VAT, kbit/s, GB; `quota_gb` None is unlimited."""

    code: str
    name: str
    description: str
    down_kbit: int
    up_kbit: int
    quota_gb: int | None
    speed_after_quota_kbit: int | None
    monthly_fee: Decimal
    connection_fee: Decimal
    vat_rate: int
    technologies: tuple[str, ...]
    house_kinds: tuple[str, ...]
    regions: tuple[str, ...]
    needs_entitlement: bool
    overage: tuple[tuple[int | None, str], ...] = ()
    coming: Price | None = None  # announced for a later day

    def is_in_region(self, region: str) -> bool:
        """Tell whether it is sold in this region; an empty list of regions means everywhere."""
        return not self.regions or region in self.regions

    def is_for_house(self, house: HouseKind) -> bool:
        """Tell whether this kind of house can have it."""
        return not self.house_kinds or house in self.house_kinds

    @property
    def lends_terminal(self) -> bool:
        """Tell whether the line always ends in our GPON terminal, which is lent for nothing."""
        return self.technologies == (Technology.GPON,)


@dataclass(frozen=True)
class TvCard:
    """A TV package on sale: rubles a month with VAT."""

    code: str
    name: str
    description: str
    channels: int
    hd_channels: int
    signal: Signal
    monthly_fee: Decimal
    vat_rate: int


@dataclass(frozen=True)
class BundleCard:
    """Internet and TV together for `monthly_fee`."""

    tariff: str
    tv: str
    monthly_fee: Decimal


@dataclass(frozen=True)
class EquipmentCard:
    """A device: None means it is not sold, or not rented."""

    code: str
    name: str
    kind: EquipmentKind
    buy_price: Decimal | None
    rent_fee: Decimal | None
    installation_fee: Decimal
    lost_price: Decimal | None


@dataclass(frozen=True)
class AddOnCard:
    """An add-on: rubles with VAT, a month or once."""

    code: str
    name: str
    description: str
    kind: AddOnKind
    price: Decimal
    is_monthly: bool
    in_constructor: bool
    vat_rate: int


@dataclass(frozen=True)
class VatRates:
    """VAT inside a price, percent: a sold device is goods; rent and all work are services (DOMAIN §3.4)."""

    services: int
    goods: int


@dataclass(frozen=True)
class Catalogue:
    """Everything on sale with the prices of today, each list in the order of the screen."""

    tariffs: tuple[TariffCard, ...]
    tv: tuple[TvCard, ...]
    bundles: tuple[BundleCard, ...]
    equipment: tuple[EquipmentCard, ...]
    add_ons: tuple[AddOnCard, ...]
    vat: VatRates

    def find_tariff(self, code: str) -> TariffCard | None:
        """Return a tariff by its code."""
        return next((t for t in self.tariffs if t.code == code), None)

    def find_tv(self, code: str) -> TvCard | None:
        """Return a TV package by its code."""
        return next((t for t in self.tv if t.code == code), None)

    def find_equipment(self, code: str) -> EquipmentCard | None:
        """Return a device by its code."""
        return next((e for e in self.equipment if e.code == code), None)

    def find_add_on(self, code: str) -> AddOnCard | None:
        """Return an add-on of the constructor by its code."""
        return next((a for a in self.add_ons if a.code == code and a.in_constructor), None)

    def find_bundle(self, tariff: str, tv: str | None) -> BundleCard | None:
        """Return the bundle of this pair, if they are cheaper together."""
        return next((b for b in self.bundles if (b.tariff, b.tv) == (tariff, tv)), None)

    def of_kind(self, *kinds: EquipmentKind) -> tuple[EquipmentCard, ...]:
        """Return the devices of these kinds."""
        return tuple(e for e in self.equipment if e.kind in kinds)


def read_catalogue() -> Catalogue:
    """Return everything on sale."""
    prices, terms = read_prices(), rules.current()
    on_sale = Tariff.select().where(Tariff.is_on_sale).order_by(Tariff.position)
    tariffs = tuple(_tariff(row, prices) for row in on_sale)
    tv = tuple(_tv(row, prices) for row in TvPackage.select().where(TvPackage.is_on_sale).order_by(TvPackage.position))
    return Catalogue(
        tariffs=tariffs,
        tv=tv,
        bundles=_bundles(tariffs, tv),
        equipment=tuple(_equipment(row, prices) for row in Equipment.select().order_by(Equipment.position)),
        add_ons=tuple(_add_on(row, prices) for row in AddOn.select().where(AddOn.is_on_sale).order_by(AddOn.position)),
        vat=VatRates(terms.vat_services, terms.vat_goods),
    )


def _bundles(tariffs: tuple[TariffCard, ...], tv: tuple[TvCard, ...]) -> tuple[BundleCard, ...]:
    """Return the bundles that are cheaper than their parts today; a price that fell may have undone one."""
    tariff_fees, tv_fees = ({card.code: card.monthly_fee for card in cards} for cards in (tariffs, tv))
    query = Bundle.select(Bundle, Tariff, TvPackage).join(Tariff).switch(Bundle).join(TvPackage)
    rows: Any = query.order_by(Bundle.id)
    cards = (BundleCard(row.tariff.code, row.tv_package.code, row.monthly_fee) for row in rows)
    return tuple(
        card
        for card in cards
        if card.tariff in tariff_fees
        and card.tv in tv_fees
        and card.monthly_fee < tariff_fees[card.tariff] + tv_fees[card.tv]
    )


def _tariff(row: Any, prices: PriceList) -> TariffCard:
    price = prices.on(row, today())
    return TariffCard(
        code=row.code,
        name=row.name,
        description=row.description,
        down_kbit=row.down_kbit,
        up_kbit=row.up_kbit,
        quota_gb=row.quota_gb,
        speed_after_quota_kbit=row.speed_after_quota_kbit,
        monthly_fee=price.fee,
        connection_fee=row.connection_fee,
        vat_rate=price.vat_rate,
        technologies=tuple(row.technologies),
        house_kinds=tuple(row.house_kinds),
        regions=tuple(row.regions),
        needs_entitlement=row.needs_entitlement,
        overage=tuple((limit, price) for limit, price in row.overage),
        coming=prices.coming(row, today()),
    )


def _tv(row: Any, prices: PriceList) -> TvCard:
    price = prices.on(row, today())
    return TvCard(
        code=row.code,
        name=row.name,
        description=row.description,
        channels=row.channels,
        hd_channels=row.hd_channels,
        signal=row.signal,
        monthly_fee=price.fee,
        vat_rate=price.vat_rate,
    )


def _equipment(row: Any, prices: PriceList) -> EquipmentCard:
    return EquipmentCard(
        code=row.code,
        name=row.name,
        kind=row.kind,
        buy_price=row.buy_price,
        rent_fee=None if row.rent_fee is None else prices.fee(row, today()),
        installation_fee=row.installation_fee,
        lost_price=row.lost_price,
    )


def _add_on(row: Any, prices: PriceList) -> AddOnCard:
    price = prices.on(row, today())
    return AddOnCard(
        code=row.code,
        name=row.name,
        description=row.description,
        kind=row.kind,
        price=price.fee,
        is_monthly=row.is_monthly,
        in_constructor=row.in_constructor,
        vat_rate=price.vat_rate,
    )
