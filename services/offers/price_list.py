"""Everything that is sold in a town with its price, as one list: what the page of tariffs shows and prints."""

from dataclasses import dataclass

from models.catalogue import EquipmentKind
from services.offers.catalogue import AddOnCard, EquipmentCard, TariffCard, TvCard, read_catalogue
from services.offers.showcase import BundleOffer, bundles_of
from services.rules import Rules, current


@dataclass(frozen=True)
class PriceListView:
    """What is sold in a region, each list in the order of the screen; `devices` are those one may rent or buy."""

    tariffs: tuple[TariffCard, ...]
    tv: tuple[TvCard, ...]
    bundles: tuple[BundleOffer, ...]
    devices: tuple[EquipmentCard, ...]
    monthly: tuple[AddOnCard, ...]
    once: tuple[AddOnCard, ...]
    rules: Rules


def read_price_list(region: str) -> PriceListView:
    """Return the price list of a region (slug)."""
    catalogue = read_catalogue()
    here = tuple(tariff for tariff in catalogue.tariffs if tariff.is_in_region(region))
    devices = catalogue.of_kind(*(kind for kind in EquipmentKind if kind != EquipmentKind.ONT))
    return PriceListView(
        tariffs=here,
        tv=catalogue.tv if here else (),
        bundles=bundles_of(catalogue, here),
        devices=tuple(device for device in devices if device.buy_price is not None or device.rent_fee is not None),
        monthly=tuple(add_on for add_on in catalogue.add_ons if add_on.is_monthly),
        once=tuple(add_on for add_on in catalogue.add_ons if not add_on.is_monthly),
        rules=current(),
    )
