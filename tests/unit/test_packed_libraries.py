"""NiceGUI's libraries go out packed, read once, whole; nothing that is somebody's own does."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from components.packed import FOR_EVER
from components.packed_libraries import PackedLibraries

SCRIPT = 'const words = "слова";\n' * 500
LIBRARY = '/_nicegui/3.18.0/static/vue.js'


@pytest.fixture
def asked():
    """How often the house itself was asked for a library."""
    return []


@pytest.fixture
def house(asked, tmp_path):
    file = tmp_path / 'vue.js'
    file.write_text(SCRIPT, encoding='utf-8')

    async def library(request):
        asked.append(request.url.path)
        name = request.path_params['name']
        if name == 'short.js':
            return Response(SCRIPT[:10], headers={'Content-Length': '20'}, media_type='text/javascript')
        return Response('', 404) if name == 'none.js' else FileResponse(file, media_type='text/javascript')

    async def page(_request):
        return PlainTextResponse(SCRIPT)

    app = Starlette(
        routes=[
            Route('/_nicegui/3.18.0/static/{name:path}', library),
            Route('/_nicegui/3.18.0/dynamic_resources/{name}', library),
            Route('/my/index', page),
        ]
    )
    app.add_middleware(BaseHTTPMiddleware, dispatch=lambda request, go_on: go_on(request))  # as NiceGUI has two of
    return PackedLibraries(app)


@pytest.fixture
async def browser(house):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house), base_url='http://test') as client:
        yield client


async def test_a_library_is_packed_once(browser, asked):
    answers = [await browser.get(LIBRARY) for _ in range(3)]

    assert [answer.text for answer in answers] == [SCRIPT] * 3
    assert {answer.headers['content-encoding'] for answer in answers} == {'gzip'}
    assert int(answers[0].headers['content-length']) < len(SCRIPT) / 10
    assert asked == [LIBRARY]


@pytest.mark.parametrize(
    ('path', 'kept'),
    [
        (LIBRARY, FOR_EVER),
        ('/_nicegui/3.18.0/static/none.js', None),
        ('/_nicegui/3.18.0/dynamic_resources/x', None),
        ('/my/index', None),
    ],
)
async def test_browsers_keep_what_never_changes(browser, path, kept):
    for coding in ('gzip', 'identity'):
        assert (await browser.get(path, headers={'Accept-Encoding': coding})).headers.get('cache-control') == kept


async def test_whoever_left_while_it_was_read_spoils_it_for_nobody(house, browser):
    async def gone():
        return {'type': 'http.disconnect'}

    async def unheard(_message):
        pass

    heads = [(b'accept-encoding', b'gzip')]
    scope = {'type': 'http', 'method': 'GET', 'path': LIBRARY, 'query_string': b'', 'headers': heads, 'root_path': ''}
    await asyncio.wait_for(house({**scope, 'asgi': {'spec_version': '2.3'}}, gone, unheard), 5)

    assert (await browser.get(LIBRARY)).text == SCRIPT


async def test_half_a_library_is_not_kept(browser, asked):
    for _ in range(2):
        assert 'content-encoding' not in (await browser.get('/_nicegui/3.18.0/static/short.js')).headers

    assert len(asked) == 2


async def test_who_cannot_unpack_gets_it_as_it_is(browser):
    answer = await browser.get(LIBRARY, headers={'Accept-Encoding': 'br'})

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
