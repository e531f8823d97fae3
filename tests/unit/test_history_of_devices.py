"""Devices in the history of a contract, from the order to the day they are back; the letter with the number."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from models.equipment import EquipmentReturn
from models.outbox import OutgoingMessage
from services.accounts import (
    equipment_buy_outs,
    equipment_desk,
    equipment_list,
    equipment_orders,
    history,
    return_announcements,
)
from services.accounts.timeline import Wanted
from services.accounts.timeline_events import Kind, Part
from services.demo import devices
from tests import factories
from tests.cast import contract_of
from tests.counter import accept, hand_over, noon, order, router

DEVICES = [kind for kind in Kind if kind.startswith(('device_', 'return_'))]


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(noon(2026, 11, 22), tick=True) as clock:
        yield clock


def told(actor, **wanted):
    page = history.list_events(Wanted(**wanted), actor=actor)
    return [(e.kind, e.name) for month in page.months for e in month.lines if e.kind in DEVICES][::-1]


def test_a_device_is_told_of_from_the_order_to_the_return(anna, olga):
    old = router(anna)
    name = old.equipment.name
    given_up = order(anna, 'R-AX')
    equipment_orders.cancel(given_up, actor=anna)
    hand_over(olga, order(anna, 'R-AX'))
    return_announcements.announce(old.id, factories.make_office().id, 'key-1', actor=anna)
    return_announcements.call_off(EquipmentReturn.get().id, actor=anna)
    return_announcements.announce(old.id, factories.make_office().id, 'key-2', actor=anna)
    accept(olga, old)

    ax = equipment_list.list_desk('returns', '100001', actor=olga).units[0].name
    lines = [line for line in told(anna) if line != (Kind.DEVICE_ISSUED, name)]  # long ago, with the contract
    assert lines == [
        (Kind.DEVICE_ORDERED, ax), (Kind.DEVICE_ORDER_OFF, ax), (Kind.DEVICE_ORDERED, ax), (Kind.DEVICE_ISSUED, ax),
        (Kind.RETURN_ANNOUNCED, name), (Kind.RETURN_OFF, name), (Kind.RETURN_ANNOUNCED, name),
        (Kind.DEVICE_RETURNED, name),
    ]  # fmt: skip
    assert told(anna, part=Part.CHARGES) == []
    assert {kind for kind, _ in told(anna, search='принято')} == {Kind.DEVICE_RETURNED}


def test_a_device_nobody_announced_only_comes_back(anna, olga):
    accept(olga, router(anna))

    kinds = {kind for kind, _ in told(anna)}
    assert Kind.DEVICE_RETURNED in kinds
    assert not kinds & {Kind.RETURN_ANNOUNCED, Kind.RETURN_OFF}


def test_a_device_that_is_kept_is_told_of_once(anna):
    factories.top_up(contract_of(anna), Decimal(100))
    unit = router(anna)
    equipment_buy_outs.buy_out(equipment_buy_outs.quote(unit.id, actor=anna).id, 'key-1', actor=anna)

    assert [line for line in told(anna) if line[0] == Kind.DEVICE_BOUGHT] == [(Kind.DEVICE_BOUGHT, unit.equipment.name)]


def test_the_history_of_one_contract_names_no_device_of_another(anna, vera):
    order(anna, 'R-AX')

    assert not [line for line in told(vera) if line[0] == Kind.DEVICE_ORDERED]


def test_the_number_of_a_return_comes_by_mail_once(anna):
    number = return_announcements.announce(router(anna).id, factories.make_office().id, 'key-1', actor=anna)
    return_announcements.announce(router(anna).id, factories.make_office().id, 'key-2', actor=anna)

    letter = OutgoingMessage.get(OutgoingMessage.key.startswith('return:'))
    assert letter.subject.strip() == f'Возврат устройства № {number}'
    assert factories.make_office().address in letter.text
    assert router(anna).equipment.name in letter.text
    assert OutgoingMessage.select().where(OutgoingMessage.key.startswith('return:')).count() == 1


def test_the_demo_has_something_at_the_counter(anna, vera, olga, monkeypatch):
    factories.make_office()
    monkeypatch.setattr(devices, '_contract', lambda number: contract_of({'100001': anna}.get(number, vera)))
    devices.fill()

    desk = equipment_list.list_desk(actor=olga)
    assert (desk.to_hand_over, desk.to_accept) == (1, 1)
    serial, mac = 'AX-000009', 'aa:bb:cc:00:00:09'
    assert hand_over(olga, desk.orders[0].id, serial, mac) == serial
    assert equipment_desk.quote_return(router(anna).id, actor=olga).id
    assert desk.orders[0].holds_until - desk.orders[0].ordered_at.date() >= timedelta(days=1)
