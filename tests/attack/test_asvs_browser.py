"""ASVS V3 where it needs TLS in the settings or a real browser: cookies, and pages put into frames."""

import re
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import httpx
import pytest
from playwright.sync_api import expect

from tests.attack.applying import apply
from tests.server import PASSWORD, running

SITE = 'https://amigo.example'
KEYS = {'__Host-sid', '__Host-device', '__Host-visit'}
"""Cookies that are worth stealing or planting."""


@pytest.fixture(scope='module')
def secure(tmp_path_factory):
    """The house as it stands behind TLS: its address in the settings is https."""
    with running(tmp_path_factory.mktemp('secure'), PUBLIC_URL=SITE) as server:
        yield server


def given(answer):
    """Return the cookies of an answer, by name."""
    cookies = SimpleCookie()
    for line in answer.headers.get_list('set-cookie'):
        cookies.load(line)
    return dict(cookies)


def sign_in(server, login):
    form = {'login': login, 'password': PASSWORD}
    return httpx.post(f'{server.url}/auth/login', data=form, headers={'Origin': SITE})


def test_cookies_that_are_keys_are_bound_to_this_host_and_unseen_by_scripts(secure):
    cookies = {**given(sign_in(secure, '100001')), **given(httpx.get(f'{secure.url}/my/index'))}

    assert set(cookies) == KEYS
    for cookie in cookies.values():
        assert (cookie['secure'], cookie['httponly'], cookie['path'], cookie['domain']) == (True, True, '/', '')


@pytest.mark.parametrize(
    ('who', 'fits'), [('100001', 'lax'), ('olga', 'strict'), ('taras', 'strict'), ('ada', 'strict')]
)
def test_a_subscriber_may_come_back_from_the_bank_and_staff_come_from_nowhere(secure, who, fits):
    assert given(sign_in(secure, who))['__Host-sid']['samesite'].lower() == fits


@pytest.mark.parametrize(('who', 'path', 'is_known'), [('100001', '/my/pay', True), ('olga', '/operator/', False)])
def test_a_link_on_another_site_finds_a_subscriber_signed_in_and_an_employee_not(chromium, server, who, path, is_known):
    page = chromium.new_context(locale='ru-RU').new_page()
    page.goto(f'{server.url}/my/index')
    page.get_by_label('Номер договора').fill(who)
    page.get_by_label('Пароль', exact=True).fill(PASSWORD)
    page.get_by_role('button', name='Войти').click()
    expect(page.get_by_role('button', name='Выйти').first).to_be_visible()
    bank = f'<a href="{server.url}{path}">Вернуться в магазин</a>'
    page.route('http://bank.example/', lambda route: route.fulfill(body=bank, content_type='text/html; charset=utf-8'))

    page.goto('http://bank.example/')
    with page.expect_response(f'{server.url}{path}') as answer:
        page.get_by_role('link').click()

    assert answer.value.status == (200 if is_known else 303), 'one comes in, the other is led to the door'


def test_every_cookie_is_secure_and_bound_to_this_host(secure):
    paths = ('/', '/minsk/', '/borisov/packets-constructor/', '/my/index', '/my/recovery', '/nowhere')
    answers = [httpx.get(secure.url + path) for path in paths] + [sign_in(secure, '100001')]
    answers.append(apply(secure.url, Origin=SITE)[1])

    cookies = [cookie for answer in answers for cookie in given(answer).values()]

    assert {cookie.key for cookie in cookies} == KEYS | {'__Host-region', '__Host-tracker'}
    assert {(cookie['path'], cookie['domain']) for cookie in cookies} == {('/', '')}
    assert [
        cookie.key for cookie in cookies if not (cookie['secure'] and cookie['httponly'] and cookie['samesite'])
    ] == []


def test_the_town_and_the_application_are_read_from_these_cookies_alone(secure):
    _browser, answer = apply(secure.url, Origin=SITE)
    key = given(answer)['__Host-tracker'].value
    confirmed = answer.headers['location']

    def asks(path, **cookies):
        return httpx.get(secure.url + path, headers={'Cookie': '; '.join(f'{n}={v}' for n, v in cookies.items())})

    assert asks(confirmed, **{'__Host-tracker': key}).status_code == 200
    assert asks(confirmed, tracker=key).status_code == 404
    assert asks('/', **{'__Host-region': 'borisov'}).headers['location'] == '/borisov/'
    assert asks('/', region='borisov').headers['location'] == '/minsk/'


@pytest.fixture
def signed_in(chromium, server):
    context = chromium.new_context(locale='ru-RU')
    answer = httpx.post(f'{server.url}/auth/login', data={'login': '100001', 'password': PASSWORD})
    cookie = {'name': 'sid', 'value': answer.cookies['sid'], 'url': server.url, 'httpOnly': True, 'sameSite': 'Lax'}
    context.add_cookies([cookie])
    yield context, cookie['value']
    context.close()


@pytest.fixture
def another_site():
    """A site on another port that shows in a frame whatever stands behind the question mark."""

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header('Content-Type', 'text/html')
            self.end_headers()
            self.wfile.write(f'<iframe src="{unquote(self.path.partition("?")[2])}"></iframe>'.encode())

        def log_message(self, *_said):
            """Say nothing."""

    with ThreadingHTTPServer(('127.0.0.1', 0), Trap) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{site.server_port}/'
        site.shutdown()


@pytest.mark.parametrize('path', ['/my/index', '/minsk/', '/my/recovery/confirm', '/assets/img/favicon.svg'])
def test_no_page_is_shown_in_a_frame_of_another_site(signed_in, server, another_site, path):
    page = signed_in[0].new_page()

    page.goto(f'{another_site}?{quote(server.url + path)}')
    page.wait_for_load_state('networkidle')

    assert page.frames[1].url.startswith('chrome-error://')


def test_the_key_of_the_session_is_known_to_no_script_page_or_socket(signed_in, server):
    context, token = signed_in
    page, heard = context.new_page(), []
    page.on('websocket', lambda socket: socket.on('framereceived', lambda text: heard.append(str(text))))
    answers = []
    page.on('response', lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks what it calls

    page.goto(f'{server.url}/my/chat')
    page.wait_for_load_state('networkidle')
    words = [a for a in answers if a.ok and re.search('html|script|json', a.headers.get('content-type', ''))]
    heard += [answer.text() for answer in words]

    assert 'sid' not in page.evaluate('document.cookie')
    assert token not in page.content() + page.evaluate('JSON.stringify([localStorage, sessionStorage])')
    assert len(heard) > 5
    assert not [text for text in heard if token in text]
