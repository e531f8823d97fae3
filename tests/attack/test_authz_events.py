"""Every button of the live pages, pressed from a socket that has no right to: no service runs, no row changes (ASVS 8.2.1)."""

import re
import sqlite3
import time
from contextlib import closing

import pytest
from websockets.exceptions import ConnectionClosed

LIVE = {
    'a chat': ('100001', '/my/chat', ''),
    'the queue': ('olga', '/operator/', ''),
    'an application': ('olga', '/operator/applications/{}', '/operator/'),
    'a subscriber': ('olga', '/operator/subscribers/100001', ''),
    'the chats': ('olga', '/operator/chats/100001', ''),
    'the payments': ('olga', '/operator/payments', ''),
    'a visit': ('taras', '/field/visits/{}', '/field/'),
}
"""Pages with buttons: whose, where, and the list on which an example is found."""
OTHERS = {'100001': ('100002', 'olga', 'taras'), 'olga': ('100001', 'taras'), 'taras': ('100001', 'olga')}
"""Who else is signed in and tries; a stranger tries as well."""
BY_ITSELF = {'session', 'attempt', 'outgoing_message', 'counter'}
"""Tables that change while people only sign in and letters leave."""


@pytest.fixture
def rows(server):
    """Read all rows of the running house, but for what changes by itself."""

    def read():
        with closing(sqlite3.connect(f'file:{server.folder / "amigo.db"}?mode=ro', uri=True)) as db:
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in set(tables) - BY_ITSELF}  # noqa: S608

    return read


@pytest.fixture
def services(hits, browse):
    """Count the services that were run for people since the last call, by name."""
    stranger, seen = browse(), {}

    def run():
        counts = {k: v for k, v in stranger.get('/probe/hits').json().items() if k.startswith('service ')}
        fresh = {name: count - seen.get(name, 0) for name, count in counts.items() if count != seen.get(name, 0)}
        seen.update(counts)
        return fresh

    return run


@pytest.fixture
def opened(browse):
    """Open a live page as its rightful person."""

    def page(name):
        login, address, found_on = LIVE[name]
        browser = browse(login)
        if found_on:
            found = re.search(re.escape(address).replace(r'\{\}', r'(\w+)'), browser.get(found_on).text)
            address = address.format(found[1])
        return browser.open(address)

    return page


@pytest.mark.parametrize('name', LIVE)
def test_a_page_obeys_no_socket_of_somebody_else(opened, browse, rows, services, hits, name):
    page = opened(name)
    intruders = [browse(login).open('/probe-open') for login in (*OTHERS[LIVE[name][0]], '')]
    assert page.all_events()

    with page.socket() as rightful:
        assert rightful.is_in
        rightful.hear(0.2)
        before, _ = rows(), services()
        for own in intruders:
            with own.socket() as socket:
                assert socket.is_in
                for message in page.all_events():
                    socket.emit('event', message)
                wait_for(socket, own, hits)

    assert services() == {}
    assert rows() == before


@pytest.mark.parametrize('name', LIVE)
def test_a_page_obeys_nobody_after_signing_out(opened, rows, services, name):
    page = opened(name)

    with page.socket() as socket:
        assert socket.is_in
        socket.hear(0.2)
        page.browser.sign_out()
        before, _ = rows(), services()
        try:
            for message in page.all_events():
                socket.emit('event', message)
        except ConnectionClosed:
            pass
        assert socket.hear(2)[-1:] == ['closed']

    assert services() == {}
    assert rows() == before


@pytest.mark.parametrize('name', ['a chat', 'the queue', 'an application', 'the chats', 'a visit'])
def test_the_same_events_are_obeyed_from_the_right_socket(opened, services, name):
    """Without this the tests above would prove nothing."""
    page = opened(name)

    with page.socket() as socket:
        socket.hear(0.2)
        services()
        for message in page.all_events():
            socket.emit('event', message)
        heard, until = {}, time.monotonic() + 3
        while not heard and time.monotonic() < until:
            socket.hear(0.1)
            heard = services()

    assert heard


def wait_for(socket, own, hits):
    """Return after everything sent before was handled: a click on the intruder's own page was counted."""
    before, until = hits('open'), time.monotonic() + 3
    socket.emit('event', own.event('open'))
    while hits('open') == before and time.monotonic() < until:
        socket.hear(0.05)
    assert hits('open') == before + 1
