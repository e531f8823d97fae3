"""Consoles with a host name of their own (AMIGO_STAFF_HOST): pages, sign-in, sessions and sockets do not cross."""

import base64
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.attack.intruder import Browser, Socket
from tests.server import PASSWORD, free_port, running

PROBE = Path(__file__).with_name('probe.py')
STAFF_PAGES = ('/operator/', '/operator/subscribers', '/operator/security', '/field/', '/field/security')
SITE_PAGES = (
    '/minsk/',
    '/minsk/kontakti/',
    '/minsk/packets-constructor/',
    '/my/profile',
    '/my/security',
    '/my/recovery',
    '/my/recovery/confirm',
    '/offer',
    '/robots.txt',
    '/minsk/tarify/',
    '/manifest.webmanifest',
    '/sw.js',
    '/offline',
)
NOT_FOUND = 'Страница не найдена'


@pytest.fixture(scope='module')
def names():
    port = free_port()
    return {'port': str(port), 'site': f'amigo.localhost:{port}', 'staff': f'staff.localhost:{port}'}


@pytest.fixture(scope='module')
def server(tmp_path_factory, names):
    settings = {'PORT': names['port'], 'PUBLIC_URL': f'http://{names["site"]}', 'STAFF_HOST': names['staff']}
    with running(tmp_path_factory.mktemp('apart'), PROBE, **settings) as server:
        yield server


@pytest.fixture
def visit(server, names):
    """Open a browser that asks for one of the two names: `visit('staff', 'olga')`."""
    opened = []

    def enter(side, login='', **options):
        browser = Browser(server.url, headers={'Host': names[side]}, **options)
        browser.origin = f'http://{names[side]}'
        opened.append(browser)
        if login:
            browser.sign_in(login)
        return browser

    yield enter
    for browser in opened:
        browser.close()


@pytest.mark.parametrize('path', STAFF_PAGES)
def test_consoles_do_not_exist_on_the_site(visit, path):
    site = visit('site', '100001')

    answer = site.get(path)

    assert (answer.status_code, NOT_FOUND in answer.text) == (404, True)
    assert "frame-ancestors 'none'" in answer.headers['content-security-policy']


@pytest.mark.parametrize('path', SITE_PAGES)
def test_the_site_does_not_exist_beside_the_consoles(visit, path):
    answer = visit('staff', 'olga').get(path)

    assert (answer.status_code, NOT_FOUND in answer.text) == (404, True)


def test_the_root_of_the_consoles_leads_to_the_queue(visit):
    answer = visit('staff').get('/')

    assert (answer.status_code, answer.headers['location']) == (303, '/operator/')


@pytest.mark.parametrize(('side', 'login'), [('site', 'olga'), ('site', 'ada'), ('staff', '100001')])
def test_on_the_other_side_nobody_gets_in(visit, side, login):
    wrong = visit(side).post('/auth/login', data={'login': login, 'password': PASSWORD})
    nobody = f'no-{login}'
    unknown = visit(side).post('/auth/login', data={'login': nobody, 'password': PASSWORD})

    assert wrong.status_code == unknown.status_code == 422
    assert 'set-cookie' not in wrong.headers
    assert wrong.text.replace(login, '') == unknown.text.replace(nobody, '')


@pytest.mark.parametrize(
    ('side', 'login', 'other', 'path'),
    [
        ('staff', 'olga', 'site', '/my/index'),
        ('staff', 'taras', 'site', '/my/index'),
        ('site', '100001', 'staff', '/my/index'),
    ],
)
def test_a_session_of_one_side_is_nobodys_on_the_other(visit, side, login, other, path):
    person = visit(side, login)
    carried = visit(other, cookies=dict(person.cookies))

    assert 'Вход в личный кабинет' in carried.get(path).text
    assert 'Вход в личный кабинет' not in person.get(path, follow_redirects=True).text


def test_a_cookie_names_no_other_host(visit):
    answer = visit('staff').post('/auth/login', data={'login': 'olga', 'password': PASSWORD})

    assert 'domain' not in answer.headers['set-cookie'].lower()


def test_a_role_of_the_other_side_is_neither_offered_nor_given(visit):
    ada = visit('staff', 'ada')
    page = ada.get('/operator/security').text
    answer = ada.post('/auth/role', data={'role': 'subscriber'})

    assert 'value="technician"' in page
    assert 'value="subscriber"' not in page
    assert (answer.status_code, 'set-cookie' in answer.headers) == (403, False)
    assert ada.get('/operator/security').status_code == 200


def test_a_post_from_the_site_is_foreign_to_the_consoles(visit, names):
    answer = visit('staff', 'olga').post('/auth/logout', headers={'Origin': f'http://{names["site"]}'})

    assert answer.status_code == 403


def socket(opened, server, names, *, host, origin):
    """Ask for the socket of a page by a host name, from the page of an origin."""
    return Socket(
        server.url,
        opened.query(),
        cookie=opened.browser.cookie_header(),
        origin=f'http://{names[origin]}',
        host=names[host],
    )


def test_a_socket_stands_on_the_side_of_its_page(visit, server, names):
    opened = visit('staff', 'olga').open('/operator/security')

    with socket(opened, server, names, host='staff', origin='staff') as own:
        assert own.is_in
    with socket(opened, server, names, host='site', origin='site') as other:
        assert not other.is_in
    for host, origin in (('staff', 'site'), ('site', 'staff')):
        with pytest.raises(InvalidStatus, match='403'):
            socket(opened, server, names, host=host, origin=origin)


def test_a_strangers_page_and_its_socket_stand_on_the_same_side_too(visit, server, names):
    opened = visit('site').open('/my/index')

    with socket(opened, server, names, host='staff', origin='staff') as other:
        assert not other.is_in
    with socket(opened, server, names, host='site', origin='site') as own:
        assert own.is_in


def test_the_door_of_the_consoles_links_to_the_site(visit, names):
    page = visit('staff').get('/my/index').text

    assert f'href="http://{names["site"]}/minsk/"' in page
    assert 'href="/minsk/' not in page
    assert 'href="/my/recovery"' not in page


@pytest.fixture(scope='module')
def real_server(tmp_path_factory):
    """A site that is no demo and has a public address."""
    settings = {
        'DEMO': '0',
        'DEMO_CAPTCHA': '',
        'PUBLIC_URL': 'https://amigo.example',
        'STAFF_HOST': 'staff.amigo.example',
        'SECRET_KEY': 's' * 48,
        'PEPPER': 'p' * 48,
        'FIELD_KEYS': f'1:{base64.b64encode(b"k" * 32).decode()}',
    }
    with running(tmp_path_factory.mktemp('real'), **settings) as server:
        yield server


@pytest.mark.parametrize(
    ('host', 'code'),
    [
        ('amigo.example', 200),
        ('AMIGO.example', 200),
        ('staff.amigo.example', 200),
        ('evil.example', 403),
        ('amigo.example.evil.example', 403),
        ('amigo.example:8080', 403),
        ('localhost', 403),
        ('127.0.0.1', 403),
        ('', 403),
    ],
)
def test_a_real_site_answers_to_its_own_names_only(real_server, host, code):
    answer = httpx.get(f'{real_server.url}/my/index', headers={'Host': host})

    assert answer.status_code == code


def test_whoever_asks_whether_it_lives_needs_no_name(real_server):
    assert httpx.get(f'{real_server.url}/readyz', headers={'Host': '10.0.0.5:8080'}).status_code == 200


def test_a_socket_needs_a_name_of_ours(real_server):
    with pytest.raises(InvalidStatus, match='403'):
        Socket(real_server.url, {'client_id': 'x'}, origin='https://amigo.example', host='evil.example')
