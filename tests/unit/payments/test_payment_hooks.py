"""Bells of the gateway in any order, the poller, and many askers at once: one credit."""

import itertools
import json
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from models.base import database
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState, Webhook
from services import clock as house_clock
from services.accounts import invariants
from services.errors import NotFound
from services.gateways.payment_gateway import (
    GatewayUnknown,
    WebhookRefused,
)
from services.payments import (
    payment_gateways,
    payment_hooks,
    payment_outcomes,
    payment_polling,
    payment_register,
    payments,
)
from tests import factories
from tests.bank import DECLINED, Silent, again, balance, begin, connect, credited, pay

# --- bells -----------------------------------------------------------------------------------------------------


def ring(hook):
    take('bepaid', hook.body, hook.headers)


def take(gateway, body, headers):
    """Do with a bell what the address does: write it down, answer, ask the bank."""
    payment_hooks.follow(payment_hooks.hear(gateway, body, headers))


def test_webhook_alone_credits(db, bank, anna):
    payment = pay(bank, anna)

    hook = bank.shop.next_hook()
    for _ in range(2):
        ring(hook)

    assert again(payment).state == PaymentState.SUCCEEDED
    assert credited(anna) == [Decimal('20.00')]
    assert [(row.count, row.is_verified, bytes(row.body)) for row in Webhook.select()] == [(2, True, hook.body)]


def test_webhook_that_lies_about_the_sum_is_only_a_bell(db, bank, anna):
    bank.switch('webhook_wrong_amount')
    pay(bank, anna)

    ring(bank.shop.next_hook())

    assert credited(anna) == [Decimal('20.00')]


def test_webhook_with_a_bank_that_is_silent_is_made_up_by_the_poller(db, bank, anna, monkeypatch):
    payment = pay(bank, anna)
    working = payment_gateways.card_gateway()

    class Deaf(type(bank.gateway)):
        def query_by_token(self, _token):
            raise GatewayUnknown('GET: ReadTimeout')

    connect(monkeypatch, Deaf(bank.config))
    ring(bank.shop.next_hook())
    assert credited(anna) == []

    monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: working)
    assert payment_polling.poll_due() == 1
    assert again(payment).state == PaymentState.SUCCEEDED


def test_webhook_about_no_payment_of_ours_is_kept_for_the_operator(db, bank, anna, olga):
    payment = pay(bank, anna)
    hook = bank.shop.next_hook()
    tracking = payment.tracking_id
    payment.delete_instance()

    ring(hook)

    assert payment_register.list_payments(actor=olga).strays == (tracking,)
    assert credited(anna) == []


def test_notice_of_an_expired_page_moves_the_state(db, bank, anna):
    payment, _ = begin(anna)
    bank.move_clock(minutes=31)

    ring(bank.shop.next_hook())

    assert again(payment).state == PaymentState.EXPIRED


def spoiled(hook, how):
    body, headers = hook.body, dict(hook.headers)
    match how:
        case 'truncated':
            body = body[:-20]
        case 'changed':
            body = body.replace(b'successful', b'successfuI')
        case 'megabyte':
            body = b'{' + b' ' * 1_000_000 + b'}'
        case 'not json':
            body = b'uid=1&status=successful'
        case 'empty':
            body = b''
        case 'unsigned':
            headers = {name: value for name, value in headers.items() if name.lower() != 'content-signature'}
        case 'other shop':
            headers['Authorization'] = 'Basic b3RoZXI6c2hvcA=='
    return replace(hook, body=body, headers=headers)


@pytest.mark.parametrize('how', ['truncated', 'changed', 'megabyte', 'not json', 'empty', 'unsigned', 'other shop'])
def test_forged_webhook_is_refused_and_leaves_a_trace(db, bank, anna, how):
    payment = pay(bank, anna)
    hook = bank.shop.next_hook()

    with pytest.raises(WebhookRefused):
        ring(spoiled(hook, how))

    assert again(payment).state == PaymentState.REDIRECTED
    row = Webhook.get()
    assert not row.is_verified
    assert len(bytes(row.body)) <= payment_hooks.KEPT_OF_FORGED
    ring(hook)  # a forgery before it does not stop the real one
    assert credited(anna) == [Decimal('20.00')]
    assert Webhook.select().where(Webhook.is_verified).count() == 1


def test_forgery_after_the_real_one_takes_no_proof_away(db, bank, anna):
    pay(bank, anna)
    hook = bank.shop.next_hook()
    ring(hook)

    with pytest.raises(WebhookRefused):
        ring(spoiled(hook, 'unsigned'))

    assert [(row.is_verified, row.count) for row in Webhook.select()] == [(True, 2)]


def test_flood_of_forgeries_is_not_all_written_down(db, bank):
    for number in range(payment_hooks.FORGED_AN_HOUR + 20):
        with pytest.raises(WebhookRefused):
            take('bepaid', json.dumps({'n': number}).encode(), {})

    assert Webhook.select().count() == payment_hooks.FORGED_AN_HOUR


def test_other_gateway_has_no_bell_here(db, bank):
    with pytest.raises(NotFound):
        take('webpay', b'{}', {})


DELIVERIES = ('refused card', 'success', 'duplicate', 'forged')


@pytest.mark.parametrize('order', list(itertools.permutations(DELIVERIES)), ids='-'.join)
def test_deliveries_in_any_order_end_in_the_same_books(db, bank, anna, order):
    payment, checkout = begin(anna)
    bank.browser.pay(checkout, DECLINED)
    refused = bank.shop.next_hook()
    bank.switch('webhook_wrong_amount')
    bank.browser.pay(checkout)
    success = bank.shop.next_hook()
    bells = {'refused card': refused, 'success': success, 'duplicate': success, 'forged': spoiled(success, 'changed')}

    for name in order:
        if name == 'forged':
            with pytest.raises(WebhookRefused):
                ring(bells[name])
        else:
            ring(bells[name])

    assert again(payment).state == PaymentState.SUCCEEDED
    assert credited(anna) == [Decimal('20.00')]
    assert balance(anna) == Decimal('65.10')
    assert OutgoingMessage.select().count() == 1
    assert invariants.self_check() == []


# --- the poller ------------------------------------------------------------------------------------------------


def test_poller_asks_at_growing_pauses_for_a_week(db, anna, monkeypatch, clock):
    silent = Silent()
    connect(monkeypatch, silent)
    with pytest.raises(payments.BankSilent):
        payments.start('20', factories.key(), actor=anna)
    begun, silent.calls = house_clock.now(), 0

    asked_at = []
    while next_at := Payment.get().next_check_at:
        clock.forward(seconds=(next_at - house_clock.now()).total_seconds())
        assert payment_polling.poll_due() == 1
        assert payment_polling.poll_due() == 0
        asked_at.append((house_clock.now() - begun).total_seconds() / 60)

    assert asked_at[:4] == [1, 5, 15, 60]
    assert asked_at[-1] == 7 * 24 * 60
    assert silent.calls == Payment.get().asked == len(payment_outcomes.CHECKS)


def test_poller_credits_what_no_webhook_told(db, bank, anna, clock):
    bank.switch('no_webhook')
    payment = pay(bank, anna)

    assert payment_polling.poll_due() == 0
    clock.forward(minutes=1)
    assert payment_polling.poll_due() == 1

    assert again(payment).state == PaymentState.SUCCEEDED
    clock.forward(days=3)
    assert payment_polling.poll_due() == 0


def test_poller_stops_when_the_bank_is_away(db, anna, monkeypatch, clock):
    silent = Silent()
    connect(monkeypatch, silent)
    for _ in range(6):
        with pytest.raises(payments.BankSilent):
            payments.start('20', factories.key(), actor=anna)
    clock.forward(minutes=1)

    assert payment_polling.poll_due() == payment_polling.SILENCES


# --- at the same time ------------------------------------------------------------------------------------------


def test_many_askers_at_once_credit_once(committed_db, bank, anna):
    payment = pay(bank, anna)
    failures = []

    def ask():
        try:
            payment_outcomes.refresh(payment.id)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must know
            failures.append(error)

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert failures == []
    with database.connection_context():
        assert credited(anna) == [Decimal('20.00')]
        assert again(payment).state == PaymentState.SUCCEEDED
        assert invariants.self_check() == []


def test_two_pollers_never_take_the_same_payment(committed_db, bank, anna, clock):
    for _ in range(6):
        begin(anna)
    clock.forward(minutes=1)
    taken = []
    claimers = [threading.Thread(target=lambda: take_all(taken)) for _ in range(3)]
    for claimer in claimers:
        claimer.start()
    for claimer in claimers:
        claimer.join()

    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 6


def take_all(taken):
    while (found := payment_polling._claim()) is not None:
        taken.append(found)
