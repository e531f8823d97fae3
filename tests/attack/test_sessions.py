"""Sessions from outside: none without a form, none that outlives its end on an open page (ASVS 7.2.1, 7.3, 7.4.2, 7.6.2)."""

import sqlite3
import time
from contextlib import closing

import pytest

from tests.attack.hostile import KNOWN
from tests.server import PASSWORD

LONG_AGO = '2020-01-01 00:00:00'
OF = 'user_id = (SELECT user_id FROM subscriber JOIN contract ON subscriber.id = subscriber_id WHERE number = ?)'
ENDS = {
    'idle for too long': ('100001', f"UPDATE session SET seen_at = '{LONG_AGO}' WHERE {OF}"),  # noqa: S608
    'signed in too long ago': ('100002', f"UPDATE session SET expires_at = '{LONG_AGO}' WHERE {OF}"),  # noqa: S608
    'blocked': ('100003', f'UPDATE user SET is_blocked = 1 WHERE {OF.replace("user_id", "id", 1)}'),  # noqa: S608
}


@pytest.fixture
def rows(server):
    """Ask the running house's own database, or change it as another process would."""

    def run(query, *values):
        with closing(sqlite3.connect(server.folder / 'amigo.db', timeout=10)) as db, db:
            return db.execute(query, values).fetchall()

    return run


def test_no_address_begins_a_session_by_being_opened(browse, rows):
    stranger = browse()
    paths = [r['path'] for r in stranger.get('/probe/routes').json() if 'GET' in r['methods']]
    before = rows('SELECT count(*) FROM session')
    given = []
    for path in paths:
        for name, value in KNOWN.items():
            path = path.replace(f'{{{name}}}', value)  # noqa: PLW2901 - filled in
        answer = stranger.get(path, params={'login': '100001', 'password': PASSWORD, 'token': 'x', 'role': 'operator'})
        given += [
            path for cookie in answer.headers.get_list('set-cookie') if cookie.startswith(('sid=', '__Host-sid='))
        ]

    assert len(paths) > 50
    assert given == []
    assert rows('SELECT count(*) FROM session') == before
    assert browse().sign_in('100001').headers['set-cookie']  # the same words in a form do
    assert rows('SELECT count(*) FROM session') > before


def test_a_cookie_changed_anywhere_is_nobody(browse):
    name, cookie = next((c.name, c.value) for c in browse('100001').cookies.jar if c.name.endswith('sid'))
    intruder = browse()
    other = {letter: 'A' if letter != 'A' else 'B' for letter in cookie}
    forged = [cookie[:place] + other[letter] + cookie[place + 1 :] for place, letter in enumerate(cookie)]
    for value in (*forged, cookie[:-1], cookie + 'A', cookie.swapcase(), f'"{cookie}', cookie[::-1]):
        answer = intruder.get('/my/profile', headers={'Cookie': f'{name}={value}'})
        assert (answer.status_code, answer.headers.get('location', '').split('?')[0]) == (303, '/my/index'), value

    assert intruder.get('/my/profile', headers={'Cookie': f'{name}={cookie}'}).status_code == 200


@pytest.mark.parametrize('why', ENDS)
def test_an_open_page_dies_with_its_session(browse, hits, rows, why):
    login, end = ENDS[why]
    page = browse(login).open('/my/probe')
    with page.socket() as socket:
        assert socket.is_in
        assert any('secret' in message for message in socket.hear(0.6))
        rows(end, login)
        socket.emit('event', page.event('open'))
        began = time.monotonic()
        heard = socket.hear(5)
        lasted = time.monotonic() - began

    farewell = next(i for i, message in enumerate(heard) if 'location.replace' in message)
    assert not any('secret' in message for message in heard[farewell:])
    assert heard[-1] == 'closed'
    assert lasted < 3
    assert hits('open') == 0
    assert page.browser.get('/my/profile').status_code == 303
