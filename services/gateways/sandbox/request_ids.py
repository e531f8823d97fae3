"""The header RequestID of host-to-host calls: within 24 hours a repeat gets the first answer (DOMAIN §2.2.7)."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta

from services.gateways.sandbox.replies import Reply
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import insert, stamp

_REMEMBERED = timedelta(hours=24)


def once(setting: Setting, db: sqlite3.Connection, request_id: str | None, work: Callable[[], Reply]) -> Reply:
    """Do the work unless this id has been answered; without an id it is simply done."""
    if not request_id:
        return work()
    now = setting.config.now()
    db.execute('DELETE FROM requests WHERE at < ?', (stamp(now - _REMEMBERED),))
    first = db.execute('SELECT * FROM requests WHERE request_id = ?', (request_id,)).fetchone()
    if first is not None:
        return Reply(first['status'], json.loads(first['body']))
    reply = work()
    insert(db, 'requests', request_id=request_id, at=stamp(now), status=reply.status, body=json.dumps(reply.body))
    return reply
