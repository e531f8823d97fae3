"""Paying by card against the real sandbox over HTTP: an intent, the bank's page, bells in any order, one credit."""

import itertools
import json
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation
from models.base import database
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState, Webhook
from models.user import AuditEvent
from services import (
    clock as house_clock,
)
from services import (
    debt_blocks,
    ledger,
    payment_desk,
    payment_gateways,
    payment_hooks,
    payment_outcomes,
    payment_polling,
    payment_register,
    payments,
)
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.events import ContractChanged, PaymentChanged
from services.form_keys import BrokenForm
from services.gateways.payment_gateway import (
    Checkout,
    GatewayRefused,
    GatewayState,
    GatewayStatus,
    GatewayUnknown,
    WebhookRefused,
)
from services.payment_gateways import CardGateway
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.unit.gateways.conftest import (  # noqa: F401 - fixtures
    Shop,
    one_tls_context,
    shop,
    signing_key,
    site,
    world,
)

DECLINED, CHALLENGE = '4005550000000019', '4012000000001097'


class HouseClock:
    """The house's clock, stopped; the sandbox goes by the same one."""

    def __init__(self, traveller):
        self._traveller = traveller

    def __call__(self):
        return house_clock.now()

    def forward(self, **span):
        self._traveller.shift(timedelta(**span))


@pytest.fixture
def stopped_clock():
    with time_machine.travel('2026-11-22T12:00:00+03:00', tick=False) as traveller:
        yield HouseClock(traveller)


@pytest.fixture
def clock(stopped_clock):
    return stopped_clock


@pytest.fixture
def bank(world, monkeypatch):  # noqa: F811 - the fixture
    """The world of the gateway, and this house connected to it."""
    gateway = CardGateway(world.gateway, True, 'http://shop.test', world.shop.url)
    monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: gateway)
    return world


def connect(monkeypatch, port):
    """Connect the house to another gateway: one that answers what a test wants."""
    gateway = CardGateway(port, True, 'http://shop.test', 'http://shop.test/hooks/bepaid')
    monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: gateway)


def begin(actor, amount='20'):
    """Start a payment and return its row and the bank's page."""
    started = payments.start(amount, factories.key(), actor=actor)
    payment = with_connection(Payment.get)(Payment.tracking_id == started.tracking_id)
    return payment, Checkout(payment.gateway_token, started.redirect_url)


def pay(bank, actor, amount='20', card='4200000000000000'):
    """Start a payment, try a card on the bank's page, and return the row."""
    payment, checkout = begin(actor, amount)
    bank.browser.pay(checkout, card)
    return payment


@with_connection
def again(payment):
    return Payment.get_by_id(payment.id)


def credited(actor):
    """Return the sums of the payments booked for a contract."""
    booked = Operation.select().where((Operation.contract == contract_of(actor)) & Operation.key.startswith('pay:'))
    return [operation.entries[0].amount for operation in booked]


def balance(actor):
    return ledger.balance(contract_of(actor))


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


class Silent:
    """A gateway whose every call ends without an answer."""

    name = 'bepaid'
    calls = 0

    def _silence(self, *_args):
        self.calls += 1
        raise GatewayUnknown('POST: ReadTimeout')

    create_checkout = query_by_token = query_by_uid = list_by_tracking_id = _silence


class Refusing(Silent):
    """A gateway that says no."""

    def create_checkout(self, _intent):
        raise GatewayRefused('Validation failed.', status=422, fields={'order.amount': ('is invalid',)})


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
    assert ledger.self_check() == []


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


# --- bells -----------------------------------------------------------------------------------------------------


def ring(hook):
    payment_hooks.receive_webhook('bepaid', hook.body, hook.headers)


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
            payment_hooks.receive_webhook('bepaid', json.dumps({'n': number}).encode(), {})

    assert Webhook.select().count() == payment_hooks.FORGED_AN_HOUR


def test_other_gateway_has_no_bell_here(db, bank):
    with pytest.raises(NotFound):
        payment_hooks.receive_webhook('webpay', b'{}', {})


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
    assert ledger.self_check() == []


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
        assert ledger.self_check() == []


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
