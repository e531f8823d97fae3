"""The bodies the gateway sends, made from its rows (DOMAIN §2.2.2, §2.2.4, §2.2.6)."""

import json
import sqlite3
from typing import Any


def raw(body: dict[str, Any]) -> bytes:
    """Serialise as bePaid does: UTF-8, no spaces. The signature is over exactly these bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(',', ':')).encode()


def transaction_body(row: sqlite3.Row, base_url: str) -> dict[str, Any]:
    """Return the inside of `transaction`."""
    common = {
        'uid': row['uid'],
        'id': row['uid'],
        'type': row['type'],
        'status': row['status'],
        'status_code': row['code'],
        'amount': row['amount'],
        'currency': row['currency'],
        'description': row['description'],
        'tracking_id': row['tracking_id'],
        'message': row['message'],
        'test': bool(row['test']),
        'created_at': row['created_at'],
        'updated_at': row['updated_at'],
        'language': 'ru',
    }
    if row['type'] == 'refund':
        result = {'message': row['message'], 'ref_id': '8889999', 'gateway_id': 152, 'status': row['status']}
        return common | {'parent_uid': row['parent_uid'], 'refund': result}
    return common | {
        'paid_at': row['paid_at'],
        'expired_at': None,
        'closed_at': None,
        'settled_at': None,
        'payment_method_type': 'credit_card',
        'receipt_url': _receipt_url(row, base_url),
        'redirect_url': f'{base_url}/process/{row["uid"]}' if row['status'] == 'incomplete' else None,
        'credit_card': _card(row),
        'payment': _payment(row),
        'customer': {'ip': '127.0.0.1', 'email': None, 'device_id': None, 'birth_date': None},
        'billing_address': {},
        'additional_data': {},
    }


def checkout_body(row: sqlite3.Row, attempt: sqlite3.Row | None, base_url: str) -> dict[str, Any]:
    """Return the inside of `checkout`; the webhook of an expired token is the same without the envelope."""
    request = json.loads(row['request'])
    finished, expired = row['state'] == 'finished', row['state'] == 'expired'
    status = message = None
    if finished and attempt:
        status = attempt['status']
        message = f'Transaction is {status}.'
    elif expired:
        status, message = 'error', 'Token is expired.'
    return {
        'token': row['token'],
        'shop_id': request['shop_id'],
        'transaction_type': 'payment',
        'gateway_response': {'payment': _attempt(attempt, base_url)} if attempt else None,
        'order': request['order'],
        'settings': request['settings'],
        'customer': request['customer'],
        'finished': finished,
        'expired': expired,
        'shop': {'id': request['shop_id'], 'name': 'Sandbox', 'brands': ['visa', 'master']},
        'merchant': {'id': request['shop_id'], 'country': 'BY'},
        'test': bool(attempt['test'] if attempt else row['test']),
        'status': status,
        'message': message,
        'payment_method': {'types': ['credit_card']},
    }


def _attempt(row: sqlite3.Row, base_url: str) -> dict[str, Any]:
    """The shorter form inside `gateway_response`: no test flag, no tracking_id, the brand under `method`."""
    return _payment(row) | {
        'uid': row['uid'],
        'type': row['type'],
        'updated_at': row['updated_at'],
        'redirect_url': f'{base_url}/process/{row["uid"]}',
        'receipt_url': _receipt_url(row, base_url),
        'method': {'brand': row['brand'], 'last_4': row['last_4']},
    }


def _card(row: sqlite3.Row) -> dict[str, Any]:
    """Return the card of an attempt: its token only if it is to be kept and has paid."""
    return {
        'brand': row['brand'],
        'last_4': row['last_4'],
        'exp_month': row['exp_month'],
        'exp_year': row['exp_year'],
        'token_provider': None,
        'token': row['card_token'] if row['status'] == 'successful' else None,
    }


def _payment(row: sqlite3.Row) -> dict[str, Any]:
    paid = row['status'] == 'successful'
    return {
        'auth_code': '654321' if paid else None,
        'bank_code': '05' if paid else None,
        'rrn': '999' if paid else None,
        'ref_id': '777888' if paid else None,
        'message': 'Payment was approved' if paid else row['message'],
        'amount': row['amount'],
        'currency': row['currency'],
        'billing_descriptor': 'TEST',
        'gateway_id': 645,
        'status': row['status'],
    }


def _receipt_url(row: sqlite3.Row, base_url: str) -> str:
    return f'{base_url}/customer/transactions/{row["uid"]}'
