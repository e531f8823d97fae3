"""The constructor: from an address query to a package that can be connected, its price, and what had to be said."""

from dataclasses import dataclass

from services.clock import today
from services.errors import DomainError, NotFound
from services.offers import at_house
from services.offers.catalogue import Catalogue, TariffCard, read_catalogue
from services.offers.houses import HouseView
from services.offers.packages import Chosen, Package, Query, choose
from services.offers.promo_codes import PromoPlace, check
from services.offers.regions import RegionView, get_region
from services.quotes.connection import ConnectionQuote, quote_connection
from services.quotes.promo_changes import PromoChange, promo_changes


@dataclass(frozen=True)
class Offer:
    """Everything the constructor shows. `promo_error` says why the typed code is not in the price; `place` is the house
    that was chosen, if one was, `refused` the one that was asked for and that nothing of ours fits."""

    region: RegionView
    catalogue: Catalogue
    chosen: Chosen
    quote: ConnectionQuote
    promo_error: DomainError | None = None
    place: HouseView | None = None
    refused: HouseView | None = None

    @property
    def package(self) -> Package:
        """The chosen package."""
        return self.chosen.package

    @property
    def tariff(self) -> TariffCard:
        """The chosen tariff."""
        tariff = self.catalogue.find_tariff(self.package.tariff)
        if tariff is None:
            raise NotFound
        return tariff

    @property
    def promo_changes(self) -> tuple[PromoChange, ...]:
        """What the promo code changes, line by line; nothing without a code."""
        if self.quote.promo is None:
            return ()
        usual = quote_connection(self.package, self.catalogue, promo=None, on=today())
        return promo_changes(usual, self.quote, self.tariff)


def make_offer(region_slug: str, query: Query, *, address: str, address_key: str = '') -> Offer:
    """Return the package nearest to what was asked and its price. Hostile values fall back, they never raise.

    Args:
        address: of the visitor; guesses of promo codes are counted against it.
        address_key: of the house (promo_codes.address_key) once it is known, for codes given once per address.

    Raises:
        NotFound: no such region, or nothing is sold there.
    """
    region = get_region(region_slug)
    catalogue = read_catalogue()
    place = at_house.house_of(query, region.slug)
    chosen = choose(at_house.asked_at(query, place), at_house.sold_at(catalogue, place), region.slug)
    refused = place if chosen is None else None
    if refused:
        place, chosen = None, choose(query, catalogue, region.slug)
    if chosen is None:
        raise NotFound
    chosen = at_house.with_house(chosen, place)
    package = chosen.package
    tariff = catalogue.find_tariff(package.tariff)
    if tariff is None:
        raise NotFound
    promo, promo_error = None, None
    if package.promo:
        try:
            promo = check(package.promo, PromoPlace(region.slug, tariff, address_key), address=address)
        except DomainError as error:
            promo_error = error
    quote = quote_connection(package, catalogue, promo=promo, on=today())
    return Offer(region, catalogue, chosen, quote, promo_error, place, refused)
