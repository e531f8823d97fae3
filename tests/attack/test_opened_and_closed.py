"""ASVS 1.4.3: what a page took is given back: a thousand opened and closed, and the process weighs what it weighed.

The figures are printed.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.attack.intruder import Browser

PAGES = {
    '': ('/my/index', '/my/recovery', '/minsk/packets-constructor/'),
    '100001': ('/my/index', '/my/chat', '/my/security', '/my/history'),
    'olga': ('/operator/', '/operator/subscribers', '/operator/chats'),
    'taras': ('/field/',),
}
SHARE = {'': 0.5, '100001': 0.2, 'olga': 0.15, 'taras': 0.15}
FIRST, THEN = 500, 1000
"""The first ones fill what is kept on purpose: templates, connections, gaps in the memory. Measured by five hundreds:
171, 175, 177 and 177 MB."""
GROWTH = 20_000_000
"""Bytes: twice the gaps of the C library that were seen. A page that stays weighs a hundred thousand and more, so two
hundred of the thousand would be found; registrations are counted one by one."""
POOL = 20
"""Files of the database's connections, and threads of the services: opened when first needed, then kept."""
SETTLED = 60


def open_and_close(server, who, times):
    """Open pages of a person one after another, each with its socket, and close them."""
    paths = PAGES[who]
    with Browser(server.url) as browser:
        if who:
            browser.sign_in(who)
        for number in range(times):
            with browser.open(paths[number % len(paths)]).socket() as socket:
                assert socket.is_in


def everybody_opens(server, times):
    with ThreadPoolExecutor(len(PAGES)) as people:
        opened = people.map(lambda who: open_and_close(server, who, round(times * SHARE[who])), PAGES)
        assert list(opened) == [None] * len(PAGES)


def settled(server):
    """Wait until no page is left, and weigh."""
    until = time.monotonic() + SETTLED
    while httpx.get(f'{server.url}/probe/pages').json() != {'pages': [], 'tabs': 0, 'lines': 0}:
        assert time.monotonic() < until
        time.sleep(0.2)
    return httpx.get(f'{server.url}/probe/settled').json()


@pytest.mark.timeout(300)
def test_a_thousand_pages_opened_and_closed_leave_nothing(server):
    httpx.get(f'{server.url}/probe/hurry')
    everybody_opens(server, FIRST)
    before, began = settled(server), time.monotonic()

    everybody_opens(server, THEN)

    lasted, after = time.monotonic() - began, settled(server)
    grown = after['memory'] - before['memory']
    print(f'\n{THEN} pages in {lasted:.0f} s: {before} then {after}, {grown / THEN:.0f} bytes a page')
    assert after['files'] <= before['files'] + POOL
    assert after['threads'] <= before['threads'] + POOL
    assert grown <= GROWTH
