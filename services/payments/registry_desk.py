"""What an operator sees of registers: the files, one file with what becomes of each line, what waits for a person."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import fn

from models.registry import LineState, Registry, RegistryLine, RegistrySource, RegistryState
from services import audit, limits
from services.authority import Actor, require_operator
from services.errors import NotFound
from services.money import ZERO
from services.payments import registry_matches
from services.payments.registry_files import LineFault
from services.payments.registry_matches import Why

SHOWN = limits.count('registries_page')


@dataclass(frozen=True)
class RegistryRow:
    """One file in the list; `unknown` lines of it wait for a person."""

    id: int
    source: RegistrySource
    name: str
    state: RegistryState
    loaded_at: datetime
    lines: int
    total: Decimal
    unknown: int


@dataclass(frozen=True)
class LineView:
    """One line: rubles; `payee` is a masked name, empty when nobody is known; `why` it is not booked."""

    id: int
    place: int
    paid_on: date
    account_number: str
    payee: str
    amount: Decimal
    document: str
    purpose: str
    state: LineState
    why: Why


@dataclass(frozen=True)
class Total:
    """How many lines, and rubles."""

    count: int
    amount: Decimal


@dataclass(frozen=True)
class RegistryView:
    """One file. `totals` by state, of what becomes of the lines; `faults`: (line of the file, why it is left out)."""

    id: int
    source: RegistrySource
    name: str
    state: RegistryState
    loaded_at: datetime
    lines: tuple[LineView, ...]
    faults: tuple[tuple[int, LineFault], ...]
    totals: dict[LineState, Total]


@dataclass(frozen=True)
class RegistryList:
    """The newest files, and the payments nobody knows, the oldest first."""

    rows: tuple[RegistryRow, ...]
    unknown: tuple[LineView, ...]


def list_registries(*, actor: Actor | None) -> RegistryList:
    """Return the newest files and what waits for a person.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    actor = require_operator(actor)
    audit.note_reading('list:registries', actor=actor)
    unknown: Any = (
        RegistryLine.select(RegistryLine, Registry)
        .join(Registry)
        .where((RegistryLine.state == LineState.UNKNOWN) & (Registry.state == RegistryState.BOOKED))
        .order_by(RegistryLine.id)
        .limit(SHOWN)
    )
    rows: Any = Registry.select().order_by(Registry.id.desc()).limit(SHOWN)
    waiting = tuple(_line(line, '', LineState.UNKNOWN, Why.NO_CONTRACT) for line in unknown)
    return RegistryList(tuple(_rows(list(rows))), waiting)


def show_registry(registry_id: int, *, actor: Actor | None) -> RegistryView:
    """Return one file: what became of its lines, or would become if it were booked now.

    Raises:
        SignInRequired, NotAllowed: only the console. NotFound: no such file.
    """
    actor = require_operator(actor)
    is_id = isinstance(registry_id, int) and 0 < registry_id < 2**31
    registry = Registry.get_or_none(Registry.id == registry_id) if is_id else None
    if registry is None:
        raise NotFound
    audit.note_reading(f'registry:{registry.id}', actor=actor)
    lines = registry_matches.lines_of(registry)
    views = _became(lines) if registry.state == RegistryState.BOOKED else _would_become(registry, lines)
    return RegistryView(
        id=registry.id,
        source=registry.source,
        name=registry.name,
        state=registry.state,
        loaded_at=registry.loaded_at,
        lines=tuple(views),
        faults=tuple((place, LineFault(fault)) for place, fault in registry.faults),
        totals={state: _total(views, state) for state in LineState},
    )


def _rows(registries: list[Registry]) -> list[RegistryRow]:
    line, total = RegistryLine, fn.SUM(RegistryLine.amount).coerce(False)
    of_them: Any = line.registry.in_([registry.id for registry in registries])
    sums: Any = line.select(line.registry, fn.COUNT(line.id), total).where(of_them).group_by(line.registry)
    counted = {found: (count, Decimal(int(kopecks or 0)).scaleb(-2)) for found, count, kopecks in sums.tuples()}
    is_unknown = line.state == LineState.UNKNOWN
    unknown: Any = line.select(line.registry, fn.COUNT(line.id)).where(of_them & is_unknown)
    waiting = dict(unknown.group_by(line.registry).tuples())
    return [
        RegistryRow(
            id=each.id,
            source=each.source,
            name=each.name,
            state=each.state,
            loaded_at=each.loaded_at,
            lines=counted.get(each.id, (0, ZERO))[0],
            total=counted.get(each.id, (0, ZERO))[1],
            unknown=waiting.get(each.id, 0),
        )
        for each in registries
    ]


def _would_become(registry: Registry, lines: list[RegistryLine]) -> list[LineView]:
    judged = registry_matches.judge(registry, lines)
    views = []
    for line in lines:
        verdict = judged[line.id]
        payee = verdict.contract.subscriber.short_name if verdict.contract else ''
        views.append(_line(line, payee, verdict.state, verdict.why))
    return views


def _became(lines: list[RegistryLine]) -> list[LineView]:
    views = []
    for line in lines:
        payee = f'{line.contract.subscriber.short_name}, {line.contract.number}' if line.contract else ''
        why = Why.NO_CONTRACT if line.state == LineState.UNKNOWN else Why.NOTHING
        views.append(_line(line, payee, line.state, why))
    return views


def _line(line: RegistryLine, payee: str, state: LineState, why: Why) -> LineView:
    return LineView(
        id=line.id,
        place=line.place,
        paid_on=line.paid_on,
        account_number=line.account_number,
        payee=payee,
        amount=line.amount,
        document=line.document,
        purpose=line.purpose,
        state=state,
        why=why,
    )


def _total(views: list[LineView], state: LineState) -> Total:
    amounts = [view.amount for view in views if view.state == state]
    return Total(len(amounts), sum(amounts, ZERO))
