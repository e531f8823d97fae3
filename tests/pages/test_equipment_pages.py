"""Devices without a browser: the subscriber orders, keeps and brings back, an operator hands over and accepts."""

from decimal import Decimal

import pytest
from nicegui import ui

from models.contract import EquipmentUnit, Ownership
from models.equipment import EquipmentOrder, EquipmentReturn
from services.accounts import ledger, return_announcements
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.pages.test_cabinet import get, hidden, send
from tests.pages.test_money_desk import field, press


@with_connection
def balance(actor):
    return ledger.balance(contract_of(actor))


@with_connection
def units(actor):
    rows = EquipmentUnit.select().where(EquipmentUnit.contract == actor.contract_id).order_by(EquipmentUnit.id)
    return [(row.id, row.serial, row.ownership, row.returned_at is None) for row in rows]


@with_connection
def states(model):
    return [row.state for row in model.select().order_by(model.id)]


async def order(browser, take='R-AX', way='rent'):
    html = await get(browser, f'/my/equipment?take={take}&way={way}')
    form = {name: hidden(html, name) for name in ('quote_id', 'form_key', 'take', 'way')}
    return html, await send(browser, '/my/equipment', office=str(factories.make_office().id), **form)


async def test_a_device_is_ordered_at_home_and_handed_over_at_the_counter(someone, anna, olga):
    office, browser, before = factories.make_office(), someone(anna), balance(anna)
    html, answer = await order(browser)
    assert 'Взять в аренду' in html
    assert office.address in html
    assert answer.headers['location'] == '/my/equipment?done=ordered'
    html = await get(browser, '/my/equipment?done=ordered')
    assert 'Деньги спишем, когда заберёте устройство' in html
    assert 'Ждёт вас' in html
    assert balance(anna) == before

    operator = someone(olga)
    await operator.open('/operator/equipment')
    await operator.should_see('Выдать')
    press(operator, 'Выдать')
    await operator.should_see('Станет на счёте', retries=100)
    press(operator, 'Выдать')
    await operator.should_see('Серийный номер с наклейки', retries=100)
    field(operator, 'Серийный номер').value = 'ax-000001'
    field(operator, 'MAC').value = 'aabbcc000001'
    press(operator, 'Выдать')
    await operator.should_see('Устройство № AX-000001 выдано', retries=100)
    assert balance(anna) < before
    assert units(anna)[-1][1:] == ('AX-000001', Ownership.RENTED, True)
    assert 'AX-000001' in await get(browser, '/my/equipment')


async def test_a_device_is_announced_and_accepted(someone, anna, olga):
    office, browser, unit = factories.make_office(), someone(anna), units(anna)[0][0]
    html = await get(browser, f'/my/equipment?back={unit}')
    assert 'Аренда идёт, пока устройство не приняли' in html
    form = {name: hidden(html, name) for name in ('form_key', 'unit')}
    answer = await send(browser, '/my/equipment/return', office=str(office.id), **form)
    assert answer.headers['location'] == '/my/equipment?done=announced'
    assert 'Возврат № 00000' in await get(browser, '/my/equipment')

    operator = someone(olga)
    await operator.open('/operator/equipment?part=returns')
    await operator.should_see('Возврат №')
    press(operator, 'Принять')
    await operator.should_see('Состояние', retries=100)
    field(operator, 'Состояние', ui.textarea).value = 'Цело'
    press(operator, 'Принять')
    await operator.should_see('Принято', retries=100)
    assert units(anna)[0][3] is False
    assert states(EquipmentReturn) == ['accepted']


async def test_the_rented_device_is_bought_out_at_once(someone, anna):
    factories.top_up(contract_of(anna), Decimal('60.00'))
    browser, unit = someone(anna), units(anna)[0][0]
    html = await get(browser, f'/my/equipment?buy={unit}')
    form = {name: hidden(html, name) for name in ('quote_id', 'form_key', 'unit')}
    answers = [await send(browser, '/my/equipment/buy-out', **form) for _click in range(2)]

    assert {answer.headers['location'] for answer in answers} == {'/my/equipment?done=bought'}
    assert units(anna)[0][2] == Ownership.SOLD
    assert 'Устройство теперь ваше' in await get(browser, '/my/equipment?done=bought')


async def test_a_changed_quote_is_shown_anew(someone, anna):
    browser = someone(anna)
    factories.make_office()
    html = await get(browser, '/my/equipment?take=R-AX&way=rent')
    factories.connect_add_on(contract_of(anna), 'A-IP')
    form = {name: hidden(html, name) for name in ('quote_id', 'form_key', 'take', 'way')}
    answer = await send(browser, '/my/equipment', office=str(factories.make_office().id), **form)

    assert answer.headers['location'] == '/my/equipment?take=R-AX&way=rent&changed=1#quote'
    assert 'расчёт изменился' in await get(browser, answer.headers['location'])
    assert states(EquipmentOrder) == []


async def test_an_order_and_a_return_are_called_off(someone, anna):
    browser = someone(anna)
    await order(browser)
    html = await get(browser, '/my/equipment')
    form = {name: hidden(html, name) for name in ('contract', 'order_id')}
    answer = await send(browser, '/my/equipment/cancel', **form)
    assert answer.headers['location'] == '/my/equipment?done=cancelled'
    announce(anna)
    html = await get(browser, '/my/equipment')
    form = {name: hidden(html, name) for name in ('contract', 'return_id')}
    answer = await send(browser, '/my/equipment/keep', **form)
    assert answer.headers['location'] == '/my/equipment?done=kept'
    assert (states(EquipmentOrder), states(EquipmentReturn)) == (['cancelled'], ['called_off'])


@with_connection
def announce(actor):
    unit = EquipmentUnit.get(EquipmentUnit.contract == actor.contract_id)
    return_announcements.announce(unit.id, factories.make_office().id, factories.key(), actor=actor)


@pytest.mark.parametrize('query', ['take=R-AX&way=lend', 'take=none&way=buy', 'buy=0', 'back=999999', 'buy=x'])
async def test_what_is_not_there_is_told_on_the_page(someone, anna, query):
    html = await get(someone(anna), f'/my/equipment?{query}')

    assert 'Такого здесь нет' in html
    assert 'id="quote"' not in html


async def test_a_debtor_sees_why_he_cannot_order(someone, boris):
    html = await get(someone(boris), '/my/equipment?take=R-AX&way=rent')

    assert 'Сначала погасите долг' in html
    assert 'В аренду' not in html


async def test_who_may_only_look_sees_devices_without_buttons(someone, anna, vera):
    factories.open_access(contract_of(anna), vera, 'see')
    html = await get(someone(factories.working_with(vera, contract_of(anna))), '/my/equipment')

    assert 'У вас дома' in html
    assert 'В аренду' not in html
    assert '?back=' not in html


async def test_the_card_of_a_subscriber_leads_to_the_counter(someone, anna, olga):
    operator = someone(olga)
    await operator.open('/operator/subscribers/100001')
    await operator.should_see('Выдать или принять')
    await operator.open('/operator/equipment?part=returns&contract=100001')
    await operator.should_see('Оборудование договора 100001')
    await operator.should_see('Принять')


async def test_an_order_is_called_off_with_a_reason(someone, anna, olga):
    await order(someone(anna))
    operator = someone(olga)
    await operator.open('/operator/equipment')
    press(operator, 'Отменить')
    await operator.should_see('Причина', retries=100)
    field(operator, 'Причина', ui.textarea).value = 'Нет на складе'
    press(operator, 'Отменить заказ')
    await operator.should_see('Заказ отменён', retries=100)
    assert states(EquipmentOrder) == ['cancelled']


async def test_a_subscriber_does_not_see_the_counter(someone, anna):
    answer = await someone(anna).http_client.get('/operator/equipment')

    assert answer.status_code in (303, 307)
