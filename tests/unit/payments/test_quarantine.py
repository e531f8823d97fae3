"""Money that did not come as agreed: credited to the right contract once, sent back, or left with a note."""

from decimal import Decimal

import pytest

from models.account import Operation
from models.correction import CorrectionState
from models.outbox import OutgoingMessage
from models.payment import PaymentState
from models.quarantine import QuarantineVerdict
from models.refund import RefundState
from models.user import AuditEvent
from services.accounts import debt_blocks
from services.errors import InvalidForm, NotAllowed, NotFound, SignInRequired
from services.identity.step_up import StepUpRequired
from services.payments import payment_outcomes, quarantine
from services.payments.refund_refusals import (
    MoreThanLeft,
    NoMoney,
    NotAside,
    NothingLeft,
    OwnPayment,
    RefundDecided,
    RefundWaits,
    SecondPersonNeeded,
    VerdictWaits,
)
from tests import factories
from tests.bank import again, balance, credited, pay
from tests.cast import contract_of
from tests.factors import make_stale
from tests.money_back import WHY, give_back, gone, paid, rita  # noqa: F401 - a fixture


def aside(bank, actor, amount='20', fault='wrong_amount'):
    """Pay so that the money comes otherwise than agreed: half of it, or as a test."""
    bank.switch(fault)
    payment = pay(bank, actor, amount)
    payment_outcomes.refresh(payment.id)
    assert again(payment).state == PaymentState.QUARANTINED
    return again(payment)


def credit(payment, actor, number='100001', key=None):
    return quarantine.credit(payment.id, number, WHY, key or factories.key(), actor=actor)


def test_what_came_is_credited_to_the_payer_once(db, bank, anna, olga):
    payment, key = aside(bank, anna), factories.key()

    assert [credit(payment, olga, key=key) for _ in range(2)] == [CorrectionState.BOOKED] * 2
    payment_outcomes.refresh(payment.id)
    payment_outcomes.refresh_all(payment.id)

    assert credited(anna) == [Decimal('10.00')]
    assert balance(anna) == Decimal('55.10')
    assert (again(payment).state, again(payment).amount) == (PaymentState.SUCCEEDED, Decimal('10.00'))
    letter = OutgoingMessage.get(OutgoingMessage.key.startswith('pay:'))
    assert letter.subject.replace('\xa0', ' ') == 'Оплата 10,00 р. получена'
    with pytest.raises(NotAside):
        credit(payment, olga)


def test_it_may_go_to_another_contract_and_ends_its_block(db, bank, anna, boris, olga):
    payment = aside(bank, anna, '24,80')

    credit(payment, olga, contract_of(boris).number)

    assert (credited(anna), credited(boris)) == ([], [Decimal('12.40')])
    assert debt_blocks.open_block(contract_of(boris)) is None
    assert again(payment).contract_id == contract_of(boris).id
    event = AuditEvent.select().where(AuditEvent.action == 'quarantine.credit').get()
    assert (event.facts['agreed'], event.facts['from']) == ('24.80', '100001')


def test_a_large_sum_needs_two(db, bank, anna, olga, rita):  # noqa: F811 - the fixture
    payment = aside(bank, anna, '200')

    assert credit(payment, olga) == CorrectionState.WAITING
    verdict = QuarantineVerdict.get()
    with pytest.raises(VerdictWaits):
        credit(payment, rita)
    with pytest.raises(VerdictWaits):
        give_back(payment, rita, '100')
    with pytest.raises(SecondPersonNeeded):
        quarantine.approve(verdict.id, actor=olga)
    quarantine.approve(verdict.id, actor=rita)
    quarantine.approve(verdict.id, actor=rita)

    assert credited(anna) == [Decimal('100.00')]
    with pytest.raises(RefundDecided):
        quarantine.refuse(verdict.id, 'Поздно', actor=rita)


def test_a_colleague_may_say_no_and_another_verdict_follows(db, bank, anna, olga, rita):  # noqa: F811 - the fixture
    payment = aside(bank, anna, '200')
    credit(payment, olga)

    quarantine.refuse(QuarantineVerdict.get().id, 'Это деньги соседа', actor=rita)
    quarantine.refuse(QuarantineVerdict.get().id, 'Это деньги соседа', actor=rita)

    with pytest.raises(RefundDecided):
        quarantine.approve(QuarantineVerdict.get().id, actor=rita)
    assert credit(payment, rita, '100001') == CorrectionState.WAITING


def test_it_goes_back_through_the_bank_and_touches_no_wallet(db, bank, anna, olga):
    payment = aside(bank, anna)
    with pytest.raises(MoreThanLeft):
        give_back(payment, olga, '10,01')

    assert give_back(payment, olga, '10') == RefundState.DONE
    payment_outcomes.refresh_all(payment.id)

    assert again(payment).state == PaymentState.REFUNDED
    assert (credited(anna), gone(anna), balance(anna)) == ([], [], Decimal('45.10'))
    with pytest.raises(NotAside):
        credit(payment, olga)
    with pytest.raises(NothingLeft):
        give_back(payment, olga, '1')


def test_what_went_back_in_part_is_not_credited(db, bank, anna, olga):
    payment = aside(bank, anna)
    give_back(payment, olga, '4')

    assert again(payment).state == PaymentState.QUARANTINED
    with pytest.raises(RefundWaits):
        credit(payment, olga)
    assert give_back(payment, olga, '6') == RefundState.DONE
    assert again(payment).state == PaymentState.REFUNDED


def test_test_money_is_not_credited_but_goes_back(db, bank, anna, olga):
    payment = aside(bank, anna, fault='flipped_test')

    with pytest.raises(NoMoney):
        credit(payment, olga)
    assert give_back(payment, olga, '20') == RefundState.DONE
    assert again(payment).state == PaymentState.REFUNDED


def test_a_note_leaves_it_where_it_is(db, bank, anna, olga):
    payment, key = aside(bank, anna), factories.key()

    for _ in range(2):
        quarantine.leave(payment.id, 'Ждём ответа банка', key, actor=olga)

    assert [(row.verdict, row.reason) for row in QuarantineVerdict.select()] == [('note', 'Ждём ответа банка')]
    assert again(payment).state == PaymentState.QUARANTINED
    assert credit(payment, olga) == CorrectionState.BOOKED


def test_what_is_credited_may_go_back_as_any_payment(db, bank, anna, olga):
    payment = aside(bank, anna)
    credit(payment, olga)

    assert give_back(payment, olga, '10') == RefundState.DONE
    assert (again(payment).state, balance(anna)) == (PaymentState.REFUNDED, Decimal('45.10'))
    assert Operation.select().where(Operation.key.startswith('refund:')).count() == 1


def test_who_may(db, bank, anna, olga, taras):
    payment = aside(bank, anna)

    for actor, refusal in ((None, SignInRequired), (anna, NotAllowed), (taras, NotAllowed)):
        with pytest.raises(refusal):
            credit(payment, actor)
        with pytest.raises(refusal):
            quarantine.leave(payment.id, 'Заметка', factories.key(), actor=actor)
    with pytest.raises(InvalidForm) as wrong:
        quarantine.credit(payment.id, '999999', 'мало', factories.key(), actor=olga)
    assert set(wrong.value.errors) == {'number', 'reason'}
    with pytest.raises(NotFound):
        quarantine.credit(10**6, '100001', WHY, factories.key(), actor=olga)
    contract = contract_of(anna)
    contract.subscriber.user = olga.user_id
    contract.subscriber.save()
    with pytest.raises(OwnPayment):
        credit(payment, olga)
    make_stale(olga)
    with pytest.raises(StepUpRequired):
        credit(payment, olga, '100002')


def test_a_payment_that_came_as_agreed_is_not_decided_about(db, bank, anna, olga):
    with pytest.raises(NotAside):
        credit(paid(bank, anna), olga)
