"""Webhooks waiting to be sent: what is queued, when the next try is due (DOMAIN §2.2.4)."""

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.gateways.sandbox.faults import Fault, take_fault
from services.gateways.sandbox.keys import signature
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp
from services.gateways.sandbox.wire import raw

_RETRIES = {'card': 15, 'checkout': 2}
_ACCEPTED = '200'


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook that this process may send now."""

    number: int
    url: str
    body: bytes
    signature: str


def enqueue(setting: Setting, db: sqlite3.Connection, *, about: str, url: str | None, body: dict[str, Any]) -> None:
    """Queue a webhook about a uid or a token, spoiled by the faults that are on."""
    if not url or take_fault(db, Fault.NO_WEBHOOK) is not None:
        return
    transaction = body.get('transaction')
    if transaction and take_fault(db, Fault.WEBHOOK_WRONG_AMOUNT) is not None:
        wrong = other_amount(transaction['amount'])
        body = {'transaction': transaction | {'amount': wrong, 'payment': transaction['payment'] | {'amount': wrong}}}
    content = raw(body)
    signed = content + b' ' if take_fault(db, Fault.WRONG_SIGNATURE) is not None else content
    held = take_fault(db, Fault.OUT_OF_ORDER)
    late = held or take_fault(db, Fault.LATE) or 0.0
    copies = 1 if take_fault(db, Fault.DUPLICATE) is None else 2
    for _ in range(copies):
        insert(
            db,
            'deliveries',
            about=about,
            schedule='card' if transaction else 'checkout',
            url=url,
            body=content,
            signature=signature(setting.key, signed),
            due_at=stamp(setting.config.now() + timedelta(seconds=late)),
        )
        if held is not None:
            db.execute('INSERT INTO overtaken VALUES (last_insert_rowid())')
    if held is None:
        _let_overtaken_follow(setting, db)


def _let_overtaken_follow(setting: Setting, db: sqlite3.Connection) -> None:
    """Make what was held back due right behind the webhook that has just been queued."""
    then = stamp(setting.config.now() + timedelta(milliseconds=1))
    db.execute('UPDATE deliveries SET due_at = ? WHERE number IN (SELECT number FROM overtaken)', (then,))
    db.execute('DELETE FROM overtaken')


def other_amount(minor: int) -> int:
    """Return a sum that is certainly another one."""
    return minor // 2 or minor + 1


def claim_due(setting: Setting) -> Delivery | None:
    """Take the next due webhook for this process; a lease lets another one take over after a crash."""
    now = setting.config.now()
    lease = stamp(now + timedelta(seconds=setting.config.webhook_timeout * 3))
    with setting.store.work() as db:
        row = db.execute(
            'UPDATE deliveries SET claimed_until = :lease WHERE number IN (SELECT number FROM deliveries'
            ' WHERE due_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now) ORDER BY due_at LIMIT 1)'
            ' RETURNING number, url, body, signature',
            {'now': stamp(now), 'lease': lease},
        ).fetchone()
    return Delivery(row['number'], row['url'], row['body'], row['signature']) if row else None


def note_answer(setting: Setting, number: int, answer: str) -> None:
    """Write down the shop's answer; anything but 200 is tried again after a growing pause, until the tries are over."""
    with setting.store.work() as db:
        row = db.execute('SELECT attempts, schedule FROM deliveries WHERE number = ?', (number,)).fetchone()
        tried = row['attempts'] + 1
        due = None
        if answer != _ACCEPTED and tried <= _RETRIES[row['schedule']]:
            due = stamp(setting.config.now() + pause(row['schedule'], tried, setting.config.time_scale))
        db.execute(
            'UPDATE deliveries SET attempts = ?, last_answer = ?, due_at = ?, claimed_until = NULL WHERE number = ?',
            (tried, answer, due, number),
        )


def pause(schedule: str, count: int, scale: float = 1.0, chance: Callable[[int], int] = random.randrange) -> timedelta:
    """Return the pause before retry `count` (from 1), by bePaid's two formulas, times `scale`."""
    spread = chance(30) * (count + 1)
    seconds = int(2.12 * count) ** 3 + spread if schedule == 'card' else count**4 + 15 + spread
    return timedelta(seconds=seconds * scale)


def was_tried(setting: Setting, about: str) -> bool:
    """Whether every webhook about this uid or token has been sent at least once."""
    with setting.store.work() as db:
        waiting = db.execute('SELECT 1 FROM deliveries WHERE about = ? AND attempts = 0 LIMIT 1', (about,)).fetchone()
    return waiting is None


def next_due(setting: Setting) -> datetime | None:
    """Return when something must be done next: a webhook sent or a checkout closed for its age."""
    with setting.store.work() as db:
        row = db.execute(
            'SELECT min(at) AS at FROM (SELECT max(due_at, coalesce(claimed_until, due_at)) AS at FROM deliveries'
            " WHERE due_at IS NOT NULL UNION ALL SELECT expires_at FROM checkouts WHERE state = 'open')"
        ).fetchone()
    return datetime.fromisoformat(row['at']) if row['at'] else None
