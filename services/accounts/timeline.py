"""What happened to a contract, from all tables in one query: money, changes, promises, blocks, letters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import add
from typing import Any

from models.base import database
from models.contract import (
    Contract,
)
from services.accounts.timeline_events import COLUMNS, Kind, Part, branches
from services.clock import midnight
from services.search import matches


@dataclass(frozen=True)
class Wanted:
    """What to show: the days are both included; `search` as typed; only events before `before`, a `Happening.place`."""

    part: Part = Part.ALL
    since: date | None = None
    until: date | None = None
    search: str = ''
    before: str = ''

    @property
    def is_narrow(self) -> bool:
        """Tell whether something may be left out."""
        return bool(self.part or self.since or self.until or self.search)


@dataclass(frozen=True)
class Happening:
    """One event: `id` of its row, `name` of a tariff, an add-on or a letter, its days, kopecks of a promise."""

    at: datetime
    kind: Kind
    id: int
    name: str
    starts_on: date | None
    ends_on: date | None
    amount: int

    @property
    def place(self) -> str:
        """Return where in the history it stands: what `Wanted.before` takes."""
        return f'{self.at:%Y-%m-%dT%H:%M:%S.%f}_{list(Kind).index(self.kind)}_{self.id}'


def read(contract: Contract, wanted: Wanted, most: int, *, with_letters: bool) -> list[Happening]:
    """Return events of a contract, the newest first. One query."""
    parts = branches(contract, wanted.part, with_letters=with_letters)
    if not parts:
        return []
    events: Any = reduce(add, parts).alias('events')
    query: Any = events.select_from(*(getattr(events.c, name) for name in COLUMNS))
    for condition in _conditions(events.c, wanted):
        query = query.where(condition)
    query = query.order_by(events.c.at.desc(), events.c.rank.desc(), events.c.id.desc()).limit(most)
    return [_happening(row) for row in database.execute(query)]


def _conditions(column: Any, wanted: Wanted) -> Iterable[Any]:
    if wanted.since:
        yield column.at >= _plain(midnight(wanted.since))
    if wanted.until:
        yield column.at < _plain(midnight(wanted.until + timedelta(days=1)))
    found = matches(wanted.search, (column.words,))
    if found is not None:
        yield found
    place = _read_place(wanted.before)
    if place is not None:
        at, rank, row = place
        same = (column.rank < rank) | ((column.rank == rank) & (column.id < row))
        yield (column.at < at) | ((column.at == at) & same)


def _read_place(place: object) -> tuple[datetime, int, int] | None:
    parts = place.split('_') if isinstance(place, str) and len(place) < 64 else []
    try:
        at, rank, row = datetime.fromisoformat(parts[0]), int(parts[1]), int(parts[2])
    except (IndexError, ValueError):
        return None
    fits = at.tzinfo is None and 0 <= rank < len(Kind) and 0 < row < 2**31
    return (at, rank, row) if fits else None


def _plain(instant: datetime) -> datetime:
    """Return an instant as the tables keep it."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def _happening(row: Any) -> Happening:
    at, rank, number, name, starts_on, ends_on, amount = row
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    kind, first, last = list(Kind)[rank], _read_day(starts_on), _read_day(ends_on)
    return Happening(moment.replace(tzinfo=UTC), kind, number, name, first, last, int(amount))


def _read_day(day: Any) -> date | None:
    return date.fromisoformat(day) if isinstance(day, str) else day
