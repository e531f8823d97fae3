"""Offices and branches: where a person can come, and how to get there."""

from dataclasses import dataclass

from models.region import Office, OfficeKind, Region


@dataclass(frozen=True)
class OfficeView:
    """An office as the contacts page shows it; `phone` is E.164, `scheme` a file of components/assets/schemes."""

    is_branch: bool
    address: str
    hours: str
    phone: str
    latitude: float
    longitude: float
    directions: str
    scheme: str

    @property
    def map_url(self) -> str:
        """Address of the place on OpenStreetMap, with a mark on it."""
        place = f'{self.latitude:.4f}/{self.longitude:.4f}'
        return f'https://www.openstreetmap.org/?mlat={self.latitude:.4f}&mlon={self.longitude:.4f}#map=17/{place}'


def list_offices(region: str) -> tuple[OfficeView, ...]:
    """Return the offices of a region (slug), the head office first."""
    rows = Office.select().join(Region).where(Region.slug == region).order_by(Office.position, Office.id)
    return tuple(
        OfficeView(
            is_branch=row.kind == OfficeKind.BRANCH,
            address=row.address,
            hours=row.hours,
            phone=row.phone,
            latitude=row.latitude,
            longitude=row.longitude,
            directions=row.directions,
            scheme=row.scheme,
        )
        for row in rows
    )
