"""`/` leads to the town, `/{region}/` shows what one gets there, for how much, and how connecting goes."""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from components import told_to_engines
from components.i18n import _, language, money, speed
from components.languages import prefix
from components.office_words import office_state
from components.public_page import PublicPage, known_region, region_page, remembered_region
from components.redirect import found, moved
from components.tariff_words import film_words, house_words, per_megabyte
from services.money import ZERO
from services.offers.regions import DEFAULT, get_region
from services.offers.showcase import read_showcase
from services.settings import get_settings


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
    region = get_region(slug)
    where = _(region.name_where)
    showcase = read_showcase(slug)
    sold = told_to_engines.offers(
        showcase.tariffs, city=_(region.name), page=told_to_engines.page_of(slug, 'packets-constructor/')
    )
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
            'own_lead': get_settings().company_lead,
            'showcase': showcase,
            'office_state': office_state,
            'house_words': house_words,
            'film_words': film_words,
            'per_megabyte': per_megabyte,
            'structured': told_to_engines.graph(told_to_engines.organization(), *sold),
        },
    )
