"""ASVS 15.3.3 and 15.3.7: a form gives what its fields are and nothing more; of a field sent twice the last one counts.

The rule for all forms: the body alone fills a form, the query and cookies never do, and the last value of a name counts.
"""

import re
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from starlette.requests import Request

from components.form_body import read_form
from models.tables import ALL
from tests.attack.hostile import FORMS, KNOWN, owner_of
from tests.attack.intruder import Browser
from tests.server import PASSWORD

HEADERS = {'Content-Type': 'application/x-www-form-urlencoded'}
COLUMNS = sorted({name for model in ALL for name in (*model._meta.columns, *model._meta.fields)})
KEYWORDS = ('actor', 'now', 'address', 'agent', 'gave_up', 'as_staff', 'drawn_for', 'request', 'self', '__class__')
"""What services are called with beside what people type."""
FREE = {'/hooks/bepaid', '/hooks/webpay', '/files/{purpose}', '/operator/registries'}
"""These take bytes: a signed message, a picture, the file of a register."""
BY_HAND = {
    '/my/confirm', '/my/termination', '/my/termination/money', '/my/cards/autopay', '/application/{token}',
    '/application/{number}/visit', '/{region}/address/waiting', '/{region}/packets-constructor/application',
}  # fmt: skip
"""Forms their pages read themselves; the last tests look at what comes of them."""
READ = [path for path in FORMS if path not in FREE | BY_HAND]


@pytest.fixture(scope='module')
def sessions(server):
    """A session for each address, before an attack on the way in or out ends it."""
    paths = httpx.get(f'{server.url}/probe/listen').json()
    found = {}
    for path in paths:
        if owner_of(path):
            with Browser(server.url) as browser:
                browser.sign_in(owner_of(path))
                found[path] = dict(browser.cookies)
    return found


@pytest.fixture
def hear(browse, sessions):
    """Send a body to a form and return what its function was given, without what stands in the address."""

    def send(path, pairs, query=''):
        address = path
        for name, value in KNOWN.items():
            address = address.replace(f'{{{name}}}', value)
        browser = browse(cookies=sessions.get(path, {}))
        browser.get('/probe/heard', params={'path': path})
        browser.post(f'{address}{query}', content=urlencode(pairs), headers=HEADERS)
        given = browser.get('/probe/heard', params={'path': path}).json()
        assert given is not None, 'the form did not reach its function'
        return {name: text for name, text in given.items() if f'{{{name}}}' not in path}

    return send


@pytest.mark.parametrize('path', READ)
def test_of_a_field_sent_twice_the_last_counts(hear, path):
    given = hear(path, [(name, text) for text in ('first', 'last') for name in FORMS[path]])

    assert given == dict.fromkeys(FORMS[path], 'last')


@pytest.mark.parametrize('path', READ)
def test_the_address_fills_no_field(hear, path):
    query = f'?{urlencode(dict.fromkeys((*FORMS[path], "role"), "query"))}'

    assert hear(path, dict.fromkeys(FORMS[path], 'body'), query) == dict.fromkeys(FORMS[path], 'body')
    assert 'query' not in hear(path, {}, query).values()


@pytest.mark.parametrize('path', READ)
def test_a_field_a_form_does_not_have_goes_nowhere(hear, path):
    foreign = [name for name in (*COLUMNS, *KEYWORDS) if name not in FORMS[path]]
    plain = dict.fromkeys(FORMS[path], 'x')

    assert hear(path, {**plain, **dict.fromkeys(foreign, '1')}) == plain


def rows(server, table):
    with closing(sqlite3.connect(f'file:{server.folder}/amigo.db?mode=ro', uri=True)) as database:
        database.row_factory = sqlite3.Row
        return {row['id']: dict(row) for row in database.execute(f'SELECT * FROM "{table}"')}  # noqa: S608


def changed(before, after):
    return {name for key in before for name in before[key] if before[key][name] != after[key][name]}


def test_a_phone_is_all_that_a_new_phone_changes(server, browse):
    anna, tables = browse('100001'), ('user', 'subscriber', 'contract', 'account')
    before = [rows(server, table) for table in tables]
    foreign = {name: '7' for name in COLUMNS if name != 'phone'}

    answer = anna.post('/my/profile/phone', data={'phone': '+375297654321', **foreign})

    assert 'done=' in answer.headers['Location']
    after = [rows(server, table) for table in tables]
    assert [changed(*both) for both in zip(before, after, strict=True)] == [{'phone'}, {'phone'}, set(), set()]


def test_the_confirmation_takes_the_last_password(browse):
    anna = browse('100001')
    wrong, right = ('password', 'wrong'), ('password', PASSWORD)

    assert anna.post('/my/confirm', content=urlencode([right, wrong]), headers=HEADERS).status_code != 303
    assert anna.post('/my/confirm', content=urlencode([wrong, right]), headers=HEADERS).status_code == 303


def test_the_end_of_a_contract_takes_the_last_value_and_no_column(browse, server):
    anna, before = browse('100001'), rows(server, 'termination')
    day = (date.today() + timedelta(days=5)).isoformat()  # noqa: DTZ011 - any of the days that are offered
    drawn = anna.get(f'/my/termination?last_day={day}').text.replace('&quot;', '"')
    own = {name: re.search(rf'name="{name}" value="([^"]+)"', drawn)[1] for name in ('quote_id', 'form_key')}
    foreign = {name: '7' for name in COLUMNS if name not in FORMS['/my/termination']}
    typed = [('words', 'first'), *own.items(), ('words', 'last'), ('last_day', day), ('contract', '100001')]

    answer = anna.post('/my/termination?words=query', content=urlencode([*foreign.items(), *typed]), headers=HEADERS)

    assert answer.headers['Location'] == '/my/termination?done=requested'
    (made,) = [row for key, row in rows(server, 'termination').items() if key not in before]
    assert (made['words'], made['state'], made['last_day'], made['paper']) == ('last', 'requested', day, '')
    rest = [('money', 'later'), ('money', 'account'), ('iban', 'FIRST'), ('iban', 'LAST'), ('contract', '100001')]
    said = urlencode([*foreign.items(), *rest, ('termination', made['id'])])
    again = anna.post('/my/termination/money?iban=QUERY', content=said, headers=HEADERS)
    assert [word in again.text for word in ('"FIRST"', '"LAST"', '"QUERY"')] == [False, True, False]
    assert {key: row for key, row in rows(server, 'termination').items() if key not in before} == {made['id']: made}
    anna.post('/my/termination/withdraw', data={'termination': made['id'], 'contract': '100001'})


def test_autopay_takes_the_last_value_and_no_column(browse, server):
    anna, before = browse('100001'), rows(server, 'autopay')
    foreign = {name: '7' for name in COLUMNS if name not in FORMS['/my/cards/autopay']}
    typed = [('limit', '11'), ('agreed', '1'), ('limit', '22'), ('contract', '100001')]

    answer = anna.post('/my/cards/autopay?limit=33', content=urlencode([*foreign.items(), *typed]), headers=HEADERS)

    assert [f'value="{limit}"' in answer.text for limit in (11, 22, 33)] == [False, True, False]
    assert rows(server, 'autopay') == before


@pytest.mark.parametrize('body', ['code=1&code=2', 'code=1&x=3&code=2', 'code=&code=2', 'code=2'])
async def test_forms_read_by_hand_take_the_last_value(body):
    async def receive():
        return {'type': 'http.request', 'body': body.encode(), 'more_body': False}

    request = Request({'type': 'http', 'method': 'POST', 'headers': [], 'query_string': b'code=9'}, receive)

    assert (await read_form(request))['code'] == '2'


@pytest.fixture
def application(browse):
    """The fields of an application as the page draws them, with a person typed in."""
    path = '/minsk/packets-constructor/application?internet=I-100'
    html = browse().get(path).text.replace('&#34;', '"')
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    typed = {
        'last_name': 'Массовая', 'first_name': 'Майя', 'phone': '+375291112233', 'locality': 'Минск',
        'street': 'ул. Учебная', 'house': '3', 'flat': '12', 'consent': '1', 'package': 'internet=I-100',
    }  # fmt: skip
    return {**hidden, **typed}


APPLY = '/minsk/packets-constructor/application'


def test_an_application_takes_the_last_value_and_no_column(browse, server, application):
    before = rows(server, 'application')
    foreign = [name for name in COLUMNS if name not in FORMS['/{region}/packets-constructor/application']]
    for some in (foreign[:70], foreign[-70:]):
        again = browse().post(APPLY, data={**application, **dict.fromkeys(some, '7'), 'step': 'check'})
        assert again.status_code == 200
    picked = (
        'status',
        'number',
        'contract',
        'contract_id',
        'tracker_hash',
        'price_until',
        'region',
        'id',
        'created_at',
    )
    body = urlencode([('last_name', 'Первая'), *application.items(), *((name, '7') for name in picked)])

    answer = browse().post(APPLY, content=body, headers=HEADERS)

    assert answer.status_code == 303, answer.text
    made = [row for key, row in rows(server, 'application').items() if key not in before]
    assert [(row['last_name'], row['status']) for row in made] == [('Массовая', 'new')]
    assert '7' not in [str(made[0].get(name)) for name in picked]


def test_the_waiting_list_takes_the_last_value_and_no_column(browse, server):
    before = rows(server, 'waiting')
    page = browse().get('/minsk/address/?street=ул. Новая Образцовая&house=2').text
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    typed = {'token': token, 'locality': 'Минск', 'street': 'ул. Дальняя', 'house': '3', 'agreed': '1'}
    picked = ('id', 'region', 'region_id', 'address', 'told_at', 'contacted_at', 'house_key', 'created_at', 'form_key')
    pairs = [('phone', '+375291112233'), *typed.items(), ('phone', '+375291112244'), *((name, '7') for name in picked)]

    answer = browse().post('/minsk/address/waiting', content=urlencode(pairs), headers=HEADERS)

    assert answer.status_code == 303, answer.text
    made = [row for key, row in rows(server, 'waiting').items() if key not in before]
    assert [(row['phone'], row['address'], row['told_at']) for row in made] == [
        ('+375291112244', 'Минск, ул. Дальняя, 3', None)
    ]
    assert '7' not in [str(made[0].get(name)) for name in picked]
