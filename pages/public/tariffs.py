"""`/{region}/tarify/`: the price list of a town: internet, television, devices, add-ons and what is taken once."""

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from components import told_to_engines
from components.i18n import _, language
from components.languages import prefix
from components.public_page import PublicPage, known_region, region_page
from components.redirect import moved
from components.tariff_words import house_words, mbits, traffic_words
from services.offers.price_list import read_price_list
from services.offers.regions import get_region

PATH = 'tarify/'


def register(app: FastAPI) -> None:
    """Add the page, and the same address typed without its slash."""
    app.add_api_route('/{region}/tarify/', tariffs, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/{region}/tarify', without_slash, methods=['GET', 'HEAD'], include_in_schema=False)


async def tariffs(request: Request, region: str) -> Response:
    """Show the price list of a town."""
    return await region_page(request, region, _build)


async def without_slash(region: str) -> Response:
    """Lead to the page."""
    if not await known_region(region):
        raise HTTPException(404)
    return moved(f'{prefix(language())}/{region}/{PATH}')


def _build(slug: str) -> PublicPage:
    region = get_region(slug)
    prices = read_price_list(slug)
    sold = told_to_engines.offers(
        (*prices.tariffs, *prices.tv), city=_(region.name), page=told_to_engines.page_of(slug, 'packets-constructor/')
    )
    return PublicPage(
        template='tariffs.html',
        path=PATH,
        title=_('Тарифы на интернет и ТВ {where}').format(where=_(region.name_where)),
        description=_(
            'Все цены {where}: домашний интернет, телевидение, роутеры и приставки, дополнительные услуги. С НДС.'
        ).format(where=_(region.name_where)),
        facts={
            'where': _(region.name_where),
            'prices': prices,
            'house_words': house_words,
            'mbits': mbits,
            'traffic_words': traffic_words,
            'structured': told_to_engines.graph(told_to_engines.organization(), *sold),
        },
    )
