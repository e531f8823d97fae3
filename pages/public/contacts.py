"""`/{region}/kontakti/`: offices and branches of a town, how to get there, and every other way to reach us."""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from components import told_to_engines
from components.headers import plain_policy
from components.i18n import _, language
from components.languages import prefix
from components.office_words import office_state, scheme_of
from components.public_page import PublicPage, known_region, region_page
from components.redirect import moved
from services.offers.offices import list_offices
from services.offers.regions import get_region
from services.settings import get_settings

PATH = 'kontakti/'


def register(app: FastAPI) -> None:
    """Add the page, and the same address typed without its slash."""
    app.add_api_route('/{region}/kontakti/', contacts, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/{region}/kontakti', without_slash, methods=['GET', 'HEAD'], include_in_schema=False)


async def contacts(request: Request, region: str) -> Response:
    """Show the contacts of a town."""
    response = await region_page(request, region, _build)
    if get_settings().map_host:
        response.headers['Content-Security-Policy'] = plain_policy(get_settings().map_host)
    return response


async def without_slash(region: str) -> Response:
    """Lead to the page."""
    if not await known_region(region):
        raise HTTPException(404)
    return moved(f'{prefix(language())}/{region}/{PATH}')


def _build(slug: str) -> PublicPage:
    region = get_region(slug)
    where = _(region.name_where)
    offices = list_offices(slug)
    places = told_to_engines.offices(offices, city=_(region.name), page=told_to_engines.page_of(slug, PATH))
    return PublicPage(
        template='contacts.html',
        path=PATH,
        title=_('Контакты и офисы {where}').format(where=where),
        description=_(
            'Офисы {where}: адреса, часы работы, телефоны, схема проезда. Горячая линия, почта, соцсети.'
        ).format(where=where),
        facts={
            'where': where,
            'offices': offices,
            'office_state': office_state,
            'scheme_of': scheme_of,
            'tiles': get_settings().map_tiles,
            'tile_host': get_settings().map_host.removeprefix('https://'),
            'attribution': get_settings().map_attribution,
            'is_demo': get_settings().demo,
            'structured': told_to_engines.graph(told_to_engines.organization(), *places),
        },
    )
