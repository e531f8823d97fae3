"""The end of a contract at the console: the paper, the devices, what is left and who sent it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import AccountKind, Operation
from models.contract import Contract, EquipmentUnit, Ownership
from models.correction import CorrectionState
from models.equipment import EquipmentReturn, ReturnState
from models.outbox import OutgoingMessage
from models.termination import Payout, Termination
from models.user import AuditEvent, Role, Session
from services.accounts import (
    equipment_returns,
    ledger,
    payouts,
    return_announcements,
    termination_desk,
    termination_devices,
    termination_list,
    termination_runs,
    terminations,
)
from services.accounts.correction_refusals import OwnContract, SecondPersonNeeded
from services.accounts.termination_list import Part
from services.accounts.termination_refusals import (
    AlreadyRequested,
    MoreThanThere,
    NoPrice,
    NotEnded,
    PayoutDecided,
    PayoutWaits,
    RentRunsOn,
)
from services.accounts.termination_requests import Wish
from services.clock import MINSK, local, midnight, now
from services.contracts import statements
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.cast import contract_of

REASON = 'Не вернули за месяц после расторжения'


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


@pytest.fixture
def rita(db):
    return factories.actor(factories.make_user(Role.OPERATOR, name='Рита', login='rita'), Role.OPERATOR)


def enter(olga, number='100001', last_day='2026-11-25', key='key-paper', **wish):
    shown = termination_desk.quote_for(number, last_day, actor=olga)
    return termination_desk.request_for(number, shown.id, key, Wish(**{'paper': '17/2026', **wish}), actor=olga)


def ended(olga, clock, number='100001'):
    enter(olga, number)
    clock.move_to(midnight(date(2026, 11, 26)).astimezone(MINSK) + timedelta(hours=10))
    termination_runs.run_due()
    Session.update(fresh_at=now()).execute()


def test_a_written_application_is_entered_with_its_number(db, anna, olga):
    assert enter(olga, reason='price') == enter_again(olga) == date(2026, 11, 25)

    row = Termination.get()
    assert (row.paper, row.requested_by.id, row.reason) == ('17/2026', olga.user_id, 'price')
    assert 'По вашему заявлению № 17/2026' in OutgoingMessage.get().text
    assert terminations.board(actor=anna).current.paper == '17/2026'
    desk = termination_desk.get_desk('100001', actor=olga)
    assert (desk.asked_by, desk.current.last_day, desk.is_over) == ('Ольга', date(2026, 11, 25), False)


def enter_again(olga):
    quote = Termination.get().quote_id
    return termination_desk.request_for('100001', quote, 'key-paper', Wish(paper='17/2026'), actor=olga)


def test_who_has_no_login_is_offered_none_of_other_peoples_contracts(db, olga):
    factories.make_contract('200001', subscriber=factories.make_subscriber())
    contract = factories.make_contract('200002', subscriber=factories.make_subscriber())
    factories.make_contract('200003', subscriber=contract.subscriber)

    assert termination_desk.get_desk('200002', actor=olga).others == ('200003',)


def test_without_a_number_nothing_is_entered(db, anna, olga):
    with pytest.raises(InvalidField) as refusal:
        enter(olga, paper='  ')
    assert refusal.value.field == 'paper'
    assert not Termination.select().exists()


def test_one_request_whoever_asks(db, anna, olga):
    shown = terminations.quote('2026-11-25', actor=anna)
    enter(olga)

    with pytest.raises(AlreadyRequested):
        terminations.request(shown.id, 'key-own', Wish(), actor=anna)


def test_the_operator_takes_it_back(db, anna, olga):
    enter(olga)
    termination_desk.withdraw_for('100001', actor=olga)

    assert terminations.board(actor=anna).current is None
    with pytest.raises(NotFound):
        termination_desk.withdraw_for('100001', actor=olga)


@pytest.mark.parametrize('number', ['999999', '', None, 'x' * 10_000, {'a': 1}])
def test_a_contract_that_does_not_exist_is_not_found(db, olga, number):
    for asked in (
        lambda: termination_desk.get_desk(number, actor=olga),
        lambda: termination_desk.quote_for(number, '2026-11-25', actor=olga),
        lambda: termination_desk.withdraw_for(number, actor=olga),
        lambda: payouts.pay_out(number, '1', '1', 'key-1', actor=olga),
        lambda: statements.make_last_statement(number, actor=olga),
    ):
        with pytest.raises(NotFound):
            asked()


def test_ones_own_contract_is_ended_by_a_colleague(db, ada, anna):
    contract = contract_of(anna)
    contract.subscriber.user = ada.user_id
    contract.subscriber.save()

    with pytest.raises(OwnContract):
        termination_desk.quote_for('100001', '2026-11-25', actor=ada)
    with pytest.raises(OwnContract):
        termination_devices.accept(EquipmentUnit.get().id, '', actor=ada)


def test_a_subscriber_reaches_nothing_of_it(db, anna):
    with pytest.raises(NotAllowed):
        termination_desk.get_desk('100001', actor=anna)
    with pytest.raises(NotAllowed):
        termination_list.list_ends(actor=anna)


# --- devices ------------------------------------------------------------------------------------------------------


def test_a_device_is_accepted_with_its_day_once(db, anna, olga):
    unit = EquipmentUnit.get()
    EquipmentUnit.update(installed_at=midnight(date(2026, 11, 1)), ownership=Ownership.LENT).execute()

    termination_devices.accept(unit.id, '2026-11-20', actor=olga)
    termination_devices.accept(unit.id, '2026-11-21', actor=olga)

    assert local(EquipmentUnit.get().returned_at).date() == date(2026, 11, 20)
    assert AuditEvent.select().where(AuditEvent.action == 'equipment.return').count() == 1
    assert termination_desk.get_desk('100001', actor=olga).devices[0].returned_on == date(2026, 11, 20)


@pytest.mark.parametrize('day', ['2026-11-23', '2026-10-31', 'вчера', '2026-13-01'])
def test_a_device_comes_back_between_its_first_day_and_today(db, anna, olga, day):
    EquipmentUnit.update(installed_at=midnight(date(2026, 11, 1)), ownership=Ownership.LENT).execute()

    with pytest.raises(InvalidField) as refusal:
        termination_devices.accept(EquipmentUnit.get().id, day, actor=olga)
    assert refusal.value.field == 'on'


def test_a_rented_device_is_accepted_here_after_the_end_and_closes_its_announcement(db, anna, olga, at_noon):
    unit = EquipmentUnit.get()
    return_announcements.announce(unit.id, factories.make_office().id, 'key-back', actor=anna)
    with pytest.raises(RentRunsOn):
        termination_devices.accept(unit.id, '', actor=olga)
    assert EquipmentUnit.get().returned_at is None

    ended(olga, at_noon)
    termination_devices.accept(unit.id, '', actor=olga)

    assert EquipmentUnit.get().returned_at is not None
    assert EquipmentReturn.get().state == ReturnState.ACCEPTED


def test_what_was_sold_is_not_taken_back(db, anna, olga):
    EquipmentUnit.update(ownership=Ownership.SOLD).execute()

    with pytest.raises(equipment_returns.NotOurs):
        termination_devices.accept(EquipmentUnit.get().id, '', actor=olga)


def test_a_device_that_is_kept_is_charged_once_at_the_price_of_the_catalogue(db, anna, olga, at_noon):
    unit = EquipmentUnit.get()
    price = unit.equipment.lost_price or unit.equipment.buy_price
    with pytest.raises(NotEnded):
        termination_devices.charge_device(unit.id, REASON, actor=olga)
    ended(olga, at_noon)

    termination_devices.charge_device(unit.id, REASON, actor=olga)
    termination_devices.charge_device(unit.id, REASON, actor=olga)

    assert ledger.balance(contract_of(anna)) == Decimal('50.83') - price < 0
    operation = Operation.get(Operation.key == f'unreturned:{unit.id}')
    assert (operation.kind, operation.actor_id) == ('equipment', olga.user_id)
    assert EquipmentUnit.get().ownership == Ownership.SOLD
    assert REASON in OutgoingMessage.get(OutgoingMessage.key == operation.key).text
    assert termination_desk.get_desk('100001', actor=olga).devices == ()


def test_a_device_that_is_back_or_has_no_price_is_not_charged(db, anna, olga, at_noon):
    ended(olga, at_noon)
    unit = EquipmentUnit.get()
    device = unit.equipment
    device.lost_price = device.buy_price = None
    device.save()
    with pytest.raises(NoPrice):
        termination_devices.charge_device(unit.id, REASON, actor=olga)
    termination_devices.accept(unit.id, '', actor=olga)
    with pytest.raises(equipment_returns.NotOurs):
        termination_devices.charge_device(unit.id, REASON, actor=olga)
    with pytest.raises(InvalidField):
        termination_devices.charge_device(unit.id, 'мало', actor=olga)


@pytest.mark.parametrize('unit_id', [0, -1, 2**30, 2**63, None, 'x', True])
def test_a_device_that_does_not_exist_is_not_found(db, anna, olga, unit_id):
    for asked in (termination_devices.accept, termination_devices.charge_device):
        with pytest.raises(NotFound):
            asked(unit_id, REASON, actor=olga)


# --- the money ----------------------------------------------------------------------------------------------------


def test_a_small_rest_goes_out_at_once(db, anna, olga, at_noon):
    ended(olga, at_noon)

    assert payouts.pay_out('100001', '40,83', '45', 'key-1', actor=olga) == CorrectionState.BOOKED
    assert payouts.pay_out('100001', '40,83', '45', 'key-1', actor=olga) == CorrectionState.BOOKED

    assert ledger.balance(contract_of(anna)) == Decimal('10.00')
    assert ledger.own_account(AccountKind.BANK).balance == Decimal('40.83')
    assert '40,83 р.' in OutgoingMessage.get(OutgoingMessage.key == f'payout:{Payout.get().id}').text.replace(
        '\xa0', ' '
    )


def test_a_large_one_waits_for_a_second_employee(db, anna, olga, rita, at_noon):
    ended(olga, at_noon)
    assert payouts.pay_out('100001', '50,83', '45', 'key-1', actor=olga) == CorrectionState.WAITING
    payout = Payout.get()

    with pytest.raises(PayoutWaits):
        payouts.pay_out('100001', '1', '46', 'key-2', actor=rita)
    with pytest.raises(SecondPersonNeeded):
        payouts.approve(payout.id, actor=olga)
    assert [each.may_decide for each in termination_desk.get_desk('100001', actor=olga).payouts] == [False]
    payouts.approve(payout.id, actor=rita)
    payouts.approve(payout.id, actor=rita)

    assert ledger.balance(contract_of(anna)) == 0
    with pytest.raises(PayoutDecided):
        payouts.refuse(payout.id, 'Поздно', actor=rita)


def test_money_goes_out_only_for_who_showed_lately_that_it_is_he(db, anna, olga, rita, at_noon):
    ended(olga, at_noon)
    payouts.pay_out('100001', '50,83', '45', 'key-1', actor=olga)
    Session.update(fresh_at=now() - timedelta(minutes=6)).execute()

    with pytest.raises(StepUpRequired):
        payouts.approve(Payout.get().id, actor=rita)
    with pytest.raises(StepUpRequired):
        payouts.pay_out('100001', '1', '46', 'key-2', actor=olga)

    assert ledger.balance(contract_of(anna)) == Decimal('50.83')
    assert not termination_desk.get_desk('100001', actor=rita).is_fresh


def test_small_ones_add_up(db, anna, olga, at_noon):
    ended(olga, at_noon)
    payouts.pay_out('100001', '30', '45', 'key-1', actor=olga)

    assert payouts.pay_out('100001', '20,83', '46', 'key-2', actor=olga) == CorrectionState.WAITING


def test_one_that_is_refused_leaves_the_money(db, anna, olga, rita, at_noon):
    ended(olga, at_noon)
    payouts.pay_out('100001', '50,83', '45', 'key-1', actor=olga)

    payouts.refuse(Payout.get().id, 'Не тот счёт', actor=rita)

    assert ledger.balance(contract_of(anna)) == Decimal('50.83')
    assert termination_desk.get_desk('100001', actor=rita).payouts[0].refusal == 'Не тот счёт'
    with pytest.raises(PayoutDecided):
        payouts.approve(Payout.get().id, actor=rita)


def test_what_was_taken_meanwhile_does_not_go_out(db, anna, olga, rita, at_noon):
    ended(olga, at_noon)
    payouts.pay_out('100001', '50,83', '45', 'key-1', actor=olga)
    factories.top_up(contract_of(anna), Decimal('-1.00'))

    with pytest.raises(MoreThanThere):
        payouts.approve(Payout.get().id, actor=rita)


@pytest.mark.parametrize('amount', ['0', '-1', '50,84', '1e9', 'NaN', '', '0,001', None, 5])
def test_what_is_no_sum_or_too_much_does_not_go_out(db, anna, olga, at_noon, amount):
    ended(olga, at_noon)

    with pytest.raises((InvalidForm, MoreThanThere)):
        payouts.pay_out('100001', amount, '45', 'key-1', actor=olga)
    assert not Payout.select().exists()


def test_before_the_end_nothing_goes_out(db, anna, olga):
    with pytest.raises(NotEnded):
        payouts.pay_out('100001', '1', '45', 'key-1', actor=olga)


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_tells_what_is_still_to_do(db, anna, boris, olga, at_noon):
    enter(olga, '100002', '2026-12-20', 'key-boris')
    ended(olga, at_noon)

    found = {part: termination_list.list_ends(part, actor=olga) for part in Part}

    assert {part: [row.number for row in page.rows] for part, page in found.items()} == {
        Part.REQUESTED: ['100002'],
        Part.EQUIPMENT: ['100001'],
        Part.MONEY: ['100001'],
        Part.ENDED: ['100001'],
    }
    assert found[Part.MONEY].counts == (1, 1, 1, 1)
    (row,) = found[Part.EQUIPMENT].rows
    assert (row.devices, row.balance, row.waits) == (1, Decimal('50.83'), False)
    assert termination_list.list_ends('nonsense', 10**9, actor=olga).rows[0].number == '100002'


def test_the_last_statement_begins_with_the_last_month(db, anna, olga, at_noon):
    ended(olga, at_noon)
    Session.update(fresh_at=now()).execute()

    paper = statements.make_last_statement('100001', actor=olga)

    assert paper.pdf.startswith(b'%PDF')
    assert paper.name == 'Последняя выписка 100001.pdf'
    Contract.update(terminated_on=None).execute()
    with pytest.raises(NotFound):
        statements.make_last_statement('100001', actor=olga)
