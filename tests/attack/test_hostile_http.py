"""Hostile values over raw HTTP into every field of every address: a clear answer, never a failure of ours."""

import httpx
import pytest

from tests.attack.hostile import BY_HAND, BYTES, ESCAPED, FORMS, KNOWN, TEXTS, owner_of
from tests.attack.intruder import Browser

LONGEST_LINE = 48_000
"""Uvicorn itself refuses a longer request line."""
FORM_HEADERS = {'Content-Type': 'application/x-www-form-urlencoded'}


@pytest.fixture(scope='module')
def routes(server):
    return httpx.get(f'{server.url}/probe/routes').json()


@pytest.fixture(scope='module')
def sessions(server, routes):
    """The session of each address's own person, opened before the door itself is attacked and closes to all."""
    found = {}
    for path in {route['path'] for route in routes}:
        if owner_of(path):
            with Browser(server.url) as browser:
                browser.sign_in(owner_of(path))
                found[path] = dict(browser.cookies)
    return found


@pytest.fixture
def enter(browse, sessions):
    return lambda path: browse(cookies=sessions.get(path, {}))


def _filled(path, **changed):
    for name, value in {**KNOWN, **changed}.items():
        path = path.replace(f'{{{name}}}', value)
    return path


def _holes(path):
    return [part[1:-1].split(':')[0] for part in path.replace('.', '/').split('/') if part.startswith('{')]


def _is_clear(answer):
    """Tell whether a person can live with the answer; JSON about fields is for machines."""
    return answer.status_code < 500 and 'traceback' not in answer.text.lower() and '"detail"' not in answer.text


def _wrong(answer, *where):
    return [] if _is_clear(answer) else [(*where, answer.status_code, answer.text[:80])]


def test_every_form_stands_in_the_table(routes):
    found = {route['path']: set(route['form']) for route in routes if 'POST' in route['methods']}

    assert set(found) == set(FORMS)
    for path, read in found.items():
        assert read <= set(FORMS[path]), path


@pytest.mark.parametrize('path', FORMS)
def test_a_field_of_a_form_takes_anything(enter, path):
    wrong = []
    for field in FORMS[path]:
        browser = enter(path)
        usual = dict.fromkeys(FORMS[path], 'x')
        for name, raw in ESCAPED.items():
            body = '&'.join(f'{key}={raw if key == field else value}' for key, value in usual.items())
            answer = browser.post(_filled(path), content=body, headers=FORM_HEADERS)
            wrong += _wrong(answer, field, name)

    assert wrong == []


@pytest.mark.parametrize('path', FORMS)
def test_a_form_that_is_no_form_is_answered(enter, path):
    browser = enter(path)
    fields = FORMS[path] or ('x',)
    bodies = {
        'nothing': {},
        'json': {'json': {name: {'a': 1} for name in fields}},
        'half json': {'content': b'{"a":', 'headers': {'Content-Type': 'application/json'}},
        'files': {'files': dict.fromkeys(fields, ('a.txt', b'\x00\xff'))},
        'twice': {'content': '&'.join(f'{name}=a&{name}=b' for name in fields), 'headers': FORM_HEADERS},
        'many': {'content': '&'.join(f'f{n}=1' for n in range(5000)), 'headers': FORM_HEADERS},
        'noise': {'content': bytes(range(256)) * 4, 'headers': FORM_HEADERS},
        'half multipart': {
            'content': b'--x\r\nContent-Disposition: form-data; name="a"',
            'headers': {'Content-Type': 'multipart/form-data; boundary=x'},
        },
        'no boundary': {'content': b'--x', 'headers': {'Content-Type': 'multipart/form-data'}},
    }
    wrong = []
    for name, body in bodies.items():
        wrong += _wrong(browser.post(_filled(path), **body), name)

    assert wrong == []


def test_an_address_takes_any_query(enter, routes):
    wrong = []
    for route in (route for route in routes if 'GET' in route['methods']):
        path, fields = route['path'], [*route['query'], *BY_HAND.get(route['path'], ())]
        browser = enter(path)
        for name, raw in ESCAPED.items() if fields else ():
            query = '&'.join(f'{field}={raw[: LONGEST_LINE // len(fields)]}' for field in fields)
            wrong += _wrong(browser.get(f'{_filled(path)}?{query}'), path, name)

    assert wrong == []


@pytest.mark.full
def test_an_address_takes_any_value_of_one_name(enter, routes):
    wrong = []
    for route in (route for route in routes if 'GET' in route['methods']):
        path = route['path']
        browser = enter(path)
        for field in [*route['query'], *BY_HAND.get(path, ())]:
            for name, raw in ESCAPED.items():
                wrong += _wrong(browser.get(f'{_filled(path)}?{field}={raw}'), path, field, name)

    assert wrong == []


def test_an_address_takes_any_name_in_its_path(enter, routes):
    wrong = []
    for route in routes:
        path, method = route['path'], 'POST' if 'POST' in route['methods'] else 'GET'
        browser = enter(path)
        for hole in _holes(path):
            for name in (set(TEXTS) | set(BYTES)) - {'empty', 'path', 'long'}:
                answer = browser.request(method, _filled(path, **{hole: ESCAPED[name]}))
                wrong += _wrong(answer, path, hole, name)

    assert wrong == []


@pytest.mark.parametrize('cookie', ['', 'x' * 4000, 'a\x01b', '"', '\xff', '%00'])
def test_a_cookie_takes_anything(browse, cookie):
    answer = browse().get(
        '/my/index', headers={'Cookie': f'sid={cookie}; region={cookie}; tracker={cookie}'.encode('latin-1')}
    )

    assert _is_clear(answer)
