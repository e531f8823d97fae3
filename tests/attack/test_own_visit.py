"""The form for the visit on the page of an application: only whose phone it is, only his own visit, each click once."""

import hashlib
import hmac
import re
import secrets
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from services.identity.keys import derive_key
from tests.attack.applying import DIGITS, PHONE, apply
from tests.attack.intruder import Browser
from tests.server import running

SECRET = secrets.token_hex(24)


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp('visited'), DEMO_NO_PAGE_LIMITS='1', SECRET_KEY=SECRET) as server:
        yield server


class Client:
    """Somebody whose application was agreed upon: the key is in his browser, the pass for the digits if he gave them."""

    def __init__(self, server):
        self.browser, answer = apply(server.url)
        self.number, self.server = answer.headers['location'].split('/')[2], server
        self.key = self.browser.cookies['tracker']
        with closing(sqlite3.connect(f'{server.folder}/amigo.db', timeout=30)) as database:
            database.execute("UPDATE application SET status = 'confirmed' WHERE number = ?", [self.number])
            database.commit()

    def opens(self):
        assert self.browser.post(f'/application/{self.number}', data={'code': DIGITS}).status_code == 303
        return self.browser.get(f'/application/{self.number}').text

    def sends(self, number='', **fields):
        return self.browser.post(f'/application/{number or self.number}/visit', data=fields)

    def holds(self, cookie):
        self.browser.cookies.clear()
        self.browser.cookies.set('tracker', cookie)

    def visits(self):
        """Return status and slot of every visit of this application."""
        asked = (
            'SELECT visit.status, visit.day, visit.hour FROM visit JOIN application ON application.id = application_id '
            'WHERE number = ? ORDER BY visit.id'
        )
        with closing(sqlite3.connect(f'file:{self.server.folder}/amigo.db?mode=ro', uri=True)) as database:
            return database.execute(asked, [self.number]).fetchall()


@pytest.fixture
def client(server):
    made = Client(server)
    yield made
    made.browser.close()


@pytest.fixture
def other(server):
    made = Client(server)
    yield made
    made.browser.close()


def key_of(page):
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def slots(page):
    return re.findall(r'name="slot" value="([^"]+)"', page)


def pass_of(key, until, secret=SECRET):
    """Return a pass as the server makes it, of a secret somebody may have guessed."""
    facts = f'{hashlib.sha256(key.encode()).hexdigest()}|{PHONE.replace(" ", "").replace("-", "")}|{until}'
    return f'{until}.{hmac.new(derive_key(secret, "tracker-pass"), facts.encode(), hashlib.sha256).hexdigest()}'


def test_who_has_not_given_the_digits_changes_nothing_and_reads_nothing(client, other):
    free = slots(other.opens())
    for step in ('choose', 'cancel'):
        answer = client.sends(step=step, slot=free[-1], key='made-up')
        assert answer.status_code == 403
        assert [word for word in ('Мария', 'Учебная', free[-1]) if word in answer.text] == []
    assert client.visits() == []


def test_a_pass_that_ended_is_forged_or_anothers_opens_nothing(client, other):
    free, soon = slots(other.opens()), int(time.time()) + 3600
    others_pass = other.browser.cookies['tracker'].partition('.')[2]
    assert others_pass
    wrong = [others_pass, pass_of(client.key, soon, 'x' * 40), pass_of(client.key, int(time.time()) - 1), f'{soon}.']
    for given in wrong:
        client.holds(f'{client.key}.{given}')
        assert client.sends(step='choose', slot=free[-1], key='k').status_code == 403
    assert client.visits() == []

    client.holds(
        f'{client.key}.{pass_of(client.key, soon)}'
    )  # the same pass, good: what the others fail for is in them
    assert client.sends(step='choose', slot=free[-1], key='k').status_code == 303


def test_anothers_visit_is_not_there(client, other, browse):
    key = key_of(client.opens())
    theirs = other.opens()
    assert other.sends(step='choose', slot=slots(theirs)[-1], key=key_of(theirs)).status_code == 303
    before = other.visits()

    for step in ('choose', 'cancel'):
        fields = {'step': step, 'slot': slots(theirs)[0], 'key': key}
        assert client.sends(other.number, **fields).status_code == 404
        assert browse().post(f'/application/{other.number}/visit', data=fields).status_code == 404
        assert browse().post('/application/999999/visit', data=fields).status_code == 404
    assert client.sends(step='cancel', key=key_of(theirs)).status_code == 409
    assert other.visits() == before


def test_twenty_clicks_at_once_are_one_visit_and_one_end_of_it(client):
    page = client.opens()
    slot, key = slots(page)[-1], key_of(page)

    def click(step):
        with Browser(client.server.url) as browser:
            browser.cookies.set('tracker', client.browser.cookies['tracker'])
            fields = {'step': step, 'slot': slot, 'key': key}
            return browser.post(f'/application/{client.number}/visit', data=fields).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(click, ['choose'] * 20)) == {303}
        assert [status for status, *_ in client.visits()] == ['planned']
        assert set(pool.map(click, ['cancel'] * 20)) == {303}
    assert [status for status, *_ in client.visits()] == ['cancelled']


def test_what_is_no_slot_is_refused_in_words(client):
    page = client.opens()
    day = slots(page)[-1].split()[0]
    strange = ['', '2026-01-01 9', '9999-12-31 19', '2026-W01-4 9', 'x' * 9000]
    for slot in (*strange, day, f'{day} 10', f'{day} -9', f'{day} ٩', f'{day} 9 9'):
        answer = client.sends(step='choose', slot=slot, key=key_of(page))
        assert answer.status_code == 422, slot
        assert 'На это время выезд назначить нельзя' in answer.text
    assert client.visits() == []


def test_another_site_changes_nothing(client):
    page = client.opens()
    fields = {'step': 'choose', 'slot': slots(page)[-1], 'key': key_of(page)}

    answer = client.browser.post(
        f'/application/{client.number}/visit', data=fields, headers={'Origin': 'https://evil.example'}
    )

    assert answer.status_code == 403
    assert client.visits() == []
