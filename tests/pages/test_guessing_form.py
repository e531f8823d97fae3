"""The sign-in form under suspicion: captcha, pause in words, the cookie of a known device; the same for everybody."""

import re

import pytest
import time_machine

from services.clock import now
from services.identity.auth_rules import get_rules
from tests import factories

RULES = get_rules().guessing


@pytest.fixture
def visitor(someone):
    return someone().http_client


async def knock(browser, login='100001', password='wrong', **form):
    return await browser.post('/auth/login', data={'login': login, 'password': password, **form})


def code_in(answer):
    token = re.search(r'name="captcha_token" value="([^"]+)"', answer.text)
    return {'captcha_token': token[1], 'captcha': '12345'}


async def suspected(browser, login='100001'):
    """Fail until the form has a captcha; returns that form."""
    for _ in range(RULES.captcha.failures_of_account - 1):
        assert 'captcha_token' not in (await knock(browser, login)).text
    return await knock(browser, login)


@pytest.mark.parametrize('login', ['100001', '999999', 'nobody'])
async def test_the_form_asks_for_the_code_and_takes_it(visitor, anna, login):
    form = await suspected(visitor, login)

    assert form.status_code == 422
    assert f'value="{login}"' in form.text
    assert 'не подходят' in form.text
    without = await knock(visitor, login)
    assert 'код с картинки' in without.text
    assert 'не подходят' not in without.text
    again = await knock(visitor, login, **code_in(without))
    assert 'не подходят' in again.text
    assert 'captcha_token' in again.text


async def test_the_right_password_and_the_code_open_the_cabinet(visitor, anna):
    form = await suspected(visitor)
    answer = await knock(visitor, password=factories.PASSWORD, **code_in(form))

    assert (answer.status_code, answer.headers['location']) == (303, '/my/index')


async def test_a_wrong_code_gives_another(visitor, anna):
    form = await suspected(visitor)
    answer = await knock(visitor, password=factories.PASSWORD, **{**code_in(form), 'captcha': '54321'})

    assert answer.status_code == 422
    assert 'Код не подошёл или устарел' in answer.text
    assert code_in(answer)['captcha_token'] != code_in(form)['captcha_token']


async def test_a_pause_is_told_to_people_and_machines(visitor, anna):
    form = await suspected(visitor)
    for _ in range(RULES.pause.free - RULES.captcha.failures_of_account + 1):
        form = await knock(visitor, **code_in(form))

    assert form.status_code == 429
    assert 'Подождите 30 с и войдите снова' in form.text
    assert 29 <= int(form.headers['retry-after']) <= 30
    with time_machine.travel(now() + RULES.pause.first):
        answer = await knock(visitor, password=factories.PASSWORD, **code_in(form))
    assert answer.status_code == 303


async def test_a_known_device_is_asked_for_nothing(someone, anna):
    owner, stranger = someone().http_client, someone().http_client
    given = await knock(owner, password=factories.PASSWORD)
    await owner.post('/auth/logout', headers={'origin': 'http://test'})
    await suspected(stranger)

    cookie = next(line for line in given.headers.get_list('set-cookie') if line.startswith('device='))
    assert 'HttpOnly' in cookie
    assert 'SameSite=lax' in cookie
    assert f'Max-Age={365 * 24 * 3600}' in cookie
    assert (await knock(owner, password=factories.PASSWORD)).status_code == 303


async def test_an_owner_who_mistypes_on_his_device_is_asked_for_no_code(someone, anna):
    owner = someone().http_client
    await knock(owner, password=factories.PASSWORD)
    await suspected(someone().http_client)

    answer = await knock(owner)
    assert 'не подходят' in answer.text
    assert 'captcha_token' not in answer.text


async def test_a_wrong_password_gives_no_device(visitor, anna):
    answer = await knock(visitor)

    assert 'set-cookie' not in answer.headers
