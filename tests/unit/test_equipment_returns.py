"""Devices that come back and devices that are kept: the rent by days, the price, once each, and who is refused."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine

from models.catalogue import Equipment
from models.contract import Contract, EquipmentUnit, Ownership
from models.equipment import EquipmentReturn, ReturnState
from models.user import Role
from services import rule_changes
from services.accounts import (
    billing,
    debt_blocks,
    equipment_board,
    equipment_buy_outs,
    equipment_desk,
    return_announcements,
    subscriptions,
)
from services.accounts import equipment_refusals as why
from services.accounts.shown_quotes import NotEnoughMoney
from services.clock import MINSK
from services.errors import NotFound, WrongTransition
from services.money import ZERO
from tests import factories
from tests.cast import contract_of
from tests.counter import accept, balance, charged, hand_over, noon, order, router


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(noon(2026, 11, 22), tick=False) as clock:
        yield clock


@pytest.fixture
def rita(storage):
    """Another operator."""
    user = factories.make_user(Role.OPERATOR, login='rita', name='Рита', first_name='Рита')
    return factories.actor(user, Role.OPERATOR)


def test_the_rent_goes_on_until_the_device_is_accepted(anna, olga, at_noon):
    number = return_announcements.announce(router(anna).id, factories.make_office().id, 'key-1', actor=anna)
    assert return_announcements.announce(router(anna).id, factories.make_office().id, 'key-2', actor=anna) == number
    assert billing.next_charge(contract_of(anna)).sum == Decimal('34.40')
    at_noon.move_to(noon(2026, 12, 10))
    factories.top_up(contract_of(anna), Decimal('20.00'))
    billing.charge_month(contract_of(anna), date(2026, 12, 1))
    before = balance(anna)

    assert accept(olga, router(anna), 'Цело') == Decimal('3.05')  # 4.50 × 21 of 31 days

    assert balance(anna) - before == Decimal('3.05')
    assert billing.next_charge(contract_of(anna)).sum == Decimal('29.90')
    row = EquipmentReturn.get()
    assert (row.state, row.condition, row.closed_by_id) == (ReturnState.ACCEPTED, 'Цело', olga.user_id)
    assert router(anna).returned_at is not None
    assert equipment_board.board(actor=anna).units == ()


@pytest.mark.parametrize(('day', 'back'), [((2026, 12, 1), '4.35'), ((2026, 12, 30), '0.15'), ((2026, 12, 31), '0.00')])
def test_on_the_first_the_month_is_charged_before_its_rent_comes_back(anna, olga, at_noon, day, back):
    at_noon.move_to(noon(*day))  # the night did not come: nobody charged December
    assert accept(olga, router(anna)) == Decimal(back)

    assert balance(anna) == Decimal('45.10') - Decimal('34.40') + Decimal(back)


def test_a_device_nobody_announced_is_accepted_all_the_same_and_once(anna, olga, rita):
    unit = router(anna)
    shown = equipment_desk.quote_return(unit.id, actor=olga)
    for _click in range(2):
        assert equipment_desk.accept(unit.id, shown.id, 'Цело', actor=olga) == Decimal('1.20')

    with pytest.raises(WrongTransition):
        equipment_desk.accept(unit.id, shown.id, 'Цело', actor=rita)
    with pytest.raises(NotFound):
        equipment_desk.quote_return(unit.id, actor=rita)
    assert (balance(anna), EquipmentReturn.select().count()) == (Decimal('46.30'), 1)


def test_the_rent_of_a_paused_month_comes_back_by_days_too(vera, olga):
    factories.make_unit(contract_of(vera), 'R-AC')
    assert subscriptions.open_suspension(contract_of(vera))
    ordered = order(vera)

    hand_over(olga, ordered)
    assert balance(vera) == Decimal('17.75')  # 20.00 − 2.25: the rent does not stop
    assert accept(olga, EquipmentUnit.get(EquipmentUnit.equipment == Equipment.get(code='R-AC'))) == Decimal('1.20')


def test_what_comes_back_ends_the_block_if_it_is_enough(anna, olga):
    contract = contract_of(anna)
    Contract.update(active_on=date(2026, 10, 1)).where(Contract.id == contract.id).execute()
    billing.charge_month(contract, date(2026, 11, 1))
    factories.top_up(contract, -balance(anna) - Decimal('1.00'))
    debt_blocks.review(contract_of(anna))
    assert debt_blocks.open_block(contract_of(anna))

    accept(olga, router(anna))

    assert balance(anna) == Decimal('0.20')
    assert not debt_blocks.open_block(contract_of(anna))


def test_he_may_keep_it_after_all(anna, olga):
    return_announcements.announce(router(anna).id, factories.make_office().id, 'key-1', actor=anna)
    row = EquipmentReturn.get()
    assert equipment_board.board(actor=anna).units[0].back.number == f'{row.id:06}'

    for _click in range(2):
        return_announcements.call_off(row.id, actor=anna)

    assert EquipmentReturn.get().state == ReturnState.CALLED_OFF
    with pytest.raises(WrongTransition):
        return_announcements.announce(router(anna).id, factories.make_office().id, 'key-1', actor=anna)
    assert (
        return_announcements.announce(router(anna).id, factories.make_office().id, 'key-2', actor=anna)
        != f'{row.id:06}'
    )


def test_one_of_two_routers_comes_back(anna, olga):
    factories.make_unit(contract_of(anna), 'R-AC')
    assert billing.next_charge(contract_of(anna)).sum == Decimal('38.90')

    assert accept(olga, router(anna)) == Decimal('1.20')

    assert billing.next_charge(contract_of(anna)).sum == Decimal('34.40')


@pytest.mark.parametrize('ownership', [Ownership.SOLD, Ownership.OWN, Ownership.LENT])
def test_only_a_rented_device_is_brought_back_or_bought_out(anna, olga, ownership):
    unit = factories.make_unit(contract_of(anna), 'R-AX', ownership)
    refusal = why.BelongsToLine if ownership == Ownership.LENT else why.NotYourRent

    for refused_now in (
        lambda: return_announcements.announce(unit.id, factories.make_office().id, 'key-1', actor=anna),
        lambda: equipment_buy_outs.quote(unit.id, actor=anna),
        lambda: equipment_desk.quote_return(unit.id, actor=olga),
    ):
        with pytest.raises(refusal):
            refused_now()


# --- buying out


def test_who_buys_the_device_out_pays_its_price_and_gets_the_days_back(anna):
    factories.top_up(contract_of(anna), Decimal('60.00'))
    shown = equipment_buy_outs.quote(router(anna).id, actor=anna)
    assert shown.quote.due == Decimal('87.80')  # 89.00 − 1.20

    for _click in range(2):
        assert equipment_buy_outs.buy_out(shown.id, factories.key(), actor=anna)

    assert balance(anna) == Decimal('17.30')
    assert [formula for formula, _title in charged(anna)] == ['89,00 р.', '4,50 р. × 8 из 30 дней']
    assert (router(anna).ownership, router(anna).monthly_fee) == (Ownership.SOLD, ZERO)
    assert billing.next_charge(contract_of(anna)).sum == Decimal('29.90')


def test_a_share_of_the_rent_counts_where_the_rules_say_so(anna, ada, at_noon):
    EquipmentUnit.update(installed_at=datetime(2026, 11, 1, 9, tzinfo=MINSK)).execute()
    rule_changes.change('buyout_rent_percent', '50', '2026-12-02', 'Акция', actor=ada)
    factories.top_up(contract_of(anna), Decimal('100.00'))
    at_noon.move_to(noon(2026, 12, 1))
    assert equipment_buy_outs.quote(router(anna).id, actor=anna).quote.due == Decimal('84.65')  # 89.00 − 4.35
    at_noon.move_to(noon(2026, 12, 2))

    shown = equipment_buy_outs.quote(router(anna).id, actor=anna)

    # rent paid: November 4.50, two days of December 0.29; half is 2.395, so 2.40; 29 of 31 days back: 4.21
    assert [line.sum for line in shown.quote.charges] == [Decimal('89.00'), Decimal('-2.40'), Decimal('-4.21')]
    equipment_buy_outs.buy_out(shown.id, factories.key(), actor=anna)
    assert balance(anna) == Decimal('145.10') - Decimal('34.40') - Decimal('82.39')


def test_without_the_money_it_stays_rented(anna):
    shown = equipment_buy_outs.quote(router(anna).id, actor=anna)
    assert shown.missing == Decimal('42.70')

    with pytest.raises(NotEnoughMoney):
        equipment_buy_outs.buy_out(shown.id, 'key-1', actor=anna)
    assert router(anna).ownership == Ownership.RENTED


def test_what_is_announced_to_come_back_is_not_bought(anna):
    return_announcements.announce(router(anna).id, factories.make_office().id, 'key-1', actor=anna)

    with pytest.raises(why.AnnouncedAlready):
        equipment_buy_outs.quote(router(anna).id, actor=anna)
