"""WEBPAY's forms and XML, and our words for them (DOMAIN §2.3). No network here.

Its XML is a flat list of short texts, so it is read by a grammar of that list and by no parser: a document type, an
entity, an attribute or a tag inside a field is no answer at all.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape, unescape

from services.gateways import webpay_signatures
from services.gateways.payment_gateway import CheckoutIntent, GatewayStatus, Transaction, TransactionKind
from services.money import KOPECK, kopecks

STATUSES = {
    '1': GatewayStatus.SUCCEEDED,  # completed
    '2': GatewayStatus.FAILED,  # declined
    '4': GatewayStatus.SUCCEEDED,  # authorised: WEBPAY tells to count it as paid
    '7': GatewayStatus.CANCELLED,  # voided
    '8': GatewayStatus.FAILED,
    '10': GatewayStatus.SUCCEEDED,  # recurrent
    '11': GatewayStatus.CANCELLED,  # given back in their office before we heard of it
}
"""Any other kind (pending, partly refunded …) is not the end: a person may look, nothing is credited."""

_ANSWER = re.compile(r'\s*(?:<\?xml [^<>?]{0,100}\?>\s*)?<wsb_api_response>(.*)</wsb_api_response>\s*', re.DOTALL)
_QUOTES = {'&quot;': '"', '&apos;': "'"}
_FIELD = re.compile(r'<([a-z_]{1,40})>([^<>]{0,400})</\1>|<[a-z_]{1,40} ?/>')
_SHAPES = {
    'transaction_id': re.compile(r'[0-9A-Za-z-]{1,64}', re.ASCII),
    'currency_id': re.compile(r'[A-Z]{3}', re.ASCII),
    'amount': re.compile(r'\d{1,9}(\.\d{1,2})?', re.ASCII),
    'payment_type': re.compile(r'\d{1,2}', re.ASCII),
    'order_id': re.compile(r'[0-9A-Za-z_-]{1,64}', re.ASCII),
    'site_order_id': re.compile(r'[0-9A-Za-z_-]{1,64}', re.ASCII),
    'card': re.compile(r'[0-9xX* ]{0,24}', re.ASCII),
}


class Unreadable(ValueError):
    """Not what the protocol describes."""


def request_body(
    intent: CheckoutIntent, *, store: str, name: str, secret: str, test: bool, seed: str
) -> dict[str, Any]:
    """Return the body of POST /api/v1/payment; every value is the text that is signed.

    Raises:
        ValueError: a sum that is not positive or has a fraction of a kopeck, an unknown currency.
    """
    if intent.currency != 'BYN':
        raise ValueError(f'unknown currency {intent.currency!r}')
    if kopecks(intent.amount) <= 0:
        raise ValueError(f'{intent.amount} is not above zero')
    total, flag = f'{intent.amount:.2f}', '1' if test else '0'
    fields = {
        'wsb_version': '2',
        'wsb_language_id': 'english' if intent.language == 'en' else 'russian',
        'wsb_storeid': store,
        'wsb_store': name,
        'wsb_order_num': intent.tracking_id,
        'wsb_test': flag,
        'wsb_currency_id': intent.currency,
        'wsb_seed': seed,
        'wsb_return_url': intent.return_url,
        'wsb_cancel_return_url': intent.cancel_url,
        'wsb_notify_url': intent.notification_url,
        'wsb_email': intent.email or '',
        'wsb_invoice_item_name': [intent.description],
        'wsb_invoice_item_quantity': ['1'],
        'wsb_invoice_item_price': [total],
        'wsb_total': total,
        'wsb_signature': webpay_signatures.of_request(
            seed=seed,
            store=store,
            order=intent.tracking_id,
            test=flag,
            currency=intent.currency,
            total=total,
            secret=secret,
        ),
    }
    return {field: value for field, value in fields.items() if value}


def question(transaction_id: str, *, username: str, password: str) -> bytes:
    """Return the form that asks about a transaction."""
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?><wsb_api_request><command>get_transaction</command><authorization>'
        f'<username>{escape(username)}</username><password>{webpay_signatures.of_password(password)}</password>'
        f'</authorization><fields><transaction_id>{escape(transaction_id)}</transaction_id></fields></wsb_api_request>'
    )
    return urlencode({'*API': '', 'API_XML_REQUEST': xml}).encode()


def read_answer(content: bytes) -> tuple[str, dict[str, str]]:
    """Return the status and the fields of an answer to `question`.

    Raises:
        Unreadable: not such a document, or a field twice.
    """
    try:
        found = _ANSWER.fullmatch(content.decode('utf-8'))
    except UnicodeDecodeError as error:
        raise Unreadable('not UTF-8') from error
    if found is None:
        raise Unreadable('not an answer of WEBPAY')
    head, _, rest = found[1].partition('<fields>')
    inside, _, tail = rest.partition('</fields>')
    return _flat(head + tail).get('status', ''), _flat(inside)


def read_form(raw: bytes) -> dict[str, str]:
    """Return the fields of a notice.

    Raises:
        Unreadable: not a form, or a field twice.
    """
    try:
        pairs = parse_qsl(
            raw.decode('ascii'),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=60,
            errors='strict',
        )
    except ValueError as error:  # UnicodeDecodeError is one too
        raise Unreadable('not a form') from error
    return _once(pairs)


def transaction(fields: Mapping[str, str], *, test: bool, tracking_id: str) -> Transaction:
    """Return our words for a notice or an answer whose sender is proved.

    WEBPAY tells no test flag: a store is a test store or it is not, and each has hosts of its own.

    Raises:
        Unreadable: a field that is missing or is not what it should be.
    """
    for name, shape in _SHAPES.items():
        if name in fields and not shape.fullmatch(fields[name]):
            raise Unreadable(name)
    return Transaction(
        uid=fields['transaction_id'],
        kind=TransactionKind.PAYMENT,
        status=STATUSES.get(fields['payment_type'], GatewayStatus.PROCESSING),
        amount=Decimal(fields['amount']).quantize(KOPECK),
        currency=fields['currency_id'],
        test=test,
        tracking_id=tracking_id,
        last_4=_last_4(fields.get('card', '')),
    )


def _last_4(card: str) -> str | None:
    """Return the last four digits of a masked number; a number that is not masked is not even read."""
    found = re.fullmatch(r'[0-9]{0,6}[xX* ]{2,}([0-9]{4})', card, re.ASCII)
    return found[1] if found else None


def _flat(text: str) -> dict[str, str]:
    """Return the fields of a piece that holds nothing else."""
    if _FIELD.sub('', text).strip():
        raise Unreadable('more than a list of short fields')
    pairs = [(found[1], unescape(found[2], _QUOTES)) for found in _FIELD.finditer(text) if found[1]]
    return _once(pairs)


def _once(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable('a field twice')
    return fields
