"""`/` leads to the town, `/{region}/` shows what one gets there, for how much, and how connecting goes."""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from components.i18n import RUBLES, _, figure, language, money, speed
from components.languages import prefix
from components.public_page import PublicPage, known_region, region_page, remembered_region
from components.redirect import found, moved
from models.region import HouseKind
from services.money import ZERO
from services.offers.regions import DEFAULT, get_region
from services.offers.showcase import Showcase, film_seconds, read_showcase
from services.settings import get_settings

LONGEST_IN_SECONDS = 90


def register(app: FastAPI) -> None:
    """Add the entrance and the home pages of the towns; registered last, they take only addresses of towns."""
    app.add_api_route('/', entrance, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/{region}/', home, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/{region}', without_slash, methods=['GET', 'HEAD'], include_in_schema=False)


async def entrance(request: Request) -> Response:
    """Lead to the remembered town."""
    slug = remembered_region(request)
    return found(f'{prefix(language())}/{slug if await known_region(slug) else DEFAULT}/')


async def without_slash(request: Request, region: str) -> Response:
    """Lead `/minsk` to `/minsk/`; anything else is not found here, without a detour."""
    if not await known_region(region):
        raise HTTPException(404)
    return moved(f'{prefix(request.state.in_address or "ru")}/{region}/')


async def home(request: Request, region: str) -> Response:
    """Show the home page of a town."""
    return await region_page(request, region, _build)


def _build(slug: str) -> PublicPage:
    where = _(get_region(slug).name_where)
    showcase = read_showcase(slug)
    description = _('Домашний интернет и телевидение {where}: скорость до {speed}, от {price} в месяц с НДС.')
    return PublicPage(
        template='home.html',
        path='',
        title=_('Интернет и телевидение {where}').format(where=where),
        description=description.format(
            where=where,
            speed=speed(showcase.top_speed_kbit),
            price=money(showcase.least_fee or ZERO),
        ),
        facts={
            'where': where,
            'showcase': showcase,
            'house_words': _house_words,
            'film_words': _film_words,
            'per_megabyte': _per_megabyte,
            'structured': _structured(showcase),
        },
    )


def _house_words(kinds: tuple[str, ...]) -> str:
    """Say where a tariff can be connected: «В квартиру», «В квартиру или частный дом»."""
    words = {HouseKind.FLAT: _('квартиру'), HouseKind.PRIVATE: _('частный дом'), HouseKind.VILLAGE: _('дом за городом')}
    return _('В {houses}').format(houses=_(' или ').join(words[HouseKind(kind)] for kind in kinds or HouseKind))


def _film_words(down_kbit: int) -> str:
    """Say what a speed means in a thing people know."""
    seconds = film_seconds(down_kbit)
    if seconds <= LONGEST_IN_SECONDS:
        return _('Фильм на 5 ГБ — {seconds} секунд').format(seconds=seconds)
    return _('Фильм на 5 ГБ — {minutes} мин').format(minutes=round(seconds / 60))


def _per_megabyte(overage: tuple[tuple[int | None, str], ...]) -> str:
    """Return the first step of the price above the quota, in rubles with all its digits: «0,0031 р.»."""
    return f'{figure(overage[0][1])}\u00a0{RUBLES[language()]}'


def _structured(showcase: Showcase) -> dict[str, object]:
    """Return the company and its offers for search engines (schema.org)."""
    settings = get_settings()
    return {
        '@context': 'https://schema.org',
        '@type': 'Organization',
        'name': settings.company_name,
        'legalName': settings.company_legal_name,
        'url': settings.url,
        'email': settings.company_mail,
        'telephone': settings.company_hotline,
        'sameAs': [address for _name, address in settings.social_links],
        'makesOffer': [
            {
                '@type': 'Offer',
                'name': tariff.name,
                'sku': tariff.code,
                'price': str(tariff.monthly_fee),
                'priceCurrency': 'BYN',
            }
            for tariff in showcase.tariffs
        ],
    }
