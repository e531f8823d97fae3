"""ERIP at the stand-in gateway: standing claims, and what people pay on them (DOMAIN §2.2.8).

A claim stands on an account number; each payment on it is a transaction of its own, with its own uid.
"""

import base64
import io
import json
import secrets
import sqlite3
import uuid
from datetime import timedelta
from typing import Any

import segno

from services.gateways.sandbox.deliveries import enqueue, other_amount
from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.replies import Reply, plain_error, wrapped_error
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp

LOCK = timedelta(minutes=30)
"""How long whoever has opened a claim pays alone."""
MOST = 500_000
"""Kopecks of one payment."""
_REMEMBERED = timedelta(hours=24)
_LONGEST = 30


def create(setting: Setting, body: Any, request_id: str | None) -> Reply:
    """Answer POST /beyag/payments; a repeat with the same RequestID within 24 hours gets the first answer."""
    with setting.store.work() as db:
        if request_id:
            since = stamp(setting.config.now() - _REMEMBERED)
            db.execute('DELETE FROM requests WHERE at < ?', (since,))
            first = db.execute('SELECT * FROM requests WHERE request_id = ?', (request_id,)).fetchone()
            if first is not None:
                return Reply(first['status'], json.loads(first['body']))
        reply = _create(setting, db, body)
        if request_id:
            at = stamp(setting.config.now())
            insert(db, 'requests', request_id=request_id, at=at, status=reply.status, body=json.dumps(reply.body))
        return reply


def show(setting: Setting, uid: str) -> Reply:
    """Answer GET /beyag/payments/{uid}: a claim or one payment."""
    with setting.store.work() as db:
        claim, payment = find_claim(db, uid), _find_payment(db, uid)
        if payment is not None:
            owner = find_claim(db, payment['claim'])
            assert owner is not None
            return Reply(200, {'transaction': _payment_body(setting, owner, payment)})
    return _missing() if claim is None else Reply(200, {'transaction': _claim_body(setting, claim)})


def cancel(setting: Setting, uid: str) -> Reply:
    """Answer DELETE /beyag/payments/{uid}; a claim that somebody pays at this moment stays."""
    with setting.store.work() as db:
        claim = find_claim(db, uid)
        if claim is None:
            return _missing()
        if is_locked(setting, claim):
            return plain_error('Payment is in progress.', {'base': ['is being paid']})
        change = "UPDATE claims SET state = 'canceled', updated_at = ? WHERE uid = ?"
        db.execute(change, (stamp(setting.config.now()), uid))
        claim = find_claim(db, uid)
        assert claim is not None
        return Reply(200, {'transaction': _claim_body(setting, claim)})


def open_claim(setting: Setting, uid: str, lock: str) -> bool:
    """Begin to pay a claim: for half an hour nobody else can; False when somebody else does, or there is no claim."""
    with setting.store.work() as db:
        claim = find_claim(db, uid)
        if claim is None or claim['state'] != 'permanent' or (is_locked(setting, claim) and claim['lock'] != lock):
            return False
        until = stamp(setting.config.now() + LOCK)
        db.execute('UPDATE claims SET lock = ?, locked_until = ? WHERE uid = ?', (lock, until, uid))
        return True


def pay(setting: Setting, uid: str, lock: str, amount: int) -> str | None:
    """Pay any sum in kopecks on a claim that was opened with this lock; returns the uid of the payment, None if not.

    The lock is the key of the form: the same form sent twice pays once.
    """
    with setting.store.work() as db:
        claim = find_claim(db, uid)
        if claim is None or not lock or claim['lock'] != lock or not is_locked(setting, claim):
            return None
        payment_uid, test = str(uuid.uuid4()), bool(claim['test'])
        if take_fault(db, Fault.WRONG_AMOUNT) is not None:
            amount = other_amount(amount)
        if take_fault(db, Fault.FLIPPED_TEST) is not None:
            test = not test
        values = {
            'uid': payment_uid,
            'claim': uid,
            'amount': amount,
            'test': test,
            'paid_at': stamp(setting.config.now()),
        }
        insert(db, 'erip_payments', transaction_id=str(secrets.randbelow(9 * 10**9) + 10**9), **values)
        db.execute('UPDATE claims SET lock = NULL, locked_until = NULL WHERE uid = ?', (uid,))
        payment = _find_payment(db, payment_uid)
        assert payment is not None
        body = {'transaction': _payment_body(setting, claim, payment)}
        enqueue(setting, db, about=payment_uid, url=claim['notification_url'], body=body)
        return payment_uid


def find_claim(db: sqlite3.Connection, uid: str) -> sqlite3.Row | None:
    """Return a claim."""
    row: sqlite3.Row | None = db.execute('SELECT * FROM claims WHERE uid = ?', (uid,)).fetchone()
    return row


def is_locked(setting: Setting, claim: sqlite3.Row) -> bool:
    """Tell whether somebody is paying it now."""
    return claim['locked_until'] is not None and claim['locked_until'] > stamp(setting.config.now())


def _create(setting: Setting, db: sqlite3.Connection, body: Any) -> Reply:
    request = body.get('request') if isinstance(body, dict) else None
    method = request.get('payment_method') if isinstance(request, dict) else None
    if not isinstance(request, dict) or not isinstance(method, dict):
        return plain_error('Request is missing.', {'request': ["can't be blank"]})
    account, service = method.get('account_number'), method.get('service_no')
    tests = {
        'payment_method.type': (method.get('type') == 'erip', 'is not supported'),
        'payment_method.account_number': (_is_number(account), 'is invalid'),
        'payment_method.service_no': (_is_number(service), 'is invalid'),
        'currency': (request.get('currency') == 'BYN', 'is not supported'),
        'test': (isinstance(request.get('test', False), bool), 'must be a boolean'),
    }
    errors = {name: [text] for name, (passed, text) in tests.items() if not passed}
    if errors:
        return plain_error('Validation failed.', errors)
    assert isinstance(account, str)
    assert isinstance(service, str)
    if _has_claim(db, service, account):
        return plain_error('Validation failed.', {'payment_method.account_number': ['has already been taken']})
    uid, now = str(uuid.uuid4()), stamp(setting.config.now())
    insert(
        db,
        'claims',
        uid=uid,
        request=json.dumps(request, ensure_ascii=False),
        tracking_id=request.get('tracking_id'),
        account_number=account,
        service_no=service,
        test=request.get('test', False),
        notification_url=request.get('notification_url'),
        created_at=now,
        updated_at=now,
    )
    claim = find_claim(db, uid)
    assert claim is not None
    return Reply(201, {'transaction': _claim_body(setting, claim)})


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST


def _has_claim(db: sqlite3.Connection, service: str, account: str) -> bool:
    query = "SELECT 1 FROM claims WHERE service_no = ? AND account_number = ? AND state = 'permanent'"
    return db.execute(query, (service, account)).fetchone() is not None


def _find_payment(db: sqlite3.Connection, uid: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute('SELECT * FROM erip_payments WHERE uid = ?', (uid,)).fetchone()
    return row


def _missing() -> Reply:
    return wrapped_error('Record not found', {'uid': ['Record not found']}, status=404)


def _claim_body(setting: Setting, claim: sqlite3.Row) -> dict[str, Any]:
    status = 'start' if is_locked(setting, claim) else claim['state']
    words = {'start': 'Требование оплачивается.', 'canceled': 'Требование отменено.'}
    message = words.get(status, 'Требование на оплату счета создано.')
    body = _common(claim, uid=claim['uid'], status=status, amount=0, test=bool(claim['test']), message=message)
    body['created_at'], body['updated_at'], body['paid_at'] = claim['created_at'], claim['updated_at'], None
    body['erip'] |= {'transaction_id': None, 'qr_code': _qr(f'{setting.config.public_url}/erip/{claim["uid"]}')}
    return body


def _payment_body(setting: Setting, claim: sqlite3.Row, payment: sqlite3.Row) -> dict[str, Any]:
    test, amount, at = bool(payment['test']), payment['amount'], payment['paid_at']
    body = _common(claim, uid=payment['uid'], status='successful', amount=amount, test=test, message='Оплачено.')
    body['created_at'] = body['updated_at'] = body['paid_at'] = at
    body['receipt_url'] = f'{setting.config.public_url}/erip/receipts/{payment["uid"]}'
    body['erip'] |= {'transaction_id': int(payment['transaction_id']), 'qr_code': None}
    return body


def _common(claim: sqlite3.Row, *, uid: str, status: str, amount: int, test: bool, message: str) -> dict[str, Any]:
    request = json.loads(claim['request'])
    service = claim['service_no']
    return {
        'type': 'payment',
        'uid': uid,
        'id': uid,
        'order_id': request.get('order_id'),
        'status': status,
        'message': message,
        'amount': amount,
        'currency': 'BYN',
        'description': request.get('description'),
        'tracking_id': claim['tracking_id'],
        'test': test,
        'language': 'ru',
        'payment_method_type': 'erip',
        'payment': {'ref_id': None, 'message': message, 'amount': amount, 'status': status, 'gateway_id': 479},
        'erip': {
            'request_id': None,
            'service_no': int(service),
            'service_no_erip': service,
            'account_number': claim['account_number'],
            'instruction': _steps(claim),
            'service_info': request['payment_method'].get('service_info') or [],
            'receipt': request['payment_method'].get('receipt') or [],
        },
        'customer': {'ip': None, 'email': None},
        'billing_address': {},
    }


def _steps(claim: sqlite3.Row) -> list[str]:
    return [
        'Платежи → ЕРИП → Интернет, телевидение → Минск → Amigo',
        f'Или сразу код услуги {claim["service_no"]}',
        f'Лицевой счёт {claim["account_number"]}',
    ]


def _qr(text: str) -> str:
    """Return the picture as the gateway sends it: base64 of a PNG."""
    out = io.BytesIO()
    segno.make(text, error='m', micro=False).save(out, kind='png', scale=6, border=4)
    return base64.b64encode(out.getvalue()).decode()
