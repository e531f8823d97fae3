"""The form for the visit on the page of an application: only whose phone it is, only his own visit, each click once."""

import hashlib
import hmac
import re
import secrets
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import count

import pytest

from models.visit import SLOT_HOURS
from services.clock import MINSK
from services.identity.keys import derive_key
from tests.attack.applying import DIGITS, PHONE, apply
from tests.attack.intruder import Browser
from tests.server import running

SECRET = secrets.token_hex(24)
ADDRESSES = count(1)
"""Each client comes from an address of his own: ten applications from one and a captcha is asked for."""


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    settings = {'DEMO_NO_PAGE_LIMITS': '1', 'SECRET_KEY': SECRET, 'TRUSTED_PROXIES': '127.0.0.1'}
    with running(tmp_path_factory.mktemp('visited'), **settings) as server:
        yield server


class Client:
    """Somebody whose application was agreed upon: the key is in his browser, the pass for the digits if he gave them."""

    def __init__(self, server):
        self.browser, answer = apply(server.url, **{'X-Forwarded-For': f'198.51.100.{next(ADDRESSES)}'})
        self.number, self.server = answer.headers['location'].split('/')[2], server
        self.key = self.browser.cookies['tracker']
        self.written("UPDATE application SET status = 'confirmed' WHERE number = ?")

    def written(self, change, *facts):
        """Change what belongs to this application behind the back of the server."""
        with closing(sqlite3.connect(f'{self.server.folder}/amigo.db', timeout=30)) as database:
            database.execute(change, [*facts, self.number])
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
        return self.reads(asked, self.number)

    def reads(self, asked, *facts):
        with closing(sqlite3.connect(f'file:{self.server.folder}/amigo.db?mode=ro', uri=True)) as database:
            return database.execute(asked, facts).fetchall()


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
        assert set(pool.map(click, ['choose'] * 3)) == {303}, 'late clicks of before'
    assert [status for status, *_ in client.visits()] == ['cancelled']


def test_what_is_no_slot_is_refused_in_words(client):
    page = client.opens()
    day = slots(page)[-1].split()[0]
    strange = ['', '2026-01-01 9', '9999-12-31 19', '2026-W01-4 9', 'x' * 9000]
    for slot in (*strange, day, f'{day} 10', f'{day} -9', f'{day} ٩', f'{day} 0 9', f'{day} 9 9', *never(page)):
        answer = client.sends(step='choose', slot=slot, key=key_of(page))
        assert answer.status_code == 422, slot
        assert 'На это время выезд назначить нельзя' in answer.text
    assert client.visits() == []


def never(page):
    """Return slots of days off and of the days after the two weeks: none of the days that are offered, all ahead."""
    offered = {date.fromisoformat(slot.split()[0]) for slot in slots(page)}
    assert 6 not in {day.weekday() for day in offered}, 'a Sunday'
    days = [min(offered) + timedelta(days=n) for n in range(28)]
    return [f'{day} 13' for day in days if day not in offered]


ELSEWHERE = [
    {'Origin': 'https://evil.example'},
    {'Origin': 'null'},
    {'Sec-Fetch-Site': 'cross-site'},
    {'Sec-Fetch-Site': 'same-site'},
    {'Origin': 'null', 'Sec-Fetch-Site': 'cross-site'},
]


def test_another_site_changes_nothing(client):
    page, here = client.opens(), f'/application/{client.number}/visit'
    fields = {'step': 'choose', 'slot': slots(page)[-1], 'key': key_of(page)}

    for headers in ELSEWHERE:
        assert client.browser.post(here, data=fields, headers=headers).status_code == 403, headers
    assert client.browser.get(here, params=fields).status_code == 303
    assert client.browser.put(here, data=fields).status_code == 405
    assert client.visits() == []


def test_the_digits_are_not_guessed_by_trying(client, browse):
    page = client.opens()
    assert slots(page)
    answers = [client.browser.post(f'/application/{client.number}', data={'code': f'{n:04}'}) for n in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert [answer.status_code for answer in answers if 'Мария' in answer.text] == []
    assert client.sends(step='choose', slot=slots(page)[-1], key='k').status_code == 403, 'the pass went with them'
    anew = browse()
    anew.cookies.set('tracker', client.key)
    assert anew.post(f'/application/{client.number}', data={'code': DIGITS}).status_code == 429
    assert client.visits() == []


def test_a_form_without_its_key_changes_nothing(client):
    slot = slots(client.opens())[-1]

    for key in ('', 'я', 'x' * 49):
        assert client.sends(step='choose', slot=slot, key=key).status_code == 409
    assert client.sends(step='choose', slot=slot).status_code == 409
    assert client.visits() == []


def test_nobody_chooses_before_it_is_agreed_upon(client):
    slot = slots(client.opens())[-1]
    for status in ('new', 'in_review', 'no_access', 'en_route', 'activated', 'cancelled'):
        client.written('UPDATE application SET status = ? WHERE number = ?', status)

        assert client.sends(step='choose', slot=slot, key=status).status_code == 409
        assert 'name="slot"' not in client.opens()
    assert client.visits() == []


def test_a_slot_is_sold_as_often_as_there_are_technicians(server, client):
    page, visited = client.opens(), {str(day) for (day,) in client.reads('SELECT day FROM visit')}
    slot = next(slot for slot in slots(page)[::-1] if slot.split()[0] not in visited)
    for _technician in client.reads("SELECT id FROM user_role WHERE role = 'technician'"):
        other = Client(server)
        assert other.sends(step='choose', slot=slot, key=key_of(other.opens())).status_code == 303
        other.browser.close()

    refused = client.sends(step='choose', slot=slot, key=key_of(page))

    assert refused.status_code == 409
    assert 'Это время только что заняли' in refused.text
    assert slot not in slots(refused.text)
    assert client.visits() == []


def test_twice_he_moves_it_and_no_more_whatever_he_sends(client):
    page = client.opens()
    free, key = slots(page), key_of(page)

    answers = [client.sends(step='choose', slot=slot, key=key).status_code for slot in free[-5:-1]]

    assert answers == [303, 303, 303, 409]
    assert [status for status, *_ in client.visits()] == ['cancelled', 'cancelled', 'planned']
    assert f'{client.visits()[-1][1]} {client.visits()[-1][2]}' == free[-3]


def test_less_than_four_hours_before_nothing_changes_any_more(client):
    page = client.opens()
    assert client.sends(step='choose', slot=slots(page)[-1], key=key_of(page)).status_code == 303
    now = datetime.now(MINSK)
    taken = {hour for (hour,) in client.reads('SELECT hour FROM visit WHERE day = ?', f'{now:%Y-%m-%d}')}
    near = [(f'{now:%Y-%m-%d}', hour) for hour in SLOT_HOURS if hour < now.hour + 4 and hour not in taken]
    gone = (f'{now - timedelta(days=1):%Y-%m-%d}', SLOT_HOURS[-1])
    nearer = 'UPDATE visit SET day = ?, hour = ? WHERE application_id = (SELECT id FROM application WHERE number = ?)'
    client.written(nearer, *max(near, default=gone))
    before = client.visits()

    for step in ('choose', 'cancel'):
        answer = client.sends(step=step, slot=slots(page)[0], key=f'{step} late')
        assert answer.status_code == 409
        assert 'До визита меньше 4 часов' in answer.text.replace('\xa0', ' ')
        assert 'name="step"' not in answer.text
    assert client.visits() == before


def test_what_people_wrote_is_text_on_the_page(client):
    page, bad = client.opens(), '<img src=x onerror=alert(1)>'
    assert client.sends(step='choose', slot=slots(page)[-1], key=key_of(page)).status_code == 303
    client.written("UPDATE application SET first_name = ?, street = ?, status = 'scheduled' WHERE number = ?", bad, bad)

    drawn = client.browser.get(f'/application/{client.number}').text
    echoed = client.sends(step='choose', slot=bad, key=bad).text

    assert drawn.count('&lt;img src=x onerror=alert(1)&gt;') == 2
    assert bad not in drawn + echoed


def test_an_address_tries_forty_times_an_hour(client):
    answers = [client.browser.post(f'/application/{client.number}', data={'code': DIGITS}) for _ in range(41)]

    assert [answer.status_code for answer in answers] == [303] * 40 + [429]
