"""Линии: what is to be cut and restored by hand while no network adapter does it, who waits longest, what was done."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.contract import Contract
from models.line import LineTick
from models.user import Role, User
from services import audit, limits, rate_limits
from services.authority import Actor, require_role
from services.clock import now
from services.identity import step_up
from services.network import line_facts
from services.network.line_facts import Line
from services.network.lines import LineWork, Reason, Speed, Work, work_of
from services.search import matches
from services.spreadsheet import csv_rows

ROLES = (Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR)
PAGE, DONE = limits.count('lines_page'), limits.count('lines_done')
DONE_WITHIN, UNDO_WITHIN = limits.span('lines_done_within'), limits.span('line_tick_undo')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')
COLUMNS = ('Что сделать', 'Договор', 'Адрес', 'Тариф', 'Скорость', 'Терминал', 'MAC', 'С какого времени', 'Почему')
WORK_WORDS = {Work.RESTORE: 'включить', Work.CUT: 'отключить', Work.SPEED: 'сменить скорость'}
REASON_WORDS = {
    Reason.PAID: 'долг погашен',
    Reason.RESUMED: 'приостановка закончилась',
    Reason.TERMINATED: 'договор расторгнут',
    Reason.DEBT: 'долг',
    Reason.PAUSED: 'приостановка по желанию',
    Reason.TARIFF: 'смена тарифа',
    Reason.BOOST: 'ускорение',
    Reason.BOOST_OVER: 'ускорение закончилось',
    Reason.PROMO: 'скорость по промокоду',
}
_ORDER = {work: place for place, work in enumerate(Work)}


@dataclass(frozen=True)
class LineRow:
    """One line that waits for an engineer. `speed` is what it should have, kbit/s down, None when it should be off;
    `old` what it has. `serial` and `mac` stand on its optical terminal; `is_paying`: money is on its way."""

    contract_id: int
    number: str
    address: str
    tariff: str
    work: Work
    reason: Reason
    since: datetime
    speed: int | None
    old: int | None
    serial: str
    mac: str
    is_paying: bool


@dataclass(frozen=True)
class LinePage:
    """A page of the list: who waits to be restored first, the oldest first; `counts` by work, of everything found."""

    rows: tuple[LineRow, ...]
    page: int
    pages: int
    counts: dict[Work, int]


@dataclass(frozen=True)
class DoneRow:
    """What was ticked off lately; `may_undo`: less than a minute ago."""

    id: int
    number: str
    address: str
    work: Work
    speed: int | None
    note: str
    by: str
    at: datetime
    is_undone: bool
    may_undo: bool


def list_lines(kind: str = '', search: str = '', page: int = 1, *, actor: Actor | None) -> LinePage:
    """Return what is to be done of a kind (everything for another word) at addresses and numbers that match. One query.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
    """
    actor = require_role(actor, *ROLES)
    audit.note_reading('list:lines', actor=actor)
    found, is_kind = _works(search), _is_kind(kind)
    counts = Counter(work.work for _, work in found)
    rows = [_row(line, work) for line, work in found if not is_kind or work.work == kind]
    pages = max(1, -(-len(rows) // PAGE))
    wanted = min(page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1, pages)
    return LinePage(
        tuple(rows[(wanted - 1) * PAGE : wanted * PAGE]), wanted, pages, {work: counts[work] for work in Work}
    )


def list_done(*, actor: Actor | None) -> tuple[DoneRow, ...]:
    """Return what was ticked off in the last day, the newest first, forty at most. One query.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
    """
    require_role(actor, *ROLES)
    rows: Any = LineTick.select(LineTick, Contract, User).join(Contract).join_from(LineTick, User)
    rows = rows.where(LineTick.done_at > now() - DONE_WITHIN).order_by(LineTick.id.desc()).limit(DONE)
    return tuple(_done(row) for row in rows)


def export_table(kind: str = '', search: str = '', *, actor: Actor | None) -> bytes:
    """Return the whole list as CSV.

    Raises:
        SignInRequired, NotAllowed: operators, technicians, administrators.
        StepUpRequired: see `step_up`. TooManyRequests: twenty tables an hour.
    """
    actor = step_up.require_fresh(require_role(actor, *ROLES))
    most, window = limits.rate('line_exports')
    rate_limits.spend('export', str(actor.user_id), most=most, window=window)
    audit.note_reading('list:lines-table', actor=actor)
    is_kind = _is_kind(kind)
    found = [_row(line, work) for line, work in _works(search) if not is_kind or work.work == kind]
    return csv_rows((_cells(row) for row in found), columns=COLUMNS)


def _is_kind(kind: object) -> bool:
    return isinstance(kind, str) and kind in set(Work)


def _works(search: object) -> list[tuple[Line, LineWork]]:
    # No phone and no name: what is looked for stands in the address, and an engineer needs neither.
    lines = line_facts.read(matches(search, (Contract.number, Contract.address), (Contract.number,)))
    found = [(line, work) for line in lines if (work := work_of(line.facts)) is not None]
    return sorted(found, key=lambda each: (_ORDER[each[1].work], each[1].since, each[0].contract_id))


def _row(line: Line, work: LineWork) -> LineRow:
    return LineRow(
        contract_id=line.contract_id,
        number=line.number,
        address=line.address,
        tariff=line.tariff,
        work=work.work,
        reason=work.reason,
        since=work.since,
        speed=_down(work.speed),
        old=_down(work.old),
        serial=line.serial,
        mac=line.mac,
        is_paying=line.is_paying,
    )


def _done(row: Any) -> DoneRow:
    is_undone = row.undone_at is not None
    lately = now() - row.done_at < UNDO_WITHIN
    return DoneRow(
        id=row.id,
        number=row.contract.number,
        address=row.contract.address,
        work=Work(row.work),
        speed=row.down_kbit,
        note=row.note,
        by=row.done_by.name,
        at=row.done_at,
        is_undone=is_undone,
        may_undo=lately and not is_undone,
    )


def _cells(row: LineRow) -> tuple[Any, ...]:
    speed = '' if row.speed is None else f'{row.speed / 1000:g} Мбит/с'
    return (
        WORK_WORDS[row.work], row.number, row.address, row.tariff, speed, row.serial, row.mac, row.since,
        REASON_WORDS[row.reason],
    )  # fmt: skip


def _down(speed: Speed | None) -> int | None:
    return speed.down if speed else None
