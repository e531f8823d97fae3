"""Coming back after a block for debt: free for ten days, then 3,34 once, covered before the internet is back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation
from models.contract import DebtBlock, PromisedPayment
from models.outbox import OutgoingMessage
from services.accounts import debt_blocks, invariants, ledger, overview, promised_payments
from services.clock import MINSK, midnight, now
from services.payments import payment_desk
from services.quotes.reconnection import fee_lines, last_free_day
from tests import factories
from tests.cast import contract_of

BLOCKED_ON = date(2026, 11, 11)
FEE = Decimal('3.34')


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


@pytest.fixture
def contract(boris):
    """Boris owes 12,40 and has been blocked for eleven days."""
    found = contract_of(boris)
    block_since(found, BLOCKED_ON)
    return found


def block_since(contract, day):
    DebtBlock.update(started_at=midnight(day) + timedelta(hours=23)).where(DebtBlock.contract == contract).execute()


def pay(contract, amount):
    factories.top_up(contract, Decimal(amount))
    debt_blocks.review(contract)


def is_blocked(contract):
    return debt_blocks.open_block(contract) is not None


@pytest.mark.parametrize(
    ('days', 'fee', 'sums'),
    [(0, FEE, []), (10, FEE, []), (11, FEE, [FEE]), (400, FEE, [FEE]), (11, Decimal('0.00'), [])],
)
def test_the_fee_is_taken_after_the_free_days(days, fee, sums):
    lines = fee_lines(BLOCKED_ON, today=BLOCKED_ON + timedelta(days=days), fee=fee, free_days=10)

    assert [line.sum for line in lines] == sums
    assert last_free_day(BLOCKED_ON, 10) == date(2026, 11, 21)


def test_a_payment_of_the_debt_alone_does_not_bring_it_back_the_fee_does(contract):
    pay(contract, '12.40')
    assert (is_blocked(contract), ledger.balance(contract)) == (True, Decimal('0.00'))
    pay(contract, '3.33')
    assert is_blocked(contract)

    pay(contract, '0.01')

    assert (is_blocked(contract), ledger.balance(contract)) == (False, Decimal('0.00'))
    operation = Operation.get(Operation.title == 'Восстановление после блокировки')
    assert operation.key == f'block:{DebtBlock.get().id}'
    assert operation.formula == '3,34 р.'
    assert invariants.self_check() == []


def test_it_is_charged_once_for_one_block(contract):
    pay(contract, '30.00')
    for _ in range(3):
        debt_blocks.review(contract)

    assert ledger.balance(contract) == Decimal('14.26')


def test_on_the_tenth_day_it_is_free(contract):
    block_since(contract, date(2026, 11, 12))

    pay(contract, '12.40')

    assert (is_blocked(contract), ledger.balance(contract)) == (False, Decimal('0.00'))


def test_the_overview_shows_it_before(boris, contract, at_noon):
    view = overview.get_overview(actor=boris)
    assert (view.to_reconnect, view.reconnection_fee, view.free_until) == (Decimal('15.74'), FEE, None)

    at_noon.move_to(midnight(date(2026, 11, 21)))
    view = overview.get_overview(actor=boris)
    assert (view.to_reconnect, view.reconnection_fee) == (Decimal('12.40'), Decimal('0.00'))
    assert view.free_until == date(2026, 11, 21)


def test_the_letter_about_a_block_says_until_when_coming_back_is_free(anna):
    pay(contract_of(anna), '-60.00')

    text = OutgoingMessage.get().text.replace('\xa0', ' ')
    assert 'До 2 декабря 2026 включительно восстановление бесплатно' in text


def test_who_works_pays_nothing_to_come_back(anna):
    view = overview.get_overview(actor=anna)

    assert (view.to_reconnect, view.reconnection_fee, view.free_until) == (Decimal(0), Decimal(0), None)


def test_the_recommended_sum_has_it(boris, contract, monkeypatch):
    monkeypatch.setattr(payment_desk.payment_gateways, 'card_gateway', object)

    desk = payment_desk.desk(actor=boris)

    assert (desk.missing, desk.reconnection_fee) == (Decimal('12.40') + FEE + desk.next_sum, FEE)
    assert desk.quick[0] == Decimal('15.74')


@pytest.mark.parametrize(('more', 'is_refused'), [('4.26', False), ('4.27', True)])
def test_a_promise_must_cover_it_too(boris, contract, more, is_refused):
    factories.top_up(contract, -Decimal(more))  # 12,40 + 4,26 + 3,34 = 20,00

    refusal = promised_payments.view(actor=boris).refusal

    assert (refusal is not None) is is_refused
    if is_refused:
        assert refusal.facts['missing'] == Decimal('0.01')
        return
    promised_payments.promise('key-promise', actor=boris)
    assert (is_blocked(contract), ledger.balance(contract)) == (False, Decimal('-20.00'))
    assert PromisedPayment.get().fulfilled_at is None


def test_a_promise_for_the_fee_alone_is_given_and_stays_until_it_is_paid(boris, contract):
    pay(contract, '12.40')

    promised_payments.promise('key-promise', actor=boris)

    assert (is_blocked(contract), ledger.balance(contract)) == (False, -FEE)
    assert PromisedPayment.get().fulfilled_at is None
    pay(contract, '3.34')
    assert PromisedPayment.get().fulfilled_at == now()
