"""Paying at WEBPAY: its notice is a bell, `get_transaction` the truth, a transaction is credited once."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from models.account import Operation
from models.payment import Payment, PaymentState, Webhook
from services.errors import NotFound
from services.gateways.payment_gateway import WebhookRefused
from services.gateways.webpay import WebPay, WebPayConfig
from services.payments import payment_gateways, payment_hooks, payment_polling, payments
from services.payments.payment_gateways import CardGateway
from tests import factories
from tests.bank import again, balance, begin, credited
from tests.webpay_host import PASSWORD, SECRET, STORE, USER, signed, webpay_host


@pytest.fixture
def host(monkeypatch):
    """WEBPAY, and this house connected to it."""
    with webpay_host() as host:
        places = frozenset({urlsplit(host.url).netloc})
        config = WebPayConfig(host.url, host.url, STORE, 'Amigo', SECRET, USER, PASSWORD, True, places, 5, 5)
        with WebPay(config) as port:
            found = CardGateway(port, True, 'http://shop.test', 'http://shop.test/hooks/webpay')
            monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: found)
            yield host


def ring(body):
    payment_hooks.follow(payment_hooks.hear('webpay', body, {}))


def test_notice_credits_once_however_often_it_comes(db, host, anna):
    payment, checkout = begin(anna, '20,50')
    notice = host.pay(payment.tracking_id)

    for _ in range(3):
        ring(notice)

    assert checkout.redirect_url == f'{host.url}/pay/{payment.tracking_id}'
    paid = again(payment)
    assert (paid.state, paid.gateway) == (PaymentState.SUCCEEDED, 'webpay')
    assert credited(anna) == [Decimal('20.50')]
    operation = Operation.get(Operation.key == f'pay:webpay:{paid.gateway_uid}')
    assert operation.basis == f'Платёж WEBPAY {paid.gateway_uid}'


def test_two_transactions_of_one_order_are_both_money(db, host, anna):
    payment, _ = begin(anna)

    for _ in range(2):
        ring(host.pay(payment.tracking_id))

    assert credited(anna) == [Decimal('20.00')] * 2


def test_notice_with_a_silent_gateway_is_asked_about_again(db, host, anna, clock):
    payment, _ = begin(anna)
    notice = host.pay(payment.tracking_id)
    host.answers += [None]
    ring(notice)
    assert credited(anna) == []

    clock.forward(minutes=1)
    assert payment_polling.poll_due() == 1

    assert credited(anna) == [Decimal('20.00')]


def test_notice_that_lies_about_the_sum_is_only_a_bell(db, host, anna):
    payment, _ = begin(anna)
    notice = host.pay(payment.tracking_id)
    fields = {name: value for name, value in parse_qsl(notice.decode()) if name != 'wsb_signature'}

    ring(signed(fields | {'amount': '9999.00'}))

    assert credited(anna) == [Decimal('20.00')]


@pytest.mark.parametrize(('change', 'reason'), [({'amount': '1.00'}, 'amount'), ({'currency_id': 'USD'}, 'currency')])
def test_money_not_as_agreed_is_put_aside(db, host, anna, change, reason):
    payment, _ = begin(anna)

    ring(host.pay(payment.tracking_id, **change))

    assert again(payment).state == PaymentState.QUARANTINED
    assert again(payment).message.startswith(reason)
    assert credited(anna) == []


def test_transaction_of_another_order_is_not_ours(db, host, anna, boris):
    payment, _ = begin(anna)
    other, _ = begin(boris)
    notice = host.pay(payment.tracking_id)
    for known in host.transactions.values():
        known['site_order_id'] = other.tracking_id

    ring(notice)

    assert (credited(anna), credited(boris)) == ([], [])
    assert again(payment).state == PaymentState.REDIRECTED


def test_refused_card_credits_nothing_and_another_may_be_tried(db, host, anna):
    payment, _ = begin(anna)
    ring(host.pay(payment.tracking_id, '2'))
    assert again(payment).state == PaymentState.REDIRECTED

    ring(host.pay(payment.tracking_id))

    assert credited(anna) == [Decimal('20.00')]


def test_page_nobody_paid_ends_with_its_time_and_late_money_still_counts(db, host, anna, clock):
    payment, _ = begin(anna)
    clock.forward(minutes=61)
    payment_polling.poll_due()
    assert again(payment).state == PaymentState.EXPIRED

    ring(host.pay(payment.tracking_id))

    assert again(payment).state == PaymentState.SUCCEEDED
    assert credited(anna) == [Decimal('20.00')]


def test_forged_notice_is_refused_and_kept(db, host, anna):
    payment, _ = begin(anna)
    notice = host.pay(payment.tracking_id)

    for body in (notice.replace(b'20.00', b'90.00'), notice[:-5], b'{}', b'x' * 1_000_000):
        with pytest.raises(WebhookRefused):
            ring(body)

    assert credited(anna) == []
    assert [row.is_verified for row in Webhook.select()] == [False] * 4


def test_bell_of_another_gateway_is_not_heard(db, host, anna):
    with pytest.raises(NotFound):
        payment_hooks.hear('bepaid', b'{}', {})


@pytest.mark.parametrize('answer', [(401, ''), (422, ''), (500, ''), None])
def test_page_that_does_not_open_is_told_plainly_and_may_be_tried_again(db, host, anna, answer):
    host.answers.append(answer)

    with pytest.raises((payments.BankSilent, payments.BankRefused), match='Деньги не списаны'):
        payments.start('20', factories.key(), actor=anna)

    assert balance(anna) == Decimal('45.10')
    assert begin(anna)[0].state == PaymentState.REDIRECTED


def test_lost_page_is_not_open_for_ever(db, host, anna, clock):
    host.answers.append((500, ''))
    with pytest.raises(payments.BankSilent):
        payments.start('20', factories.key(), actor=anna)

    clock.forward(hours=1)
    payment_polling.poll_due()

    assert Payment.get().state == PaymentState.EXPIRED


def test_bell_is_asked_about_even_when_the_page_was_lost(db, host, anna, clock):
    """Our process died before it wrote down that there is a page; the customer had been sent there by a proxy."""
    payment, _ = begin(anna)
    Payment.update(gateway_token=None, state=PaymentState.CREATED).where(Payment.id == payment.id).execute()

    ring(host.pay(payment.tracking_id))

    assert again(payment).state == PaymentState.SUCCEEDED
    assert clock() - again(payment).created_at < timedelta(minutes=1)
