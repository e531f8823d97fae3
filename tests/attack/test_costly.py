"""ASVS 15.2.2: while somebody floods a costly function, another visitor is served in time.

Signing in, drawing a captcha, decoding a picture, exporting a table, printing a paper, searching: as much at once as one attacker with
many connections can ask for. The figures are printed; they mean something on a machine that does nothing else.
"""

import statistics
import threading
import time
from collections import Counter
from contextlib import contextmanager

import pytest

from tests import pictures
from tests.attack.intruder import Browser
from tests.attack.uploading import PATH
from tests.server import running

AT_ONCE = 12
SECONDS = 3
BOUND = 1.0
"""Seconds of the visitor's p95: the bound of the page floods (test_floods.py). What answers in two tenths of a second alone."""
ENOUGH = 15
"""Pages the visitor must get, or nothing was measured."""
QUIET = ('/minsk/', '/my/index', '/minsk/kontakti/')


@pytest.fixture(scope='module')
def real_cost(tmp_path_factory):
    """A server whose passwords cost what they cost people, without the limits of tests on them."""
    with running(tmp_path_factory.mktemp('costly'), BCRYPT_ROUNDS='12', DEMO_NO_PAGE_LIMITS='1') as server:
        yield server


def sign_in(browser, number):
    return browser.post('/auth/login', data={'login': f'{200_000 + number}', 'password': 'x'})


def draw(browser, _number):
    token = browser.get('/captcha/new', params={'purpose': 'recovery'}).json()['token']
    return browser.get(f'/captcha/{token}.png')


def speak(browser, _number):
    token = browser.get('/captcha/new', params={'purpose': 'recovery'}).json()['token']
    return browser.get(f'/captcha/{token}.wav')


LARGE = pictures.picture(size=(3000, 2000))


def decode(browser, _number):
    return browser.post(PATH, content=LARGE, headers={'Origin': browser.origin, 'X-File-Name': 'x.jpg'})


def export(browser, _number):
    return browser.get('/my/history.csv')


def statement(browser, _number):
    return browser.get('/my/history/statement.pdf', params={'from': '2026-01-01', 'to': '2026-12-31'})


def search(browser, number):
    return browser.get('/operator/subscribers', params={'search': f'а{number % 10}'})


COSTLY = {
    'sign-in': ('', sign_in),
    'captcha': ('', draw),
    'captcha to hear': ('', speak),
    'picture': ('100001', decode),
    'export': ('100001', export),
    'paper': ('100002', statement),
    'search': ('olga', search),
}


@pytest.fixture(scope='module')
def inside(real_cost):
    """Cookies of those who flood, by login: taken before the flood of sign-ins makes the door ask for captchas."""
    cookies = {'': {}}
    for who in filter(None, {who for who, _ask in COSTLY.values()}):
        with Browser(real_cost.url) as browser:
            browser.sign_in(who)
            cookies[who] = dict(browser.cookies)
    return cookies


@contextmanager
def flood(server, cookies, ask):
    """Ask over many connections at once all the while; the yielded counter is of the codes of the answers."""
    codes, is_over = Counter(), threading.Event()

    def go_on():
        with Browser(server.url, cookies=cookies) as browser:
            number = 0
            while not is_over.is_set():
                number += 1
                codes[ask(browser, number).status_code] += 1

    crowd = [threading.Thread(target=go_on) for _ in range(AT_ONCE)]
    for one in crowd:
        one.start()
    try:
        yield codes
    finally:
        is_over.set()
        for one in crowd:
            one.join()


def visit(server):
    """Open pages one after another as somebody else; returns how long each took."""
    took, until = [], time.monotonic() + SECONDS
    with Browser(server.url) as visitor:
        while time.monotonic() < until:
            for path in QUIET:
                began = time.monotonic()
                assert visitor.get(path).status_code == 200
                took.append(time.monotonic() - began)
            time.sleep(0.05)
    return took


@pytest.mark.timeout(300)
@pytest.mark.parametrize('name', COSTLY)
def test_a_flood_of_it_does_not_stop_others(real_cost, inside, name):
    who, ask = COSTLY[name]
    with flood(real_cost, inside[who], ask) as codes:
        took = visit(real_cost)

    p95 = statistics.quantiles(took, n=20)[-1]
    print(f'\n{name}: {dict(codes)} in {SECONDS} s; another visitor: {len(took)} pages, p95 {p95 * 1000:.0f} ms')
    assert 500 not in codes
    assert len(took) >= ENOUGH
    assert p95 <= BOUND
