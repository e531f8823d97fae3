"""Is a chain whole? Walks it and compares it with the anchors."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.user import AuditAnchor
from services.chains import Chain, Link, beginning, link
from services.runner import with_connection


class Fault(StrEnum):
    """What is wrong at the first place where something is.

    EDITED: a row does not fit its own mark: it was changed, or written by somebody without the key.
    LINK: a row does not follow the one before it: rows were taken out, moved or put in between.
    UNCHAINED: a row without a mark where there must be one.
    CUT: the chain is shorter than it was at an anchor.
    REWRITTEN: the chain is long enough, but at the anchor's place stands another row.
    """

    EDITED = 'edited'
    LINK = 'link'
    UNCHAINED = 'unchained'
    CUT = 'cut'
    REWRITTEN = 'rewritten'


@dataclass(frozen=True)
class Verdict:
    """How many rows there are and the mark of the last one; `fault` and the `line` it was found at, or None and 0."""

    entries: int
    head: str
    fault: Fault | None = None
    line: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.fault is None


@dataclass(frozen=True)
class Anchor:
    """How long a chain was at some moment, and the mark of its last row then."""

    entries: int
    head: str

    @classmethod
    def read(cls, text: str) -> 'Anchor':
        """Return an anchor as a letter tells it: `1234:9f86d0…`.

        Raises:
            ValueError: it is not of that form.
        """
        entries, _, head = text.strip().lower().partition(':')
        if not (entries.isascii() and entries.isdigit()) or len(head) != 64 or set(head) - set('0123456789abcdef'):
            raise ValueError('an anchor looks like 1234:9f86d0…, a number and 64 hex digits, as in the letter')
        return cls(int(entries), head)


class _Broken(Exception):
    def __init__(self, fault: Fault, row: Link) -> None:
        super().__init__(fault)
        self.fault, self.row = fault, row


@with_connection
def verify(chain: Chain, *, anchor: Anchor | None = None) -> Verdict:
    """Return whether a chain is whole: every row, the links between them, and every anchor there is.

    Args:
        anchor: one from outside the database (from a letter), beside those of the table: an end that was cut off
            together with the table's anchors is found only so.
    """
    anchors = _anchors(chain) + ([anchor] if anchor else [])
    marks = {each.entries: '' for each in anchors}
    count, walk = 0, _Walk(chain.keys())
    try:
        for row in chain.walk():
            count += 1
            walk.step(row)
            if count in marks:
                marks[count] = walk.mark
    except _Broken as found:
        return Verdict(count, walk.mark, found.fault, found.row.id)
    if count and not walk.has_begun:
        return Verdict(count, walk.mark, Fault.UNCHAINED)
    for each in sorted(anchors, key=lambda a: a.entries):
        if each.entries > count:
            return Verdict(count, walk.mark, Fault.CUT)
        if each.entries and marks[each.entries] != each.head:
            return Verdict(count, walk.mark, Fault.REWRITTEN)
    return Verdict(count, walk.mark)


def maker_of(row: Link, keys: Sequence[bytes]) -> int | None:
    """Return with which of the keys a row was made, the present one being 0; None if with none of them."""
    for place, key in enumerate(keys):
        if link(row.prev_hash or '', row.text, key) == row.hash:
            return place
    return None


class _Walk:
    """How far a walk along a chain has come: the mark of the last row, and whether the chain has begun.

    Keys only become newer: who got hold of an old one can add nothing behind a row made with the present one.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = keys
        self._past = [beginning(key) for key in keys]
        self.mark, self.has_begun = self._past[0], False

    def step(self, row: Link) -> None:
        """Go on to the next row."""
        if row.hash is None:
            self._step_in_the_past(row)
            return
        place = maker_of(row, self._keys)
        if place is None:
            raise _Broken(Fault.EDITED, row)
        if row.prev_hash != (self.mark if self.has_begun else self._past[place]):
            raise _Broken(Fault.LINK, row)
        self._keys = self._keys[: place + 1]
        self.mark, self.has_begun = row.hash, True

    def _step_in_the_past(self, row: Link) -> None:
        """Rows from before there was a chain carry no mark; the first one behind them tells their key."""
        if self.has_begun:
            raise _Broken(Fault.UNCHAINED, row)
        self._past = [link(mark, row.text, key) for mark, key in zip(self._past, self._keys, strict=True)]
        self.mark = self._past[0]


def _anchors(chain: Chain) -> list[Anchor]:
    rows: Any = AuditAnchor.select().where((AuditAnchor.fault == '') & (AuditAnchor.chain == chain.name))
    return [Anchor(row.entries, row.head) for row in rows]
