"""Regions: which towns there are; asked on every page, so kept in memory until the administrator changes one."""

from dataclasses import dataclass
from functools import lru_cache

from models.region import Region
from services.errors import NotFound

DEFAULT = 'minsk'


@dataclass(frozen=True)
class RegionView:
    """A region as pages need it."""

    id: int
    slug: str
    name: str
    name_where: str


@lru_cache(maxsize=1)
def list_regions() -> tuple[RegionView, ...]:
    """Return all regions in the order of the list a visitor chooses from."""
    return tuple(
        RegionView(r.id, r.slug, r.name, r.name_where) for r in Region.select().order_by(Region.position, Region.name)
    )


def get_region(slug: str) -> RegionView:
    """Return one region.

    Raises:
        NotFound: no such region.
    """
    for region in list_regions():
        if region.slug == slug:
            return region
    raise NotFound


def forget() -> None:
    """Forget the list: a region was changed."""
    list_regions.cache_clear()
