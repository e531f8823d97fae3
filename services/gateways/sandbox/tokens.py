"""The life of a token: looked up, its attempts ended, itself closed when its time is over (DOMAIN §2.2.4)."""

import json
import sqlite3

from services.gateways.sandbox.cards import WIRE_MESSAGES, Outcome
from services.gateways.sandbox.deliveries import enqueue
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import stamp
from services.gateways.sandbox.wire import checkout_body, transaction_body


def find_checkout(setting: Setting, db: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    """Return the checkout as it is now: one whose time is over is closed first."""
    row: sqlite3.Row | None = db.execute('SELECT * FROM checkouts WHERE token = ?', (token,)).fetchone()
    if row is not None and row['state'] == 'open' and row['expires_at'] <= stamp(setting.config.now()):
        _close(setting, db, row)
        row = db.execute('SELECT * FROM checkouts WHERE token = ?', (token,)).fetchone()
    return row


def latest_attempt(db: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    """Return the last transaction tried on a token."""
    query = 'SELECT * FROM attempts WHERE token = ? ORDER BY number DESC LIMIT 1'
    row: sqlite3.Row | None = db.execute(query, (token,)).fetchone()
    return row


def close_expired(setting: Setting) -> None:
    """Close every open checkout whose time is over and queue its notice."""
    with setting.store.work() as db:
        now = stamp(setting.config.now())
        rows = db.execute("SELECT * FROM checkouts WHERE state = 'open' AND expires_at <= ?", (now,)).fetchall()
        for row in rows:
            _close(setting, db, row)


def _close(setting: Setting, db: sqlite3.Connection, row: sqlite3.Row) -> None:
    attempt = latest_attempt(db, row['token'])
    if attempt and attempt['status'] == 'incomplete':
        settle(setting, db, attempt['uid'], Outcome.NOT_COMPLETED)
    db.execute("UPDATE checkouts SET state = 'expired' WHERE token = ?", (row['token'],))
    if json.loads(row['request']).get('is_direct'):
        return  # no page was open: the webhook of the attempt has said it all
    closed = db.execute('SELECT * FROM checkouts WHERE token = ?', (row['token'],)).fetchone()
    body = checkout_body(closed, None, setting.config.public_url)
    enqueue(setting, db, about=row['token'], url=row['notification_url'], body=body)


def settle(setting: Setting, db: sqlite3.Connection, uid: str, outcome: Outcome) -> None:
    """End an attempt, close its token if nothing more may be tried on it, and queue the webhook."""
    now = stamp(setting.config.now())
    paid = outcome is Outcome.APPROVED
    db.execute(
        'UPDATE transactions SET status = ?, code = ?, message = ?, updated_at = ?, paid_at = ? WHERE uid = ?',
        ('successful' if paid else 'failed', outcome, WIRE_MESSAGES[outcome], now, now if paid else None, uid),
    )
    row = db.execute('SELECT * FROM attempts WHERE uid = ?', (uid,)).fetchone()
    db.execute(
        "UPDATE checkouts SET state = 'finished' WHERE token = ? AND state = 'open' AND (? OR attempts_left = 0)",
        (row['token'], paid),
    )
    checkout = db.execute('SELECT * FROM checkouts WHERE token = ?', (row['token'],)).fetchone()
    body = {'transaction': transaction_body(row, setting.config.public_url)}
    enqueue(setting, db, about=uid, url=checkout['notification_url'], body=body)


def find_transaction(db: sqlite3.Connection, uid: str) -> sqlite3.Row | None:
    """Return one transaction."""
    row: sqlite3.Row | None = db.execute('SELECT * FROM attempts WHERE uid = ?', (uid,)).fetchone()
    return row
