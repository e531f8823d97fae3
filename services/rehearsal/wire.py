"""What a rehearsal tells, as lines: JSON for the site, which started it as a process of its own; words for people."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.clock import local
from services.rehearsal.days import Day, Ending, Outcome, State, Told
from services.rehearsal.happenings import Happening, What


@dataclass(frozen=True)
class Refusal:
    """Why it did not begin, or did not go on: a sentence for people."""

    text: str


def line(told: Told, *, as_json: bool) -> str:
    """Return one thing as the site reads it, or as people do."""
    return written(told) if as_json else words(told)


def written(told: Told | Refusal) -> str:
    """Return one thing as a line of JSON."""
    return json.dumps({type(told).__name__: asdict(told)}, default=str, ensure_ascii=False) + '\n'


def read(text: str) -> Told | Refusal:
    """Return what `written` wrote.

    Raises:
        ValueError, KeyError, TypeError: it did not.
    """
    ((kind, facts),) = json.loads(text).items()
    if kind == 'Day':
        return Day(date.fromisoformat(facts['on']), facts['part'])
    if kind == 'Happening':
        sums = {name: _sum(facts[name]) for name in ('sum', 'after')}
        return Happening(**{**facts, **sums, 'at': datetime.fromisoformat(facts['at']), 'what': What(facts['what'])})
    if kind == 'Outcome':
        return Outcome(tuple(map(_ending, facts['endings'])), tuple(facts['faults']), facts['left_out'])
    return Refusal(facts['text'])


def words(told: Told) -> str:
    """Return one thing as a line, or some, on a terminal; nothing for a day that is over."""
    if isinstance(told, Happening):
        sums = f'{told.sum:+10.2f} {told.after:10.2f}' if told.sum is not None and told.after is not None else ' ' * 21
        when = f'{local(told.at):%Y-%m-%d %H:%M}'
        return f'{when}  {told.number or "-":<10} {told.what:<18} {sums}  {told.name}\n'
    if isinstance(told, Outcome):
        ends = [f'{end.number:<10} {end.state:<10} {end.balance:10.2f}  {end.tariff}' for end in told.endings]
        faults = told.faults or ('The books of the copy agree.',)
        return '\n'.join(['', 'On the last day:', *ends, '', *faults, ''])
    return ''


def _ending(facts: dict[str, Any]) -> Ending:
    return Ending(facts['number'], Decimal(facts['balance']), facts['tariff'], State(facts['state']))


def _sum(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
