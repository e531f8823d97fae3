"""Making and showing payment tokens: POST and GET of /ctp/api/checkouts (DOMAIN §2.2.1, §2.2.2)."""

import json
import secrets
import sqlite3
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from services.gateways.sandbox.replies import Reply, plain_error, status_error, wrapped_error
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp
from services.gateways.sandbox.tokens import find_checkout, latest_attempt
from services.gateways.sandbox.wire import checkout_body

_DAY = timedelta(hours=24)
_URLS = ('success_url', 'decline_url', 'fail_url', 'cancel_url', 'return_url', 'notification_url')


def create(setting: Setting, body: Any) -> Reply:
    """Answer POST /ctp/api/checkouts: the token, or one of the three shapes of a refusal."""
    request = body.get('checkout') if isinstance(body, dict) else None
    if not isinstance(request, dict):
        return plain_error('Checkout is missing.', {'checkout': ["can't be blank"]})
    errors = _faults_of(request)
    if errors:
        return plain_error('Validation failed.', errors)
    if _saved_card(request):
        return wrapped_error('Token does not exist.', {'credit_card': {'token': ['does not exist']}})
    now = setting.config.now()
    expires_at = _time(request['order'].get('expired_at')) or now + _DAY
    if expires_at <= now:
        return status_error('Order expired_at is in the past.', {'order': {'expired_at': ['is in the past']}})
    with setting.store.work() as db:
        token = _open(setting, db, request, expires_at)
    url = f'{setting.config.public_url}/widget/hpp.html?token={token}'
    return Reply(201, {'checkout': {'token': token, 'redirect_url': url}})


def show(setting: Setting, token: str) -> Reply:
    """Answer GET /ctp/api/checkouts/{token}."""
    with setting.store.work() as db:
        row = find_checkout(setting, db, token)
        if row is None:
            return plain_error('Record not found', {'token': ['Record not found']}, status=404)
        return Reply(200, {'checkout': checkout_body(row, latest_attempt(db, token), setting.config.public_url)})


def _open(setting: Setting, db: sqlite3.Connection, request: dict[str, Any], expires_at: datetime) -> str:
    token = secrets.token_hex(32)
    order, settings = request['order'], request.get('settings') or {}
    kept = {'order': order, 'settings': settings, 'customer': request.get('customer') or {}}
    insert(
        db,
        'checkouts',
        token=token,
        request=json.dumps(kept | {'shop_id': setting.config.shop_id}, ensure_ascii=False),
        tracking_id=order.get('tracking_id'),
        notification_url=settings.get('notification_url'),
        amount=order['amount'],
        currency=order['currency'],
        test=request.get('test', False),
        attempts_left=request.get('attempts', 1),
        created_at=stamp(setting.config.now()),
        expires_at=stamp(expires_at),
    )
    return token


def faults_of_order(request: dict[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong with the request of a host-to-host payment, by field, in the words of the wire."""
    tests = {
        'test': (isinstance(request.get('test', False), bool), 'must be a boolean'),
        'amount': (_whole(request.get('amount'), 10**12), 'must be a positive integer'),
        'currency': (request.get('currency') in {'BYN', 'USD', 'EUR', 'RUB'}, 'is not supported'),
        'description': (_text(request.get('description')), "can't be blank"),
        'tracking_id': (request.get('tracking_id') is None or _text(request['tracking_id']), 'is invalid'),
        'notification_url': (_is_url(request.get('notification_url')), 'is invalid'),
        'return_url': (_is_url(request.get('return_url')), 'is invalid'),
    }
    return {name: [text] for name, (passed, text) in tests.items() if not passed}


def _faults_of(request: dict[str, Any]) -> dict[str, list[str]]:
    """Return what is wrong, by field, in the words of the wire."""
    order, settings = request.get('order'), request.get('settings') or {}
    if not isinstance(order, dict) or not isinstance(settings, dict):
        return {'order': ["can't be blank"]}
    tests = {
        'transaction_type': (request.get('transaction_type') == 'payment', 'is not supported'),
        'test': (isinstance(request.get('test', False), bool), 'must be a boolean'),
        'attempts': (_whole(request.get('attempts', 1), 100), 'must be a positive integer'),
        'order.amount': (_whole(order.get('amount'), 10**12), 'must be a positive integer'),
        'order.currency': (order.get('currency') in {'BYN', 'USD', 'EUR', 'RUB'}, 'is not supported'),
        'order.description': (_text(order.get('description')), "can't be blank"),
        'order.tracking_id': (order.get('tracking_id') is None or _text(order['tracking_id']), 'is invalid'),
        'order.expired_at': (order.get('expired_at') is None or _time(order['expired_at']), 'is invalid'),
        'customer': (isinstance(request.get('customer') or {}, dict), 'is invalid'),
    }
    tests |= {f'settings.{name}': (_is_url(settings.get(name)), 'is invalid') for name in _URLS}
    return {name: [text] for name, (passed, text) in tests.items() if not passed}


def _whole(value: Any, most: int) -> bool:
    return type(value) is int and 0 < value <= most


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 255


def _is_url(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable():
        return False
    parts = urlsplit(value)
    return parts.scheme in {'http', 'https'} and bool(parts.netloc)


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.utcoffset() is not None else None


def _saved_card(request: dict[str, Any]) -> bool:
    method = request.get('payment_method')
    card = method.get('credit_card') if isinstance(method, dict) else None
    return isinstance(card, dict) and bool(card.get('token'))
