"""No secret stands in an address (ASVS 14.2.1): the one a letter brings is taken out by the first answer."""

import re
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.attack.applying import DIGITS, apply

ASKED_IN_ADDRESSES = {
    'about', 'add', 'amount', 'back', 'before', 'buy', 'cancelled', 'card', 'changed', 'contract', 'csv', 'day', 'days', 'done', 'drop', 'ended',
    'kind', 'last_day', 'line', 'month', 'next', 'number', 'operation', 'p', 'page', 'part', 'pdf', 'problem', 'purpose', 'remove', 'resume', 'search', 'sent',
    'show', 'since', 'starts_on', 'state', 'step', 'street', 'subject', 'table', 'take', 'text', 'theme', 'to', 'town', 'uid', 'until', 'way', 'week', 'what',
    'when',
    'who',
}  # fmt: skip
"""What an address of ours may carry behind the question mark: numbers, dates, words of our own; «Кто» of the audit
log, an employee's login; words looked for in one's own history or among debts; a street somebody looks for. No papers,
no phone, no key."""


@pytest.fixture(scope='module')
def sent(server):
    browser, answer = apply(server.url)
    page = browser.get(answer.headers['location'])
    link = re.search(r'<p class="tracker-link">(http[^<]+)</p>', page.text)[1]
    return browser, answer.headers['location'], link


@pytest.fixture(scope='module')
def link(sent):
    return sent[2]


@pytest.fixture(scope='module')
def key(link):
    return link.rpartition('/')[2]


def test_the_key_of_an_application_is_exchanged_for_a_cookie_no_script_reads(link, key):
    answer = httpx.get(link)

    assert (answer.status_code, answer.headers['cache-control']) == (303, 'no-store')
    assert re.fullmatch(r'/application/\d{6}', answer.headers['location'])
    cookie = answer.headers['set-cookie']
    assert cookie.startswith(f'tracker={key};')
    assert 'HttpOnly' in cookie
    assert 'SameSite=lax' in cookie


def test_a_browser_shows_and_sends_no_address_with_the_key(chromium, server, link, key):
    context = chromium.new_context(locale='ru-RU')
    page, asked = context.new_page(), []
    page.on('request', lambda request: asked.append((request.url, request.headers.get('referer', ''))))

    page.goto(link)
    bar = [page.url]
    page.get_by_label('Последние 4 цифры телефона').fill(DIGITS)
    page.get_by_role('button', name='Показать заявку').click()
    expect(page.get_by_text('Здравствуйте, Мария.')).to_be_visible()
    bar.append(page.url)
    with page.expect_response('**/state'):
        page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    page.get_by_role('link', name='Личный кабинет').first.click()
    page.wait_for_load_state('networkidle')

    with_key = [url for url, referer in asked if key in url or key in referer]
    assert with_key == [link], 'the link of the letter itself, and nothing after it'
    assert [url for url in bar if not re.fullmatch(rf'{server.url}/application/\d{{6}}', url)] == []
    assert key not in page.evaluate('document.cookie')
    context.close()


def test_whoever_has_just_applied_sees_no_address_with_the_key(sent, key):
    browser, confirmed, _link = sent
    page = browser.get(confirmed)

    assert re.fullmatch(r'/application/\d{6}/sent', confirmed)
    assert [href for href in re.findall(r'(?:href|src|action)="([^"]*)"', page.text) if key in href] == []
    assert browser.get(confirmed.removesuffix('/sent')).status_code == 200


def test_a_number_alone_opens_nothing_and_tells_nothing(sent, server):
    _browser, confirmed, _link = sent
    number = confirmed.split('/')[2]
    answers = [httpx.get(f'{server.url}/application/{asked}') for asked in (number, '999999')]
    others = {'Cookie': 'tracker=made-up'}

    assert [answer.status_code for answer in answers] == [404, 404]
    told = [re.sub(r'/application/\d+|\d{6}', '', answer.text) for answer in answers]
    assert told[0] == told[1]
    for tail in ('', '/sent', '/state'):
        assert httpx.get(f'{server.url}/application/{number}{tail}', headers=others).status_code == 404
    assert httpx.post(f'{server.url}/application/{number}', data={'code': DIGITS}, headers=others).status_code == 404


def test_the_key_of_one_application_opens_no_other(sent, server):
    stranger, confirmed = apply(server.url)
    number = sent[1].split('/')[2]

    assert stranger.get(f'/application/{number}').status_code == 404
    assert stranger.post(f'/application/{number}', data={'code': DIGITS}).status_code == 404
    assert stranger.get(confirmed.headers['location']).status_code == 200


def test_a_wrong_digit_shows_the_form_again_and_the_right_ones_open_it(link):
    with httpx.Client(follow_redirects=True) as browser:
        here = str(browser.get(link).url)
        assert browser.post(here, data={'code': '0000'}).status_code == 422
        opened = browser.post(here, data={'code': DIGITS})
        again = browser.get(link)

    assert 'Здравствуйте, Мария.' in opened.text
    assert 'Здравствуйте, Мария.' in again.text, 'the letter opened once more within two hours asks for no digits'
    assert urlsplit(str(again.url)).path == urlsplit(here).path


def test_no_line_of_the_log_has_the_key(server, link, key):
    httpx.get(link, follow_redirects=True)
    httpx.get(f'{link}x')
    httpx.post(link, data={'code': '0000'})

    assert key not in server.log.read_text(encoding='utf-8')


def test_no_address_asks_for_papers_phones_or_keys(server):
    routes = httpx.get(f'{server.url}/probe/routes').json()

    asked = {name for route in routes for name in route['query']}
    assert asked - ASKED_IN_ADDRESSES == set()


def test_what_stands_in_the_address_of_the_search_is_not_looked_for(browse, server):
    olga = browse('olga')

    plain, asked = (olga.open(f'/operator/subscribers{tail}') for tail in ('', '?search=100001'))

    props = [element.get('props', {}) for element in asked.elements.values()]
    assert [found['value'] for found in props if 'data-search' in found] == ['']
    assert asked.html.count('data-row') == plain.html.count('data-row') > 1
