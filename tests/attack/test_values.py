"""SECURITY §4.1: values no browser of ours sends, other people's rows, the same click many times, borrowed addresses."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.attack.intruder import Browser

QUOTE = '/my/tariff?to=I-200&when=now'
ANYTHING = ({'a': 1}, ['x'], 7, -1, True, None, 1e308, '', ' ', '\x00', 'я' * 30_000)


def balance(browser):
    return int(re.search(r'data-balance="(-?\d+)"', browser.get('/my/index').text)[1])


def hidden(html, name):
    return re.search(rf'name="{name}" value="([^"]+)"', html)[1]


@pytest.fixture
def anna(browse):
    return browse('100001')


@pytest.fixture
def said(anna):
    """Return what stands in Anna's talk."""
    return lambda: [
        re.sub(r'<[^>]*>', '', shown).strip()
        for element in anna.open('/my/chat').elements.values()
        if 'bubble' in (shown := str(element.get('props', {}).get('innerHTML', '')))
    ]


def test_p3_a_field_keeps_no_value_a_browser_could_not_send(anna, said, attack):
    page = anna.open('/my/chat')
    before = said()
    with page.socket() as socket:
        assert socket.is_in
        for value in ANYTHING:
            socket.emit('event', page.event('Сообщение', 'update:value', args=json.dumps(value)))
            socket.emit('event', page.event('Отправить'))
        socket.hear(1)
    attack.tried(len(ANYTHING))

    assert said() == before


@pytest.mark.parametrize('form', ['/my/tariff', '/my/suspension', '/my/suspension/resume'])
def test_p4_a_quote_of_somebody_else_is_not_executed(anna, browse, form, attack):
    number = hidden(anna.get(QUOTE).text, 'quote_id')
    boris, before = browse('100002'), balance(anna)
    for quote_id in (number, str(int(number) - 1), '1', '0', '-1', '999999999', '1 OR 1=1'):
        boris.post(form, data={'quote_id': quote_id, 'form_key': f'stolen-{form}-{quote_id}'})
    attack.tried(7)

    assert balance(anna) == before
    assert '-1240' in boris.get('/my/index').text


def test_p4_a_session_of_somebody_else_is_not_ended(anna, browse, attack):
    boris = browse('100002')
    for number in range(1, 60):
        boris.post('/auth/sessions/end', data={'session': str(number)})
    attack.tried(59)

    assert 'data-balance' in anna.get('/my/index').text


def test_p5_twenty_clicks_at_once_are_one(browse, attack):
    vera = browse('100003')
    html = vera.get('/my/suspension?resume=1').text
    form = {'quote_id': hidden(html, 'quote_id'), 'form_key': hidden(html, 'form_key')}
    operations = vera.get('/my/history.csv').text.count('\n')
    cookies = dict(vera.cookies)

    def click(_):
        with Browser(vera.origin, cookies=cookies) as browser:
            return browser.post('/my/suspension/resume', data=form).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(click, range(20)))
    attack.tried(20)

    assert answers == {303}
    booked = vera.get('/my/history.csv').text
    assert booked.count('\n') - operations == 1
    assert 'Возврат из приостановки' in booked


def test_p14_an_address_nobody_vouches_for_is_not_written_down(browse, attack):
    headers = {
        'X-Forwarded-For': '6.6.6.6',
        'X-Real-IP': '6.6.6.6',
        'Forwarded': 'for=6.6.6.6',
        'X-Client-IP': '6.6.6.6',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'evil.example',
    }
    anna = browse('100001', headers=headers)
    attack.tried(len(headers))

    shown = anna.get('/my/security').text
    assert '127.0.0.1' in shown
    assert '6.6.6.6' not in shown
    assert 'evil.example' not in shown


def test_p15_no_page_is_opened_past_the_door(anna, attack):
    page = anna.open('/my/index')
    with page.socket() as socket:
        for path in ('/operator/', '/field/', '/operator/subscribers/100002'):
            socket.emit('sub_pages_open', path)
            socket.emit('sub_pages_navigate', path)
            socket.emit(
                'event', {'id': 0, 'client_id': page.client_id, 'listener_id': 'sub_pages_open', 'args': [path]}
            )
        heard = ' '.join(socket.hear(1))
    attack.tried(9)

    assert 'Образцов' not in heard
    assert 'Абоненты' not in heard
    assert not any('sub_pages' in path.read_text(encoding='utf-8') for path in Path('pages').rglob('*.py'))
