"""What the site serves besides its pages, and what it lets a browser keep."""

import re
from urllib.parse import unquote

import httpx
import pytest

from tests.screens import PAGES

INSIDE = (
    '/.git/HEAD',
    '/.git/config',
    '/.env',
    '/.env.example',
    '/.venv/pyvenv.cfg',
    '/main.py',
    '/uv.lock',
    '/pyproject.toml',
    '/docs/keys.yml',
    '/var/amigo.db',
    '/assets/../main.py',
    '/assets/%2e%2e/main.py',
    '/assets/..%2f..%2fmain.py',
    '/assets//etc/passwd',
)
FOR_DEVELOPERS = ('/docs', '/docs/', '/redoc', '/openapi.json', '/metrics', '/debug', '/server-status', '/phpinfo.php')
FOLDERS = ('/assets', '/assets/', '/assets/js/', '/assets/vendor/', '/files/', '/captcha/', '/_nicegui/', '/static/')


@pytest.mark.parametrize('path', [*INSIDE, *FOR_DEVELOPERS, *FOLDERS])
def test_nothing_but_pages_and_assets_is_served(server, path):
    answer = httpx.get(httpx.URL(server.url).copy_with(raw_path=path.encode()))

    assert answer.status_code in {404, 405}, unquote(path)
    assert not re.search(r'ref: refs|AMIGO_|import |root:|"openapi"|Index of|\.woff2">', answer.text.split('<body')[-1])


def test_the_words_of_health_tell_nothing(server):
    assert httpx.get(f'{server.url}/healthz').text == 'ok'
    assert httpx.get(f'{server.url}/readyz').text == 'ready'


@pytest.mark.parametrize('path', ['/', '/minsk/', '/my/index', '/assets/css/site.css', '/hooks/bepaid', '/healthz'])
@pytest.mark.parametrize('method', ['TRACE', 'CONNECT', 'DEBUG'])
def test_a_request_is_not_mirrored(server, method, path):
    try:
        answer = httpx.request(method, f'{server.url}{path}', headers={'X-Mirror': 'mirrored'})
    except httpx.RemoteProtocolError:
        return  # the server hung up
    assert answer.status_code in {400, 403, 404, 405}
    assert 'mirrored' not in answer.text


def _addresses(browser, shots):
    """Return the addresses of these pages, holes filled from the pages that name an example."""
    for shot in shots:
        if '{' not in shot.address:
            yield shot.address
        elif shot.found_on:
            fits = re.compile(re.sub(r'\{\w+\}', r'[\\w-]+', shot.address) + r'(?=["?#\\])')
            if found := fits.search(browser.get(shot.found_on).text):
                yield found[0]


@pytest.mark.parametrize('login', [login for login in PAGES if login])
def test_no_personal_page_is_kept_by_anybody(browse, login):
    person = browse(login)
    kept, seen = [], 0
    for address in _addresses(person, PAGES[login]):
        answer = person.get(address)
        seen += answer.status_code == 200
        if 'no-store' not in answer.headers['cache-control']:
            kept.append(address)

    assert kept == []
    assert seen >= min(2, len(PAGES[login]))
