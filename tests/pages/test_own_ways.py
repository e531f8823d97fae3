"""What a subscriber meets when something comes in between: who he is, a limit, the end of the session, another's contract."""

import re
from urllib.parse import urlencode

import pytest

from components.guard import gate
from models.access import AccessGrant
from services.runner import with_connection
from tests import factories, person
from tests.cast import contract_of
from tests.factors import make_all_stale

ORIGIN = {'origin': 'http://test'}
NEW = 'кони едят овёс утром'
CONFIRM = '/my/confirm?' + urlencode({'next': '/my/security?done=confirmed'})


async def read(visitor, address):
    answer = await visitor.http_client.get(address)
    assert answer.status_code == 200
    return answer.text.replace('\xa0', ' ')


async def send(visitor, address, **fields):
    return await visitor.http_client.post(address, data=fields, headers=ORIGIN)


async def test_who_came_long_ago_is_asked_before_he_types_a_new_password(someone, anna):
    visitor = someone(anna)
    assert 'name="old"' in await read(visitor, '/my/security')
    make_all_stale(anna)

    page = await read(visitor, '/my/security')

    assert f'href="{CONFIRM}"' in page
    assert 'name="old"' not in page
    assert 'вернёмся к смене пароля' in await read(visitor, CONFIRM)
    there = await send(visitor, '/my/confirm', password=factories.PASSWORD, next='/my/security?done=confirmed')
    assert there.headers['location'] == '/my/security?done=confirmed'
    back = await read(visitor, there.headers['location'])
    assert 'Теперь задайте новый пароль' in back
    assert re.search(r'name="old"[^>]* autofocus', back)


async def test_a_new_password_that_came_too_late_is_not_kept_and_the_way_back_is_told(someone, anna):
    visitor = someone(anna)
    await read(visitor, '/my/security')
    make_all_stale(anna)

    late = await send(visitor, '/auth/password', old=factories.PASSWORD, new=NEW, again=NEW)

    assert (late.status_code, late.headers['location']) == (303, CONFIRM)
    page = await read(visitor, CONFIRM)
    assert 'набранные пароли мы не храним' in page
    assert NEW not in page
    await send(visitor, '/my/confirm', password=factories.PASSWORD, next='/my/security?done=confirmed')
    done = await send(visitor, '/auth/password', old=factories.PASSWORD, new=NEW, again=NEW)
    assert done.headers['location'] == '/my/security?done=password'


async def test_thanks_are_given_only_to_who_has_shown_himself(someone, anna):
    visitor = someone(anna)
    make_all_stale(anna)

    assert 'Спасибо, это вы' not in await read(visitor, '/my/security?done=confirmed')


async def test_a_relative_gives_up_a_contract_he_does_not_need(someone, anna, vera):
    factories.open_access(contract_of(anna), vera, 'manage')
    visitor = someone(factories.working_with(vera, contract_of(anna)))
    assert 'href="/my/security#received-title"' in await read(visitor, '/my/index')
    page = await read(visitor, '/my/security')
    assert 'Договор 100001, Анна П.' in page.split('Открытые вам договоры')[1]
    assert 'сможет только владелец' in page

    answer = await send(visitor, '/my/access/give-up', number='100001')

    assert answer.headers['location'] == '/my/security?done=given-up'
    page = await read(visitor, answer.headers['location'])
    assert 'Вы отказались от доступа' in page
    assert 'Открытые вам договоры' not in page
    assert 'Договор 100003' in await read(visitor, '/my/index')
    assert _ended_by() == vera.user_id


@with_connection
def _ended_by():
    return AccessGrant.get().ended_by_id


async def test_an_owner_is_not_offered_to_give_up_his_own(someone, anna):
    visitor = someone(anna)

    assert 'Отказаться от доступа' not in await read(visitor, '/my/security')
    assert 'Отказаться от доступа' not in await read(visitor, '/my/index')
    answer = await send(visitor, '/my/access/give-up', number='100001')
    assert answer.headers['location'] == '/my/security?problem=refused'
    assert 'Не получилось' in await read(visitor, answer.headers['location'])


async def test_a_limit_of_the_day_is_told_in_words_not_in_1440_minutes(someone, anna):
    visitor = someone(anna)
    fields = {'name': 'Вера', 'level': 'see', 'until': 'month', 'contract': '100001'}
    for number in range(10):
        email = f'p{number}@example.by'
        await send(visitor, '/my/access', email=email, form_key=factories.key(), **fields)

    answer = await send(visitor, '/my/access/again', grant=str(_first_grant()), contract='100001')

    assert answer.headers['location'] == '/my/access?problem=later-1440'
    page = await read(visitor, answer.headers['location'])
    assert 'Слишком много попыток за сутки. Попробуйте завтра' in page
    assert 'состояние договора изменилось' not in page


@with_connection
def _first_grant():
    return AccessGrant.get().id


@pytest.mark.parametrize(
    ('problem', 'words'), [('later-10', 'Подождите 10 мин'), ('later-0', 'Подождите 1 мин'), ('later-x', '1 мин')]
)
async def test_a_shorter_limit_names_its_minutes(someone, anna, problem, words):
    assert words in await read(someone(anna), f'/my/profile?problem={problem}')


async def test_a_mistake_sent_without_a_socket_is_called_a_mistake(someone):
    visitor = someone(person.live())

    answer = await send(visitor, '/my/profile/phone', phone='123')

    assert answer.headers['location'] == '/my/profile?problem=wrong'
    assert 'Не сохранено: в поле ошибка' in await read(visitor, answer.headers['location'])


async def test_a_form_whose_session_has_ended_says_so_and_comes_back(someone):
    answer = await send(someone(), '/my/profile/phone', phone='+375291112233')

    assert answer.headers['location'] == '/my/index?next=%2Fmy%2Fprofile&ended=1'
    page = await read(someone(), answer.headers['location'])
    assert 'Сеанс завершён. Войдите ещё раз.' in page
    assert 'name="next" value="/my/profile"' in page


async def test_a_page_too_many_says_when_and_opens_the_same_page_again(someone, anna, monkeypatch):
    monkeypatch.setattr(gate.crowd, 'admits_session', lambda _session: False)

    answer = await someone(anna).http_client.get('/my/history')

    assert (answer.status_code, answer.headers['retry-after']) == (429, str(gate.RETRY_AFTER))
    assert f'data-waits="{gate.RETRY_AFTER}"' in answer.text
    assert re.search(r'<a class="button button--green" href="">.*Открыть ещё раз</a>', answer.text)


async def test_other_problems_lead_home(someone):
    answer = await someone().http_client.get('/no-such-page')

    assert 'href=""' not in answer.text
    assert re.search(r'class="button button--green" href="/minsk/">На главную', answer.text)


@pytest.mark.parametrize(
    ('form', 'page'),
    [
        ('/auth/login', '/my/index'),
        ('/auth/password', '/my/security'),
        ('/auth/factor/app/confirm', '/my/security'),
        ('/my/profile/phone', '/my/profile'),
        ('/my/profile/erasure/withdraw', '/my/profile'),
        ('/my/access/give-up', '/my/access'),
        ('/my/access/accept/new', '/my/access/accept'),
        ('/my/promise', '/my/index'),
    ],
)
async def test_the_address_of_a_form_opened_as_a_page_leads_to_the_form(someone, anna, form, page):
    answer = await someone(anna).http_client.get(form)

    assert (answer.status_code, answer.headers['location']) == (303, page)


async def test_a_stranger_at_the_address_of_a_form_comes_to_the_door(someone, olga):
    assert (await someone().http_client.get('/auth/password')).headers['location'] == '/my/index'
    assert (await someone(olga).http_client.get('/auth/password')).headers['location'] == '/operator/security'
