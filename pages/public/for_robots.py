"""What programs ask for by a fixed address: `/robots.txt`, `/sitemap.xml`, `/favicon.ico`."""

from xml.sax.saxutils import escape

from fastapi import FastAPI
from starlette.responses import FileResponse, PlainTextResponse, Response

from components.brand import logo
from components.languages import prefix
from components.templating import ASSETS
from services.i18n import available_languages
from services.offers.regions import list_regions
from services.runner import call
from services.settings import get_settings

CACHE = {'Cache-Control': 'public, max-age=3600'}
CLOSED = ('/my/', '/operator/', '/field/', '/auth/', '/application/', '/api/', '/hooks/', '/demo/', '/regions')
IN_REGION = ('', 'tarify/', 'address/', 'packets-constructor/', 'kontakti/')


def register(app: FastAPI) -> None:
    """Add the three addresses."""
    app.add_api_route('/favicon.ico', favicon, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/robots.txt', robots, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/sitemap.xml', sitemap, methods=['GET', 'HEAD'], include_in_schema=False)


async def favicon() -> Response:
    """Give the icon to browsers that ask by the old address, whatever the page says."""
    if logo():
        return Response(logo(), media_type='image/svg+xml', headers=CACHE)
    return FileResponse(ASSETS / 'img' / 'favicon.svg', media_type='image/svg+xml', headers=CACHE)


async def robots() -> Response:
    """Say what is not for indexes, and where the map is."""
    lines = ['User-agent: *', *(f'Disallow: {path}' for path in CLOSED), f'Sitemap: {get_settings().url}/sitemap.xml']
    return PlainTextResponse('\n'.join(lines) + '\n', headers=CACHE)


async def sitemap() -> Response:
    """List every public page of every town."""
    towns = [f'/{region.slug}/{path}' for region in await call(list_regions) for path in IN_REGION]
    places = ''.join(_in_languages(path) for path in towns) + ''.join(_place(path) for path in ('/offer', '/privacy'))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{places}</urlset>\n'
    )
    return Response(body, media_type='application/xml', headers=CACHE)


def _in_languages(path: str) -> str:
    """Return the lines of a page of a town: one for each language, each naming the others."""
    codes = [code for code, _name in available_languages()]
    others = ''.join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(get_settings().url + prefix(code) + path)}"/>'
        for code in codes
    )
    return ''.join(_place(prefix(code) + path, others) for code in codes)


def _place(path: str, others: str = '') -> str:
    return f'<url><loc>{escape(get_settings().url + path)}</loc>{others}</url>\n'
