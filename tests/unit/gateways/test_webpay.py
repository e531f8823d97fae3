"""Contract of the WEBPAY adapter: its five vectors, a page, a notice, a question, and every way of hearing no."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from services import clock
from services.gateways import webpay_signatures, webpay_wire
from services.gateways.payment_gateway import (
    CheckoutIntent,
    GatewayRefused,
    GatewayStatus,
    GatewayUnknown,
    RefusalReason,
    WebhookRefused,
)
from services.gateways.webpay import WebPay, WebPayConfig
from tests.webpay_host import PASSWORD, SECRET, STORE, USER, answer_xml, signed, webpay_host

KEY = 'your_secret_key'


@pytest.mark.parametrize(
    ('seed', 'store', 'order', 'total', 'secret', 'signature'),
    [
        ('1242649174', '11111111', 'ORDER-12345678', '31.40', '1', '266e9c04a24dfb5fc75775c42a831a49488f8303'),
        (
            '1242649174',
            '11111111',
            'ORDER-12345678',
            '21.90',
            '12345678901234567890',
            '338d1647833079f9353907ad266ec0bb5264c0d9',
        ),
        ('12.12.2019', '000000001', 'item-1', '100', KEY, '42fc5bd5f26360789488073d2d8e535f9e16e2f9'),
    ],
)
def test_vectors_of_the_request(seed, store, order, total, secret, signature):
    made = webpay_signatures.of_request(
        seed=seed, store=store, order=order, test='1', currency='BYN', total=total, secret=secret
    )

    assert made == signature


def test_vector_of_the_notice():
    values = ('10.10.2019', 'BYN', '100', 'cc', '1111', 'item-1', '1', '4', '01')
    fields = dict(zip(webpay_signatures.NOTICE, values, strict=True))

    assert webpay_signatures.of_notice(fields, KEY) == '62a2ab40e7ae1630883e1f8e2f284f8a'
    assert webpay_signatures.of_notice(fields | {'card': '4200'}, KEY) != '62a2ab40e7ae1630883e1f8e2f284f8a'


def test_vector_of_the_state():
    values = ('1', '31231231', 'BYN', '100', 'cc', '4', 'item-1', '1')
    fields = dict(zip(webpay_signatures.STATE, values, strict=True))

    assert webpay_signatures.of_state(fields, KEY) == '7f0276873ce8e701c6fe36912fe5fb33'


@pytest.fixture
def host():
    with webpay_host() as host:
        yield host


@pytest.fixture
def gateway(host):
    config = WebPayConfig(
        host.url, host.url, STORE, 'Amigo', SECRET, USER, PASSWORD, True, frozenset({urlsplit(host.url).netloc}), 5, 5
    )
    with WebPay(config) as gateway:
        yield gateway


@pytest.fixture
def intent():
    return CheckoutIntent(
        tracking_id='pay_1',
        amount=Decimal('20.50'),
        description='Оплата услуг, договор 100001',
        expires_at=clock.now() + timedelta(minutes=30),
        return_url='http://shop.test/my/pay/return?p=pay_1',
        cancel_url='http://shop.test/my/pay/return?p=pay_1&cancelled=1',
        notification_url='http://shop.test/hooks/webpay',
        contract_number='100001',
        email='anna@example.by',
    )


def changed(gateway, **changes):
    return WebPay(replace(gateway._config, **changes))


# --- the page ----------------------------------------------------------------------------------------------------


def test_page_is_opened_with_a_signed_order(host, gateway, intent):
    checkout = gateway.create_checkout(intent)

    sent = host.orders['pay_1']
    assert checkout.redirect_url == f'{host.url}/pay/pay_1'
    assert (sent['wsb_total'], sent['wsb_invoice_item_price'], sent['wsb_test']) == ('20.50', ['20.50'], '1')
    assert (sent['wsb_notify_url'], sent['wsb_language_id']) == ('http://shop.test/hooks/webpay', 'russian')
    assert not any('pan' in name or 'card' in name for name in sent)


def test_seed_is_another_each_time(host, gateway, intent):
    seeds = set()
    for _ in range(2):
        gateway.create_checkout(intent)
        seeds.add(host.orders['pay_1']['wsb_seed'])

    assert len(seeds) == 2


def test_wrong_secret_is_a_clear_no(gateway, intent):
    with changed(gateway, secret_key='another') as other, pytest.raises(GatewayRefused):
        other.create_checkout(intent)


@pytest.mark.parametrize('amount', ['0', '-1', '20.505'])
def test_sum_that_cannot_be_paid_never_leaves_the_house(host, gateway, intent, amount):
    with pytest.raises(ValueError, match=r'above zero|fraction'):
        gateway.create_checkout(replace(intent, amount=Decimal(amount)))
    assert host.asked == []


def test_customer_is_sent_to_listed_hosts_only(gateway, intent):
    other = changed(gateway, allowed_hosts=frozenset({'payment.webpay.by'}))
    with other, pytest.raises(GatewayRefused, match='host'):
        other.create_checkout(intent)


@pytest.mark.parametrize(
    ('answer', 'error'),
    [
        ((401, ''), GatewayRefused),
        ((422, '{}'), GatewayRefused),
        ((429, ''), GatewayUnknown),
        ((500, ''), GatewayUnknown),
        ((200, ''), GatewayUnknown),
        ((200, '[]'), GatewayUnknown),
        ((200, '{"data":{}}'), GatewayUnknown),
        ((200, '{"data":{"redirectUrl":{}}}'), GatewayUnknown),
        ((302, ''), GatewayUnknown),
        (None, GatewayUnknown),
    ],
)
def test_answer_that_is_no_page(host, gateway, intent, answer, error):
    host.answers.append(answer)

    with pytest.raises(error):
        gateway.create_checkout(intent)


# --- the notice --------------------------------------------------------------------------------------------------


@pytest.fixture
def notice(host, gateway, intent):
    gateway.create_checkout(intent)
    return host.pay('pay_1', card='420000xxxxxx0000')


def test_genuine_notice_is_read(gateway, notice):
    told = gateway.verify_webhook(notice, {})

    assert (told.tracking_id, told.test) == ('pay_1', True)
    assert told.event_id == hashlib.sha256(notice).hexdigest()
    transaction = told.transaction
    assert (transaction.status, transaction.amount, transaction.currency, transaction.last_4) == (
        GatewayStatus.SUCCEEDED, Decimal('20.50'), 'BYN', '0000',
    )  # fmt: skip


@pytest.mark.parametrize(
    ('kind', 'status'),
    [
        ('1', GatewayStatus.SUCCEEDED),
        ('2', GatewayStatus.FAILED),
        ('3', GatewayStatus.PROCESSING),
        ('4', GatewayStatus.SUCCEEDED),
        ('5', GatewayStatus.PROCESSING),
        ('6', GatewayStatus.PROCESSING),
        ('7', GatewayStatus.CANCELLED),
        ('8', GatewayStatus.FAILED),
        ('9', GatewayStatus.PROCESSING),
        ('10', GatewayStatus.SUCCEEDED),
        ('11', GatewayStatus.CANCELLED),
        ('99', GatewayStatus.PROCESSING),
    ],
)
def test_kinds_of_payment(host, gateway, intent, kind, status):
    gateway.create_checkout(intent)

    assert gateway.verify_webhook(host.pay('pay_1', kind), {}).transaction.status is status


def refusal(gateway, body):
    with pytest.raises(WebhookRefused) as refused:
        gateway.verify_webhook(body, {})
    return refused.value.reason


@pytest.mark.parametrize('name', [*webpay_signatures.NOTICE, 'card'])
def test_every_signed_field_is_guarded(gateway, notice, name):
    fields = dict(parse_qsl(notice.decode()))
    body = notice.replace(f'{name}='.encode(), f'{name}=9'.encode(), 1)

    assert body != notice or name not in fields
    assert refusal(gateway, body) is RefusalReason.WRONG_SIGNATURE


@pytest.mark.parametrize(
    ('body', 'reason'),
    [
        (b'', RefusalReason.NO_SIGNATURE),
        (b'{"amount":1}', RefusalReason.UNREADABLE),
        (b'\xff\xfe', RefusalReason.UNREADABLE),
        (b'a=1&a=2', RefusalReason.UNREADABLE),
        (b'wsb_signature=' + b'0' * 32, RefusalReason.UNREADABLE),
        (b'&'.join(b'a%d=1' % n for n in range(100)), RefusalReason.UNREADABLE),
        (b'a=' + b'x' * 1_000_000, RefusalReason.UNREADABLE),
    ],
)
def test_what_is_no_notice_is_refused(gateway, body, reason):
    assert refusal(gateway, body) is reason


def test_signature_by_another_store_is_refused(gateway, notice):
    fields = dict(parse_qsl(notice.decode()))
    del fields['wsb_signature']

    assert refusal(gateway, signed(fields, 'secret of another store')) is RefusalReason.WRONG_SIGNATURE
    assert refusal(gateway, signed(fields | {'wsb_storeid': '999'})) is RefusalReason.OTHER_SHOP


def test_truncated_and_doubled_notice_is_refused(gateway, notice):
    assert refusal(gateway, notice[:-4]) is RefusalReason.WRONG_SIGNATURE
    assert refusal(gateway, notice + b'&amount=1.00') is RefusalReason.UNREADABLE


@pytest.mark.parametrize(
    'change', [{'amount': '0x10'}, {'amount': '-1'}, {'amount': '1e9'}, {'amount': '9' * 12}, {'currency_id': 'byn'}, {'site_order_id': '../x'}]
)  # fmt: skip
def test_signed_nonsense_is_refused(gateway, notice, change):
    fields = dict(parse_qsl(notice.decode())) | change
    del fields['wsb_signature']

    assert refusal(gateway, signed(fields)) is RefusalReason.UNREADABLE


def test_whole_card_number_is_never_read(host, gateway, intent):
    gateway.create_checkout(intent)

    assert gateway.verify_webhook(host.pay('pay_1', card='4200000000000000'), {}).transaction.last_4 is None


# --- the question ------------------------------------------------------------------------------------------------


def test_state_of_a_transaction(host, gateway, notice):
    told = gateway.verify_webhook(notice, {}).transaction

    assert gateway.query_by_uid(told.uid) == replace(told, last_4=None)
    assert gateway.confirm(notice) == replace(told, last_4=None)
    assert PASSWORD.encode() not in host.asked[-1][1]


def test_state_counts_not_what_the_notice_said(host, gateway, notice):
    for known in host.transactions.values():
        known['amount'] = '1.00'

    assert gateway.confirm(notice).amount == Decimal('1.00')


def test_answer_about_another_order_names_that_order(host, gateway, notice):
    for known in host.transactions.values():
        known['site_order_id'] = 'pay_2'

    assert gateway.confirm(notice).tracking_id == 'pay_2'


def test_answer_with_webpays_own_number_of_the_order_is_ours(host, gateway, notice):
    for known in host.transactions.values():
        known['site_order_id'] = known['order_id']

    assert gateway.confirm(notice).tracking_id == 'pay_1'


def test_unknown_transaction_and_wrong_password_are_refused(gateway, notice):
    with pytest.raises(GatewayRefused):
        gateway.query_by_uid('1')
    with changed(gateway, password='another') as other, pytest.raises(GatewayRefused):
        other.confirm(notice)


GOOD = {
    'transaction_id': '5', 'batch_timestamp': '1', 'currency_id': 'BYN', 'amount': '20.50', 'payment_method': 'cc',
    'payment_type': '4', 'order_id': 'pay_1', 'rrn': '1',
}  # fmt: skip
SIGNED = GOOD | {'wsb_signature': webpay_signatures.of_state(GOOD, SECRET)}


def test_the_answer_made_by_hand_is_good(host, gateway):
    host.answers.append((200, answer_xml('success', SIGNED)))

    assert gateway.query_by_uid('5').amount == Decimal('20.50')


@pytest.mark.parametrize(
    'xml',
    [
        '',
        'not xml',
        '<html></html>',
        answer_xml('success', GOOD),
        answer_xml('success', SIGNED | {'amount': '20.51'}),
        answer_xml('success', SIGNED | {'transaction_id': '6'}),
        answer_xml('success', {name: value for name, value in SIGNED.items() if name != 'rrn'}),
        answer_xml('success', SIGNED).replace('<version>', '<amount>20.50</amount><version>').replace('<rrn>', '<amount>1</amount><rrn>'),
        '<!DOCTYPE x [<!ENTITY a "b">]>' + answer_xml('success', SIGNED),
        answer_xml('success', SIGNED).replace('<version>', '<!ENTITY a SYSTEM "file:///etc/passwd"><version>'),
        answer_xml('success', SIGNED).replace('20.50', '<b>20.50</b>'),
        answer_xml('success', SIGNED).replace('<amount>', '<amount x="1">'),
        answer_xml('success', SIGNED) * 2,
        '<a>' * 100_000,
    ],
)  # fmt: skip
def test_answer_that_is_not_signed_or_not_the_protocol_is_unknown(host, gateway, xml):
    host.answers.append((200, xml))

    with pytest.raises(GatewayUnknown):
        gateway.query_by_uid('5')


def test_entities_are_never_replaced():
    status, fields = webpay_wire.read_answer(answer_xml('success', {'rrn': '&a; <'}).encode())

    assert (status, fields) == ('success', {'rrn': '&a; <'})


@pytest.mark.parametrize('answer', [(500, ''), (503, 'later'), (302, ''), None])
def test_silence_is_unknown(host, gateway, notice, answer):
    host.answers.append(answer)

    with pytest.raises(GatewayUnknown):
        gateway.confirm(notice)


# --- what WEBPAY cannot do ---------------------------------------------------------------------------------------


def test_refund_is_refused_in_plain_words_and_nothing_is_sent(host, gateway):
    with pytest.raises(GatewayRefused, match='own office') as refused:
        gateway.refund('5', Decimal(1), 'Переплата', request_id='r1')

    assert refused.value.status == 501
    assert host.asked == []


def test_questions_without_a_transaction_are_refused(gateway):
    for ask in (gateway.query_by_token, gateway.list_by_tracking_id):
        with pytest.raises(GatewayRefused, match='by order'):
            ask('pay_1')


def test_secrets_stand_in_no_repr(gateway):
    assert SECRET not in repr(gateway._config)
    assert PASSWORD not in repr(gateway._config)
