"""The page of one payment and the list: what an operator reads, who may, what may be done."""

from decimal import Decimal

import pytest

from models.payment import PaymentState, Webhook
from models.refund import RefundState
from models.user import AuditEvent
from services.clock import today
from services.errors import NotAllowed, NotFound, SignInRequired
from services.payments import manual_payments, payment_register, payment_sheet, quarantine
from services.payments.payment_register import Filter
from tests import factories
from tests.bank import Silent, connect, pay
from tests.cast import contract_of
from tests.money_back import WHY, give_back, paid, rita  # noqa: F401 - a fixture
from tests.unit.payments.test_payment_hooks import ring
from tests.unit.payments.test_quarantine import aside


def sheet(payment, actor):
    return payment_sheet.get_sheet(payment.id, actor=actor)


def test_everything_about_a_payment_stands_on_its_sheet(db, bank, anna, olga):
    payment = paid(bank, anna)
    ring(bank.shop.next_hook())
    give_back(payment, olga)

    shown = sheet(payment, olga)

    assert (shown.state, shown.left, shown.balance) == (PaymentState.PARTIALLY_REFUNDED, 15, Decimal('60.10'))
    assert [(bell.is_genuine, bell.outcome, bell.count) for bell in shown.bells] == [(True, 'transaction', 1)]
    assert [line.sum for line in shown.booked] == [20, -5]
    assert [(row.amount, row.state, row.reason, row.asked_by) for row in shown.refunds] == [
        (5, RefundState.DONE, WHY, 'Ольга')
    ]
    assert (shown.may_refund, shown.may_credit, shown.may_ask, shown.is_fresh, shown.is_own) == (
        True, False, True, True, False,
    )  # fmt: skip
    assert AuditEvent.select().where(AuditEvent.subject == 'payments:100001').exists()


def test_a_forged_webhook_is_told_apart(db, bank, anna, olga):
    payment = pay(bank, anna)
    Webhook.create(
        gateway='bepaid', fingerprint='f' * 64, body=b'{}', is_verified=False, tracking_id=payment.tracking_id,
        outcome='wrong_signature', received_at=payment.created_at,
    )  # fmt: skip

    assert [(bell.is_genuine, bell.outcome) for bell in sheet(payment, olga).bells] == [(False, 'wrong_signature')]


def test_a_sheet_shows_so_many_webhooks(db, bank, anna, olga, monkeypatch):
    payment = pay(bank, anna)
    monkeypatch.setattr(payment_sheet, 'BELLS', 2)
    for number in range(3):
        Webhook.create(
            gateway='bepaid', fingerprint=f'{number}' * 64, body=b'{}', is_verified=True, outcome='transaction',
            tracking_id=payment.tracking_id, received_at=payment.created_at, count=number + 1,
        )  # fmt: skip

    assert [bell.count for bell in sheet(payment, olga).bells] == [3, 2]


def test_what_may_be_done_about_quarantine(db, bank, anna, olga, rita):  # noqa: F811 - the fixture
    payment = aside(bank, anna, '200')
    shown = sheet(payment, olga)
    assert (shown.fault, shown.received, shown.left) == ('amount', '100.00 BYN', 100)
    assert (shown.may_refund, shown.may_credit) == (True, True)

    quarantine.credit(payment.id, '100001', WHY, factories.key(), actor=olga)

    assert (sheet(payment, olga).may_refund, sheet(payment, olga).may_credit) == (False, False)
    assert [row.may_decide for who in (olga, rita) for row in sheet(payment, who).verdicts] == [False, True]
    assert payment_register.list_payments(actor=olga).waiting == (payment.id,)


def test_a_payment_by_hand_has_a_paper_and_no_bank(db, anna, olga, rita):  # noqa: F811 - the fixture
    taken = manual_payments.take('100001', 'cash', '5', 'пко-7', today().isoformat(), actor=olga)

    shown = payment_sheet.get_sheet(taken.payment_id, actor=olga)

    assert (shown.paper.document, shown.paper.taken_by, shown.paper.may_cancel) == ('ПКО-7', 'Ольга', True)
    assert (shown.may_refund, shown.may_ask, shown.uid, shown.bells) == (False, False, '', ())
    assert [line.title for line in shown.booked] == ['Оплата наличными']
    assert not payment_sheet.get_sheet(taken.payment_id, actor=rita).paper.may_cancel
    with pytest.raises(NotFound):
        payment_sheet.ask_bank(taken.payment_id, actor=olga)


def test_the_bank_is_asked_at_once_and_may_be_silent(db, bank, anna, olga, monkeypatch):
    payment = pay(bank, anna)
    with monkeypatch.context() as patch:
        connect(patch, Silent())
        assert not payment_sheet.ask_bank(payment.id, actor=olga)

    assert payment_sheet.ask_bank(payment.id, actor=olga)
    assert sheet(payment, olga).state == PaymentState.SUCCEEDED


def test_who_may_read(db, bank, anna, olga, taras):
    payment = pay(bank, anna)

    for actor, refusal in ((None, SignInRequired), (anna, NotAllowed), (taras, NotAllowed)):
        for read in (payment_sheet.get_sheet, payment_sheet.ask_bank):
            with pytest.raises(refusal):
                read(payment.id, actor=actor)
    for number in (0, -1, 2**31, 10**6):
        with pytest.raises(NotFound):
            payment_sheet.get_sheet(number, actor=olga)


def test_one_s_own_payment_shows_that_others_decide(db, bank, anna, olga):
    payment = paid(bank, anna)
    contract = contract_of(anna)
    contract.subscriber.user = olga.user_id
    contract.subscriber.save()

    assert sheet(payment, olga).is_own


def test_the_list_finds_by_the_banks_numbers(db, bank, anna, olga):
    payment = paid(bank, anna)
    paid(bank, anna, '30')
    give_back(payment, olga)
    refund = sheet(payment, olga).refunds[0].uid

    for uid in (payment.gateway_uid, payment.tracking_id, refund):
        found = payment_register.list_payments(wanted=Filter(uid=uid), actor=olga)
        assert [line.number for line in found.lines] == [payment.id]
        assert found.counts == {PaymentState.PARTIALLY_REFUNDED: 1}
    assert payment_register.list_payments(actor=olga).ways == ('bepaid',)
