"""The site in three languages: addresses of its own, what is told to indexes, and what is remembered of a choice."""

import json
import re
from html import unescape

import httpx
import pytest
from fastapi import FastAPI

from components import public_page
from components.guard import Gate
from components.templating import ASSETS
from pages import errors
from pages.public import contacts, for_robots, home, language, legal, regions, tariffs
from services import events
from services.i18n import translate
from services.messages.legal_texts import LegalKind, legal_text
from services.runner import with_connection
from services.settings import get_settings
from tests import catalogues
from tests.catalogues import OTHERS

HEADINGS = {
    '/minsk/': ('ru', 'Интернет и телевидение'),
    '/be/minsk/': ('be', 'Інтэрнэт і ТБ'),
    '/en/minsk/': ('en', 'Internet and television'),
    '/minsk/kontakti/': ('ru', 'Контакты'),
    '/be/minsk/kontakti/': ('be', 'Кантакты'),
    '/en/minsk/kontakti/': ('en', 'Contacts'),
}


@pytest.fixture
def store(sqlite_store):
    """Pages are the same on both databases: one is enough."""
    return sqlite_store


@pytest.fixture
async def visitor(committed_db):
    app = FastAPI()
    for module in (legal, regions, language, for_robots, contacts, errors, home, tariffs):
        module.register(app)
    public_page.install()
    public_page._pages.clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Gate(app)), base_url='http://test') as client:
        yield client
    public_page._pages.clear()
    events.unsubscribe(public_page._on_event)


@pytest.mark.parametrize(('path', 'expected'), HEADINGS.items())
async def test_a_page_of_a_town_has_an_address_in_each_language(visitor, path, expected):
    answer = await visitor.get(path)

    code, heading = expected
    assert answer.status_code == 200
    assert f'<html lang="{code}"' in answer.text
    assert re.search(rf'<h1[^>]*>{heading}', answer.text.replace('\xa0', ' '))


@pytest.mark.parametrize('path', ['minsk/', 'minsk/tarify/', 'minsk/kontakti/'])
@pytest.mark.parametrize('code', OTHERS)
async def test_what_is_sold_and_where_is_named_in_the_language_of_the_page(visitor, code, path):
    html = unescape((await visitor.get(f'/{code}/{path}')).text)
    html = re.sub(r'\\u([0-9a-f]{4})', lambda letter: chr(int(letter[1], 16)), html)  # what search engines are told
    html = html.replace(get_settings().company_address, '')

    russian = [text for text in with_connection(catalogues.of_database)() if translate(code, text) != text]
    assert len(russian) > 50
    assert [text for text in russian if re.search(rf'(?<!\w){re.escape(text)}(?!\w)', html)] == []


@pytest.mark.parametrize(('prefix', 'code'), [('', 'ru'), ('/be', 'be'), ('/en', 'en')])
async def test_indexes_learn_of_the_other_languages(visitor, prefix, code):
    html = (await visitor.get(f'{prefix}/minsk/kontakti/')).text

    url = get_settings().url
    assert f'<link rel="canonical" href="{url}{prefix}/minsk/kontakti/">' in html
    for other, before in (('ru', ''), ('be', '/be'), ('en', '/en'), ('x-default', '')):
        assert f'<link rel="alternate" hreflang="{other}" href="{url}{before}/minsk/kontakti/">' in html
    assert code in html


async def test_the_map_lists_each_language_once(visitor):
    text = (await visitor.get('/sitemap.xml')).text

    url = get_settings().url
    assert text.count(f'<loc>{url}/be/minsk/kontakti/</loc>') == 1
    assert text.count(f'<xhtml:link rel="alternate" hreflang="be" href="{url}/be/minsk/kontakti/"/>') == 3


async def test_links_of_a_page_stay_in_its_language(visitor):
    html = (await visitor.get('/be/minsk/')).text

    assert 'href="/be/minsk/kontakti/"' in html
    assert 'href="/be/borisov/"' in html
    assert 'href="/en/minsk/"' in html
    assert '<a href="/minsk/" lang="ru" hreflang="ru">Русский</a>' in html
    assert '<a href="/be/minsk/" lang="be" hreflang="be" aria-current="true">Беларуская</a>' in html
    assert 'href="/en/minsk/kontakti/" lang="en"' in (await visitor.get('/be/minsk/kontakti/')).text


async def test_a_page_kept_in_memory_is_kept_for_its_language(visitor):
    for path, code in (('/minsk/', 'ru'), ('/en/minsk/', 'en'), ('/minsk/', 'ru')):
        assert f'<html lang="{code}"' in (await visitor.get(path)).text


async def test_a_language_is_remembered_and_taken_back(visitor):
    first = await visitor.get('/be/minsk/')
    offer = await visitor.get('/offer')
    entrance = await visitor.get('/')
    back = await visitor.get('/minsk/')
    again = await visitor.get('/offer')

    assert 'language=be' in first.headers['set-cookie']
    assert first.headers['cache-control'] == 'private, no-cache'
    assert '<html lang="be"' in offer.text
    assert entrance.headers['location'] == '/be/minsk/'
    assert 'language=ru' in back.headers['set-cookie']
    assert '<html lang="ru"' in again.text


async def test_the_cookie_of_a_language_is_kept_for_a_year_out_of_reach_of_scripts(visitor):
    await visitor.get('/minsk/')  # the town is remembered by now
    first, again, lost = [await visitor.get(path) for path in ('/be/minsk/', '/be/minsk/', '/en/nowhere/')]

    assert first.headers['set-cookie'] == 'language=be; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax'
    assert first.headers['cache-control'] == 'private, no-cache'
    assert 'set-cookie' not in again.headers
    assert again.headers['cache-control'] == 'public, max-age=60'
    assert (lost.status_code, 'set-cookie' in lost.headers) == (404, False)


async def test_an_address_without_its_slash_keeps_its_language_for_good(visitor):
    await visitor.get('/be/minsk/')

    assert (await visitor.get('/minsk')).headers['location'] == '/minsk/'
    assert (await visitor.get('/en/minsk')).headers['location'] == '/en/minsk/'
    assert (await visitor.get('/be/minsk/kontakti')).headers['location'] == '/be/minsk/kontakti/'


async def test_what_a_page_asks_for_by_itself_changes_no_choice(visitor):
    await visitor.get('/be/minsk/')

    answer = await visitor.get('/minsk/kontakti/', headers={'Sec-Fetch-Dest': 'empty'})

    assert 'language=' not in answer.headers.get('set-cookie', '')


async def test_a_stranger_without_a_choice_gets_no_cookie_of_it(visitor):
    answer = await visitor.get('/minsk/')

    assert 'language=' not in answer.headers.get('set-cookie', '')


async def test_a_browser_that_asks_for_belarusian_gets_it_at_the_door(visitor):
    entrance = await visitor.get('/', headers={'Accept-Language': 'be-BY,be;q=0.9,ru;q=0.8'})
    offer = await visitor.get('/offer', headers={'Accept-Language': 'be'})

    assert entrance.headers['location'] == '/be/minsk/'
    assert '<html lang="be"' in offer.text
    assert offer.headers['vary'] == 'Cookie, Accept-Encoding, Accept-Language'


async def test_pages_without_addresses_of_their_own_are_switched_by_a_form(visitor):
    html = (await visitor.get('/offer')).text
    assert '<input type="hidden" name="next" value="/offer">' in html
    chosen = await visitor.post('/language', data={'language': 'en', 'next': '/offer'})
    offer = await visitor.get('/offer')

    assert '<form method="post" action="/language">' in html
    assert (chosen.status_code, chosen.headers['location']) == (303, '/offer')
    assert '<html lang="en"' in offer.text
    assert 'Hotline' in offer.text


@pytest.mark.parametrize(
    'wanted', ['//evil.example/', 'https://evil.example', '/\\evil.example', '/x?y', '', '/a' * 600]
)
async def test_a_choice_leads_nowhere_else(visitor, wanted):
    answer = await visitor.post('/language', data={'language': 'be', 'next': wanted})

    assert answer.headers['location'] == '/'


async def test_an_unknown_language_changes_nothing(visitor):
    answer = await visitor.post('/language', data={'language': '../xx', 'next': '/offer'})

    assert 'set-cookie' not in answer.headers
    assert (await visitor.get('/be/my/')).status_code == 404
    assert (await visitor.get('/de/minsk/')).status_code == 404


async def test_a_page_that_is_not_there_says_so_in_the_language_of_its_address(visitor):
    answer = await visitor.get('/en/nowhere/')

    assert answer.status_code == 404
    assert 'Page not found' in answer.text


@pytest.mark.parametrize(('language', 'note'), [('be', 'Гэта пераклад'), ('en', 'This is a translation'), ('ru', '')])
@pytest.mark.parametrize(('address', 'kind'), [('/offer', LegalKind.OFFER), ('/privacy', LegalKind.PRIVACY)])
async def test_legal_texts_are_read_in_ones_own_language(visitor, address, kind, language, note):
    await visitor.post('/language', data={'language': language, 'next': address})

    html = (await visitor.get(address)).text

    assert str(legal_text(kind, language).html) in html
    assert note in html
    assert ('Это перевод' in html) is False


async def test_consents_below_the_privacy_notice_are_in_its_language(visitor):
    await visitor.post('/language', data={'language': 'en', 'next': '/privacy'})

    html = (await visitor.get('/privacy')).text

    for kind in (LegalKind.CONSENT_APPLICATION, LegalKind.CONSENT_MARKETING, LegalKind.CONSENT_WAITING):
        assert str(legal_text(kind, 'en').html) in html


@pytest.mark.parametrize(('prefix', 'folder'), [('', ''), ('/be', 'be/'), ('/en', 'en/')])
async def test_the_drawn_way_to_an_office_speaks_the_language_of_the_page(visitor, prefix, folder):
    html = (await visitor.get(f'{prefix}/minsk/kontakti/')).text

    assert f'src="/assets/schemes/{folder}minsk-1.svg?v=' in html


@pytest.mark.parametrize('language', ['be', 'en'])
def test_every_drawn_way_is_there_in_every_language(language):
    drawn = {file.name: file.read_text() for file in (ASSETS / 'schemes').glob('*.svg')}
    told = {file.name: file.read_text() for file in (ASSETS / 'schemes' / language).glob('*.svg')}

    assert told.keys() == drawn.keys()
    for name, text in told.items():
        assert 'минут' not in text, name
        assert re.findall(r' d="[^"]*"', text) == re.findall(r' d="[^"]*"', drawn[name]), name


@pytest.mark.parametrize('prefix', ['', '/be', '/en'])
async def test_search_engines_are_led_to_the_page_in_the_same_language(visitor, prefix):
    url = get_settings().url
    for page, wanted in (('', 'packets-constructor'), ('tarify/', 'packets-constructor'), ('kontakti/', 'kontakti')):
        html = (await visitor.get(f'{prefix}/minsk/{page}')).text
        told = json.loads(re.search(r'application/ld\+json">(.*?)</script>', html)[1])['@graph']
        leads = {thing['url'].partition('?')[0] for thing in told if thing['@type'] in {'Offer', 'LocalBusiness'}}
        assert leads == {f'{url}{prefix}/minsk/{wanted}/'}
