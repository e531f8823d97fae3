"""Looking transactions up and giving money back: the gateway's host-to-host calls (DOMAIN §2.2.6)."""

import sqlite3
import uuid
from datetime import timedelta
from typing import Any

from services.gateways.sandbox.replies import Reply, plain_error, wrapped_error
from services.gateways.sandbox.request_ids import once
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp
from services.gateways.sandbox.tokens import find_transaction
from services.gateways.sandbox.wire import transaction_body

_DUPLICATE_WINDOW = timedelta(seconds=30)
_CANNOT = "transaction can't be refunded"


def show(setting: Setting, uid: str) -> Reply:
    """Answer GET /transactions/{uid}."""
    with setting.store.work() as db:
        row = find_transaction(db, uid)
    if row is None:
        return wrapped_error('Record not found', {'uid': ['Record not found']}, status=404)
    return Reply(200, {'transaction': transaction_body(row, setting.config.public_url)})


def list_by_tracking_id(setting: Setting, tracking_id: str) -> Reply:
    """Answer GET /v2/transactions/tracking_id/{id}: at most ten, newest first."""
    query = 'SELECT * FROM attempts WHERE tracking_id = ? ORDER BY number DESC LIMIT 10'
    with setting.store.work() as db:
        rows = db.execute(query, (tracking_id,)).fetchall()
    return Reply(200, {'transactions': [transaction_body(row, setting.config.public_url) for row in rows]})


def refund(setting: Setting, body: Any, request_id: str | None) -> Reply:
    """Answer POST /transactions/refunds; a repeat with the same RequestID within 24 hours gets the first answer."""
    with setting.store.work() as db:
        return once(setting, db, request_id, lambda: _refund(setting, db, body))


def _refund(setting: Setting, db: sqlite3.Connection, body: Any) -> Reply:
    request = body.get('request') if isinstance(body, dict) else None
    if not isinstance(request, dict):
        return plain_error('Request is missing.', {'request': ["can't be blank"]})
    amount, reason = request.get('amount'), request.get('reason')
    if type(amount) is not int or amount <= 0:
        return plain_error('Amount is invalid.', {'amount': ['must be a positive integer']})
    if not isinstance(reason, str) or not 0 < len(reason) <= 255:
        return plain_error('Reason is invalid.', {'reason': ['must have 1 to 255 characters']})
    parent = find_transaction(db, str(request.get('parent_uid')))
    if parent is None:
        wrong = 'Parent transaction is not found.'
        return wrapped_error(f'Parent uid {wrong}', {'parent_uid': [wrong]})
    checked = request.get('duplicate_check', True) is not False
    refusal = _refusal(setting, db, parent, amount, duplicate_check=checked)
    return refusal or Reply(201, {'transaction': _give_back(setting, db, parent, amount)})


def _refusal(
    setting: Setting, db: sqlite3.Connection, parent: sqlite3.Row, amount: int, *, duplicate_check: bool
) -> Reply | None:
    """Return why this sum of this payment cannot be given back, or None."""
    if parent['type'] != 'payment' or parent['status'] != 'successful':
        return plain_error(_CANNOT, {'base': [_CANNOT]})
    if duplicate_check and _is_duplicate(setting, db, parent, amount):
        return plain_error('Duplicate transaction', {'base': ['Duplicate transaction']})
    if amount > parent['amount'] - _refunded(db, parent['uid']):
        return plain_error(_CANNOT, {'amount': ['is greater than the sum left to refund'], 'base': [_CANNOT]})
    return None


def _is_duplicate(setting: Setting, db: sqlite3.Connection, parent: sqlite3.Row, amount: int) -> bool:
    since = stamp(setting.config.now() - _DUPLICATE_WINDOW)
    query = 'SELECT 1 FROM transactions WHERE parent_uid = ? AND amount = ? AND created_at > ?'
    return db.execute(query, (parent['uid'], amount, since)).fetchone() is not None


def _refunded(db: sqlite3.Connection, uid: str) -> int:
    query = 'SELECT coalesce(sum(amount), 0) AS total FROM transactions WHERE parent_uid = ?'
    return int(db.execute(query, (uid,)).fetchone()['total'])


def _give_back(setting: Setting, db: sqlite3.Connection, parent: sqlite3.Row, amount: int) -> dict[str, Any]:
    uid, now = str(uuid.uuid4()), stamp(setting.config.now())
    insert(
        db,
        'transactions',
        uid=uid,
        parent_uid=parent['uid'],
        type='refund',
        status='successful',
        amount=amount,
        currency=parent['currency'],
        test=parent['test'],
        tracking_id=parent['tracking_id'],
        description=parent['description'],
        message='Refund was approved',
        code='S.0000',
        created_at=now,
        updated_at=now,
        paid_at=now,
    )
    row = find_transaction(db, uid)
    assert row is not None
    return transaction_body(row, setting.config.public_url)
