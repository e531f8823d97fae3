"""The public pages as search engines, networks and browsers take them: facts beside the words, packed and complete."""

import json
import re
from datetime import datetime

import httpx
import pytest
import time_machine
from fastapi import FastAPI

from components import public_page
from components.cookie_words import COOKIES
from components.guard import Gate
from models.user import Role
from pages import errors
from pages.public import contacts, home, legal, tariffs
from services import events
from services.authority import Actor
from services.settings import get_settings
from tests.server import ROOT


@pytest.fixture
def store(sqlite_store):
    """Pages are the same on both databases: one is enough."""
    return sqlite_store


@pytest.fixture
async def visitor(committed_db):
    app = FastAPI()
    for module in (legal, contacts, tariffs, errors, home):
        module.register(app)
    public_page._pages.clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Gate(app)), base_url='http://test') as client:
        yield client
    public_page._pages.clear()
    events.unsubscribe(public_page._on_event)


def structured(html):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])['@graph']


async def words(visitor, address):
    """Return what a page says, tags taken out."""
    answer = await visitor.get(address)
    assert answer.status_code == 200, address
    return re.sub(r'<[^>]+>', '|', answer.text)


async def test_search_engines_are_told_every_office_with_its_hours_and_place(visitor):
    told = [
        thing for thing in structured((await visitor.get('/minsk/kontakti/')).text) if thing['@type'] == 'LocalBusiness'
    ]

    assert [office['address']['streetAddress'] for office in told] == [
        'ул. Демонстрационная, 1',
        'пр-т Примерный, 25, пом. 3',
    ]
    assert told[0]['openingHoursSpecification'][1] == {
        '@type': 'OpeningHoursSpecification', 'dayOfWeek': ['Saturday'], 'opens': '10:00', 'closes': '16:00',
    }  # fmt: skip
    assert {office['parentOrganization']['@id'] for office in told} == {f'{get_settings().url}/#organization'}


async def test_search_engines_are_told_who_sells_and_each_price_in_full(visitor):
    company, *sold = structured((await visitor.get('/minsk/tarify/')).text)
    url = get_settings().url
    offers = {one['sku']: one for one in sold}

    assert company['@id'] == f'{url}/#organization'
    assert company['sameAs'] == [address for _name, address in get_settings().social_links] != []
    assert offers['I-100'] == {
        '@type': 'Offer', 'name': 'Комфорт', 'description': offers['I-100']['description'], 'sku': 'I-100',
        'price': '29.90', 'priceCurrency': 'BYN', 'url': f'{url}/minsk/packets-constructor/?internet=I-100',
        'priceSpecification': {
            '@type': 'UnitPriceSpecification', 'price': '29.90', 'priceCurrency': 'BYN', 'unitCode': 'MON',
            'valueAddedTaxIncluded': True,
        },
        'areaServed': {'@type': 'City', 'name': 'Минск'}, 'seller': {'@id': company['@id']},
    }  # fmt: skip
    assert offers['T-BASE']['price'] == '12.90'
    assert offers['T-BASE']['url'] == f'{url}/minsk/packets-constructor/'


@pytest.mark.parametrize(
    ('moment', 'state'),
    [('2026-11-26 12:00', 'Открыто до 20:00'), ('2026-11-26 21:00', 'Закрыто, откроется завтра в 09:00')],
)
async def test_contacts_say_whether_one_may_come_now(visitor, moment, state):
    with time_machine.travel(datetime.fromisoformat(f'{moment}:00+03:00'), tick=False):
        text = await words(visitor, '/minsk/kontakti/')

    assert f'|{state}|' in text


async def test_contacts_are_printed_without_what_holds_for_the_moment(visitor):
    html = (await visitor.get('/minsk/kontakti/')).text

    assert re.search(r'<button[^>]*data-prints>', html)
    assert html.count('<div class="no-print"><dt>Сейчас</dt><dd data-now>') == 2
    assert re.search(r'25, пом. 3</h3>.*<h4>Как пройти</h4>\s*<p class="measure">\w', html, re.DOTALL)
    assert 'Офис: ул. Демонстрационная, 1</h3>' in html


async def test_search_engines_find_an_office_on_the_map(visitor):
    office = structured((await visitor.get('/minsk/kontakti/')).text)[1]

    assert (office['geo']['latitude'], office['geo']['longitude']) == (53.9023, 27.5619)
    assert office['hasMap'].endswith('#map=17/53.9023/27.5619')
    assert office['telephone'] == '+375172828555'


async def test_what_is_read_by_nobody_else_is_not_for_indexes(visitor):
    assert '<meta name="robots" content="noindex">' in (await visitor.get('/nowhere/')).text
    for address in ('/minsk/', '/offer', '/be/minsk/kontakti/'):
        assert 'name="robots"' not in (await visitor.get(address)).text


async def test_every_cookie_and_every_consent_is_told_on_the_privacy_page(visitor):
    html = (await visitor.get('/privacy')).text

    assert html.count('<dt class="timeline__time">') == len(COOKIES)
    for kind in ('consent_application', 'consent_marketing', 'consent_waiting'):
        assert f'<section class="card prose" id="{kind}">' in html


async def test_every_page_is_ready_to_be_shared(visitor):
    for address in ('/minsk/', '/minsk/tarify/', '/minsk/kontakti/', '/offer', '/privacy'):
        told = dict(re.findall(r'<meta property="(og:[\w:]+)" content="([^"]*)">', (await visitor.get(address)).text))

        assert told['og:url'] == f'{get_settings().url}{address}'
        assert told['og:title']
        assert re.fullmatch(rf'{get_settings().url}/assets/img/share\.png\?v=\w+', told['og:image'])
        assert told['og:locale'] == 'ru_BY'
        assert told['og:description']
    for code, locale in (('be', 'be_BY'), ('en', 'en_GB')):
        assert f'content="{locale}"' in (await visitor.get(f'/{code}/minsk/')).text


async def test_the_price_list_names_every_price_of_the_town_and_of_no_other(visitor):
    minsk, soligorsk = [await words(visitor, f'/{town}/tarify/') for town in ('minsk', 'soligorsk')]

    for price in ('29,90', '12,90', '159,00', '4,50', '2,69', '2,95'):
        assert f'|{price}\u00a0р.|' in minsk
    assert '|Максимум|' in minsk
    assert '|500 / 250\u00a0Мбит/с|' in minsk
    assert '500 / 250' not in soligorsk
    assert 'href="/minsk/packets-constructor/?internet=I-100"' in (await visitor.get('/minsk/tarify/')).text


async def test_a_strangers_page_goes_out_packed_and_a_persons_own_does_not(visitor, monkeypatch):
    packed = await visitor.get('/minsk/')
    plain = await visitor.get('/minsk/', headers={'Accept-Encoding': 'gzip;q=0'})
    assert (packed.headers['content-encoding'], plain.headers.get('content-encoding')) == ('gzip', None)
    assert packed.text == plain.text
    assert int(packed.headers['content-length']) < len(plain.content) / 3

    person = Actor(1, 'Анна', Role.SUBSCRIBER, frozenset({Role.SUBSCRIBER}), contract_number='100001', session_hash='x')
    monkeypatch.setattr('services.identity.sessions.resolve', lambda _token: person)
    own = await visitor.get('/minsk/', headers={'Cookie': 'region=minsk; sid=token'})
    assert 'content-encoding' not in own.headers


def test_every_cookie_of_the_code_is_told_in_words():
    told = {name for name, _purpose, _kept in COOKIES}
    sources = [path.read_text('utf-8') for path in (ROOT / 'components').rglob('*.py')]
    named = {name for text in sources for name in re.findall(r"host_bound\('(\w+)'\)", text)}
    named |= {re.search(r"^NAME = '(\w+)'", text, re.MULTILINE)[1] for text in sources if 'host_bound(NAME)' in text}

    assert told == named
