"""Who sent this webhook? bePaid's signature over the raw body, and Basic besides (DOMAIN §2.2.4).

With a public key the signature is a must. There is no falling back to Basic when the header is missing, as the official
SDK does: whoever learned the shop's password could then forge money.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from pydantic import ValidationError

from services import limits
from services.gateways.bepaid_wire import TransactionAnswer, WireCheckout
from services.gateways.payment_gateway import NoticeKind, RefusalReason, WebhookNotice, WebhookRefused

MAX_BODY = limits.count('webhook_bytes')


def read_webhook(
    raw_body: bytes, headers: Mapping[str, str], *, shop_id: str, secret_key: str, public_key: str | None
) -> WebhookNotice:
    """Return the facts of a webhook whose sender is proved.

    Raises:
        WebhookRefused: wrong or missing credentials or signature, a body that cannot be read, another shop.
        ValueError: `public_key` itself is not an RSA key.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if len(raw_body) > MAX_BODY:
        raise WebhookRefused(RefusalReason.UNREADABLE)
    if not _basic_is_right(given.get('authorization', ''), f'{shop_id}:{secret_key}'):
        raise WebhookRefused(RefusalReason.WRONG_CREDENTIALS)
    if public_key is not None:
        _require_signature(raw_body, given.get('content-signature', ''), rsa_public_key(public_key))
    return _notice(raw_body, shop_id)


def rsa_public_key(text: str) -> RSAPublicKey:
    """Read a public key: PEM, or the bare base64 of DER that the back office shows.

    Raises:
        ValueError: neither, or not RSA.
    """
    if text.lstrip().startswith('-----BEGIN'):
        key = load_pem_public_key(text.encode())
    else:
        key = load_der_public_key(base64.b64decode(''.join(text.split()), validate=True))
    if not isinstance(key, RSAPublicKey):
        raise ValueError('the public key of the shop is not an RSA key')  # noqa: TRY004 - a wrong value of a setting
    return key


def _basic_is_right(header: str, expected: str) -> bool:
    """Compare in constant time; the bytes, so that foreign letters cannot raise."""
    scheme, _, encoded = header.strip().partition(' ')
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b''
    return hmac.compare_digest(given, expected.encode()) and scheme.lower() == 'basic'


def _require_signature(raw_body: bytes, header: str, key: RSAPublicKey) -> None:
    if not header.strip():
        raise WebhookRefused(RefusalReason.NO_SIGNATURE)
    try:
        key.verify(base64.b64decode(header.strip(), validate=True), raw_body, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise WebhookRefused(RefusalReason.WRONG_SIGNATURE) from error


def _notice(raw_body: bytes, shop_id: str) -> WebhookNotice:
    event_id = hashlib.sha256(raw_body).hexdigest()
    try:
        body = json.loads(raw_body)
        if isinstance(body, dict) and 'transaction' in body:
            transaction = TransactionAnswer.model_validate(body).transaction.facts()
            return WebhookNotice(
                kind=NoticeKind.TRANSACTION,
                event_id=event_id,
                tracking_id=transaction.tracking_id,
                test=transaction.test,
                transaction=transaction,
            )
        checkout = WireCheckout.model_validate(body)
    except (ValidationError, ValueError, RecursionError) as error:
        raise WebhookRefused(RefusalReason.UNREADABLE) from error
    if checkout.shop_id is not None and str(checkout.shop_id) != shop_id:
        raise WebhookRefused(RefusalReason.OTHER_SHOP)
    if not checkout.expired:
        raise WebhookRefused(RefusalReason.UNREADABLE)
    return WebhookNotice(
        kind=NoticeKind.CHECKOUT_EXPIRED,
        event_id=event_id,
        tracking_id=checkout.order.tracking_id,
        test=checkout.test,
        token=checkout.token,
    )
