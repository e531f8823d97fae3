"""Corrections of a wallet: small ones at once, large ones by two; a repeat changes nothing; the books balance."""

from datetime import timedelta
from decimal import Decimal

import peewee
import pytest
import time_machine

from models.account import Entry, Operation, OperationKind
from models.base import database
from models.contract import DebtBlock
from models.correction import Correction, CorrectionState
from models.outbox import OutgoingMessage
from models.user import AuditEvent, Role
from services.accounts import correction_list, corrections, ledger
from services.accounts.correction_refusals import (
    Decided,
    IsOpening,
    IsReversal,
    MoneyFromBank,
    OwnContract,
    ReversalWaits,
    ReversedAlready,
    SecondPersonNeeded,
)
from services.accounts.corrections import CREDIT, DEBIT
from services.accounts.ledger import Posting
from services.clock import now
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired
from services.form_keys import BrokenForm
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.cast import contract_of
from tests.factors import make_fresh, make_stale

WHY = 'Час не было связи, авария 312'


@pytest.fixture
def rita(storage):
    """Another operator."""
    user = factories.make_user(Role.OPERATOR, login='rita', name='Рита', first_name='Рита')
    return factories.actor(user, Role.OPERATOR)


def charge(contract, amount='-29.90', kind=OperationKind.MONTH, title='Тариф «I-100»'):
    return ledger.post(contract, Posting(f'adjust:{factories.key()}', kind, Decimal(amount), title))


def correct(actor, amount='5', direction=CREDIT, number='100001', reason=WHY, key=None):
    return corrections.correct(number, direction, amount, reason, key or factories.key(), actor=actor)


def waiting():
    return Correction.get(Correction.state == CorrectionState.WAITING)


def balance(actor):
    return ledger.balance(contract_of(actor))


def test_a_small_plus_is_booked_at_once_with_reason_letter_and_line_of_the_log(anna, olga):
    assert correct(olga, '5,50') == CorrectionState.BOOKED

    operation = Operation.get(Operation.kind == OperationKind.ADJUSTMENT)
    letter = OutgoingMessage.get(OutgoingMessage.contract_number == '100001')
    assert balance(anna) == Decimal('50.60')
    assert (operation.reason, operation.actor_id, operation.title) == (
        WHY,
        olga.user_id,
        'Исправление: возврат на счёт',
    )
    assert letter.subject == 'Вернули на счёт 5,50 р.'
    assert WHY in letter.text
    assert sum(entry.amount for entry in Entry.select()) == 0


def test_a_minus_is_taken_and_may_block(anna, olga, ada):
    assert correct(olga, '46', DEBIT) == CorrectionState.BOOKED
    assert balance(anna) == Decimal('-0.90')


def test_a_plus_that_pays_the_debt_unblocks(boris, olga):
    correct(olga, '12,40', number='100002')

    assert DebtBlock.get().ended_at is not None


@pytest.mark.parametrize(('amount', 'state'), [('50', CorrectionState.BOOKED), ('50,01', CorrectionState.WAITING)])
def test_above_the_limit_of_the_rules_it_waits_for_a_second_employee(anna, olga, amount, state):
    assert correct(olga, amount) == state
    assert (balance(anna) == Decimal('45.10')) == (state == CorrectionState.WAITING)


def test_a_large_sum_cut_into_small_ones_waits_as_well(anna, olga, rita):
    assert correct(olga, '30') == correct(olga, '20', DEBIT) == CorrectionState.BOOKED
    assert correct(olga, '0,01') == CorrectionState.WAITING
    assert correct(rita, '30') == CorrectionState.BOOKED  # another person has the whole limit


def test_the_second_employee_books_it_and_the_first_stays_its_author(anna, olga, rita):
    correct(olga, '80')

    corrections.approve(waiting().id, actor=rita)
    corrections.approve(Correction.get().id, actor=rita)  # a double click

    row = Correction.get()
    assert balance(anna) == Decimal('125.10')
    assert (row.state, row.asked_by_id, row.decided_by_id) == (CorrectionState.BOOKED, olga.user_id, rita.user_id)
    assert row.operation.actor_id == olga.user_id
    assert OutgoingMessage.select().count() == 1


def test_who_asked_does_not_decide(anna, olga):
    correct(olga, '80')

    with pytest.raises(SecondPersonNeeded):
        corrections.approve(waiting().id, actor=olga)
    with pytest.raises(SecondPersonNeeded):
        corrections.refuse(waiting().id, 'Передумала', actor=olga)
    assert balance(anna) == Decimal('45.10')


def test_the_database_itself_refuses_one_pair_of_eyes(anna, olga, storage):
    correct(olga, '80')

    with pytest.raises(peewee.IntegrityError), database.atomic():
        Correction.update(decided_by=olga.user_id).execute()


def test_a_refused_one_is_never_booked(anna, olga, rita):
    correct(olga, '80')
    row = waiting()

    corrections.refuse(row.id, 'Авария была в другом доме', actor=rita)
    corrections.refuse(row.id, 'Авария была в другом доме', actor=rita)

    with pytest.raises(Decided):
        corrections.approve(row.id, actor=rita)
    assert Correction.get().refusal == 'Авария была в другом доме'
    assert balance(anna) == Decimal('45.10')
    assert OutgoingMessage.select().count() == 0


def test_a_booked_one_is_not_refused(anna, olga, rita):
    correct(olga, '80')
    corrections.approve(waiting().id, actor=rita)

    with pytest.raises(Decided):
        corrections.refuse(Correction.get().id, 'Поздно', actor=rita)


def test_one_key_corrects_once_and_another_sum_under_it_is_refused(anna, olga):
    key = factories.key()
    assert correct(olga, '5', key=key) == correct(olga, '5', key=key) == CorrectionState.BOOKED

    with pytest.raises(NotFound):
        correct(olga, '6', key=key)
    assert balance(anna) == Decimal('50.10')


def test_an_operation_is_reversed_whole_and_once(anna, olga):
    operation = charge(contract_of(anna))
    key = factories.key()

    assert corrections.reverse(operation.id, WHY, key, actor=olga) == CorrectionState.BOOKED
    assert corrections.reverse(operation.id, WHY, key, actor=olga) == CorrectionState.BOOKED
    with pytest.raises(ReversedAlready):
        corrections.reverse(operation.id, WHY, factories.key(), actor=olga)

    reversal = Operation.get(Operation.reverses == operation)
    assert balance(anna) == Decimal('45.10')
    assert reversal.reason == WHY
    assert 'Отменили' not in OutgoingMessage.get().subject
    assert 'отменили операцию «Тариф «I-100»»' in OutgoingMessage.get().text
    assert sum(entry.amount for entry in Entry.select()) == 0


def test_a_large_reversal_waits_and_nobody_asks_for_it_twice(anna, olga, rita):
    operation = charge(contract_of(anna), '-120.00')
    assert corrections.reverse(operation.id, WHY, factories.key(), actor=olga) == CorrectionState.WAITING

    with pytest.raises(ReversalWaits):
        corrections.reverse(operation.id, WHY, factories.key(), actor=rita)
    corrections.approve(waiting().id, actor=rita)

    assert balance(anna) == Decimal('45.10')


def test_what_was_refused_may_be_asked_for_again(anna, olga, rita):
    operation = charge(contract_of(anna), '-120.00')
    corrections.reverse(operation.id, WHY, factories.key(), actor=olga)
    corrections.refuse(waiting().id, 'Нет документа', actor=rita)

    assert corrections.reverse(operation.id, WHY, factories.key(), actor=olga) == CorrectionState.WAITING


def test_payments_openings_and_reversals_are_not_reversed(anna, olga):
    contract = contract_of(anna)
    payment = charge(contract, '20.00', OperationKind.PAYMENT, 'Оплата картой')
    month = charge(contract)
    corrections.reverse(month.id, WHY, factories.key(), actor=olga)
    cases = {
        payment.id: MoneyFromBank,
        Operation.get(Operation.kind == OperationKind.OPENING).id: IsOpening,
        Operation.get(Operation.reverses == month).id: IsReversal,
    }

    for operation, refusal in cases.items():
        with pytest.raises(refusal):
            corrections.reverse(operation, WHY, factories.key(), actor=olga)


def test_nobody_corrects_his_own_wallet(olga, ada):
    own = factories.make_contract('100009', user=factories.User.get_by_id(ada.user_id), balance=Decimal('5.00'))

    with pytest.raises(OwnContract):
        correct(ada, number='100009')
    correct(olga, '80', number='100009')
    with pytest.raises(OwnContract):
        corrections.approve(waiting().id, actor=ada)
    assert ledger.balance(own) == Decimal('5.00')


@pytest.mark.parametrize('amount', ['0', '-5', '5,005', '5001', 'NaN', '1e3', '', None, 5, '٥', '5' * 70])
def test_what_is_no_sum_is_refused_beside_its_field(anna, olga, amount):
    with pytest.raises(InvalidForm) as refusal:
        correct(olga, amount, reason='мало')

    assert set(refusal.value.errors) == {'amount', 'reason'}
    assert Entry.select().count() == 2


@pytest.mark.parametrize(
    ('number', 'direction', 'error'),
    [('999999', CREDIT, NotFound), (None, CREDIT, NotFound), ('100001', 'gift', NotFound), ('100001', None, NotFound)],
)
def test_what_is_not_there_is_not_corrected(anna, olga, number, direction, error):
    with pytest.raises(error):
        correct(olga, number=number, direction=direction)


@pytest.mark.parametrize('row', [0, -1, True, None, '1', 2**40, 999])
def test_forged_ids_find_nothing(anna, olga, row):
    with pytest.raises(NotFound):
        corrections.approve(row, actor=olga)
    with pytest.raises(NotFound):
        corrections.reverse(row, WHY, factories.key(), actor=olga)


def test_a_form_without_a_key_and_a_refusal_without_a_reason_are_refused(anna, olga, rita):
    with pytest.raises(BrokenForm):
        correct(olga, key='?')
    correct(olga, '80')
    with pytest.raises(InvalidField):
        corrections.refuse(waiting().id, ' ', actor=rita)


def test_only_the_console_corrects(anna, taras, stranger):
    for person, error in ((anna, NotAllowed), (taras, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            correct(person)
        with pytest.raises(error):
            corrections.approve(1, actor=person)


def test_money_moves_only_for_who_showed_lately_that_it_is_he(anna, olga, rita):
    correct(olga, '80')
    operation = charge(contract_of(anna))
    make_stale(olga)
    make_stale(rita)

    for ask in (
        lambda: correct(olga),
        lambda: corrections.reverse(operation.id, WHY, factories.key(), actor=olga),
        lambda: corrections.approve(waiting().id, actor=rita),
    ):
        with pytest.raises(StepUpRequired):
            ask()
    assert balance(anna) == Decimal('15.20')
    corrections.refuse(waiting().id, 'Нет', actor=rita)  # nothing moves
    make_fresh(olga)
    assert correct(olga) == CorrectionState.BOOKED


def test_five_minutes_are_lately_a_second_more_is_not(anna, olga):
    with time_machine.travel(now() + timedelta(minutes=5, seconds=-1), tick=False):
        correct(olga)
    with time_machine.travel(now() + timedelta(minutes=5, seconds=1), tick=False), pytest.raises(StepUpRequired):
        correct(olga)


def test_every_step_stands_in_the_log(anna, olga, rita):
    correct(olga, '5')
    correct(olga, '80')
    corrections.approve(waiting().id, actor=rita)
    correct(olga, '90')
    corrections.refuse(waiting().id, 'Нет', actor=rita)

    actions = [row.action for row in AuditEvent.select().order_by(AuditEvent.id) if 'correction' in row.action]
    assert actions == [
        'correction.book', 'correction.ask', 'correction.approve', 'correction.ask', 'correction.refuse',
    ]  # fmt: skip


def test_the_list_comes_in_pages(anna, olga, monkeypatch):
    monkeypatch.setattr(correction_list, 'PAGE', 2)
    for _ in range(3):
        correct(olga, '500')

    first, second = (correction_list.list_corrections(page=page, actor=olga) for page in (1, 2))

    assert [len(first.rows), first.has_more, len(second.rows), second.has_more] == [2, True, 1, False]
