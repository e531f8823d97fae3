"""Arguments for the services that give and take devices."""

from models.equipment import EquipmentReturn
from services.accounts import equipment_buy_outs, equipment_desk, equipment_orders, ledger, return_announcements
from tests import factories
from tests.authz.given import given

MAC = 'AA:BB:CC:00:00:01'


def _order(w):
    shown = equipment_orders.quote('R-AX', 'rent', actor=w.owner)
    return equipment_orders.order(
        shown.id, factories.make_office(w.contract.region.slug).id, factories.key(), actor=w.owner
    )


def _ordering(w):
    return given(
        equipment_orders.quote('R-AX', 'rent', actor=w.owner).id,
        factories.make_office(w.contract.region.slug).id,
        factories.key(),
    )


def _handing_over(w):
    ordered = _order(w)
    shown = equipment_desk.quote_hand_over(ordered, actor=w.operator)
    return given(ordered, shown.id, 'AX-000001', MAC)


def _router(w):
    return factories.make_unit(w.contract, 'R-AC')


def _buying_out(w):
    factories.top_up(w.contract, 150 - ledger.balance(w.contract))
    return given(equipment_buy_outs.quote(_router(w).id, actor=w.owner).id, factories.key())


def _accepting(w):
    unit = _router(w)
    return given(unit.id, equipment_desk.quote_return(unit.id, actor=w.operator).id, 'Цело')


def _announced(w):
    return_announcements.announce(
        _router(w).id, factories.make_office(w.contract.region.slug).id, factories.key(), actor=w.owner
    )
    return given(EquipmentReturn.get().id)


def _everything(w):
    _order(w)
    _announced(w)
    return given()


RECIPES = {
    'accounts.equipment_board.board': _everything,
    'accounts.equipment_buy_outs.buy_out': _buying_out,
    'accounts.equipment_buy_outs.quote': lambda w: given(_router(w).id),
    'accounts.equipment_desk.accept': _accepting,
    'accounts.equipment_desk.cancel': lambda w: given(_order(w), 'Не пришёл'),
    'accounts.equipment_desk.hand_over': _handing_over,
    'accounts.equipment_desk.quote_hand_over': lambda w: given(_order(w)),
    'accounts.equipment_desk.quote_return': lambda w: given(_router(w).id),
    'accounts.equipment_list.list_desk': _everything,
    'accounts.equipment_orders.cancel': lambda w: given(_order(w)),
    'accounts.equipment_orders.order': _ordering,
    'accounts.equipment_orders.quote': lambda w: given('R-AX', 'rent'),
    'accounts.return_announcements.announce': lambda w: given(
        _router(w).id, factories.make_office(w.contract.region.slug).id, factories.key()
    ),
    'accounts.return_announcements.call_off': _announced,
    'accounts.return_announcements.quote': lambda w: given(_router(w).id),
}
