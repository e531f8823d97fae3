"""I5, I9 and I10 of the books where money goes back: refunds, payments and operations that disagree are named."""

from decimal import Decimal

import pytest

from models.account import AccountKind, OperationKind
from models.outbox import OutgoingMessage
from models.payment import PaymentState
from models.refund import Refund, RefundState
from services.accounts import payment_invariants
from services.clock import now
from tests import factories
from tests.unit.test_invariants import book_card_payment, card_payment, post

TEN, FOUR = Decimal('10.00'), Decimal('4.00')
pytestmark = [pytest.mark.broken_books, pytest.mark.at('2026-11-25 12:00')]


@pytest.fixture
def contract(storage):
    return factories.make_contract('300001')


def give_back(payment, amount=FOUR, uid='back-1', **fields):
    facts = {'parent_uid': payment.gateway_uid, 'reason': 'Проба', 'state': RefundState.DONE, 'asked_at': now()}
    return Refund.create(payment=payment, amount=amount, gateway_uid=uid, request_id=uid, **{**facts, **fields})


def book_refund(contract, amount=FOUR, uid='back-1'):
    return post(contract, f'refund:bepaid:{uid}', -amount, OperationKind.REFUND)


def found(find):
    return list(find())


@pytest.mark.parametrize('amount', [FOUR, TEN])
def test_a_refund_its_operation_and_the_state_of_the_payment_agree(contract, amount):
    state = PaymentState.REFUNDED if amount == TEN else PaymentState.PARTIALLY_REFUNDED
    payment = card_payment(contract, state=state)
    book_card_payment(contract)
    give_back(payment, amount, operation=book_refund(contract, amount))
    give_back(payment, amount, 'back-2', state=RefundState.FAILED)
    give_back(payment, amount, 'back-3', state=RefundState.REFUSED)

    assert found(payment_invariants.refunds) == found(payment_invariants.payments) == []
    assert found(payment_invariants.clearing) == []


def test_i5_a_refund_nobody_booked_and_one_booked_with_another_sum_or_under_another_uid(contract):
    payment = card_payment(contract, state=PaymentState.PARTIALLY_REFUNDED)
    book_card_payment(contract)
    lost = give_back(payment, Decimal('1.00'), 'lost')
    other = give_back(payment, Decimal('2.00'), 'sum', operation=book_refund(contract, Decimal('2.01'), 'sum'))
    strange = give_back(payment, Decimal('3.00'), 'uid', operation=book_refund(contract, Decimal('3.00'), 'another'))

    assert found(payment_invariants.refunds) == [
        f'refund {lost.id} of 100 is done, but no operation booked it',
        f'refund {other.id} of 200 is done, but operation {other.operation_id} booked another sum',
        f'refund {strange.id} of 300 is done, but no operation booked it',
    ]


def test_i5_an_operation_without_a_refund_and_one_of_a_refund_that_is_not_done(contract):
    payment = card_payment(contract)
    book_card_payment(contract)
    nobody = book_refund(contract, uid='nobody')
    asked = give_back(payment, state=RefundState.ASKED, operation=book_refund(contract))

    assert found(payment_invariants.refunds) == [
        f'operation {nobody.id} books a refund nobody made',
        f'operation {asked.operation_id} books a refund nobody made',
    ]


@pytest.mark.parametrize(
    ('state', 'back', 'is_right'),
    [
        ('succeeded', '0', True),
        ('succeeded', '4.00', False),
        ('succeeded', '10.00', False),
        ('partially_refunded', '0', False),
        ('partially_refunded', '9.99', True),
        ('partially_refunded', '10.00', False),
        ('refunded', '9.99', False),
        ('refunded', '10.00', True),
        ('refunded', '10.01', False),
    ],
)
def test_i5_the_state_of_a_payment_says_how_much_of_it_went_back(contract, state, back, is_right):
    payment, back = card_payment(contract, state=PaymentState(state)), Decimal(back)
    book_card_payment(contract)
    if back:
        give_back(payment, back, operation=book_refund(contract, back))

    line = f'payment {payment.id} of 1000 is {state}, and {int(back * 100)} went back'
    assert found(payment_invariants.refunds) == ([] if is_right else [line])


def test_money_that_went_back_out_of_quarantine_was_on_no_wallet(contract):
    payment = card_payment(contract, state=PaymentState.QUARANTINED)
    give_back(payment, TEN, is_uncredited=True)

    assert found(payment_invariants.refunds) == found(payment_invariants.payments) == []

    payment.state = PaymentState.REFUNDED
    payment.save()
    assert found(payment_invariants.payments) == found(payment_invariants.clearing) == []

    Refund.update(state=RefundState.ASKED).execute()
    assert found(payment_invariants.payments) == [
        f'payment {payment.id} of 1000 has succeeded, but no operation booked it'
    ]
    assert found(payment_invariants.clearing) == [
        "the gateway's register sums to 1000, its payments on the clearing account to 0"
    ]


@pytest.mark.parametrize(('gateway', 'is_found'), [('bepaid', True), ('webpay', True), ('erip', True), ('cash', False)])
def test_i5_and_i10_know_both_gateways_and_erip_and_no_papers(storage, boris, gateway, is_found):
    contract = factories.Contract.get_by_id(boris.contract_id)
    operation = post(contract, f'pay:{gateway}:uid-1', TEN, OperationKind.PAYMENT)
    unpaid = [f'operation {operation.id} books a payment nobody made']
    unwritten = [f'operation {operation.id} promises a letter that was never written']

    assert found(payment_invariants.payments) == (unpaid if is_found else [])
    assert found(payment_invariants.missing_letters) == (unwritten if is_found else [])


@pytest.mark.parametrize('gateway', ['cash', 'bank'])
def test_what_is_paid_with_a_paper_is_none_of_the_register_of_the_gateway(contract, gateway):
    card_payment(contract, gateway=gateway)
    post(contract, f'pay:{gateway}:uid-1', TEN, OperationKind.PAYMENT, other_side=AccountKind(gateway))

    assert found(payment_invariants.clearing) == []


def test_a_new_address_of_somebody_else_excuses_no_letter(storage, anna, boris):
    contract = factories.Contract.get_by_id(boris.contract_id)
    operation = book_card_payment(contract)
    line = f'operation {operation.id} promises a letter that was never written'
    letter = OutgoingMessage.get(OutgoingMessage.key == operation.key)
    assert found(payment_invariants.missing_letters) == []

    for key, is_excused in (
        (f'email:{anna.user_id}:first:x:new', False),
        (f'email:{boris.user_id}', False),
        (f'email:{boris.user_id}:first:x:new', True),
    ):
        OutgoingMessage.update(key=key).where(OutgoingMessage.id == letter.id).execute()
        assert found(payment_invariants.missing_letters) == ([] if is_excused else [line]), key
