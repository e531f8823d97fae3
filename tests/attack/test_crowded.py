"""SECURITY P21, P24, P25: many at once. Strangers hold no connections of ours, and nobody waits for what others do."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.attack.intruder import Browser
from tests.server import running

PAGES = ('/minsk/packets-constructor/', '/my/index', '/my/recovery')
STRANGERS = 100
SIGN_INS = 30
OPEN = 300
SOCKETS_OF_ADDRESS = 150
"""From each address, of the 200 it may have."""
LONGEST = 1.0
"""Seconds another visitor waits for a page while all this goes on."""
KILOBYTES = 300
"""Of memory for one open public page."""
SHARE = 0.12
"""Of a core for 300 open pages on which nothing happens."""
IDLE = 3.0


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    """One whose hashes cost what they cost people, and that lets anybody open pages and try passwords."""
    probe = Path(__file__).with_name('probe.py')
    limits = {'DEMO_NO_PAGE_LIMITS': '1', 'DEMO_NO_LIMITS': '1', 'BCRYPT_ROUNDS': '12'}
    with running(tmp_path_factory.mktemp('crowded'), probe, **limits) as server:
        yield server


def seconds_of(visitor, path='/minsk/'):
    begun = time.monotonic()
    assert visitor.get(path).status_code == 200
    return time.monotonic() - begun


def core_seconds(server):
    fields = Path(f'/proc/{server.pid}/stat').read_text(encoding='ascii').rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_p21_strangers_hold_no_connection_of_ours(server, browse, attack):
    somebody = browse()
    for path in PAGES:
        somebody.get(path)
    before = somebody.get('/probe/weight').json()['files']
    for n in range(STRANGERS):
        browse().get(PAGES[n % len(PAGES)])
    held = somebody.get('/probe/weight').json()['files'] - before - STRANGERS  # their own, kept open by them
    attack.tried(STRANGERS, executed=max(0, held - 10))  # ten: the pool of the database, full

    assert held <= 10
    assert find_spec('redis') is None  # nowhere to keep two connections for each


def test_p24_nobody_waits_for_the_passwords_of_others(server, browse, attack):
    visitor = browse()
    seconds_of(visitor)

    def guess(_):
        with Browser(server.url) as browser:
            browser.timeout = 100  # two hashes at a time, and the machine may have other work
            return browser.post('/auth/login', data={'login': '100001', 'password': 'не тот пароль'}).status_code

    with ThreadPoolExecutor(SIGN_INS) as guessers:
        guesses = [guessers.submit(guess, n) for n in range(SIGN_INS)]
        waited = []
        while not all(guess.done() for guess in guesses):
            waited.append(seconds_of(visitor))
    slow = [seconds for seconds in waited if seconds > LONGEST]
    attack.tried(SIGN_INS, executed=len(slow))

    print(f'\nP24: {SIGN_INS} sign-ins at once, another visitor waited {max(waited) * 1000:.0f} ms at the longest')
    assert slow == []
    assert {guess.result() for guess in guesses} <= {422, 503}


def test_p25_three_hundred_open_pages_weigh_little(server, browse, attack):
    visitor, strangers = browse(), browse()
    for path in PAGES:
        strangers.get(path)
    memory = server.memory()

    with ExitStack() as opened:
        for n in range(OPEN):
            address = f'127.3.0.{1 + n // SOCKETS_OF_ADDRESS}'
            page = strangers.open(PAGES[n % len(PAGES)])
            assert opened.enter_context(page.socket(address=address)).is_in
        each = (server.memory() - memory) * 1024 / OPEN
        busy = core_seconds(server)
        waited = [seconds_of(visitor, '/my/index') for _ in range(3) if not time.sleep(IDLE / 3)]
        share = (core_seconds(server) - busy) / IDLE
    attack.tried(OPEN, executed=int(each > KILOBYTES) + int(max(waited) > LONGEST))

    print(f'\nP25: {each:.0f} kB each, {share:.1%} of a core idle, another visitor {statistics.median(waited):.2f} s')
    assert each <= KILOBYTES
    assert share <= SHARE
    assert max(waited) <= LONGEST
