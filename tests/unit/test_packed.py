"""Files of ours go out packed to whoever can unpack them, and are kept as long as their address holds."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from components.packed import FOR_EVER, Assets, takes_gzip
from components.templating import ASSETS


@pytest.fixture
async def browser():
    app = Starlette(routes=[Mount('/assets', Assets(directory=ASSETS))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url='http://test') as client:
        yield client


async def test_who_cannot_unpack_gets_it_as_it_is(browser):
    answer = await browser.get('/assets/css/site.css', headers={'Accept-Encoding': 'br'})

    assert answer.text == (ASSETS / 'css/site.css').read_text(encoding='utf-8')
    assert 'content-encoding' not in answer.headers


async def test_files_of_ours_are_packed_and_kept_as_long_as_their_address_holds(browser):
    style, font = [(await browser.get(f'/assets/{path}')) for path in ('css/site.css?v=1', 'fonts/onest-latin.woff2')]

    assert style.text == (ASSETS / 'css/site.css').read_text(encoding='utf-8')
    assert (style.headers['content-encoding'], style.headers['cache-control']) == ('gzip', FOR_EVER)
    assert 'content-encoding' not in font.headers
    assert font.headers['cache-control'] == 'public, max-age=604800'
    assert (await browser.get('/assets/css/none.css')).status_code == 404


@pytest.mark.parametrize(
    ('header', 'takes'),
    [
        ('gzip', True),
        ('br, gzip;q=0.5', True),
        ('gzip;q=0', False),
        ('gzip; q=0.0, br', False),
        ('x-gzip', False),
        ('', False),
    ],
)
def test_a_browser_says_what_it_can_unpack(header, takes):
    assert takes_gzip(httpx.Headers({'accept-encoding': header})) is takes
