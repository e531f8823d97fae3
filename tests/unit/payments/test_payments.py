"""Starting a payment by card: the sum, the form, a gateway that does not answer as it should."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.base import database
from models.payment import Payment, PaymentState
from services.errors import InvalidField, NotAllowed, SignInRequired, TooManyRequests
from services.events import PaymentChanged
from services.form_keys import BrokenForm
from services.gateways.payment_gateway import (
    Checkout,
    GatewayState,
    GatewayStatus,
)
from services.payments import (
    payment_desk,
    payment_gateways,
    payment_polling,
    payments,
)
from tests import factories
from tests.bank import Refusing, Silent, again, balance, begin, connect

# --- the sum ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('typed', 'rubles'),
    [
        ('1', '1.00'),
        ('20,5', '20.50'),
        ('20.50', '20.50'),
        ('5000', '5000.00'),
        (' 1 000,01 ', '1000.01'),
        ('0020', '20.00'),
    ],
)
def test_sum_as_people_type_it(typed, rubles):
    assert payments.read_amount(typed) == Decimal(rubles)


@pytest.mark.parametrize(
    'typed',
    [
        '', ' ', '0', '0,99', '-1', '+5', '5000,01', '9223372036854775808', '1e309', '1e2', 'NaN', 'Infinity', '１２', '١٢',
        '20,505', '2,0,0', '20 р.', '<b>20</b>', '20\x00', '😀', '9' * 10_000, {'amount': 20}, ['20'], 20, 20.5, True, None,
    ],
)  # fmt: skip
def test_other_sums_are_refused_beside_the_field(typed):
    with pytest.raises(InvalidField) as refused:
        payments.read_amount(typed)
    assert refused.value.field == 'amount'


# --- starting --------------------------------------------------------------------------------------------------


def test_start_leads_to_the_page_of_the_bank(db, bank, anna):
    payment, checkout = begin(anna, '20,50')

    assert payment.state == PaymentState.REDIRECTED
    assert payment.amount == Decimal('20.50')
    assert '20,50' in bank.browser.open(checkout).text
    assert PaymentChanged(payment.id, anna.contract_id) in db.events
    assert balance(anna) == Decimal('45.10')


def test_same_form_twice_is_one_payment(db, bank, anna):
    first = payments.start('20', 'a-form-key', actor=anna)

    assert payments.start('20', 'a-form-key', actor=anna) == first
    assert Payment.select().count() == 1


def test_form_key_of_another_contract_or_sum_is_refused(db, bank, anna, boris):
    payments.start('20', 'a-form-key', actor=anna)

    for actor, amount in ((boris, '20'), (anna, '30')):
        with pytest.raises(payments.StaleForm):
            payments.start(amount, 'a-form-key', actor=actor)
    assert Payment.select().count() == 1


@pytest.mark.parametrize('key', ['', 'x' * 100, 'a b c d e', {'a': 1}, None, "'; DROP--"])
def test_broken_form_key_is_refused(db, bank, anna, key):
    with pytest.raises(BrokenForm):
        payments.start('20', key, actor=anna)


def test_only_a_subscriber_pays(db, bank, olga, taras, stranger):
    for actor, error in ((olga, NotAllowed), (taras, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            payments.start('20', factories.key(), actor=actor)
    assert not Payment.select().exists()


def test_twenty_payments_an_hour_are_enough(db, anna, monkeypatch):
    connect(monkeypatch, Silent())
    for _ in range(20):
        with pytest.raises(payments.BankSilent):
            payments.start('20', factories.key(), actor=anna)

    with pytest.raises(TooManyRequests):
        payments.start('20', factories.key(), actor=anna)


def test_without_a_gateway_nothing_is_offered(db, anna, monkeypatch):
    monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: None)

    for attempt in (lambda: payments.start('20', factories.key(), actor=anna), lambda: payment_desk.desk(actor=anna)):
        with pytest.raises(payment_desk.CardsUnavailable):
            attempt()


# --- a gateway that does not answer as it should ---------------------------------------------------------------


@pytest.mark.parametrize('fault', ['create_500', 'create_timeout'])
def test_unknown_start_stays_and_is_asked_about(db, bank, anna, monkeypatch, clock, fault):
    if fault == 'create_timeout':
        connect(monkeypatch, bank.adapter(answer_timeout=0.2))
    bank.switch(fault)

    with pytest.raises(payments.BankSilent):
        payments.start('20', 'a-form-key', actor=anna)

    payment = Payment.get()
    assert payment.state == PaymentState.CREATED
    assert payment.next_check_at == payment.created_at + timedelta(minutes=1)
    assert payments.start('20', 'a-form-key', actor=anna).redirect_url == ''  # the same form opens no second page
    assert begin(anna)[0].state == PaymentState.REDIRECTED  # a new one does
    clock.forward(minutes=1)
    assert payment_polling.poll_due() == 2
    assert again(payment).state == PaymentState.CREATED
    clock.forward(minutes=59)
    payment_polling.poll_due()
    assert again(payment).state == PaymentState.EXPIRED  # the page nobody has seen is over


def test_gateway_that_is_down_is_told_plainly(db, bank, anna, monkeypatch):
    connect(monkeypatch, bank.adapter(checkout_url='http://127.0.0.1:9', gateway_url='http://127.0.0.1:9'))

    with pytest.raises(payments.BankSilent, match='Деньги не списаны'):
        payments.start('20', factories.key(), actor=anna)


def test_refused_start_fails_and_repeats_its_answer(db, anna, monkeypatch):
    connect(monkeypatch, Refusing())

    for _ in range(2):
        with pytest.raises(payments.BankRefused):
            payments.start('20', 'a-form-key', actor=anna)
    assert [payment.state for payment in Payment.select()] == [PaymentState.FAILED]


def test_network_is_never_asked_inside_a_transaction(committed_db, anna, monkeypatch):
    heard = []

    class Watching(Silent):
        def create_checkout(self, _intent):
            heard.append(('create', database.is_closed()))
            return Checkout('t' * 64, 'http://bank.test/pay')

        def query_by_token(self, token):
            heard.append(('query', database.is_closed()))
            return GatewayState(token, GatewayStatus.CREATED, False, Decimal('20.00'), 'BYN', True, None, None)

    connect(monkeypatch, Watching())

    started = payments.start('20', factories.key(), actor=anna)
    payments.check(started.tracking_id, actor=anna)

    assert heard == [('create', True), ('query', True)]
