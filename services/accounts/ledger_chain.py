"""The chain of the books (services/chains): one link for each operation, over it and all its entries.

The links stand in a table of their own, so that an operation is written when its money moves and linked when its
transaction ends: whoever holds the head of the chain holds it briefly.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from models.account import Operation, OperationLink
from models.base import database, insert_rows, raw_rows
from services import audit
from services.chains import Chain, Link, beginning, link
from services.identity.keys import keys_for

COLUMNS = (
    'id', 'key', 'fingerprint', 'kind', 'contract_id', 'title', 'formula', 'basis', 'quote_id', 'actor_id', 'reason',
    'reverses_id', 'booked_at',
)  # fmt: skip
"""Of an operation, as they are hashed. A column that comes later is not among them, or old marks would not fit."""
CHUNK = 5000
_HEAD_LOCK = 0x626F6F6B73
"""'books'."""

Row = Sequence[Any]
"""An operation's COLUMNS, or an entry's account, amount and balance after it (kopecks), as the database holds them."""


def append(operations: Sequence[tuple[Row, Sequence[Row]]]) -> None:
    """Link operations, each given with its entries, behind the last one; the head must be held."""
    key = CHAIN.keys()[0]
    before = _head() or beginning(key)
    links = []
    for row, entries in operations:
        mark = link(before, canonical(row, entries), key)
        links.append((row[0], before, mark))
        before = mark
    insert_rows(OperationLink, ('operation_id', 'prev_hash', 'hash'), links)


def canonical(row: Row, entries: Sequence[Row]) -> str:
    """Return an operation as text that is the same on both databases."""
    *values, booked_at = row
    return _encode([*values, str(booked_at), entries])


def walk(after: int = 0) -> Iterator[Link]:
    """Return links in their order with what they stand for, a chunk at a time; a lost operation has no text.

    Args:
        after: the id of the link behind which the walk begins.
    """
    last = after
    while links := raw_rows(_LINKS, last, CHUNK):
        entries = defaultdict(list)
        for operation_id, *entry in raw_rows(_ENTRIES, last, links[-1][0]):
            entries[operation_id].append(entry)
        for _, prev_hash, own_hash, operation_id, *row in links:
            text = canonical(row, entries[operation_id]) if row[0] is not None else ''
            yield Link(operation_id, prev_hash, own_hash, text)
        last = links[-1][0]


def unlinked() -> list[int]:
    """Return ids of operations the chain does not know, at most ten."""
    query = Operation.select(Operation.id).left_outer_join(OperationLink).where(OperationLink.id.is_null())
    return [row.id for row in query.order_by(Operation.id).limit(10)]


def begin() -> None:
    """Link the operations of an older version in the order of their ids; after a migration."""
    if OperationLink.select().exists() or not Operation.select().exists():
        return
    with database.atomic():
        CHAIN.hold_head()
        count, last = 0, 0
        while rows := raw_rows(_UNLINKED, last, CHUNK):
            entries = defaultdict(list)
            for operation_id, *entry in raw_rows(_THEIR_ENTRIES, rows[0][0], rows[-1][0]):
                entries[operation_id].append(entry)
            append([(row, entries[row[0]]) for row in rows])
            count, last = count + len(rows), rows[-1][0]
        audit.note('books.begin', 'books', actor=None, operations=count)


def _head() -> str | None:
    return OperationLink.select(OperationLink.hash).order_by(OperationLink.id.desc()).limit(1).scalar()  # type: ignore[no-any-return]  # Peewee stub


_encode = json.JSONEncoder(ensure_ascii=False, separators=(',', ':')).encode
_SELECTED = ', '.join(f'o.{column}' for column in COLUMNS)
_LINKS = (
    f'SELECT l.id, l.prev_hash, l.hash, l.operation_id, {_SELECTED} '  # noqa: S608 - names of our own columns
    'FROM operation_link l LEFT JOIN operation o ON o.id = l.operation_id WHERE l.id > ? ORDER BY l.id LIMIT ?'
)
_ENTRIES = (
    'SELECT e.operation_id, e.account_id, e.amount, e.balance_after FROM operation_link l '
    'JOIN entry e ON e.operation_id = l.operation_id WHERE l.id > ? AND l.id <= ? ORDER BY e.id'
)
_UNLINKED = f'SELECT {_SELECTED} FROM operation o WHERE o.id > ? ORDER BY o.id LIMIT ?'  # noqa: S608 - as above
_THEIR_ENTRIES = (
    'SELECT operation_id, account_id, amount, balance_after FROM entry WHERE operation_id BETWEEN ? AND ? ORDER BY id'
)


def _keys() -> tuple[bytes, ...]:
    return keys_for('ledger chain')


CHAIN = Chain('books', 'ledger', _HEAD_LOCK, _keys, walk)
