"""Charging a kept card from server to server: POST /transactions/payments (DOMAIN §2.2.6)."""

import json
import secrets
import sqlite3
from datetime import timedelta
from typing import Any

from services.gateways.sandbox import kept_cards
from services.gateways.sandbox.cards import Outcome, TestCard
from services.gateways.sandbox.checkouts import faults_of_order
from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.payments import begin
from services.gateways.sandbox.replies import Reply, plain_error, wrapped_error
from services.gateways.sandbox.request_ids import once
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp
from services.gateways.sandbox.tokens import find_transaction, settle
from services.gateways.sandbox.wire import transaction_body

_TIME_TO_CONFIRM = timedelta(minutes=30)
_CONTRACTS = frozenset({'recurring', 'oneclick', 'credit', 'card_on_file'})


def charge(setting: Setting, body: Any, request_id: str | None) -> Reply:
    """Answer POST /transactions/payments; a repeat with the same RequestID within 24 hours gets the first answer."""
    with setting.store.work() as db:
        return once(setting, db, request_id, lambda: _charge(setting, db, body))


def _charge(setting: Setting, db: sqlite3.Connection, body: Any) -> Reply:
    request = body.get('request') if isinstance(body, dict) else None
    if not isinstance(request, dict):
        return plain_error('Request is missing.', {'request': ["can't be blank"]})
    errors = _faults_of(request)
    if errors:
        return plain_error('Validation failed.', errors)
    card = kept_cards.find(db, request['credit_card']['token'])
    if card is None:
        return wrapped_error('Token does not exist.', {'credit_card': {'token': ['does not exist']}})
    uid = begin(setting, db, _hidden_checkout(setting, db, request), card.test_card, secrets.token_urlsafe(16))
    kept_cards.note(db, uid, card.token, card.month, card.year)
    outcome = _outcome(setting, db, card, request['credit_card'])
    if outcome is not Outcome.CHALLENGE:
        settle(setting, db, uid, outcome)
    row = find_transaction(db, uid)
    assert row is not None
    return Reply(200, {'transaction': transaction_body(row, setting.config.public_url)})


def _outcome(setting: Setting, db: sqlite3.Connection, card: kept_cards.Kept, asked: dict[str, Any]) -> Outcome:
    if card.is_over(setting.config.now()):
        return Outcome.CARD_EXPIRED
    if take_fault(db, Fault.SAVED_DECLINED) is not None:
        return Outcome.DECLINED
    test_card: TestCard = card.test_card
    is_attended = asked.get('skip_three_d_secure_verification') is not True
    return Outcome.CHALLENGE if is_attended and test_card.outcome is Outcome.CHALLENGE else Outcome.APPROVED


def _faults_of(request: dict[str, Any]) -> dict[str, list[str]]:
    card, additional = request.get('credit_card'), request.get('additional_data') or {}
    named = additional.get('contract', ['card_on_file']) if isinstance(additional, dict) else None
    errors = faults_of_order(request)
    if not isinstance(card, dict) or not isinstance(card.get('token'), str) or not card['token']:
        errors['credit_card.token'] = ["can't be blank"]
    if not isinstance(named, list) or not named or not _CONTRACTS.issuperset(map(str, named)):
        errors['additional_data.contract'] = ['is invalid']
    return errors


def _hidden_checkout(setting: Setting, db: sqlite3.Connection, request: dict[str, Any]) -> sqlite3.Row:
    """Write a token nobody is told: with it the bank's page, the way back and the webhook work as for a hosted page."""
    token, now = secrets.token_hex(32), setting.config.now()
    order = {name: request.get(name) for name in ('amount', 'currency', 'description', 'tracking_id')}
    back = request.get('return_url')
    ways = dict.fromkeys(('return_url', 'success_url', 'decline_url', 'fail_url'), back)
    kept = {'order': order, 'settings': ways | {'auto_return': '0'}, 'customer': {}, 'is_direct': True}
    insert(
        db,
        'checkouts',
        token=token,
        request=json.dumps(kept | {'shop_id': setting.config.shop_id}, ensure_ascii=False),
        tracking_id=request.get('tracking_id'),
        notification_url=request.get('notification_url'),
        amount=request['amount'],
        currency=request['currency'],
        test=request.get('test', False),
        attempts_left=1,
        created_at=stamp(now),
        expires_at=stamp(now + _TIME_TO_CONFIRM),
    )
    row: sqlite3.Row = db.execute('SELECT * FROM checkouts WHERE token = ?', (token,)).fetchone()
    return row
