"""Is the audit log whole? Walks the chain and compares it with the anchors."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.user import AuditAnchor
from services.audit import chain
from services.audit.chain import Line
from services.runner import with_connection


class Fault(StrEnum):
    """What is wrong at the first place where something is.

    EDITED: a line does not fit its own mark: it was changed, or written by somebody without the key.
    LINK: a line does not follow the one before it: lines were taken out, moved or put in between.
    UNCHAINED: a line without a mark where there must be one.
    CUT: the log is shorter than it was at an anchor.
    REWRITTEN: the log is long enough, but at the anchor's place stands another line.
    """

    EDITED = 'edited'
    LINK = 'link'
    UNCHAINED = 'unchained'
    CUT = 'cut'
    REWRITTEN = 'rewritten'


@dataclass(frozen=True)
class Verdict:
    """How many lines there are and the mark of the last one; `fault` and the `line` it was found at, or None and 0."""

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
    """How long the log was at some moment, and the mark of its last line then."""

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
    def __init__(self, fault: Fault, line: Line) -> None:
        super().__init__(fault)
        self.fault, self.line = fault, line


@with_connection
def verify(*, anchor: Anchor | None = None) -> Verdict:
    """Return whether the log is whole: every line, the links between them, and every anchor there is.

    Args:
        anchor: one from outside the database (from a letter), beside those of the table: an end that was cut off
            together with the table's anchors is found only so.
    """
    anchors = _anchors() + ([anchor] if anchor else [])
    marks = {each.entries: '' for each in anchors}
    count, walk = 0, _Walk()
    try:
        for line in chain.walk():
            count += 1
            walk.step(line)
            if count in marks:
                marks[count] = walk.mark
    except _Broken as found:
        return Verdict(count, walk.mark, found.fault, found.line.id)
    if count and not walk.has_begun:
        return Verdict(count, walk.mark, Fault.UNCHAINED)
    for each in sorted(anchors, key=lambda a: a.entries):
        if each.entries > count:
            return Verdict(count, walk.mark, Fault.CUT)
        if each.entries and marks[each.entries] != each.head:
            return Verdict(count, walk.mark, Fault.REWRITTEN)
    return Verdict(count, walk.mark)


class _Walk:
    """How far a walk along the log has come: the mark of the last line, and whether the chain has begun.

    Keys only become newer: who got hold of an old one can add nothing behind a line made with the present one.
    """

    def __init__(self) -> None:
        self._keys = chain.keys()
        self._past = [chain.beginning(key) for key in self._keys]
        self.mark, self.has_begun = self._past[0], False

    def step(self, line: Line) -> None:
        """Go on to the next line."""
        if line.hash is None:
            self._step_in_the_past(line)
            return
        place = self._maker_of(line)
        if line.prev_hash != (self.mark if self.has_begun else self._past[place]):
            raise _Broken(Fault.LINK, line)
        self._keys = self._keys[: place + 1]
        self.mark, self.has_begun = line.hash, True

    def _step_in_the_past(self, line: Line) -> None:
        """Lines from before there was a chain carry no mark; the first one behind them tells their key."""
        if self.has_begun:
            raise _Broken(Fault.UNCHAINED, line)
        self._past = [chain.link(mark, line, key) for mark, key in zip(self._past, self._keys, strict=True)]
        self.mark = self._past[0]

    def _maker_of(self, line: Line) -> int:
        """Return with which of the keys a line was made, the present one being 0."""
        for place, key in enumerate(self._keys):
            if chain.link(line.prev_hash or '', line, key) == line.hash:
                return place
        raise _Broken(Fault.EDITED, line)


def _anchors() -> list[Anchor]:
    rows: Any = AuditAnchor.select().where(AuditAnchor.fault == '')
    return [Anchor(row.entries, row.head) for row in rows]
