"""What comes of a payment: money, refusals, late success, money not as agreed; and whose it is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.account import ChargingStop, Operation
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState
from models.user import AuditEvent
from services.accounts import debt_blocks, invariants
from services.clock import now
from services.errors import NotAllowed, NotFound, SignInRequired
from services.events import ContractChanged
from services.gateways.payment_gateway import (
    GatewayRefused,
    GatewayState,
    GatewayStatus,
    GatewayUnknown,
)
from services.payments import (
    payment_desk,
    payment_outcomes,
    payment_register,
    payments,
)
from tests import factories
from tests.bank import CHALLENGE, DECLINED, Silent, again, balance, begin, connect, credited, pay
from tests.cast import contract_of

# --- what came of it -------------------------------------------------------------------------------------------


def test_paid_card_credits_once_and_writes_one_letter(db, bank, anna):
    payment = pay(bank, anna)

    for _ in range(3):
        payment_outcomes.refresh(payment.id)

    payment = again(payment)
    assert payment.state == PaymentState.SUCCEEDED
    assert (payment.card_brand, payment.card_last4, payment.next_check_at) == ('visa', '0000', None)
    assert credited(anna) == [Decimal('20.00')]
    assert balance(anna) == Decimal('65.10')
    letter = OutgoingMessage.get(OutgoingMessage.recipient == 'anna@example.by')
    assert letter.subject.replace('\xa0', ' ') == 'Оплата 20,00 р. получена'
    assert '65,10' in letter.text
    assert OutgoingMessage.select().where(OutgoingMessage.subject == letter.subject).count() == 1
    operation = Operation.get(Operation.key == f'pay:bepaid:{payment.gateway_uid}')
    assert operation.title == 'Оплата картой Visa •• 0000'
    assert ContractChanged(anna.contract_id) in db.events
    assert invariants.self_check() == []


def test_money_comes_in_while_charging_is_stopped(db, bank, boris):
    ChargingStop.create(stopped_at=now(), faults=['I3: …'])
    payment = pay(bank, boris, '12,40')

    payment_outcomes.refresh(payment.id)

    assert credited(boris) == [Decimal('12.40')]
    assert not debt_blocks.open_block(contract_of(boris))


def test_payment_ends_a_block_at_once(db, bank, boris):
    payment = pay(bank, boris, '12,40')
    assert debt_blocks.open_block(contract_of(boris))

    payment_outcomes.refresh(payment.id)

    assert balance(boris) == 0
    assert debt_blocks.open_block(contract_of(boris)) is None


def test_refused_card_is_not_the_end_and_another_may_be_tried(db, bank, anna):
    payment, checkout = begin(anna)
    bank.browser.pay(checkout, DECLINED)

    refused = payments.check(payment.tracking_id, actor=anna)
    bank.browser.pay(checkout)
    paid = payments.check(payment.tracking_id, actor=anna)

    assert (refused.state, refused.decline_code) == (PaymentState.REDIRECTED, 'F.0114')
    assert refused.redirect_url
    assert (paid.state, paid.decline_code, paid.redirect_url) == (PaymentState.SUCCEEDED, '', '')
    assert credited(anna) == [Decimal('20.00')]


def test_three_refusals_end_the_payment(db, bank, anna):
    payment, checkout = begin(anna)
    for _ in range(3):
        bank.browser.pay(checkout, DECLINED)

    view = payments.check(payment.tracking_id, actor=anna)

    assert (view.state, view.redirect_url, view.is_waiting) == (PaymentState.FAILED, '', False)
    assert balance(anna) == Decimal('45.10')


def test_challenge_waits_in_the_bank(db, bank, anna):
    payment, checkout = begin(anna)
    page = bank.browser.pay(checkout, CHALLENGE)

    assert payments.check(payment.tracking_id, actor=anna).state == PaymentState.PROCESSING
    bank.browser.post(page.url.join(page.headers['location']), data={'code': '1234'})
    assert payments.check(payment.tracking_id, actor=anna).state == PaymentState.SUCCEEDED


def test_left_page_cancels_and_late_money_still_counts(db, bank, anna):
    payment, checkout = begin(anna)

    cancelled = payments.check(payment.tracking_id, gave_up=True, actor=anna)
    bank.browser.pay(checkout)
    payment_outcomes.refresh(payment.id)

    assert cancelled.state == PaymentState.CANCELLED
    assert again(payment).state == PaymentState.SUCCEEDED
    assert credited(anna) == [Decimal('20.00')]


def test_giving_up_after_paying_changes_nothing(db, bank, anna):
    payment = pay(bank, anna)

    assert payments.check(payment.tracking_id, gave_up=True, actor=anna).state == PaymentState.SUCCEEDED


def test_page_whose_time_is_over_expires(db, bank, anna):
    payment, _ = begin(anna)
    bank.move_clock(minutes=31)

    view = payments.check(payment.tracking_id, actor=anna)

    assert (view.state, view.redirect_url) == (PaymentState.EXPIRED, '')


def test_success_after_an_expired_answer_is_credited(db, bank, anna):
    payment = pay(bank, anna)
    Payment.update(state=PaymentState.EXPIRED).where(Payment.id == payment.id).execute()

    payment_outcomes.refresh(payment.id)

    assert again(payment).state == PaymentState.SUCCEEDED


@pytest.mark.parametrize('status', [GatewayStatus.FAILED, GatewayStatus.EXPIRED, GatewayStatus.PROCESSING])
def test_success_never_turns_back(db, bank, anna, monkeypatch, status):
    payment = pay(bank, anna)
    payment_outcomes.refresh(payment.id)

    class Forgetful(Silent):
        def query_by_token(self, token):
            return GatewayState(token, status, True, Decimal('20.00'), 'BYN', True, payment.tracking_id, None)

    connect(monkeypatch, Forgetful())
    payment_outcomes.refresh(payment.id)

    assert again(payment).state == PaymentState.SUCCEEDED


@pytest.mark.parametrize('silence', [GatewayUnknown('x'), GatewayRefused('Record not found', status=404)])
def test_question_without_an_answer_changes_nothing(db, bank, anna, monkeypatch, silence):
    payment = pay(bank, anna)
    before = again(payment).state

    class Broken(Silent):
        def query_by_token(self, _token):
            raise silence

    connect(monkeypatch, Broken())

    assert payment_outcomes.refresh(payment.id) is False
    assert again(payment).state == before


@pytest.mark.parametrize(('fault', 'reason'), [('wrong_amount', 'amount'), ('flipped_test', 'test')])
def test_money_not_as_agreed_is_put_aside(db, bank, anna, olga, fault, reason):
    bank.switch(fault)
    payment = pay(bank, anna)

    for _ in range(2):
        payment_outcomes.refresh(payment.id)

    assert again(payment).state == PaymentState.QUARANTINED
    assert balance(anna) == Decimal('45.10')
    line = payment_register.list_payments(PaymentState.QUARANTINED, actor=olga).lines[0]
    assert line.fault == reason
    assert line.received == ('10.00 BYN' if fault == 'wrong_amount' else '20.00 BYN')
    assert AuditEvent.select().where(AuditEvent.action == 'payment.quarantine').count() == 1


@pytest.mark.parametrize(
    ('change', 'reason'), [({'currency': 'USD'}, 'currency'), ({'tracking_id': 'pay_of_somebody'}, None)]
)
def test_what_the_sandbox_cannot_do_wrong_is_put_aside_too(db, bank, anna, monkeypatch, change, reason):
    payment = pay(bank, anna)

    class Odd(type(bank.gateway)):
        def query_by_uid(self, uid):
            return replace(super().query_by_uid(uid), **change)

    connect(monkeypatch, Odd(bank.config))
    payment_outcomes.refresh(payment.id)

    assert credited(anna) == []
    assert again(payment).message.partition(' ')[0] == (reason or '')
    assert AuditEvent.select().where(AuditEvent.action == 'payment.quarantine').exists()


def test_two_successes_on_one_page_are_both_money(db, bank, anna, monkeypatch):
    payment = pay(bank, anna)
    payment_outcomes.refresh(payment.id)

    class Twice(type(bank.gateway)):
        def query_by_uid(self, uid):
            return replace(super().query_by_uid(again(payment).gateway_uid), uid=uid)

    connect(monkeypatch, Twice(bank.config))
    for _ in range(2):
        payment_outcomes.refresh(payment.id, uid='second')

    assert credited(anna) == [Decimal('20.00')] * 2
    assert OutgoingMessage.select().count() == 2


# --- whose payment ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize('made_up', ['', 'pay_' + 'x' * 32, 'a' * 1000, '../x', None, {'p': 1}])
def test_made_up_payment_is_not_found(db, bank, anna, made_up):
    with pytest.raises(NotFound):
        payments.check(made_up, actor=anna)


def test_payment_of_somebody_else_is_not_found_and_not_asked_about(db, bank, anna, boris, olga):
    payment = pay(bank, anna)

    with pytest.raises(NotFound):
        payments.check(payment.tracking_id, actor=boris)
    with pytest.raises(NotFound):
        payment_desk.show(payment.tracking_id, actor=boris)
    with pytest.raises(NotAllowed):
        payments.check(payment.tracking_id, actor=olga)
    assert again(payment).state == PaymentState.REDIRECTED
    assert payment_desk.desk(actor=boris).in_flight == ()


def test_register_is_for_operators(db, anna, taras, ada, stranger):
    for actor, error in ((anna, NotAllowed), (taras, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            payment_register.list_payments(actor=actor)
    assert payment_register.list_payments(actor=ada).lines == ()


def test_desk_recommends_what_is_missing_and_shows_what_is_on_its_way(db, bank, anna, boris, clock):
    assert payment_desk.desk(actor=anna).recommended == payment_desk.desk(actor=anna).next_sum
    poor = payment_desk.desk(actor=boris)
    assert poor.missing == poor.recommended == poor.next_sum + Decimal('12.40')
    assert poor.quick[0] == Decimal('12.40')

    payment, _ = begin(anna)
    assert [view.tracking_id for view in payment_desk.desk(actor=anna).in_flight] == [payment.tracking_id]
    clock.forward(minutes=31)
    assert payment_desk.desk(actor=anna).in_flight == ()


def test_bank_is_not_asked_more_than_forty_times(db, anna, monkeypatch):
    silent = Silent()
    connect(monkeypatch, silent)
    with pytest.raises(payments.BankSilent):
        payments.start('20', factories.key(), actor=anna)

    for _ in range(60):
        payments.check(Payment.get().tracking_id, actor=anna)

    assert silent.calls == 41
