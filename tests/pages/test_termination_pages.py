"""The end of a contract without a browser: the cabinet's page and its forms, the console's list and desk."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from models.contract import EquipmentUnit
from models.termination import Payout, Termination
from services.accounts import ledger, termination_runs
from services.clock import today
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.factors import make_all_stale
from tests.pages.test_money_desk import field, plain, press, rita  # noqa: F401 - a fixture

ORIGIN = {'origin': 'http://test'}
IBAN = 'BY13NBRB3600900000002Z00AB00'


async def get(visitor, address):
    return plain(await visitor.http_client.get(address))


async def send(visitor, address, **fields):
    return await visitor.http_client.post(address, data=fields, headers=ORIGIN)


def hidden(html, name):
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


def fields_of(page):
    return {name: hidden(page, name) for name in ('quote_id', 'form_key', 'last_day', 'contract')}


def in_days(days):
    return (today() + timedelta(days=days)).isoformat()


async def ask(visitor, days=3, **wish):
    page = await get(visitor, f'/my/termination?last_day={in_days(days)}')
    return await send(visitor, '/my/termination', **fields_of(page), **wish)


@with_connection
def end(actor):
    """End the contract now: its last day was yesterday."""
    Termination.update(last_day=today() - timedelta(days=1)).where(Termination.contract == actor.contract_id).execute()
    termination_runs.run_due()


@with_connection
def balance(actor):
    return ledger.balance(contract_of(actor))


@with_connection
def rows(model):
    return list(model.select())


async def test_the_way_is_two_steps_and_the_way_back_one(someone, anna):
    visitor = someone(anna)
    first = await get(visitor, '/my/termination')
    assert 'Какой день будет последним' in first
    assert 'Расторгнуть договор</button>' not in first

    page = await get(visitor, f'/my/termination?last_day={in_days(3)}')
    assert page.count('quote__row') >= 2
    assert 'Если не вернуть —' in page
    assert 'Последний шаг' in page
    for _ in range(2):
        answer = await send(visitor, '/my/termination', **fields_of(page), money='later', reason='price')
        assert answer.headers['location'] == '/my/termination?done=requested'

    page = await get(visitor, '/my/termination?done=requested')
    assert 'Договор закончится' in page
    assert 'Договор закончится' in await get(visitor, '/my/index')
    answer = await send(visitor, '/my/termination/withdraw', termination=hidden(page, 'termination'))
    assert answer.headers['location'] == '/my/termination?done=withdrawn'
    assert 'Какой день будет последним' in await get(visitor, '/my/termination?done=withdrawn')


async def test_a_wrong_account_is_told_beside_its_field_and_what_was_typed_stays(someone, anna):
    answer = await ask(someone(anna), money='account', iban='BY13', words='Медленно')

    page = plain(answer)
    assert answer.status_code == 422
    assert 'id="iban-error"' in page
    assert 'value="BY13"' in page
    assert 'Медленно' in page
    again = await send(someone(anna), '/my/termination', **fields_of(page), money='account', iban=IBAN)
    assert again.headers['location'] == '/my/termination?done=requested'
    assert IBAN not in await get(someone(anna), '/my/termination')


async def test_a_stale_session_shows_the_password_first(someone, anna):
    visitor = someone(anna)
    page = await get(visitor, f'/my/termination?last_day={in_days(3)}')
    make_all_stale(anna)

    answer = await send(visitor, '/my/termination', **fields_of(page), reason='moving')

    assert 'Подтвердите, что это вы' in plain(answer)
    assert 'value="moving"' in plain(answer)
    assert not rows(Termination)


async def test_a_quote_that_changed_is_shown_anew(someone, anna):
    visitor = someone(anna)
    page = await get(visitor, f'/my/termination?last_day={in_days(3)}')
    factories.top_up(contract_of(anna), Decimal('5.00'))

    answer = await send(visitor, '/my/termination', **fields_of(page))

    assert answer.headers['location'].endswith('&changed=1#quote')
    assert 'расчёт изменился' in await get(visitor, answer.headers['location'].split('#')[0])


async def test_after_the_end_the_pages_say_so_and_the_history_stays(someone, anna):
    visitor = someone(anna)
    await ask(visitor)
    end(anna)

    for address in ('/my/index', '/my/tariff', '/my/services', '/my/suspension', '/my/termination'):
        assert 'Договор расторгнут' in await get(visitor, address), address
    assert 'name="quote_id"' not in await get(visitor, '/my/tariff?to=I-200&when=now')
    assert 'Что вернуть' in await get(visitor, '/my/termination')
    assert (await visitor.http_client.get('/my/history')).status_code == 200
    statement = await visitor.http_client.get('/my/history/statement.pdf')
    assert statement.headers['content-type'] == 'application/pdf'


@pytest.mark.parametrize(
    'address',
    [
        '/my/termination?last_day=%3Cb%3E',
        '/my/termination?last_day=2020-01-01',
        '/my/termination?problem=%3Cb%3E&done=x',
    ],
)
async def test_nonsense_in_the_address_gets_a_page(someone, anna, address):
    answer = await someone(anna).http_client.get(address)

    assert answer.status_code == 200
    assert '<b>' not in answer.text


async def test_others_do_not_end_the_contract(someone, anna, boris, vera, olga):
    visitor = someone(anna)
    await ask(visitor)
    number = str(rows(Termination)[0].id)

    answer = await send(someone(boris), '/my/termination/withdraw', termination=number)
    assert answer.headers['location'] == '/my/termination?problem=refused'
    for stranger in (None, olga):
        answer = await send(someone(stranger), '/my/termination', quote_id='1')
        assert answer.headers['location'].startswith('/my/index')
    factories.open_access(contract_of(anna), vera, 'manage')
    relative = someone(factories.working_with(vera, contract_of(anna)))
    assert (await relative.http_client.get('/my/termination')).status_code in (303, 307, 403)
    assert rows(Termination)[0].state == 'requested'


# --- the console --------------------------------------------------------------------------------------------------


async def test_the_console_enters_a_paper_and_follows_it_to_the_payout(someone, anna, olga, rita):  # noqa: F811
    operator = someone(olga)
    await operator.open('/operator/subscribers/100001/termination')
    await operator.should_see('Расторгнуть по заявлению')
    press(operator, 'Посчитать')
    await operator.should_see('Записать заявление')
    press(operator, 'Записать заявление')
    await operator.should_see('Впишите номер заявления')
    field(operator, 'Номер заявления').value = '17/2026'
    press(operator, 'Записать заявление')
    await operator.should_see('Отозвать просьбу', retries=100)

    end(anna)
    await operator.open('/operator/subscribers/100001/termination')
    press(operator, 'Принять')
    await operator.should_see('Вернули', retries=100)
    assert all(unit.returned_at for unit in rows(EquipmentUnit))
    field(operator, 'Номер платёжного поручения').value = '45'
    field(operator, 'Сумма, р.').value = '45,10'
    press(operator, 'Записать возврат')
    await operator.should_see('Платёжное поручение № 45')
    assert rows(Payout)[0].state == 'booked'


async def test_the_list_leads_to_the_desk(someone, anna, olga):
    await ask(someone(anna))

    page = await get(someone(olga), '/operator/terminations')

    assert '/operator/subscribers/100001/termination' in page
    assert 'Ждёт последнего дня' in page
    assert 'Здесь пусто' in await get(someone(olga), '/operator/terminations?part=money')
    assert 'Последний день —' in await get(someone(olga), '/operator/subscribers/100001')
    assert (await someone(olga).http_client.get('/operator/subscribers/999999/termination')).status_code == 404


async def test_the_last_statement_is_a_file(someone, anna, olga):
    await ask(someone(anna))
    assert (await someone(olga).http_client.get('/operator/subscribers/100001/statement.pdf')).status_code == 404
    end(anna)

    answer = await someone(olga).http_client.get('/operator/subscribers/100001/statement.pdf')

    assert answer.headers['content-type'] == 'application/pdf'
    assert (await someone(anna).http_client.get('/operator/subscribers/100001/statement.pdf')).status_code != 200


async def test_where_the_rest_goes_is_changed_without_asking_anew(someone, anna):
    visitor = someone(anna)
    await ask(visitor)
    page = await get(visitor, '/my/termination')
    known = {name: hidden(page, name) for name in ('termination', 'contract')}

    wrong = await send(visitor, '/my/termination/money', **known, money='account', iban='BY13')
    assert wrong.status_code == 422
    assert 'Счёт — 28 знаков' in wrong.text
    assert 'value="BY13"' in wrong.text
    assert 'action="/my/termination/money"' in wrong.text
    done = await send(visitor, '/my/termination/money', **known, money='account', iban=IBAN)
    assert done.headers['location'] == '/my/termination?done=redirected'
    assert 'BY13 … AB00' in await get(visitor, '/my/termination?done=redirected')
