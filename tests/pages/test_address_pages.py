"""The address check, the building base and the waiting list as pages."""

import re

import pytest

from models.application import Waiting
from models.region import Building, Technology
from services.applications import waiting_list
from services.applications.waiting_list import WaitingForm, join
from services.identity import form_tokens
from services.messages.legal_texts import legal_text
from services.runner import with_connection
from tests.factories import make_building

PLANNED = {'street': 'ул. Новая Образцовая', 'house': '2'}


@pytest.fixture
def visitor(someone):
    return someone().http_client


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def sent(page, **fields):
    typed = {'locality': 'Минск', **PLANNED, 'phone': '+375291234567', 'agreed': '1'}
    return {'token': token_of(page), **typed, **fields}


@with_connection
def waiting():
    return [(row.phone, row.address) for row in Waiting.select()]


@with_connection
def house_id(street, house):
    return Building.get((Building.street == street) & (Building.house == house)).id


@with_connection
def put_on_the_list():
    form = WaitingForm(
        'minsk', form_tokens.draw(waiting_list.PURPOSE), 'Минск', **PLANNED, phone='+375291234567', agreed='1'
    )
    join(form, address='192.0.2.9', agent='')


async def test_the_page_asks_and_says_what_there_is(visitor):
    empty = await visitor.get('/minsk/address/')
    assert (empty.status_code, 'value="Минск"' in empty.text) == (200, True)
    found = await visitor.get('/minsk/address/', params={'street': 'учебная', 'house': '3'})
    assert 'Подключаем' in found.text
    assert f'/minsk/packets-constructor/?building={house_id("ул. Учебная", "3")}' in found.text
    assert 'name="agreed"' not in found.text


async def test_without_scripts_the_page_asks_on(visitor):
    several = await visitor.get('/minsk/address/', params={'street': 'образцовая 7'})
    assert 'Такой улицы' in several.text or 'Дома на этой улице' in several.text
    no_house = await visitor.get('/minsk/address/', params={'street': 'учебная', 'house': '99'})
    links = re.findall(r'<a href="(/minsk/address/\?[^"]+house=[^"]+)">', no_house.text)
    assert len(links) == 4
    first = await visitor.get(links[0].replace('&amp;', '&'))
    assert 'ул. Учебная, 1</h2>' in first.text


async def test_a_package_goes_back_to_the_constructor_with_the_house(visitor):
    asked = {'street': 'учебная', 'house': '3', 'package': 'internet=I-50&building=1&x=http://evil.example\r\nA: b'}
    answer = await visitor.get('/minsk/address/', params=asked)

    assert answer.status_code == 303
    place = answer.headers['location']
    assert place == f'/minsk/packets-constructor/?internet=I-50&building={house_id("ул. Учебная", "3")}'


async def test_a_package_stays_here_while_nothing_is_connected_at_the_house(visitor):
    answer = await visitor.get('/minsk/address/', params={**PLANNED, 'package': 'internet=I-50'})

    assert answer.status_code == 200
    assert 'Подключим позже' in answer.text
    assert 'Показать тарифы для этого дома' not in answer.text


async def test_who_waits_is_written_down_and_a_mistake_keeps_what_was_typed(visitor):
    page = (await visitor.get('/minsk/address/', params=PLANNED)).text
    wrong = await visitor.post('/minsk/address/waiting', data=sent(page, name='Нина', agreed=''))
    assert (wrong.status_code, 'Без согласия' in wrong.text, 'value="Нина"' in wrong.text) == (422, True, True)
    assert waiting() == []

    done = await visitor.post('/minsk/address/waiting', data=sent(wrong.text))
    assert (done.status_code, done.headers['location']) == (303, '/minsk/address/noted')
    assert 'Записали вас' in (await visitor.get('/minsk/address/noted')).text
    assert waiting() == [('+375291234567', 'Минск, ул. Новая Образцовая, 2')]


async def test_the_list_is_asked_for_with_a_consent_of_its_own_that_nobody_ticked(visitor):
    page = (await visitor.get('/minsk/address/', params=PLANNED)).text
    box = re.search(r'<input class="check__box"[^>]*name="agreed"[^>]*>', page)[0]

    assert 'checked' not in box
    assert legal_text('consent_waiting').version in page
    assert legal_text('consent_application').version not in page
    caught = await visitor.post('/minsk/address/waiting', data=sent(page, website='http://spam'))
    assert 'что форму отправил человек' in caught.text
    assert waiting() == []


async def test_an_old_form_comes_back_with_a_fresh_token(visitor):
    page = (await visitor.get('/minsk/address/', params=PLANNED)).text
    stale = await visitor.post('/minsk/address/waiting', data=sent(page, token='made up'))
    assert stale.status_code == 409
    assert (await visitor.post('/minsk/address/waiting', data=sent(stale.text))).status_code == 303


async def test_a_beginning_is_answered_with_names(visitor):
    answer = await visitor.get('/minsk/address/suggest', params={'part': 'street', 'text': 'ОБРАЗ'})
    assert answer.json() == {'found': ['ул. Новая Образцовая']}
    assert (await visitor.get('/atlantis/address/suggest')).status_code == 404
    assert (await visitor.get('/atlantis/address/')).status_code == 404


async def test_the_constructor_shows_only_what_is_sold_and_the_form_knows_the_address(visitor):
    number = house_id('пр-т Примерный', '25')
    page = (await visitor.get(f'/minsk/packets-constructor/?building={number}')).text
    assert 'Минск, пр-т Примерный, 25' in page
    assert 'нужна линия «кабель до квартиры»' in page.replace('\xa0', ' ')
    form = (await visitor.get(f'/minsk/packets-constructor/application?building={number}')).text
    for text in ('value="пр-т Примерный"', 'value="25"', f'building={number}'):
        assert text in form


async def test_a_planned_house_offers_the_waiting_list_instead_of_an_application(visitor):
    page = (await visitor.get(f'/minsk/packets-constructor/?building={house_id(**PLANNED)}')).text
    assert 'Подключим позже' in page
    assert 'Оставить заявку' not in page


async def test_an_operator_sees_who_waits_and_marks_him(someone, olga):
    put_on_the_list()
    page = someone(olga)
    await page.open('/operator/waiting')
    await page.should_see('Связались')
    page.find('Связались').click()
    await page.should_see('Отметили')


async def test_an_operator_connects_a_house_and_those_who_wait_are_told(someone, olga):
    put_on_the_list()
    page = someone(olga)
    await page.open('/operator/buildings?search=новая образцовая 2')
    page.find('Изменить').click()
    await page.should_see('В листе ожидания')
    page.find('Свободных портов').clear().type('8')
    page.find('Сохранить').click()
    await page.should_see('Сохранили')


async def test_the_table_is_a_file_of_the_console(someone, olga, anna):
    answer = await someone(olga).http_client.get('/operator/buildings.csv', params={'search': 'учебная'})
    assert answer.headers['content-type'].startswith('text/csv')
    assert answer.text.count('ул. Учебная') == 4
    assert (await someone(anna).http_client.get('/operator/buildings.csv')).status_code == 303


async def test_a_package_of_many_parts_is_still_a_package_and_no_longer(visitor):
    asked = {'street': 'учебная', 'house': '3', 'package': '&'.join(f'addons=x{number}' for number in range(300))}

    answer = await visitor.get('/minsk/address/', params=asked)

    assert answer.status_code == 303
    assert answer.headers['location'].count('addons=') == 20
    long = await visitor.get('/minsk/address/', params={'street': 'учебная', 'package': f'promo={"я" * 41}&tv=none'})
    assert 'value="tv=none"' in long.text
    assert 'promo' not in long.text.partition('<main')[2]


async def test_the_card_of_a_house_stays_in_the_language(visitor):
    page = (await visitor.get(f'/be/minsk/packets-constructor/?building={house_id(**PLANNED)}')).text

    assert 'href="/be/minsk/address/?town=' in page
    assert 'href="/minsk/packets-constructor/' not in page.partition('<main')[2].partition('<footer')[0]
    assert 'href="/minsk/address/' not in page


@with_connection
def dish_only():
    return make_building('77', technologies=[Technology.SATELLITE]).id


async def test_a_house_nothing_fits_is_not_dropped_in_silence(visitor):
    page = (await visitor.get(f'/minsk/packets-constructor/?internet=I-100&building={dish_only()}')).text

    assert 'Минск, ул. Пробная, 77' in page
    assert 'Линия здесь — «спутниковая антенна»' in page
    assert re.search(r'Позвоните[^<]*<a href="tel:\+375172828555"', page)
    assert 'Найти дом' in page
    assert 'Пробная' not in (await visitor.get('/minsk/packets-constructor/')).text


async def test_nobody_is_told_he_was_written_down_who_was_not(visitor):
    """A mistake is answered at the address of the form; a restored tab asks for it by GET."""
    answer = await visitor.get('/be/minsk/address/waiting')

    assert (answer.status_code, answer.headers['location']) == (303, '/be/minsk/address/')
