"""`docs/data.yml`, read: the class, purpose and term of every column. The document decides; nothing is said twice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from services.clock import local, midnight, today
from services.work_calendar import SUNDAY, is_holiday

FILE = Path(__file__).parents[2] / 'docs' / 'data.yml'


class DataClass(StrEnum):
    """How much a column tells; the rules of each stand at the top of the document."""

    PUBLIC = 'public'
    INTERNAL = 'internal'
    PERSONAL = 'personal'
    SEALED = 'sealed'
    SECRET = 'secret'  # noqa: S105 - the name of a class
    MONEY = 'money'


@dataclass(frozen=True)
class Column:
    """One column as the document has it; `term` is a name for `cutoff`."""

    table: str
    name: str
    data_class: DataClass
    why: str
    term: str


@lru_cache
def columns() -> tuple[Column, ...]:
    """Return every listed column; a column listed twice stands here twice."""
    found = []
    for table, entry in _document()['tables'].items():
        for data_class in DataClass:
            for name in entry.get(data_class, ()):
                facts = {**entry, **entry.get('but', {}).get(name, {})}
                found.append(Column(table, name, data_class, facts['why'], facts['kept']))
    return tuple(found)


def columns_of(data_class: DataClass) -> tuple[Column, ...]:
    """Return the columns of one class."""
    return tuple(column for column in columns() if column.data_class == data_class)


def rules() -> dict[str, dict[str, Any]]:
    """Return what each class asks for: how it is stored, whether it may stand in a log and in a person's own copy."""
    found: dict[str, dict[str, Any]] = _document()['classes']
    return found


def terms() -> dict[str, dict[str, Any]]:
    """Return the terms by name; one without a figure in years, months or days never runs out by itself."""
    found: dict[str, dict[str, Any]] = _document()['terms']
    return found


def cutoff(term: str, moment: datetime) -> datetime:
    """Return the instant before which what is kept for this term has run out.

    Raises:
        ValueError: the document gives the term no figure.
    """
    facts = terms()[term]
    if not {'years', 'months', 'days'} & set(facts):
        raise ValueError(f'docs/data.yml gives no figure for the term {term}')
    months = 12 * facts.get('years', 0) + facts.get('months', 0)
    return _months_before(moment, months) - timedelta(days=facts.get('days', 0))


def kept_until(term: str, day: date) -> date:
    """Return the day on which a term of whole years that began on `day` ends."""
    years = terms()[term]['years']
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def answer_by(kind: str) -> date:
    """Return the last day for an answer to a request that comes today.

    Working days of the law are Monday to Friday; the days that our operators work are more.
    """
    term = _document()['answers'][kind]
    day = today() + timedelta(days=term.get('days', 0))
    left = term.get('working_days', 0)
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SUNDAY - 1 and not is_holiday(day)
    return day


def _months_before(moment: datetime, months: int) -> datetime:
    """Count calendar months back on a Minsk wall clock; where the month is shorter, its last day."""
    if not months:
        return moment
    here = local(moment)
    count = here.year * 12 + here.month - 1 - months
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    day = min(first + timedelta(days=here.day - 1), following - timedelta(days=1))
    return midnight(day) + (here - here.replace(hour=0, minute=0, second=0, microsecond=0))


@lru_cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding='utf-8'))
    return document
