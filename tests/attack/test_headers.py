"""What stands in every answer, whoever asks and whatever goes wrong: each address of the house and each kind of error."""

import re

import httpx
import pytest

from tests.attack.hostile import FORMS, KNOWN, owner_of
from tests.server import PASSWORD

FORM_HEADERS = {'Content-Type': 'application/x-www-form-urlencoded'}
STATIC_FILES = ('/assets/css/tokens.css', '/favicon.ico')
NAMED_TWICE = {'content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy'}


@pytest.fixture(scope='module')
def routes(server):
    return httpx.get(f'{server.url}/probe/routes').json()


@pytest.fixture(scope='module')
def sessions(server):
    """A session of each person, opened once."""
    found = {}
    for login in ('100001', 'olga', 'taras'):
        with httpx.Client(base_url=server.url) as browser:
            browser.post('/auth/login', data={'login': login, 'password': PASSWORD})
            found[login] = dict(browser.cookies)
    return found


def filled(path):
    for name, value in KNOWN.items():
        path = re.sub(rf'\{{{name}(:\w+)?\}}', value, path)
    return path


def missing(answer):
    """Return what an answer lacks; an empty list is a good answer."""
    headers, policy = answer.headers, answer.headers.get('content-security-policy', '')
    scripts = next((part for part in policy.split(';') if part.strip().startswith('script-src')), '')
    tags = [tag for tag in re.findall(r'<script[^>]*>', answer.text) if 'application/ld+json' not in tag]
    inline = [tag for tag in tags if 'src=' not in tag and 'nonce=' not in tag]
    is_html = headers.get('content-type', '').startswith('text/html')
    checks = {
        'nosniff': headers.get('x-content-type-options') == 'nosniff',
        'frame options': headers.get('x-frame-options') == 'DENY',
        'referrer policy': headers.get('referrer-policy') in {'same-origin', 'no-referrer'},
        'opener policy': headers.get('cross-origin-opener-policy') == 'same-origin',
        'permissions': 'microphone=()' in headers.get('permissions-policy', ''),
        'frame-ancestors': "frame-ancestors 'none'" in policy,
        'object-src': "object-src 'none'" in policy,
        'base-uri': "base-uri 'none'" in policy,
        'form-action': 'form-action ' in policy,
        'script-src': "'self'" in scripts and "'unsafe-inline'" not in scripts,
        'eval without a nonce': "'unsafe-eval'" not in scripts or "'nonce-" in scripts,
        'inline script': not is_html or not inline,
        'cache control': 'cache-control' in headers,
        'charset': not is_html or 'charset=utf-8' in headers['content-type'].lower(),
        'no banner': 'server' not in headers and 'x-powered-by' not in headers,
        'said once': all(headers.get_list(name)[1:] == [] for name in NAMED_TWICE),
    }
    return [name for name, is_there in checks.items() if not is_there]


@pytest.mark.timeout(300)
def test_every_address_carries_the_headers(browse, routes, sessions):
    wrong, personal = [], []
    for route in routes:
        path = filled(route['path'])
        owner = owner_of(route['path'])
        for who in {'', owner}:
            browser = browse(cookies=sessions.get(who, {}))
            for method in [*route['methods'], 'DELETE']:
                if (method, path) in {('POST', '/auth/logout'), ('POST', '/auth/role')}:
                    continue  # they would end the session the others need
                body = '&'.join(f'{name}=x' for name in FORMS.get(route['path'], ()))
                answer = browser.request(method, path, content=body if method == 'POST' else None, headers=FORM_HEADERS)
                lacks = missing(answer)
                wrong += [(method, path, who, answer.status_code, lacks)] if lacks else []
                if who and 'no-store' not in answer.headers['cache-control']:
                    personal.append((method, path, answer.headers['cache-control']))

    assert len(routes) > 50
    assert wrong == []
    # What a signed-in person asks for may be kept only where it is not about him.
    assert {path for _method, path, _kept in personal} <= {'/favicon.ico', '/robots.txt', '/sitemap.xml'}


ERRORS = {
    400: ('POST', '/auth/password', {'content': b'--x', 'headers': {'Content-Type': 'multipart/form-data'}}),
    403: ('POST', '/auth/login', {'headers': {'Origin': 'https://evil.example'}}),
    404: ('GET', '/no/such/page', {}),
    405: ('DELETE', '/auth/login', {}),
    422: ('POST', '/auth/login', {'data': {'login': 'x', 'password': 'y'}}),
    500: ('GET', '/probe/fails', {}),
}


@pytest.mark.parametrize('code', ERRORS)
def test_every_error_carries_them_too(browse, code):
    method, path, options = ERRORS[code]

    answer = browse().request(method, path, **options)

    assert answer.status_code == code
    assert missing(answer) == []
    assert answer.headers['cache-control'] == 'no-store'


def test_a_live_page_that_fails_carries_them_and_keeps_the_connection(browse):
    browser = browse()
    answer = browser.get('/probe-fails')

    assert (answer.status_code, missing(answer)) == (500, [])
    assert 'RuntimeError' not in answer.text
    assert browser.get('/probe-open').status_code == 200


@pytest.mark.parametrize('path', [*STATIC_FILES, '/_nicegui/nowhere', '/_nicegui_ws/socket.io/', '/demo/gateway/x'])
def test_what_is_mounted_carries_nosniff_and_a_policy(browse, path):
    answer = browse().get(path)

    assert answer.headers['x-content-type-options'] == 'nosniff'
    assert "frame-ancestors 'none'" in answer.headers['content-security-policy']


def test_the_nonce_is_another_one_each_time(browse):
    browser = browse()
    nonces = {
        re.search(r"'nonce-([^']+)'", browser.get('/my/index').headers['content-security-policy'])[1] for _ in range(5)
    }

    assert len(nonces) == 5
    assert min(map(len, nonces)) >= 22
