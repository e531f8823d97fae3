"""A table of readings as text: a line `contract;YYYY-MM;bytes` for each, in the order of the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services import limits
from services.accounts import usage
from services.accounts.usage import Judged, Reading, Refused, Taken
from services.errors import N_, DomainError, Unfit

MOST_LINES = limits.count('usage_lines')
SHOWN = 60
"""Signs of a line that cannot be read."""


class TooManyLines(DomainError):
    """The table is too long."""

    message = N_('В таблице больше {most} строк. Разделите её на части.')


@dataclass(frozen=True)
class Unreadable:
    """A line that is not taken; `text` is its beginning."""

    line: int
    text: str
    why: Refused


@dataclass(frozen=True)
class Table:
    """What a text holds."""

    readings: tuple[Reading, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a table, or would: readings that count, and lines that do not, in the order of the file."""

    taken: tuple[Judged, ...]
    refused: tuple[Unreadable, ...]

    def count(self, what: Taken) -> int:
        """Return how many readings are new, larger than before or the same."""
        return sum(each.outcome == what for each in self.taken)


def take_text(text: str) -> Outcome:
    """Keep the readings of a table; what is refused is told with its line, the others are kept.

    Raises:
        TooManyLines: more than one table may have.
    """
    table = read(text)
    return _outcome(table, usage.take(table.readings))


def look_at(text: str) -> Outcome:
    """Tell what would become of a table now.

    Raises:
        TooManyLines: more than one table may have.
    """
    table = read(text)
    return _outcome(table, usage.look(table.readings))


def read(text: str) -> Table:
    """Return the readings of a table; a first line that names the columns is passed over.

    Raises:
        Unfit: no text.
        TooManyLines: more than one table may have.
    """
    if not isinstance(text, str):
        raise Unfit
    lines = [line.strip() for line in text.removeprefix('\ufeff').splitlines()]
    if len(lines) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
    readings, unreadable = [], []
    for number, line in _filled(lines):
        found = _reading(number, line)
        if isinstance(found, Reading):
            readings.append(found)
        else:
            unreadable.append(Unreadable(number, line[:SHOWN], found))
    return Table(tuple(readings), tuple(unreadable))


def _filled(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        is_head = number == 1 and not any(sign.isdigit() for sign in line)
        if line.strip(';') and not is_head:
            yield number, line


def _reading(number: int, line: str) -> Reading | Refused:
    cells = [cell.strip().strip('"') for cell in line.split(';')]
    if len(cells) != 3 or not _is_number(cells[0]):
        return Refused.UNREADABLE
    period = _month(cells[1])
    if period is None:
        return Refused.MONTH
    if not _is_number(cells[2]):
        return Refused.BYTES
    return Reading(cells[0], period, int(cells[2]), number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f'{text}-01') if len(text) == 7 else None
    except ValueError:
        return None


def _outcome(table: Table, judged: list[Judged]) -> Outcome:
    taken = tuple(each for each in judged if isinstance(each.outcome, Taken))
    refused = [
        Unreadable(each.reading.line, _words(each.reading), each.outcome)
        for each in judged
        if isinstance(each.outcome, Refused)
    ]
    return Outcome(taken, tuple(sorted([*table.unreadable, *refused], key=lambda each: each.line)))


def _words(reading: Reading) -> str:
    return f'{reading.number};{reading.period:%Y-%m};{reading.used_bytes}'
