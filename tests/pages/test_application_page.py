"""The application form before any script: what it promises, and the picture nobody sees until something looks odd."""

import html
import re
from dataclasses import dataclass

import pytest

from models.application import Application
from services.runner import with_connection
from services.settings import get_settings

PATH = '/minsk/packets-constructor/application'
ORIGIN = {'Origin': 'http://test'}
TYPED = {
    'last_name': 'Лесная', 'first_name': 'Мария', 'phone': '+375 29 100-03-01', 'email': 'maria@example.by',
    'locality': 'Минск', 'street': 'ул. Учебная', 'house': '4', 'flat': '7',
}  # fmt: skip


@dataclass
class Form:
    visitor: object
    fields: dict

    async def send(self, **typed):
        return await self.visitor.http_client.post(PATH, data={**self.fields, **TYPED, **typed}, headers=ORIGIN)


async def opened(visitor, query='internet=I-50&promo=DOM50'):
    page = (await visitor.http_client.get(f'{PATH}?{query}')).text
    return page, Form(visitor, hidden(page))


def hidden(page):
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    }


@with_connection
def taken():
    return Application.select().count()


async def test_the_form_promises_the_sum_and_the_day_until_which_it_holds(someone):
    page, _form = await opened(someone())
    text = html.unescape(re.sub(r'<[^>]+>', ' ', page)).replace('\xa0', ' ')

    assert re.search(r'Закрепим за вами до \d+ \w+: 22,90 р\. в месяц, 7,50 р\. за подключение', text)
    months, _form = await opened(someone(), 'internet=I-100&promo=OSEN3')
    assert ': 20,93 р. в месяц, с 4-го месяца 29,90 р.' in months.replace('\xa0', ' ')


async def test_consents_are_separate_and_unticked(someone):
    page, _form = await opened(someone())
    boxes = re.findall(r'<input class="check__box"[^>]*>', page)
    assert [re.search(r'name="(\w+)"', box)[1] for box in boxes] == ['marketing']
    assert not [box for box in boxes if 'checked' in box]


async def test_a_person_sees_no_picture_and_a_program_does(someone):
    visitor = someone()
    page, form = await opened(visitor)
    assert 'captcha' not in page

    caught = await form.send(website='http://spam')
    assert caught.status_code == 422
    assert 'value="Лесная"' in caught.text
    assert 'Введите код с картинки' in caught.text
    token = hidden(caught.text)['captcha_token']

    refused = await form.send(captcha_token=token, captcha='00000')
    assert 'id="captcha-error"' in refused.text
    assert taken() == 0

    again = hidden(refused.text)['captcha_token']
    answer = await form.send(captcha_token=again, captcha='12345')
    assert answer.status_code == 303
    assert taken() == 1


@pytest.mark.parametrize('prefix', ['', '/be', '/en'])
@pytest.mark.parametrize(
    ('asked', 'led'),
    [
        (
            '/minsk/packets-constructor/application/?internet=I-50',
            '/minsk/packets-constructor/application?internet=I-50',
        ),
        ('/minsk/packets-constructor', '/minsk/packets-constructor/'),
        ('/minsk/address', '/minsk/address/'),
    ],
)
async def test_an_address_with_another_end_is_led_on_in_its_language(someone, prefix, asked, led):
    answer = await someone().http_client.get(f'{prefix}{asked}', follow_redirects=False)

    assert answer.headers['location'].removeprefix('http://test') == f'{prefix}{led}'


async def test_without_scripts_a_code_is_checked_and_nothing_is_sent(someone):
    _page, form = await opened(someone(), 'internet=I-50')

    checked = await form.send(step='check', promo='ДОМ50', comment='Звоните вечером')

    assert (checked.status_code, taken()) == (200, 0)
    assert 'дешевле на\xa07,50' in checked.text
    assert 'value="Лесная"' in checked.text
    assert '>Звоните вечером</textarea>' in checked.text


async def test_a_mistake_stands_beside_its_field_and_all_else_is_kept(someone):
    _page, form = await opened(someone(), 'internet=I-50')

    answer = await form.send(phone='12', email='нет', comment='Звоните вечером', call_time='evening')

    assert (answer.status_code, taken()) == (422, 0)
    for name in ('phone', 'email'):
        assert re.search(rf'id="{name}"[^>]*aria-describedby="[^"]*{name}-error', answer.text)
        assert f'id="{name}-error"' in answer.text
        assert f'<a href="#{name}">' in answer.text
    assert 'id="street-error"' not in answer.text
    assert '>Звоните вечером</textarea>' in answer.text
    assert hidden(answer.text)['token'] == form.fields['token']


async def test_an_application_remembers_the_language_it_was_sent_in_and_names_its_link(someone):
    visitor = someone()
    _page, form = await opened(visitor, 'internet=I-50')
    answer = await visitor.http_client.post(f'/be{PATH}', data={**form.fields, **TYPED}, headers=ORIGIN)
    key = re.search(r'tracker=([\w-]+)', answer.headers['set-cookie'])[1]

    done = (await visitor.http_client.get(answer.headers['location'])).text

    assert languages() == ['be']
    assert f'<p class="tracker-link">{get_settings().url}/application/{key}</p>' in done


@with_connection
def languages():
    return [application.language for application in Application.select()]
