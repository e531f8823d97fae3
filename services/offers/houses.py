"""A house as a visitor sees it: whether it is connected, by which lines, whether there is room; never how much."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.region import Building, CoverageStatus, HouseKind, Region, Technology
from services import limits

LITTLE_ROOM = limits.count('house_little_room')


class Verdict(StrEnum):
    """What we can promise for a house."""

    OPEN = 'open'
    FULL = 'full'
    PLANNED = 'planned'
    NOT_COVERED = 'not_covered'


@dataclass(frozen=True)
class HouseView:
    """A house of the building base. `lines` are its technologies, the best first; `is_nearly_full`: few places left."""

    id: int
    region: str
    locality: str
    street: str
    house: str
    kind: HouseKind
    lines: tuple[Technology, ...]
    verdict: Verdict
    is_nearly_full: bool
    has_digital_tv: bool

    @property
    def is_open(self) -> bool:
        """Tell whether it can be connected now."""
        return self.verdict == Verdict.OPEN

    @property
    def address(self) -> str:
        """Return the address in one line."""
        return f'{self.locality}, {self.street}, {self.house}'


def find_house(house_id: object, region: str = '') -> HouseView | None:
    """Return a house by the number an address query brought, None when there is none in this region (slug; '' is any).

    Hostile values find nothing and raise nothing.
    """
    text = house_id if isinstance(house_id, str) else ''
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return _one(_joined().where(Building.id == int(text)), region)


def read_house(region: str, locality: str, street: str, house: str) -> HouseView | None:
    """Return a house by the names of the building base."""
    here = (Building.locality == locality) & (Building.street == street) & (Building.house == house)
    return _one(_joined().where(here & (Region.slug == region)), region)


def verdict_of(building: Building) -> Verdict:
    """Return what we can promise; a connected house without a line or without a free port is full."""
    if building.status == CoverageStatus.CONNECTED:
        has_room = building.free_ports > 0 and bool(building.technologies)
        return Verdict.OPEN if has_room else Verdict.FULL
    return Verdict.PLANNED if building.status == CoverageStatus.PLANNED else Verdict.NOT_COVERED


def _joined() -> Any:
    return Building.select(Building, Region).join(Region)


def _one(query: Any, region: str) -> HouseView | None:
    building: Any = query.first()
    if building is None or region not in {'', building.region.slug}:
        return None
    verdict = verdict_of(building)
    return HouseView(
        id=building.id,
        region=building.region.slug,
        locality=building.locality,
        street=building.street,
        house=building.house,
        kind=building.house_kind,
        lines=tuple(line for line in _BEST_FIRST if line in building.technologies),
        verdict=verdict,
        is_nearly_full=verdict == Verdict.OPEN and building.free_ports <= LITTLE_ROOM,
        has_digital_tv=building.has_digital_tv,
    )


_BEST_FIRST = (Technology.GPON, Technology.ETHERNET, Technology.WIRELESS, Technology.SATELLITE)
