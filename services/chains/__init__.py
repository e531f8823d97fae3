"""Chains of marks: each row carries an HMAC over the row before it and over itself.

Whoever changes, removes, moves or adds a row without the key breaks the chain, and `verification` finds the place. Its
end is held by anchors (`anchors`), of which one a day leaves the house by mail. The audit log is one such chain, the
books are another.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from models.base import database, is_postgres


@dataclass(frozen=True)
class Link:
    """One row of a chain as it was read: its id, the mark before it, its own, and the text both are made over."""

    id: int
    prev_hash: str | None
    hash: str | None
    text: str


@dataclass(frozen=True)
class Chain:
    """One chain: `name` for its anchors and letters, `title` for the log, `walk` reads its rows in their order.

    `keys` are the present one, with which rows are written, then those of older secret keys. `lock` is a number of its
    own: on PostgreSQL whoever appends holds it until his transaction ends. SQLite has one
    writer anyway. Where one transaction holds two heads, it takes them in the order of `runner.before_commit`.
    """

    name: str
    title: str
    lock: int
    keys: Callable[[], tuple[bytes, ...]]
    walk: Callable[[], Iterator[Link]]

    def hold_head(self) -> None:
        """Let nobody else append until this transaction ends; a repeat waits for nothing."""
        if is_postgres():
            database.execute_sql('SELECT pg_advisory_xact_lock(%s)', (self.lock,))


def link(before: str, text: str, key: bytes) -> str:
    """Return the mark of a row behind the one whose mark is given, in hex."""
    return hmac.new(key, f'{before}\n{text}'.encode(), sha256).hexdigest()


def beginning(key: bytes) -> str:
    """Return what stands for the row before the first."""
    return hmac.new(key, b'the beginning', sha256).hexdigest()
