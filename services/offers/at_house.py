"""What of the catalogue is sold at one house: the lines that come into it decide."""

from dataclasses import replace
from enum import StrEnum

from models.catalogue import Signal
from services.offers.catalogue import Catalogue, TariffCard, TvCard
from services.offers.houses import HouseView, find_house
from services.offers.packages import Chosen, Query


class NotHere(StrEnum):
    """Why something is not sold at a house; the page puts it into words."""

    OTHER_LINE = 'other_line'
    NO_DIGITAL_TV = 'no_digital_tv'


def house_of(query: Query, region: str) -> HouseView | None:
    """Return the house an address query names with `building`, if it stands in this region (slug)."""
    return find_house((query.get('building') or ('',))[-1], region)


def why_not_tariff_here(tariff: TariffCard, house: HouseView | None) -> NotHere | None:
    """Return why a tariff cannot be had at this house, or None; without a line nobody knows yet."""
    if house is None or not house.lines or not tariff.technologies:
        return None
    return None if set(tariff.technologies) & set(house.lines) else NotHere.OTHER_LINE


def why_not_tv_here(tv: TvCard, house: HouseView | None) -> NotHere | None:
    """Return why a TV package cannot be had at this house, or None; a dish hangs on the roof and needs no line."""
    if house is None or house.has_digital_tv or tv.signal == Signal.SATELLITE:
        return None
    return NotHere.NO_DIGITAL_TV


def sold_at(catalogue: Catalogue, house: HouseView | None) -> Catalogue:
    """Return the catalogue with only what is sold at this house; all of it without a house."""
    if house is None:
        return catalogue
    tariffs = tuple(t for t in catalogue.tariffs if t.is_for_house(house.kind) and not why_not_tariff_here(t, house))
    return replace(catalogue, tariffs=tariffs, tv=tuple(t for t in catalogue.tv if not why_not_tv_here(t, house)))


def asked_at(query: Query, house: HouseView | None) -> Query:
    """Return an address query in which the kind of the house is that of this house."""
    return {**query, 'house': [str(house.kind)]} if house else query


def with_house(chosen: Chosen, house: HouseView | None) -> Chosen:
    """Return the package with the house in its address."""
    return replace(chosen, package=replace(chosen.package, building=house.id)) if house else chosen
