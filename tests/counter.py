"""What tests do at the counter: order a device, hand it over, accept it."""

from datetime import date, timedelta

from models.account import Operation
from models.contract import EquipmentUnit
from services.accounts import equipment_desk, equipment_orders, ledger
from services.clock import MINSK, midnight
from tests import factories
from tests.cast import contract_of

MAC = 'aa:bb:cc:00:00:01'


def noon(*day):
    return midnight(date(*day)).astimezone(MINSK) + timedelta(hours=12)


def order(actor, code='R-AX', way='rent', key=None):
    shown = equipment_orders.quote(code, way, actor=actor)
    return equipment_orders.order(shown.id, factories.make_office().id, key or factories.key(), actor=actor)


def hand_over(actor, order_id, serial='AX-000001', mac=MAC):
    shown = equipment_desk.quote_hand_over(order_id, actor=actor)
    return equipment_desk.hand_over(order_id, shown.id, serial, mac, actor=actor)


def accept(actor, unit, condition=''):
    shown = equipment_desk.quote_return(unit.id, actor=actor)
    return equipment_desk.accept(unit.id, shown.id, condition, actor=actor)


def router(actor):
    return EquipmentUnit.get(EquipmentUnit.contract == contract_of(actor))


def balance(actor):
    return ledger.balance(contract_of(actor))


def charged(actor):
    rows = Operation.select().where((Operation.contract == contract_of(actor)) & (Operation.kind == 'equipment'))
    return [(row.formula, row.title) for row in rows.order_by(Operation.id)]
