"""What search engines are told beside the words of a page (schema.org): the company, its offers, its offices."""

from collections.abc import Iterable

from components.i18n import _, language
from components.languages import prefix
from components.office_words import structured
from services.offers.catalogue import TariffCard, TvCard
from services.offers.offices import OfficeView
from services.settings import get_settings


def graph(*things: dict[str, object]) -> dict[str, object]:
    """Return one block of data for a page."""
    return {'@context': 'https://schema.org', '@graph': list(things)}


def page_of(slug: str, path: str) -> str:
    """Return the absolute address of a page of a town, in the language of the page that tells of it."""
    return f'{get_settings().url}{prefix(language())}/{slug}/{path}'


def organization() -> dict[str, object]:
    """Return the company, from the settings."""
    settings = get_settings()
    return {
        '@type': 'Organization',
        '@id': f'{settings.url}/#organization',
        'name': settings.company_name,
        'legalName': settings.company_legal_name,
        'url': f'{settings.url}/',
        'logo': f'{settings.url}/assets/img/icon-512.png',
        'email': settings.company_mail,
        'telephone': settings.company_hotline,
        'sameAs': [address for _name, address in settings.social_links],
    }


def offers(cards: Iterable[TariffCard | TvCard], *, city: str, page: str) -> list[dict[str, object]]:
    """Return what is sold in a town by its price a month with VAT; `page` is the absolute address that sells it."""
    return [
        {
            '@type': 'Offer',
            'name': _(card.name),
            'description': _(card.description),
            'sku': card.code,
            'price': str(card.monthly_fee),
            'priceCurrency': 'BYN',
            'priceSpecification': {
                '@type': 'UnitPriceSpecification',
                'price': str(card.monthly_fee),
                'priceCurrency': 'BYN',
                'unitCode': 'MON',
                'valueAddedTaxIncluded': True,
            },
            'url': f'{page}?internet={card.code}' if isinstance(card, TariffCard) else page,
            'areaServed': {'@type': 'City', 'name': city},
            'seller': {'@id': f'{get_settings().url}/#organization'},
        }
        for card in cards
    ]


def offices(views: Iterable[OfficeView], *, city: str, page: str) -> list[dict[str, object]]:
    """Return the offices of a town; `page` is the absolute address of its contacts."""
    return [structured(view, city=city, page=page) for view in views]
