"""The static site: what a stranger reads, what is remembered of him, and what may be kept by caches."""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import httpx
import pytest
from fastapi import FastAPI

from components import public_page
from components.guard import Gate
from models.catalogue import Tariff
from models.user import Role
from pages import errors
from pages.demo import mailbox as mailbox_page
from pages.public import contacts, for_robots, home, legal, regions, tariffs
from services import events
from services.authority import Actor
from services.demo import mailbox
from services.messages.legal_texts import LegalKind, legal_text
from services.runner import call
from services.settings import get_settings

TOWNS = ('minsk', 'zaslavl', 'borisov', 'molodechno', 'soligorsk')


@pytest.fixture
def store(sqlite_store):
    """Pages are the same on both databases: one is enough."""
    return sqlite_store


@pytest.fixture
async def visitor(committed_db):
    app = FastAPI()
    for module in (legal, regions, for_robots, contacts, tariffs, mailbox_page, errors, home):
        module.register(app)
    public_page.install()
    public_page._pages.clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Gate(app)), base_url='http://test') as client:
        yield client
    public_page._pages.clear()
    events.unsubscribe(public_page._on_event)


class Reader(HTMLParser):
    """Read a page as people do: text nodes, links with their words, headings."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.links, self.stack, self.headings = [], {}, [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.stack.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        text = data.strip()
        if not text:
            return
        self.texts.append(text)
        for tag, attributes in self.stack:
            if tag == 'a':
                self.links[text] = attributes
            if tag == 'h1':
                self.headings.append(text)


def structured(html):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])['@graph']


async def read(visitor, address):
    answer = await visitor.get(address)
    assert answer.status_code == 200, address
    return Reader(answer.text)


async def test_the_entrance_leads_to_the_default_town_or_the_remembered_one(visitor):
    assert (await visitor.get('/')).headers['location'] == '/minsk/'

    await visitor.get('/borisov/')

    assert (await visitor.get('/')).headers['location'] == '/borisov/'


@pytest.mark.parametrize('cookie', ['nowhere', '..%2F..%2Fevil', 'x' * 5000, '"><script>'])
async def test_a_strange_cookie_is_the_default_town(visitor, cookie):
    answer = await visitor.get('/', headers={'Cookie': f'region={cookie}'})

    assert answer.headers['location'] == '/minsk/'
    assert (await visitor.get('/offer', headers={'Cookie': f'region={cookie}'})).status_code == 200
    assert not [slug for _path, slug, _language in public_page._pages if slug not in TOWNS]


async def test_a_town_is_remembered_for_a_year_and_only_when_it_is_another_one(visitor):
    first = await visitor.get('/minsk/')
    again = await visitor.get('/minsk/kontakti/')
    other = await visitor.get('/borisov/')

    cookie = first.headers['set-cookie']
    assert 'region=minsk' in cookie
    assert 'Max-Age=31536000' in cookie
    assert 'SameSite=lax' in cookie
    assert 'set-cookie' not in again.headers
    assert 'region=borisov' in other.headers['set-cookie']


async def test_an_answer_with_a_cookie_is_kept_by_nobody_and_the_next_one_may_be(visitor):
    first = await visitor.get('/minsk/')
    again = await visitor.get('/minsk/')

    assert first.headers['cache-control'] == 'private, no-cache'
    assert again.headers['cache-control'] == 'public, max-age=60'
    assert again.headers['vary'] == 'Cookie, Accept-Encoding'


@pytest.mark.parametrize('town', TOWNS)
@pytest.mark.parametrize('path', ['', 'kontakti/', 'tarify/'])
async def test_every_town_has_its_pages_with_the_facts_of_the_frame(visitor, town, path):
    html = (await visitor.get(f'/{town}/{path}')).text
    page = Reader(html)

    assert html.count('role="banner"') == 1
    assert page.links['Подключиться']['href'] == f'/{town}/packets-constructor/'
    assert page.links['Личный кабинет']['href'] == '/my/index'
    assert page.links['Подключиться']['class'].split()[1] == 'button--green'
    assert page.links['Личный кабинет']['class'].split()[1] == 'button--red'
    assert re.search(r'<button[^>]*data-opens="regions".*?</button>', html)
    assert f'<link rel="canonical" href="{get_settings().url}/{town}/{path}">' in html
    assert re.search(r'<meta name="description" content="[^"]{40,200}">', html)
    assert len(page.headings) == 1
    # The switch keeps the page.
    assert f'href="/{TOWNS[-1]}/{path}"' in html


async def test_a_price_is_one_text_node_and_leads_to_its_package(visitor):
    page = await read(visitor, '/minsk/')

    for price in ('29,90', '22,90', '36,90', '49,90', '12,90'):
        assert f'{price}\u00a0р.' in page.texts
    assert {link['href'] for words, link in page.links.items() if words == 'Выбрать'}
    assert '/minsk/packets-constructor/?internet=I-100' in (await visitor.get('/minsk/')).text


async def test_a_town_shows_only_what_is_sold_there(visitor):
    minsk, soligorsk = [(await visitor.get(f'/{town}/')).text for town in ('minsk', 'soligorsk')]

    assert 'internet=I-500' in minsk
    assert 'internet=I-500' not in soligorsk
    assert 'internet=I-100' in soligorsk


async def test_what_search_engines_are_told_is_what_people_read(visitor):
    html = (await visitor.get('/minsk/')).text
    told = structured(html)

    company = next(thing for thing in told if thing['@type'] == 'Organization')
    assert {one['sku']: one['price'] for one in told if one['@type'] == 'Offer'}['I-100'] == '29.90'
    assert company['telephone'] == '+375172828555'


@pytest.mark.parametrize(
    'address',
    ['/nowhere', '/nowhere/', '/nowhere/kontakti/', '/nowhere/kontakti', '/MINSK/', '/minsk/nowhere', '/minsk%00/'],
)
async def test_an_unknown_address_is_a_russian_page_with_a_way_home(visitor, address):
    answer = await visitor.get(address)

    assert answer.status_code == 404
    assert Reader(answer.text).headings == ['Страница не найдена']
    assert Reader(answer.text).links['На главную']['href'] == '/minsk/'
    assert 'set-cookie' not in answer.headers


@pytest.mark.parametrize(('typed', 'right'), [('/minsk', '/minsk/'), ('/minsk/kontakti', '/minsk/kontakti/')])
async def test_a_forgotten_slash_is_forgiven(visitor, typed, right):
    assert (await visitor.get(typed)).headers['location'] == right


async def test_contacts_tell_every_way_to_reach_us(visitor):
    html = (await visitor.get('/minsk/kontakti/')).text
    page = Reader(html)

    assert page.links['+375\u00a017\u00a0282-85-55']['href'] == 'tel:+375172828555'
    assert page.links['info@amigo.by']['href'] == 'mailto:info@amigo.by'
    assert page.links['Telegram']['href'].startswith('https://')
    assert 'Филиал: пр-т Примерный, 25, пом. 3' in ' '.join(' '.join(page.texts).split())
    assert 'https://www.openstreetmap.org/?mlat=53.9023&amp;mlon=27.5619#map=17/53.9023/27.5619' in html
    assert re.search(
        r'<img class="office__scheme" src="/assets/schemes/minsk-1.svg\?v=\w+"[^>]* alt="Схема проезда', html
    )


async def test_a_changed_price_is_seen_at_once_and_the_page_is_drawn_once_till_then(visitor, monkeypatch):
    drawn, render = [], public_page.render
    monkeypatch.setattr(public_page, 'render', lambda *names, **facts: drawn.append(names) or render(*names, **facts))

    def raise_the_price():
        Tariff.update(monthly_fee=Decimal('31.90')).where(Tariff.code == 'I-100').execute()
        events.record(events.CatalogueChanged())

    assert '29,90' in (await visitor.get('/minsk/')).text
    await visitor.get('/minsk/')
    assert len(drawn) == 1

    await call(raise_the_price)
    assert '31,90' in (await visitor.get('/minsk/')).text


async def test_a_signed_in_person_gets_his_own_header_and_no_cache_keeps_it(visitor, monkeypatch):
    roles = frozenset({Role.SUBSCRIBER})
    person = Actor(1, 'Анна', Role.SUBSCRIBER, roles, contract_number='100001', session_hash='x', theme='dark')
    await visitor.get('/minsk/')
    monkeypatch.setattr('services.identity.sessions.resolve', lambda _token: person)

    answer = await visitor.get('/minsk/', headers={'Cookie': 'region=minsk; sid=token'})
    stranger = await visitor.get('/minsk/')

    assert 'Анна' in answer.text
    assert answer.headers['cache-control'] == 'no-store'
    assert 'Анна' not in stranger.text


async def test_the_list_of_towns_keeps_the_page_and_nothing_else(visitor):
    page = await read(visitor, '/regions?next=kontakti/')
    assert page.links['Борисов']['href'] == '/borisov/kontakti/'

    for hostile in ('//evil.example/', 'https://evil.example', 'kontakti/../../my', '"><script>', 'x' * 10_000):
        answer = await visitor.get('/regions', params={'next': hostile})
        assert Reader(answer.text).links['Борисов']['href'] == '/borisov/'
        assert 'evil' not in answer.text


@pytest.mark.parametrize(('address', 'kind'), [('/offer', LegalKind.OFFER), ('/privacy', LegalKind.PRIVACY)])
async def test_legal_texts_show_version_and_date(visitor, address, kind):
    html = (await visitor.get(address)).text

    assert f'Редакция {legal_text(kind).version} от {legal_text(kind).day:%d.%m.%Y}' in html
    assert str(legal_text(kind).html) in html
    assert 'Это образец' in html


async def test_consents_stand_on_the_privacy_page_under_their_anchors(visitor):
    html = (await visitor.get('/privacy')).text

    assert 'id="consent_application"' in html
    assert 'id="consent_marketing"' in html


async def test_robots_and_the_map_name_public_pages_only(visitor):
    robots = (await visitor.get('/robots.txt')).text
    site_map = await visitor.get('/sitemap.xml')
    places = [place.text for place in ET.fromstring(site_map.text).iter() if place.tag.endswith('loc')]

    for closed in ('my', 'operator', 'field', 'application', 'api', 'demo'):
        assert f'\nDisallow: /{closed}/\n' in robots
    assert f'Sitemap: {get_settings().url}/sitemap.xml' in robots
    assert len(places) == len(TOWNS) * 5 * 3 + 2
    assert f'{get_settings().url}/minsk/kontakti/' in places
    assert not [place for place in places if '/my/' in place]


async def test_the_mailbox_shows_the_newest_first_and_links_only_to_us(visitor, tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, '_folder', lambda: tmp_path / 'mailbox')
    url = get_settings().url
    mailbox.keep('email', 'anna@example.by', 'Первое', f'Ссылка: {url}/my/recovery/confirm#abc_1.')
    mailbox.keep('sms', '+375291234567', '', '<script>alert(1)</script> https://evil.example/x')

    html = (await visitor.get('/demo/mailbox')).text

    assert html.index('evil.example') < html.index('Первое')
    assert f'<a href="{url}/my/recovery/confirm#abc_1">' in html
    assert '<a href="https://evil' not in html
    assert '<script>alert' not in html


async def test_outside_the_demo_there_is_no_mailbox(visitor, monkeypatch):
    monkeypatch.setattr(mailbox_page, 'get_settings', lambda: SimpleNamespace(demo=False))

    assert (await visitor.get('/demo/mailbox')).status_code == 404


def test_the_mailbox_keeps_the_last_letters_only(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, '_folder', lambda: tmp_path / 'mailbox')
    monkeypatch.setattr(mailbox, 'MOST', 3)
    for number in range(5):
        mailbox.keep('email', 'a@example.by', f'Письмо {number}', 'Текст')

    assert [letter.subject for letter in mailbox.kept()] == ['Письмо 4', 'Письмо 3', 'Письмо 2']
    assert (tmp_path / 'mailbox').stat().st_mode & 0o077 == 0
