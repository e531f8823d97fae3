"""The chain of the audit log (services/chains): how a line is read, written and hashed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.base import database
from models.user import AuditEvent
from services import chains
from services.chains import Chain, Link
from services.clock import now
from services.identity.keys import keys_for

CHUNK = 1000
"""Lines read at once when the whole log is walked."""
_HEAD_LOCK = 0x6175646974
"""'audit'."""


@dataclass(frozen=True)
class Line:
    """One line of the log as it is hashed; `id`, `prev_hash` and `hash` only when it was read."""

    at: datetime
    actor: int | None
    role: str | None
    action: str
    subject: str
    address: str
    facts: dict[str, Any]
    id: int = 0
    prev_hash: str | None = None
    hash: str | None = None


def append(line: Line) -> None:
    """Write a line behind the last one. Call it last in a transaction: the head stays held until its end."""
    hold_head()
    before = _head() or _seal_of_the_past()
    AuditEvent.create(
        at=line.at,
        actor=line.actor,
        role=line.role,
        action=line.action,
        subject=line.subject,
        address=line.address,
        facts=line.facts,
        prev_hash=before,
        hash=link(before, line, CHAIN.keys()[0]),
    )


def hold_head() -> None:
    """Let nobody else append until this transaction ends; a repeat waits for nothing."""
    CHAIN.hold_head()


def link(before: str, line: Line, key: bytes) -> str:
    """Return the HMAC of a line behind the one whose HMAC is given, in hex."""
    return chains.link(before, canonical(line), key)


def canonical(line: Line) -> str:
    """Return a line as text that is the same on both databases: JSON with sorted names, the instant in UTC."""
    fields = {
        'at': line.at.astimezone(UTC).isoformat(timespec='microseconds'),
        'actor': line.actor,
        'role': line.role,
        'action': line.action,
        'subject': line.subject,
        'address': line.address,
        'facts': line.facts,
    }
    return json.dumps(fields, sort_keys=True, separators=(',', ':'), ensure_ascii=False)


def walk() -> Iterator[Line]:
    """Return all lines in their order, a chunk at a time."""
    last_id = 0
    e, facts = AuditEvent, AuditEvent.facts.cast('text')  # as it lies there: somebody may have written what is no JSON
    query: Any = e.select(e.id, e.at, e.actor, e.role, e.action, e.subject, e.address, facts, e.prev_hash, e.hash)
    while True:
        rows = list(query.where(AuditEvent.id > last_id).order_by(AuditEvent.id).limit(CHUNK).tuples())
        for row in rows:
            yield _read(*row)
        if len(rows) < CHUNK:
            return
        last_id = rows[-1][0]


def _read(row_id: int, at: Any, actor: int | None, role: str | None, *rest: Any) -> Line:
    """Return a row as a line, whatever was done to it: a value nobody of ours wrote fits no mark."""
    action, subject, address, text, prev_hash, own_hash = rest
    try:
        facts = json.loads(text)
    except (TypeError, ValueError):
        facts = {'unreadable': str(text)}
    when = at if isinstance(at, datetime) else datetime.min.replace(tzinfo=UTC)
    return Line(when, actor, role, action, subject, address, facts, row_id, prev_hash, own_hash)


def plain(value: Any) -> Any:
    """Return a fact as JSON gives it back: text, whole numbers, yes and no, lists and names; anything else as text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {storable(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(storable(each) for each in value)
    return storable(value)


def storable(value: object) -> str:
    """Return text that both databases can hold."""
    return str(value).replace('\0', '').encode(errors='replace').decode()


def _head() -> str | None:
    """Return the HMAC of the newest chained line."""
    query = AuditEvent.select(AuditEvent.hash).where(AuditEvent.hash.is_null(False))
    return query.order_by(AuditEvent.id.desc()).limit(1).scalar()  # type: ignore[no-any-return]  # Peewee stub


def _seal_of_the_past() -> str:
    """Return the HMAC of the lines that were written before there was a chain, as if they had been chained."""
    key = CHAIN.keys()[0]
    seal = chains.beginning(key)
    for line in walk():
        seal = link(seal, line, key)
    return seal


def begin() -> None:
    """Put lines of an older version under the chain by a first line behind them; after a migration."""
    if AuditEvent.select().exists() and _head() is None:
        with database.atomic():
            count = AuditEvent.select().count()
            line = Line(now(), None, None, 'audit.begin', 'audit', '', {'entries': count})
            append(line)


def _keys() -> tuple[bytes, ...]:
    return keys_for('audit chain')


def _links() -> Iterator[Link]:
    return (Link(line.id, line.prev_hash, line.hash, canonical(line)) for line in walk())


CHAIN = Chain('audit', 'audit log', _HEAD_LOCK, _keys, _links)
