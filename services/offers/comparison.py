"""Two tariffs side by side: the same package with the other one, priced by the same calculator."""

from dataclasses import dataclass, replace

from services.clock import today
from services.errors import DomainError
from services.offers import at_house
from services.offers.catalogue import TariffCard
from services.offers.constructor import Offer, make_offer
from services.offers.packages import Chosen, Query, why_not_tariff
from services.offers.promo_codes import PromoPlace, check
from services.quotes.connection import quote_connection
from services.quotes.monthly import PromoEffect


@dataclass(frozen=True)
class Offers:
    """What the constructor shows: the chosen package, and the one it is compared with if there is such."""

    chosen: Offer
    other: Offer | None = None

    @property
    def query(self) -> str:
        """The address query that brings both back."""
        other = f'&compare={self.other.package.tariff}' if self.other else ''
        return self.chosen.package.query + other

    @property
    def query_of_other(self) -> str:
        """The address query that takes the other one and compares it with this."""
        return f'{self.other.package.query}&compare={self.chosen.package.tariff}' if self.other else self.query


def make_offers(region_slug: str, query: Query, *, address: str) -> Offers:
    """Return the package nearest to what was asked, and the same with the tariff that `compare` names.

    Hostile values fall back, they never raise.

    Args:
        address: of the visitor; guesses of promo codes are counted against it, once for both.

    Raises:
        NotFound: no such region, or nothing is sold there.
    """
    offer = make_offer(region_slug, query, address=address)
    other = next((t for t in comparable(offer) if t.code in (query.get('compare') or ('',))[-1:]), None)
    return Offers(offer, _with_tariff(offer, other, address=address) if other else None)


def comparable(offer: Offer) -> tuple[TariffCard, ...]:
    """Return the other tariffs this house can have."""
    house, region = offer.package.house, offer.region.slug
    sold = at_house.sold_at(offer.catalogue, offer.place).tariffs
    possible = (tariff for tariff in sold if why_not_tariff(tariff, region, house) is None)
    return tuple(tariff for tariff in possible if tariff.code != offer.package.tariff)


def _with_tariff(offer: Offer, tariff: TariffCard, *, address: str) -> Offer:
    package = replace(offer.package, tariff=tariff.code)
    promo, error = _promo(offer, tariff, address=address)
    quote = quote_connection(package, offer.catalogue, promo=promo, on=today())
    return replace(offer, chosen=Chosen(package), quote=quote, promo_error=error)


def _promo(offer: Offer, tariff: TariffCard, *, address: str) -> tuple[PromoEffect | None, DomainError | None]:
    """A code that is refused for the chosen tariff is not tried for the other: a wrong guess is counted once."""
    if not offer.package.promo or offer.promo_error is not None:
        return None, offer.promo_error
    try:
        return check(offer.package.promo, PromoPlace(offer.region.slug, tariff), address=address), None
    except DomainError as error:
        return None, error
