"""The daily comparison with the bank: what it finds, once a day, taken up again, closed when it is gone."""

import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from models.payment import Payment, PaymentState
from models.reconciliation import DifferenceKind, PaymentDifference, Reconciliation
from models.refund import Refund, RefundState
from services.clock import now, today
from services.gateways.payment_gateway import GatewayRefused
from services.payments import differences, payment_outcomes, payment_register, payment_sheet, reconciliation
from tests import factories
from tests.bank import DECLINED, Silent, again, balance, begin, connect, pay
from tests.money_back import back_office, give_back, gone, paid
from tests.unit.payments.test_quarantine import aside


def found():
    return [(row.kind, row.ours, row.theirs) for row in PaymentDifference.select() if row.closed_at is None]


def test_books_that_agree_have_no_differences(db, bank, anna, olga):
    give_back(paid(bank, anna), olga)
    pay(bank, anna, '7', DECLINED)
    begin(anna)
    aside(bank, anna, '30')
    give_back(aside(bank, anna, '40'), olga, '20')

    assert reconciliation.run_due()

    run = Reconciliation.get()
    assert (found(), run.found, run.asked, run.silent) == ([], 0, 5, 0)
    assert differences.read().ran_at == run.ended_at


def test_money_the_books_do_not_know(db, bank, anna, olga, caplog):
    payment = pay(bank, anna)

    with caplog.at_level(logging.ERROR, 'services.payments.reconciliation'):
        reconciliation.run(today())

    assert found() == [(DifferenceKind.NOT_BOOKED, 0, 20)]
    assert '1 differences' in caplog.text
    register = payment_register.list_payments(actor=olga)
    assert [(row.payment, row.kind) for row in register.comparison.rows] == [(payment.id, 'not_booked')]

    assert payment_sheet.ask_bank(payment.id, actor=olga)
    reconciliation.run(today() + timedelta(days=1))
    assert (found(), balance(anna)) == ([], Decimal('65.10'))


def test_a_refund_the_books_do_not_know(db, bank, anna, olga):
    payment = paid(bank, anna)
    back_office(bank, payment, '5')

    reconciliation.run(today())
    assert found() == [(DifferenceKind.REFUND_NOT_BOOKED, 0, 5)]

    payment_sheet.ask_bank(payment.id, actor=olga)
    assert gone(anna) == [Decimal('-5.00')]
    reconciliation.run(today() + timedelta(days=1))
    assert found() == []


def test_money_and_refunds_the_bank_does_not_know(db, bank, anna, olga, monkeypatch):
    give_back(paid(bank, anna), olga)
    other = bank.adapter()
    monkeypatch.setattr(other, 'list_by_tracking_id', lambda _id: ())

    def unknown(_uid):
        raise GatewayRefused('Record not found', status=404)

    monkeypatch.setattr(other, 'query_by_uid', unknown)
    connect(monkeypatch, other)

    reconciliation.run(today())

    assert found() == [(DifferenceKind.NOT_AT_GATEWAY, 20, 0), (DifferenceKind.REFUND_NOT_AT_GATEWAY, 5, 0)]


def test_another_sum(db, bank, anna, olga, monkeypatch):
    payment = paid(bank, anna)
    give_back(payment, olga)
    listed = bank.gateway.list_by_tracking_id(payment.tracking_id)
    other = bank.adapter()
    monkeypatch.setattr(
        other, 'list_by_tracking_id', lambda _id: tuple(replace(t, amount=t.amount + 1) for t in listed)
    )
    connect(monkeypatch, other)

    reconciliation.run(today())

    assert sorted(found()) == [(DifferenceKind.OTHER_REFUND, 5, 6), (DifferenceKind.OTHER_SUM, 20, 21)]


def test_once_a_day_and_once_a_difference(db, bank, anna):
    pay(bank, anna)

    assert [reconciliation.run_due() for _ in range(3)] == [True, False, False]
    assert reconciliation.run(today() + timedelta(days=1))

    assert (Reconciliation.select().count(), PaymentDifference.select().count()) == (2, 1)


def test_a_bank_that_is_silent_is_asked_again_the_same_day(db, bank, anna, monkeypatch):
    for amount in ('11', '12', '13', '14'):
        pay(bank, anna, amount)
    silent = Silent()
    with monkeypatch.context() as patch:
        connect(patch, silent)
        assert not reconciliation.run_due()
    assert (silent.calls, differences.read().is_broken, differences.read().silent) == (3, True, 3)

    assert reconciliation.run_due()
    assert (len(found()), differences.read().is_broken) == (4, False)


def test_payments_of_the_last_three_days_are_compared(db, bank, anna):
    payment = pay(bank, anna)
    for day, (ago, expected) in enumerate(((timedelta(days=3, seconds=1), 0), (timedelta(days=3), 1))):
        Payment.update(created_at=now() - ago, updated_at=now() - ago).where(Payment.id == payment.id).execute()
        reconciliation.run(today() + timedelta(days=day))
        assert len(found()) == expected

    long_ago = now() - timedelta(days=30)
    Payment.update(created_at=long_ago, updated_at=long_ago).execute()
    payment_outcomes.refresh(payment.id)
    Payment.update(created_at=long_ago, updated_at=long_ago).execute()
    reconciliation.run(today() + timedelta(days=5))
    assert found() == [], 'what differs is looked at until it does not'


def test_a_list_shows_so_many_differences(db, bank, anna, monkeypatch):
    monkeypatch.setattr(differences, 'MOST', 2)
    for amount in ('11', '12', '13'):
        pay(bank, anna, amount)
    reconciliation.run_due()

    comparison = differences.read()

    assert (comparison.count, [row.theirs for row in comparison.rows]) == (3, [13, 12])


@pytest.mark.parametrize('state', [RefundState.ASKED, RefundState.WAITING])
def test_a_refund_that_is_on_its_way_is_no_difference(db, bank, anna, olga, state):
    payment = paid(bank, anna)
    facts = {'payment': payment, 'parent_uid': payment.gateway_uid, 'amount': Decimal(5), 'reason': 'Проба'}
    Refund.create(state=state, request_id=factories.key(), asked_by=olga.user_id, asked_at=now(), **facts)

    reconciliation.run_due()

    assert found() == []
    assert again(payment).state == PaymentState.SUCCEEDED
