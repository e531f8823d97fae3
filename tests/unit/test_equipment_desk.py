"""Devices from the order to the counter and back: what is charged, when, how often, and who is refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, OperationKind
from models.catalogue import Equipment
from models.contract import Contract, ContractStatus, DebtBlock, EquipmentUnit, Ownership
from models.equipment import EquipmentOrder, EquipmentReturn, OrderState
from models.user import AuditEvent, Role, User, UserRole
from services import limits
from services.accounts import (
    billing,
    equipment_board,
    equipment_buy_outs,
    equipment_desk,
    equipment_list,
    equipment_orders,
    return_announcements,
)
from services.accounts import equipment_refusals as why
from services.accounts.shown_quotes import NotEnoughMoney, QuoteChanged
from services.clock import midnight
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, WrongTransition
from services.form_keys import BrokenForm
from services.money import ZERO
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.counter import MAC, balance, hand_over, noon, order, router
from tests.unit.test_limits_at_once import all_at_once, refused


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(noon(2026, 11, 22), tick=False) as clock:
        yield clock


@pytest.fixture
def rita(storage):
    """Another operator."""
    user = factories.make_user(Role.OPERATOR, login='rita', name='Рита', first_name='Рита')
    return factories.actor(user, Role.OPERATOR)


# --- ordering and handing over


def test_an_order_costs_nothing_before_the_device_is_handed_over(anna, olga):
    ordered = order(anna)
    assert (balance(anna), EquipmentUnit.select().count()) == (Decimal('45.10'), 1)

    assert hand_over(olga, ordered) == 'AX-000001'

    unit = EquipmentUnit.get(EquipmentUnit.serial == 'AX-000001')
    assert balance(anna) == Decimal('42.85')  # 7.50 × 9 of 30 days
    assert (unit.mac, unit.ownership, unit.monthly_fee) == ('AA:BB:CC:00:00:01', Ownership.RENTED, Decimal('7.50'))
    assert billing.next_charge(contract_of(anna)).sum == Decimal('41.90')
    row = EquipmentOrder.get_by_id(ordered)
    assert (row.state, row.unit.id, row.closed_by_id) == (OrderState.HANDED_OVER, unit.id, olga.user_id)
    operation = Operation.get(Operation.kind == OperationKind.EQUIPMENT)
    assert operation.quote.executed_at is not None
    noted = AuditEvent.select().where(AuditEvent.action.startswith('equipment.')).order_by(AuditEvent.id)
    assert [row.action for row in noted] == ['equipment.order', 'equipment.hand_over']


@pytest.mark.parametrize(
    ('day', 'charged_sum'), [((2026, 12, 1), '7.50'), ((2026, 12, 15), '4.11'), ((2026, 12, 31), '0.24')]
)
def test_the_days_are_counted_from_the_hand_over_not_from_the_order(anna, olga, at_noon, day, charged_sum):
    at_noon.move_to(noon(2026, 12, 1) if day == (2026, 12, 1) else noon(*day) - timedelta(days=1))
    ordered = order(anna)
    at_noon.move_to(noon(*day))
    before = balance(anna)

    hand_over(olga, ordered)

    assert before - balance(anna) == Decimal(charged_sum)


def test_a_bought_device_is_charged_once_and_costs_nothing_a_month(anna, olga):
    factories.top_up(contract_of(anna), Decimal('150.00'))
    hand_over(olga, order(anna, way='buy'))

    assert balance(anna) == Decimal('36.10')  # 195.10 − 159.00
    assert billing.next_charge(contract_of(anna)).sum == Decimal('34.40')
    assert EquipmentUnit.get(EquipmentUnit.serial == 'AX-000001').ownership == Ownership.SOLD


def test_the_promised_price_is_charged_also_after_the_catalogue_changed(anna, olga):
    ordered = order(anna)
    Equipment.update(rent_fee=Decimal('12.00')).where(Equipment.code == 'R-AX').execute()

    hand_over(olga, ordered)

    assert balance(anna) == Decimal('42.85')
    assert billing.next_charge(contract_of(anna)).sum == Decimal('41.90')


def test_the_price_holds_until_its_day_and_not_longer(anna, olga, at_noon):
    factories.top_up(contract_of(anna), Decimal('100.00'))
    ordered = order(anna)
    at_noon.move_to(noon(2026, 12, 6))
    assert equipment_board.board(actor=anna).orders[0].is_over is False
    assert equipment_desk.quote_hand_over(ordered, actor=olga).quote.due == Decimal('6.29')  # 26 of 31 days
    at_noon.move_to(noon(2026, 12, 7))

    with pytest.raises(why.PriceOver) as refusal:
        equipment_desk.quote_hand_over(ordered, actor=olga)
    assert refusal.value.facts == {'until': date(2026, 12, 6)}
    assert equipment_board.board(actor=anna).orders[0].is_over is True
    again = order(anna)
    assert EquipmentOrder.get_by_id(ordered).state == OrderState.CANCELLED
    assert EquipmentOrder.get_by_id(again).holds_until == date(2026, 12, 21)


def test_the_same_click_orders_once_and_hands_over_once(anna, olga):
    shown = equipment_orders.quote('R-AX', 'rent', actor=anna)
    first = equipment_orders.order(shown.id, factories.make_office().id, 'key-1', actor=anna)
    assert equipment_orders.order(shown.id, factories.make_office().id, 'key-1', actor=anna) == first

    shown = equipment_desk.quote_hand_over(first, actor=olga)
    for _click in range(2):
        assert equipment_desk.hand_over(first, shown.id, 'ax-000001', MAC, actor=olga) == 'AX-000001'

    assert (balance(anna), EquipmentUnit.select().count()) == (Decimal('42.85'), 2)


def test_two_operators_hand_over_once(anna, olga, rita):
    ordered = order(anna)
    seen = equipment_desk.quote_hand_over(ordered, actor=rita)
    hand_over(olga, ordered)

    with pytest.raises(WrongTransition):
        equipment_desk.hand_over(ordered, seen.id, 'AX-000001', MAC, actor=rita)
    with pytest.raises(WrongTransition):
        equipment_desk.quote_hand_over(ordered, actor=rita)
    with pytest.raises(WrongTransition):
        equipment_desk.cancel(ordered, 'Не пришёл', actor=rita)
    with pytest.raises(WrongTransition):
        equipment_orders.cancel(ordered, actor=anna)
    assert balance(anna) == Decimal('42.85')


def test_two_operators_at_the_same_moment_hand_over_once(committed_db, anna, olga, rita):
    ordered, shown = with_connection(_ordered)(anna, olga)

    answers = all_at_once(
        lambda actor, serial, mac: equipment_desk.hand_over(ordered, shown, serial, mac, actor=actor),
        [(olga, 'AX-000001', MAC), (rita, 'AX-000002', 'aa:bb:cc:00:00:02')],
    )

    assert len(refused(answers, WrongTransition)) == 1
    assert with_connection(balance)(anna) == Decimal('42.85')
    assert with_connection(EquipmentUnit.select().count)() == 2


def _ordered(anna, olga):
    ordered = order(anna)
    return ordered, equipment_desk.quote_hand_over(ordered, actor=olga).id


def test_a_quote_whose_facts_changed_is_refused_to_both(anna, olga):
    shown = equipment_orders.quote('R-AX', 'rent', actor=anna)
    factories.connect_add_on(contract_of(anna), 'A-IP')
    with pytest.raises(QuoteChanged):
        equipment_orders.order(shown.id, factories.make_office().id, factories.key(), actor=anna)

    ordered = order(anna)
    seen = equipment_desk.quote_hand_over(ordered, actor=olga)
    factories.top_up(contract_of(anna), Decimal('1.00'))
    with pytest.raises(QuoteChanged):
        equipment_desk.hand_over(ordered, seen.id, 'AX-000001', MAC, actor=olga)
    assert (balance(anna), EquipmentUnit.select().count()) == (Decimal('46.10'), 1)


def test_a_label_that_stands_at_another_subscribers_is_refused(anna, boris, olga):
    factories.make_unit(contract_of(boris), 'R-AX', serial='AX-000001', mac='AA:BB:CC:00:00:01')
    ordered = order(anna)

    for serial, mac, field in (
        ('AX-000001', 'aa:bb:cc:00:00:02', 'serial'),
        ('AX-000002', MAC, 'mac'),
        ('', MAC, 'serial'),
        ('AX-000002', 'нет', 'mac'),
        ('AX-000002', '', 'mac'),
    ):
        with pytest.raises(InvalidField) as refusal:
            hand_over(olga, ordered, serial, mac)
        assert refusal.value.field == field
    assert balance(anna) == Decimal('45.10')
    assert EquipmentOrder.get_by_id(ordered).state == OrderState.ORDERED


def test_without_the_money_nothing_is_handed_over(anna, olga):
    shown = equipment_orders.quote('R-AX', 'buy', actor=anna)
    assert shown.missing == ZERO  # nothing is charged yet
    ordered = equipment_orders.order(shown.id, factories.make_office().id, factories.key(), actor=anna)
    assert equipment_desk.quote_hand_over(ordered, actor=olga).missing == Decimal('113.90')

    with pytest.raises(NotEnoughMoney):
        hand_over(olga, ordered)
    assert EquipmentUnit.select().count() == 1


def test_who_is_blocked_for_debt_orders_nothing_and_gets_nothing(anna, boris, olga):
    with pytest.raises(why.BlockedForDebt) as refusal:
        equipment_orders.quote('R-AX', 'rent', actor=boris)
    assert refusal.value.facts == {'debt': Decimal('12.40')}
    assert isinstance(equipment_board.board(actor=boris).refusal, why.BlockedForDebt)

    ordered = order(anna)
    factories.top_up(contract_of(anna), Decimal('-50.00'))
    DebtBlock.create(contract=contract_of(anna), started_at=midnight(date(2026, 11, 22)))
    with pytest.raises(why.BlockedForDebt):
        equipment_desk.quote_hand_over(ordered, actor=olga)


@pytest.mark.parametrize(
    ('code', 'way', 'refusal'),
    [
        ('R-AX', 'lend', NotFound),
        ('R-AX', None, NotFound),
        ('none', 'rent', NotFound),
        (None, 'rent', NotFound),
        ({'code': 'R-AX'}, 'rent', NotFound),
        ('ONT', 'rent', why.NotRented),
        ('ONT', 'buy', why.NotSold),
    ],
)
def test_what_is_not_offered_cannot_be_ordered(anna, code, way, refusal):
    with pytest.raises(refusal):
        equipment_orders.quote(code, way, actor=anna)


def test_what_a_technician_puts_up_is_not_ordered_here(anna):
    dish = Equipment.get(Equipment.installation_fee > ZERO)

    with pytest.raises(why.NeedsInstallation):
        equipment_orders.quote(dish.code, 'buy', actor=anna)
    offer = next(each for each in equipment_board.board(actor=anna).offers if each.code == dish.code)
    assert isinstance(offer.refusal, why.NeedsInstallation)


def test_one_order_of_a_device_at_a_time(anna):
    first = order(anna)

    with pytest.raises(why.OrderedAlready) as refusal:
        equipment_orders.quote('R-AX', 'buy', actor=anna)
    assert refusal.value.facts == {'until': date(2026, 12, 6)}
    assert order(anna, 'R-AC')
    for _click in range(2):
        equipment_orders.cancel(first, actor=anna)
    assert order(anna)


def test_an_office_of_another_town_and_a_broken_form_are_refused(anna):
    shown = equipment_orders.quote('R-AX', 'rent', actor=anna)

    for place in (factories.make_office('borisov').id, 0, -1, 2**40, True, '1', None):
        with pytest.raises(InvalidField) as refusal:
            equipment_orders.order(shown.id, place, factories.key(), actor=anna)
        assert refusal.value.field == 'office'
    with pytest.raises(BrokenForm):
        equipment_orders.order(shown.id, factories.make_office().id, '', actor=anna)


def test_a_contract_that_is_over_arranges_nothing(anna, olga):
    ordered = order(anna)
    over = {'status': ContractStatus.TERMINATED, 'terminated_on': date(2026, 11, 22)}
    Contract.update(**over).where(Contract.id == anna.contract_id).execute()

    for refused_now in (
        lambda: equipment_orders.quote('R-AX', 'buy', actor=anna),
        lambda: equipment_buy_outs.quote(router(anna).id, actor=anna),
        lambda: return_announcements.quote(router(anna).id, actor=anna),
        lambda: equipment_desk.quote_hand_over(ordered, actor=olga),
        lambda: equipment_desk.quote_return(router(anna).id, actor=olga),
    ):
        with pytest.raises(why.NotActive):
            refused_now()


def test_an_operator_calls_an_order_off_with_a_reason(anna, olga):
    ordered = order(anna)
    with pytest.raises(InvalidField) as refusal:
        equipment_desk.cancel(ordered, ' ', actor=olga)
    assert refusal.value.field == 'reason'

    equipment_desk.cancel(ordered, 'Нет на складе', actor=olga)

    row = EquipmentOrder.get_by_id(ordered)
    assert (row.state, row.reason) == (OrderState.CANCELLED, 'Нет на складе')
    assert equipment_board.board(actor=anna).orders == ()


# --- who may, and what is found


def test_what_is_somebody_elses_is_not_found(anna, vera, olga):
    shown = equipment_orders.quote('R-AX', 'rent', actor=anna)
    ordered = order(anna, 'R-AC', key='key-1')
    return_announcements.announce(router(anna).id, factories.make_office().id, 'key-2', actor=anna)
    back = EquipmentReturn.get().id
    unit = factories.make_unit(contract_of(anna), 'R-AC')
    bought = equipment_buy_outs.quote(unit.id, actor=anna)

    for foreign in (
        lambda: equipment_orders.order(shown.id, factories.make_office().id, factories.key(), actor=vera),
        lambda: equipment_orders.order(shown.id, factories.make_office().id, 'key-1', actor=vera),
        lambda: equipment_orders.cancel(ordered, actor=vera),
        lambda: equipment_buy_outs.quote(unit.id, actor=vera),
        lambda: equipment_buy_outs.buy_out(bought.id, factories.key(), actor=vera),
        lambda: return_announcements.quote(unit.id, actor=vera),
        lambda: return_announcements.announce(unit.id, factories.make_office().id, factories.key(), actor=vera),
        lambda: return_announcements.call_off(back, actor=vera),
    ):
        with pytest.raises(NotFound):
            foreign()
    other = equipment_desk.quote_return(unit.id, actor=olga).id
    for wrong in (0, -1, 2**40, None, 'text', True, other):
        with pytest.raises(NotFound):
            equipment_desk.hand_over(ordered, wrong, 'AX-000001', MAC, actor=olga)
        with pytest.raises(NotFound):
            equipment_desk.accept(wrong, other, '', actor=olga)


def test_ones_own_contract_is_left_to_a_colleague(anna, olga):
    ordered = order(anna)
    own = factories.actor(_as_operator(anna), Role.OPERATOR)

    for own_hand in (
        lambda: equipment_desk.quote_hand_over(ordered, actor=own),
        lambda: equipment_desk.quote_return(router(anna).id, actor=own),
        lambda: equipment_desk.cancel(ordered, 'Передумал', actor=own),
    ):
        with pytest.raises(why.OwnEquipment):
            own_hand()
    assert [row.may_handle for row in equipment_list.list_desk(actor=own).orders] == [False]
    assert [row.may_handle for row in equipment_list.list_desk(actor=olga).orders] == [True]


def _as_operator(actor):
    UserRole.create(user=actor.user_id, role=Role.OPERATOR)
    return User.get_by_id(actor.user_id)


def test_only_the_console_stands_at_the_counter(anna, taras, stranger):
    for service in (
        lambda actor: equipment_list.list_desk(actor=actor),
        lambda actor: equipment_desk.quote_hand_over(1, actor=actor),
        lambda actor: equipment_desk.hand_over(1, 1, 'AX-1', MAC, actor=actor),
        lambda actor: equipment_desk.cancel(1, 'Нет', actor=actor),
        lambda actor: equipment_desk.quote_return(1, actor=actor),
        lambda actor: equipment_desk.accept(1, 1, '', actor=actor),
    ):
        for actor in (anna, taras):
            with pytest.raises(NotAllowed):
                service(actor)
        with pytest.raises(SignInRequired):
            service(stranger)


def test_the_list_shows_what_waits_and_everything_one_contract_rents(anna, boris, olga):
    ordered = order(anna)
    factories.make_unit(contract_of(boris), 'R-AX')
    return_announcements.announce(router(anna).id, factories.make_office().id, 'key-1', actor=anna)

    waiting = equipment_list.list_desk(actor=olga)
    assert ([row.id for row in waiting.orders], waiting.to_hand_over, waiting.to_accept) == ([ordered], 1, 1)
    back = equipment_list.list_desk('returns', actor=olga)
    assert [(row.contract_number, row.number != '') for row in back.units] == [('100001', True)]
    rented = equipment_list.list_desk('returns', '100002', actor=olga)
    assert [(row.name, row.number) for row in rented.units] == [(Equipment.get(code='R-AX').name, '')]
    assert equipment_list.list_desk('orders', '100002', actor=olga).orders == ()
    assert equipment_list.list_desk('orders', '1' * 40, -5, actor=olga).to_hand_over == 1


def test_the_list_comes_in_pages(anna, olga):
    most = limits.count('equipment_page')
    for _number in range(most + 1):
        unit = factories.make_unit(contract_of(anna), 'R-AC')
        return_announcements.announce(unit.id, factories.make_office().id, factories.key(), actor=anna)

    first, second = (equipment_list.list_desk('returns', '', page, actor=olga) for page in (1, 2))

    assert (len(first.units), first.has_more, first.to_accept) == (most, True, most + 1)
    assert (len(second.units), second.has_more) == (1, False)
    assert first.units[0].id < second.units[0].id
