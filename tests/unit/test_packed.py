"""Libraries and files of ours go out packed, once, and nothing that is somebody's own does."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from components.packed import FOR_EVER, Assets, PackedLibraries, takes_gzip
from components.templating import ASSETS

SCRIPT = 'const words = "слова";\n' * 500


@pytest.fixture
def asked():
    """How often the house itself was asked for a library."""
    return []


@pytest.fixture
async def browser(asked):
    async def library(request):
        asked.append(request.url.path)
        missing = request.path_params['name'] == 'none.js'
        return Response('' if missing else SCRIPT, status_code=404 if missing else 200, media_type='text/javascript')

    async def page(_request):
        return PlainTextResponse(SCRIPT)

    app = Starlette(
        routes=[
            Route('/_nicegui/3.18.0/static/{name:path}', library),
            Route('/_nicegui/3.18.0/dynamic_resources/{name}', library),
            Route('/my/index', page),
            Mount('/assets', Assets(directory=ASSETS)),
        ]
    )
    transport = httpx.ASGITransport(PackedLibraries(app))
    async with httpx.AsyncClient(transport=transport, base_url='http://test') as client:
        yield client


async def test_a_library_is_packed_once(browser, asked):
    answers = [await browser.get('/_nicegui/3.18.0/static/vue.js') for _ in range(3)]

    assert [answer.text for answer in answers] == [SCRIPT] * 3
    assert {answer.headers['content-encoding'] for answer in answers} == {'gzip'}
    assert int(answers[0].headers['content-length']) < len(SCRIPT) / 10
    assert asked == ['/_nicegui/3.18.0/static/vue.js']


async def test_who_cannot_unpack_gets_it_as_it_is(browser):
    answer = await browser.get('/_nicegui/3.18.0/static/vue.js', headers={'Accept-Encoding': 'br'})

    assert (answer.text, answer.headers.get('content-encoding')) == (SCRIPT, None)


@pytest.mark.parametrize(
    'path', ['/my/index', '/_nicegui/3.18.0/dynamic_resources/x', '/_nicegui/3.18.0/static/none.js']
)
async def test_pages_and_what_is_not_there_stay_as_they_are(browser, path):
    assert 'content-encoding' not in (await browser.get(path)).headers


async def test_addresses_that_wander_fill_no_memory(browser, asked):
    for _ in range(2):
        await browser.get('/_nicegui/3.18.0/static/x//y.js')

    assert len(asked) == 2


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
