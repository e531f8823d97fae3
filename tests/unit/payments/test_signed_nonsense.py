"""What a bank signs and still cannot be: every value in every field is heard or refused, nothing breaks, no money comes."""

import base64
import json
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from models.payment import Webhook
from models.refund import Refund
from services.errors import DomainError
from services.gateways import webpay_signatures
from services.gateways.payment_gateway import WebhookRefused
from services.payments import payment_gateways, payment_hooks
from tests.bank import begin, credited
from tests.unit.payments.test_webpay_payments import host  # noqa: F401 - a fixture
from tests.webpay_host import SECRET

VALUES = [
    None, True, 0, -1, 2**63, 10**400, 1.5, '', ' ', '\x00', '\ud800', 'я' * 70, 'x' * 300, '../../x', "'; DROP TABLE payment--",
    '2026-13-45T99:99:99Z', [], [[]], {}, {'uid': 'x'}, 'NaN', 'successful', '0' * 64,
]  # fmt: skip
FIELDS = ('uid', 'type', 'status', 'amount', 'currency', 'test', 'tracking_id', 'parent_uid', 'message', 'credit_card', 'paid_at', 'receipt_url')  # fmt: skip
BASIC = 'Basic ' + base64.b64encode(b'1673:secret-of-the-shop').decode()


@pytest.fixture
def key(signing_key):
    return load_pem_private_key(signing_key[0], password=None)


def hear(gateway, raw, headers=None):
    """Do what the address does; what it answers with a status of its own is well."""
    try:
        payment_hooks.follow(payment_hooks.hear(gateway, raw, headers or {}))
    except (WebhookRefused, DomainError) as refused:
        return refused
    return None


@pytest.mark.parametrize('name', FIELDS)
def test_signed_nonsense_of_bepaid_breaks_nothing(db, bank, anna, key, name):
    payment, _ = begin(anna)
    plain = {
        'uid': 'made-up', 'type': 'payment', 'status': 'successful', 'amount': 2000, 'currency': 'BYN', 'test': True,
        'tracking_id': payment.tracking_id,
    }  # fmt: skip

    for value in VALUES:
        raw = json.dumps({'transaction': plain | {name: value}}).encode()
        signature = base64.b64encode(key.sign(raw, PKCS1v15(), SHA256())).decode()
        hear('bepaid', raw, {'Authorization': BASIC, 'Content-Signature': signature})

    assert credited(anna) == []
    assert Webhook.select().count() > 1


@pytest.mark.parametrize('amount', [0, 2000])
def test_a_refund_of_nothing_is_no_refund(db, bank, anna, key, amount):
    payment, _ = begin(anna)
    back = {
        'uid': 'goes-back', 'type': 'refund', 'status': 'successful', 'amount': amount, 'currency': 'BYN', 'test': True,
        'tracking_id': payment.tracking_id, 'parent_uid': 'made-up',
    }  # fmt: skip
    raw = json.dumps({'transaction': back}).encode()

    signature = base64.b64encode(key.sign(raw, PKCS1v15(), SHA256())).decode()
    refused = hear('bepaid', raw, {'Authorization': BASIC, 'Content-Signature': signature})

    assert (refused, Refund.select().count()) == (None, 1 if amount else 0)


@pytest.mark.parametrize('top', [None, 0, 'x', [], {}, {'transaction': []}, {'transaction': {}}, {'token': 't' * 64}])
def test_signed_body_of_another_shape_is_refused(db, bank, key, top):
    raw = json.dumps(top).encode()
    signature = base64.b64encode(key.sign(raw, PKCS1v15(), SHA256())).decode()

    assert isinstance(hear('bepaid', raw, {'Authorization': BASIC, 'Content-Signature': signature}), WebhookRefused)


@pytest.mark.parametrize('name', [*webpay_signatures.NOTICE, 'card'])
def test_signed_nonsense_of_webpay_breaks_nothing(db, host, anna, name):  # noqa: F811
    payment, _ = begin(anna)
    plain = {
        'batch_timestamp': '1795687200', 'currency_id': 'BYN', 'amount': '20.00', 'payment_method': 'cc',
        'order_id': '5', 'site_order_id': payment.tracking_id, 'transaction_id': '6', 'payment_type': '4', 'rrn': '1',
    }  # fmt: skip

    for value in VALUES:
        text = value if isinstance(value, str) else json.dumps(value)
        fields = plain | {name: text.encode('utf-8', 'replace').decode()}
        hear('webpay', urlencode(fields | {'wsb_signature': webpay_signatures.of_notice(fields, SECRET)}).encode())

    assert payment_gateways.card_gateway().port.name == 'webpay'
    assert credited(anna) == []
    assert Webhook.select().exists()
