"""What the home page of a town shows: the part of the catalogue that is sold there, and its offices."""

from dataclasses import dataclass
from decimal import Decimal

from models.catalogue import EquipmentKind
from services.offers.catalogue import Catalogue, TariffCard, TvCard, read_catalogue
from services.offers.offices import OfficeView, list_offices
from services.rules import Rules, current

FILM_KBIT = 5 * 8 * 1_000_000
"""A film of 5 GB: by it people feel what a speed means."""


@dataclass(frozen=True)
class BundleOffer:
    """Internet and TV together; rubles a month, `apart` is what they cost separately."""

    tariff: TariffCard
    tv: TvCard
    together: Decimal
    apart: Decimal

    @property
    def saving(self) -> Decimal:
        """Return what is saved in a month."""
        return self.apart - self.together


@dataclass(frozen=True)
class Showcase:
    """Everything on the home page of a region; fees are rubles a month."""

    tariffs: tuple[TariffCard, ...]
    tv: tuple[TvCard, ...]
    bundles: tuple[BundleOffer, ...]
    top_speed_kbit: int
    least_fee: Decimal | None
    router_rent: Decimal | None
    offices: tuple[OfficeView, ...]
    rules: Rules


def read_showcase(region: str) -> Showcase:
    """Return the home page's facts of a region (slug)."""
    catalogue = read_catalogue()
    here = tuple(tariff for tariff in catalogue.tariffs if tariff.is_in_region(region))
    open_to_all = [tariff.monthly_fee for tariff in here if not tariff.needs_entitlement]
    rents = [e.rent_fee for e in catalogue.of_kind(EquipmentKind.ROUTER) if e.rent_fee is not None]
    return Showcase(
        tariffs=here,
        tv=catalogue.tv,
        bundles=bundles_of(catalogue, here),
        top_speed_kbit=max((tariff.down_kbit for tariff in here), default=0),
        least_fee=min(open_to_all, default=None),
        router_rent=min(rents, default=None),
        offices=list_offices(region),
        rules=current(),
    )


def film_seconds(down_kbit: int) -> int:
    """Return how long a film of 5 GB takes over the line, in seconds."""
    return round(FILM_KBIT / down_kbit)


def bundles_of(catalogue: Catalogue, here: tuple[TariffCard, ...]) -> tuple[BundleOffer, ...]:
    """Return the pairs of internet and TV that are cheaper together, of the tariffs sold here."""
    offers = []
    for bundle in catalogue.bundles:
        tariff = next((t for t in here if t.code == bundle.tariff), None)
        tv = catalogue.find_tv(bundle.tv)
        if tariff and tv:
            offers.append(BundleOffer(tariff, tv, bundle.monthly_fee, tariff.monthly_fee + tv.monthly_fee))
    return tuple(offers)
