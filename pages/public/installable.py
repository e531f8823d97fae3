"""The cabinet on the home screen of a phone: `/manifest.webmanifest`, `/sw.js` and the page shown without a network."""

import hashlib

from fastapi import FastAPI
from starlette.responses import HTMLResponse, JSONResponse, Response

from components.brand import logo_address
from components.i18n import _, language
from components.shell import company
from components.templating import asset, bare_asset, render
from services.settings import get_settings

HOUR = {'Cache-Control': 'public, max-age=3600', 'Vary': 'Cookie, Accept-Language'}
"""Both are in the language of whoever asks: nobody is given what was kept for another."""
ASK_AGAIN = {'Cache-Control': 'no-cache'}
"""A browser asks for the worker by itself; what it keeps must be the present one."""
ICONS = (('icon-192.png', 192, 'any'), ('icon-512.png', 512, 'any'), ('icon-maskable.png', 512, 'maskable'))


def register(app: FastAPI) -> None:
    """Add the three addresses."""
    app.add_api_route('/manifest.webmanifest', manifest, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/sw.js', worker, methods=['GET', 'HEAD'], include_in_schema=False)
    app.add_api_route('/offline', offline, methods=['GET', 'HEAD'], include_in_schema=False)


async def manifest() -> Response:
    """Tell what is installed: the cabinet alone, under the name of the company."""
    name = get_settings().company_name
    told = {
        'id': '/my/',
        'name': _('{name}: личный кабинет').format(name=name),
        'short_name': name,
        'description': _('Счёт, услуги и оплата интернета.'),
        'lang': language(),
        'start_url': '/my/index',
        'scope': '/my/',
        'display': 'standalone',
        'background_color': '#f7f8fa',
        'theme_color': '#15181e',
        'icons': _icons(),
    }
    return JSONResponse(told, media_type='application/manifest+json', headers=HOUR)


def _icons() -> list[dict[str, str]]:
    if logo_address():
        return [{'src': logo_address(), 'sizes': 'any', 'type': 'image/svg+xml', 'purpose': 'any'}]
    return [
        {'src': asset(f'img/{file}'), 'sizes': f'{size}x{size}', 'type': 'image/png', 'purpose': purpose}
        for file, size, purpose in ICONS
    ]


async def worker() -> Response:
    """Give the worker; it changes when a file of the offline page does."""
    files = [asset('css/tokens.css'), asset('css/site.css'), asset('img/empty.svg')]
    files += [bare_asset(f'fonts/onest-{part}.woff2') for part in ('cyrillic', 'latin')]
    version = hashlib.sha256(' '.join([_page(), *files]).encode()).hexdigest()[:10]
    script = render('service_worker.js', files=files, version=version)
    return Response(script, media_type='text/javascript', headers=ASK_AGAIN)


async def offline() -> Response:
    """Show the page a phone without a network falls back to; the same for everybody of one language."""
    return HTMLResponse(_page(), headers=HOUR)


def _page() -> str:
    return render('offline.html', company=company(), language=language())
