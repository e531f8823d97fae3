"""Refunds made at the bank, in any order with their payment, and many who ask at once: each is booked once."""

import itertools
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from models.account import Operation
from models.base import database
from models.payment import PaymentState
from models.refund import RefundState
from services.accounts.ledger import balance as balance_of
from services.gateways.payment_gateway import GatewayStatus, GatewayUnknown
from services.payments import (
    payment_outcomes,
    refund_polling,
)
from services.payments.refund_refusals import (
    MoreThanLeft,
    NothingLeft,
    RefundWaits,
)
from tests.bank import again, balance, begin, connect
from tests.cast import contract_of
from tests.money_back import (
    Deaf,
    Losing,
    back_office,
    give_back,
    gone,
    hear,
    paid,
    refund_rows,
    rita,  # noqa: F401 - a fixture
)

FIVE, TWENTY = Decimal('5.00'), Decimal('20.00')

# --- the bank's own refunds ------------------------------------------------------------------------------------


def test_a_refund_made_at_the_bank_is_booked_once(db, bank, anna, monkeypatch):
    payment = paid(bank, anna)
    transaction = back_office(bank, payment, '5')

    for _ in range(3):
        hear(transaction, monkeypatch)

    assert gone(anna) == [-FIVE]
    assert again(payment).state == PaymentState.PARTIALLY_REFUNDED
    assert [row.asked_by_id for row in refund_rows(payment)] == [None]


def test_a_bell_while_the_bank_is_silent_is_made_up_by_the_poller(db, bank, anna, monkeypatch):
    payment = paid(bank, anna)

    hear(back_office(bank, payment, '5'), monkeypatch, follow=False)
    assert gone(anna) == []

    assert refund_polling.poll_due() == 1
    assert gone(anna) == [-FIVE]


def test_a_bell_that_lies_about_the_sum_is_only_a_bell(db, bank, anna, monkeypatch):
    payment = paid(bank, anna)

    hear(replace(back_office(bank, payment, '5'), amount=Decimal(19)), monkeypatch)

    assert gone(anna) == [-FIVE]


def test_a_bell_about_a_refund_the_bank_does_not_know_books_nothing(db, bank, anna, monkeypatch):
    payment = paid(bank, anna)

    hear(replace(back_office(bank, payment, '5'), uid='made-up'), monkeypatch)
    refund_polling.poll_due()

    assert gone(anna) == []


def test_the_bell_of_our_own_refund_before_its_answer(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    connect(monkeypatch, Losing(bank.config))
    give_back(payment, olga)
    transaction = bank.gateway.list_by_tracking_id(payment.tracking_id)[0]

    hear(transaction, monkeypatch)
    bank.move_clock(minutes=2)
    refund_polling.poll_due()

    assert gone(anna) == [-FIVE]
    assert [(row.state, row.asked_by_id) for row in refund_rows(payment)] == [(RefundState.DONE, olga.user_id)]


def test_a_refund_that_failed_at_the_bank_is_no_refund(db, bank, anna, monkeypatch):
    payment = paid(bank, anna)
    failed = replace(back_office(bank, payment, '5'), status=GatewayStatus.FAILED)
    port = Deaf(bank.config)
    monkeypatch.setattr(
        port, 'query_by_uid', lambda uid: failed if uid == failed.uid else bank.gateway.query_by_uid(uid)
    )
    connect(monkeypatch, port)

    hear(failed, monkeypatch)

    assert [row.state for row in refund_rows(payment)] == [RefundState.FAILED]
    assert gone(anna) == []


STEPS = ('bell', 'poll', 'refund bell', 'refund bell', 'refund poll')


@pytest.mark.parametrize('order', sorted(set(itertools.permutations(STEPS))))
def test_in_any_order_a_payment_and_its_refund_are_booked_once(db, bank, anna, monkeypatch, order):
    payment, checkout = begin(anna)
    bank.browser.pay(checkout)
    state = bank.gateway.query_by_token(checkout.token)
    transaction = bank.gateway.refund(state.transaction.uid, FIVE, 'Из кабинета банка', request_id='r')
    steps = {
        'bell': lambda: payment_outcomes.refresh(payment.id, uid=state.transaction.uid),
        'poll': lambda: payment_outcomes.refresh(payment.id),
        'refund bell': lambda: hear(transaction, monkeypatch),
        'refund poll': refund_polling.poll_due,
    }

    for step in order:
        steps[step]()
    refund_polling.poll_due()

    assert gone(anna) == [-FIVE]
    assert balance(anna) == Decimal('60.10')
    assert again(payment).state == PaymentState.PARTIALLY_REFUNDED


def test_a_refund_that_is_told_before_its_payment_waits_for_it(db, bank, anna, monkeypatch):
    _, checkout = begin(anna)
    bank.browser.pay(checkout)
    uid = bank.gateway.query_by_token(checkout.token).transaction.uid
    transaction = bank.gateway.refund(uid, FIVE, 'Из кабинета банка', request_id='r')
    port = Deaf(bank.config)

    def silent(_token):
        raise GatewayUnknown('GET: ReadTimeout')

    with monkeypatch.context() as patch:
        patch.setattr(port, 'query_by_token', silent)
        connect(patch, port)
        hear(transaction, patch)
        refund_polling.poll_due()
    assert gone(anna) == []

    bank.move_clock(minutes=2)
    refund_polling.poll_due()
    assert (gone(anna), balance(anna)) == ([-FIVE], Decimal('60.10'))


# --- many at once ----------------------------------------------------------------------------------------------


def test_two_operators_at_once_never_give_back_more_than_was_paid(committed_db, bank, anna, olga, rita):  # noqa: F811 - the fixture
    payment = paid(bank, anna)
    gate, outcomes = threading.Barrier(4), []

    def ask(actor, amount):
        gate.wait()
        try:
            outcomes.append(give_back(payment, actor, amount))
        except (MoreThanLeft, RefundWaits, NothingLeft) as refusal:
            outcomes.append(type(refusal))

    threads = [
        threading.Thread(target=ask, args=each) for each in ((olga, '15'), (rita, '14'), (olga, '13'), (rita, '12'))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.connection_context():
        assert outcomes.count(RefundState.DONE) == 1
        assert len(gone(anna)) == 1
        assert balance_of(contract_of(anna)) == Decimal('65.10') + gone(anna)[0]


def test_the_poller_and_a_bell_at_once_book_once(committed_db, bank, anna, monkeypatch):
    payment = paid(bank, anna)
    hear(back_office(bank, payment, '5'), monkeypatch, follow=False)
    uid, gate = refund_rows(payment)[0].gateway_uid, threading.Barrier(4)

    def settle(work):
        gate.wait()
        work()

    works = [refund_polling.poll_due, lambda: payment_outcomes.refresh(payment.id, uid=uid)] * 2
    threads = [threading.Thread(target=settle, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.connection_context():
        assert gone(anna) == [-FIVE]
        assert Operation.select().where(Operation.key.startswith('refund:')).count() == 1
