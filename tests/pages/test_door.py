"""The door without a browser: the form for strangers, their own home for everybody else."""

import pytest


async def test_a_stranger_sees_the_form(someone):
    page = (await someone().http_client.get('/my/index')).text

    assert 'Вход в личный кабинет' in page
    assert page.count('>Номер договора</label>') == page.count('>Пароль</label>') == 1


async def test_a_subscriber_sees_the_cabinet_at_the_same_address(someone, anna):
    visitor = someone(anna)

    answer = await visitor.http_client.get('/my/index')

    assert answer.status_code == 200
    assert '100001' in answer.text
    assert 'name="password"' not in answer.text


@pytest.mark.parametrize('address', ['/operator/', '/my/chat'])
async def test_pages_of_people_lead_a_stranger_to_the_form(someone, address):
    answer = await someone().http_client.get(address)

    assert answer.is_redirect
    assert answer.headers['location'].startswith('/my/index?next=')


async def test_a_subscriber_is_led_from_the_console_to_his_own_home(someone, anna):
    answer = await someone(anna).http_client.get('/operator/')

    assert (answer.is_redirect, answer.headers['location']) == (True, '/my/index')


async def test_an_ended_session_is_nobody(someone, anna):
    visitor = someone(anna)

    await visitor.http_client.post('/auth/logout', headers={'origin': 'http://test'})
    answer = await visitor.http_client.get('/my/index')

    assert 'name="password"' in answer.text
