"""Readings of traffic as staff bring them in: a table is sent, looked at line by line, and taken in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from peewee import fn

from models.usage import TrafficUsage, UsageFile
from services import audit
from services.accounts import usage_table
from services.accounts.usage import Judged, Refused, Taken
from services.accounts.usage_table import Outcome, Unreadable
from services.authority import Actor, require_operator
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.runner import transactional

SHOWN = 50
"""Rows of each list of the preview; the numbers count all."""
MONTHS = 6


class NoTable(DomainError):
    """The file holds no line of text."""

    message = N_('В файле нет строк. Нужен текст в формате CSV: договор;месяц;байты.')
    status = 409


@dataclass(frozen=True)
class Change:
    """A reading that would be taken: bytes before (None: the first one) and now; `is_same`: nothing changes."""

    number: str
    period: date
    before: int | None
    used_bytes: int
    is_same: bool


@dataclass(frozen=True)
class RefusedLine:
    """A line that would not be taken, its beginning, and why."""

    line: int
    text: str
    why: Refused


@dataclass(frozen=True)
class UsagePreview:
    """What a table would do now. The lists hold the first SHOWN, the numbers count all."""

    id: int
    new: int
    grown: int
    same: int
    refused_count: int
    changes: tuple[Change, ...]
    refused: tuple[RefusedLine, ...]


@dataclass(frozen=True)
class UsageMonth:
    """How many contracts have a reading of a month, for how many it was charged, when the last one came."""

    period: date
    count: int
    settled: int
    last_at: datetime


@dataclass(frozen=True)
class UsageDesk:
    """The page: a table that waits, if one is named, and the last months."""

    preview: UsagePreview | None
    months: tuple[UsageMonth, ...]


def show(file_id: int = 0, *, actor: Actor | None) -> UsageDesk:
    """Return the page; `file_id` names a table that was sent, zero none.

    Raises:
        SignInRequired, NotAllowed: operators and administrators.
        NotFound: no such table, or it was taken in.
    """
    require_operator(actor)
    return UsageDesk(_preview(_waiting(file_id)) if file_id else None, _months())


@transactional
def send(text: str, *, actor: Actor | None) -> int:
    """Keep a table to be looked at, and return its id; no reading is taken yet.

    Raises:
        SignInRequired, NotAllowed: operators and administrators.
        NoTable, TooManyLines: it cannot be one.
    """
    actor = require_operator(actor)
    text = text.replace('\0', '').strip() if isinstance(text, str) else ''
    table = usage_table.read(text)
    if not table.readings and not table.unreadable:
        raise NoTable
    file = UsageFile.create(text=text, sent_at=now(), sent_by=actor.user_id)
    return int(file.id)


def take(file_id: int, *, actor: Actor | None) -> int:
    """Take in the readings of a table that was sent; returns how many changed something. What is refused is left out.

    Five hundred readings in a transaction: whatever stops it, sending the table again does the rest.

    Raises:
        SignInRequired, NotAllowed: operators and administrators.
        NotFound: no such table, or it was taken in.
    """
    actor = require_operator(actor)
    outcome = usage_table.take_text(_waiting(file_id).text)
    changed = outcome.count(Taken.NEW) + outcome.count(Taken.GROWN)
    _close(file_id, actor, changed=changed, refused=len(outcome.refused))
    return changed


@transactional
def _close(file_id: int, actor: Actor, *, changed: int, refused: int) -> None:
    UsageFile.update(text='', taken_at=now()).where(UsageFile.id == file_id).execute()
    audit.note('usage.take', f'usage:{file_id}', actor=actor, changed=changed, refused=refused)


def _waiting(file_id: object) -> UsageFile:
    if not isinstance(file_id, int) or isinstance(file_id, bool) or not 0 < file_id < 2**31:
        raise NotFound
    found: UsageFile | None = UsageFile.get_or_none((UsageFile.id == file_id) & UsageFile.taken_at.is_null())
    if found is None:
        raise NotFound
    return found


def _preview(file: UsageFile) -> UsagePreview:
    outcome: Outcome = usage_table.look_at(file.text)
    first = sorted(outcome.taken, key=lambda each: each.outcome == Taken.SAME)[:SHOWN]
    return UsagePreview(
        id=file.id,
        new=outcome.count(Taken.NEW),
        grown=outcome.count(Taken.GROWN),
        same=outcome.count(Taken.SAME),
        refused_count=len(outcome.refused),
        changes=tuple(_change(each) for each in first),
        refused=tuple(_refused(each) for each in outcome.refused[:SHOWN]),
    )


def _change(judged: Judged) -> Change:
    reading = judged.reading
    return Change(reading.number, reading.period, judged.before, reading.used_bytes, judged.outcome == Taken.SAME)


def _refused(each: Unreadable) -> RefusedLine:
    return RefusedLine(each.line, each.text, each.why)


def _months() -> tuple[UsageMonth, ...]:
    counted = (fn.COUNT(TrafficUsage.id), fn.COUNT(TrafficUsage.settled_at), fn.MAX(TrafficUsage.taken_at))
    rows: Any = TrafficUsage.select(TrafficUsage.period, *counted).group_by(TrafficUsage.period)
    return tuple(UsageMonth(*row) for row in rows.order_by(TrafficUsage.period.desc()).limit(MONTHS).tuples())
