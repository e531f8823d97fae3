"""Paying for somebody else's contract: a masked name, few tries, and nothing of it for the payer."""

from dataclasses import replace
from decimal import Decimal

import pytest

from models.account import Operation
from models.outbox import OutgoingMessage
from models.payment import Payment
from models.user import Attempt
from services.accounts import history
from services.accounts.proofs import OrderedBy
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.payments import payees, payment_desk, payment_outcomes, payments
from services.runner import with_connection
from tests import factories
from tests.bank import balance, credited
from tests.cast import contract_of


def pay_for(bank, actor, number, amount='20', card='4200000000000000'):
    started = payments.start(amount, factories.key(), payee=number, actor=actor)
    payment = with_connection(Payment.get)(Payment.tracking_id == started.tracking_id)
    bank.browser.pay(type('Page', (), {'redirect_url': started.redirect_url})(), card)
    payment_outcomes.refresh(payment.id)
    return with_connection(Payment.get_by_id)(payment.id)


def test_a_number_shows_a_masked_name_and_nothing_else(db, anna, boris):
    payee = payees.find(' 100002 ', actor=anna)

    assert (payee.number, payee.name) == ('100002', contract_of(boris).subscriber.short_name)
    assert payee.name.endswith('.')


@pytest.mark.parametrize('number', ['', '1', '10000', '1000020000000000000', 'abcdef', '１００００２', None, 100002])
def test_what_is_no_number_is_not_looked_up(db, anna, boris, number):
    with pytest.raises(InvalidField, match='6 цифр'):
        payees.find(number, actor=anna)
    assert Attempt.select().count() == 0


def test_a_number_nobody_has_and_a_draft_are_the_same(db, anna):
    factories.make_contract('100077', status='draft')
    answers = []
    for number in ('999999', '100077'):
        with pytest.raises(InvalidField) as refused:
            payees.find(number, actor=anna)
        answers.append(str(refused.value))
    assert len(set(answers)) == 1


def test_ones_own_number_leads_to_the_first_tab(db, anna):
    with pytest.raises(InvalidField, match='ваш договор'):
        payees.find('100001', actor=anna)


def test_strangers_and_staff_find_nobody(db, boris, olga):
    with pytest.raises(SignInRequired):
        payees.find('100002', actor=None)
    with pytest.raises(NotAllowed):
        payees.find('100002', actor=olga)


def test_ten_numbers_an_hour_are_enough(db, anna, boris):
    for number in range(200000, 200009):
        with pytest.raises(InvalidField):
            payees.find(str(number), actor=anna)
    payees.find('100002', actor=anna)

    with pytest.raises(TooManyRequests):
        payees.find('200100', actor=anna)
    with pytest.raises(TooManyRequests):
        payments.start('20', factories.key(), payee='200101', actor=anna)
    assert payees.find('100002', actor=anna).number == '100002'


def test_many_people_at_one_address_do_not_guess_more(db, anna, boris, vera):
    tries = 0
    for place in range(60):
        person = replace(
            (anna, boris, vera)[place % 3], user_id=(anna, boris, vera)[place % 3].user_id, address='192.0.2.7'
        )
        Attempt.delete().where(Attempt.kind == 'payee').execute()
        try:
            payees.find(str(300000 + place), actor=person)
        except InvalidField:
            tries += 1
        except TooManyRequests:
            break
    assert tries == 30


def test_the_money_comes_to_that_contract_and_its_owner_does_not_learn_who_paid(db, bank, anna, boris):
    before = balance(anna), balance(boris)

    payment = pay_for(bank, anna, '100002')

    assert (balance(anna), balance(boris)) == (before[0], before[1] + Decimal(20))
    operation = Operation.get(Operation.key == f'pay:bepaid:{payment.gateway_uid}')
    assert operation.title == 'Оплата картой, оплатил кто-то другой'
    lines = [line for month in history.list_events(actor=boris).months for line in month.lines]
    proof = next(line.proof for line in lines if line.proof and line.proof.operation_id == operation.id)
    assert (proof.ordered_by, proof.name) == (OrderedBy.STRANGER, '')
    letter = OutgoingMessage.get(OutgoingMessage.recipient == 'boris@example.by')
    assert 'Анна' not in letter.text
    assert OutgoingMessage.select().where(OutgoingMessage.recipient == 'anna@example.by').count() == 0


def test_the_payer_sees_it_and_no_balance_and_the_owner_has_no_page_of_it(db, bank, anna, boris):
    payment = pay_for(bank, anna, '100002')

    view = payment_desk.show(payment.tracking_id, actor=anna)

    assert (view.for_number, view.balance, view.card) == ('100002', None, 'Visa •• 0000')
    assert [(each.number, each.amount) for each in payees.list_paid(actor=anna)] == [('100002', Decimal('20.00'))]
    with pytest.raises(NotFound):
        payment_desk.show(payment.tracking_id, actor=boris)
    assert payees.list_paid(actor=boris) == ()


def test_a_page_of_the_bank_opened_for_another_stands_in_the_payers_cabinet_only(db, bank, anna, boris):
    started = payments.start('20', factories.key(), payee='100002', actor=anna)

    assert [each.tracking_id for each in payment_desk.desk(actor=anna).in_flight] == [started.tracking_id]
    assert payment_desk.desk(actor=boris).in_flight == ()


def test_twenty_payments_for_another_are_the_payers_and_leave_the_owner_his(db, bank, anna, boris):
    for _ in range(20):
        payments.start('20', factories.key(), payee='100002', actor=anna)
    with pytest.raises(TooManyRequests):
        payments.start('20', factories.key(), payee='100002', actor=anna)

    assert payments.start('20', factories.key(), actor=boris).redirect_url


def test_a_form_of_another_contract_is_stale(db, bank, anna, boris):
    key = factories.key()
    payments.start('20', key, payee='100002', actor=anna)

    with pytest.raises(payments.StaleForm):
        payments.start('20', key, actor=anna)


def test_the_payer_sees_his_last_ten(db, bank, anna, boris):
    for _ in range(11):
        payments.start('20', factories.key(), payee='100002', actor=anna)

    assert len(payees.list_paid(actor=anna)) == 10


def test_paying_for_oneself_is_as_before(db, bank, anna):
    started = payments.start('20', factories.key(), actor=anna)

    assert payment_desk.show(started.tracking_id, actor=anna).for_number == ''
    assert credited(anna) == []
