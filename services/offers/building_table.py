"""The building base from a table: the one /operator/buildings gives, filled in; new houses come, known ones change."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from models.region import Building, CoverageStatus, Region, Technology
from services import audit, field_rules, limits
from services.applications import waiting_list
from services.errors import N_, DomainError, InvalidField, Unfit
from services.input_text import clean_text
from services.offers.buildings import ANSWERS, COLUMNS, KIND_WORDS, STATUS_WORDS
from services.offers.spellings import house_key, house_words
from services.runner import transactional
from services.spreadsheet import MARK

READ = COLUMNS[:-1]
"""How many wait for a house is told, not asked."""
MOST_LINES = limits.count('building_lines')
BATCH = 500
"""Houses of one transaction: others write in between."""
SHOWN = 60
"""Signs of a line that is refused."""
_KINDS = {words: kind for kind, words in KIND_WORDS.items()}
_STATES = {words: status for status, words in STATUS_WORDS.items()}
_YES_OR_NO = {words: value for value, words in ANSWERS.items()}


class Refused(StrEnum):
    """Why a line is not taken."""

    REGION = 'no such region'
    ADDRESS = 'not an address'
    KIND = f'the kind is none of: {", ".join(_KINDS)}'
    LINES = f'a line is none of: {", ".join(Technology)}'
    STATUS = f'the state is none of: {", ".join(_STATES)}'
    NO_LINE = 'connected, but no line comes into the house'
    PORTS = 'free ports are a number from 0 to 9999'
    TV = f'digital television is none of: {", ".join(_YES_OR_NO)}'
    TWICE = 'this house stands above already'


class NoSuchTable(DomainError):
    """The first line does not name the columns."""

    message = N_('В первой строке нет столбца «{column}».')


class TooManyHouses(DomainError):
    """The table is too long."""

    message = N_('В таблице больше {most} строк. Разделите её на части.')


@dataclass(frozen=True)
class Unfitting:
    """A line that is not taken; `text` is its beginning."""

    line: int
    text: str
    why: Refused


@dataclass(frozen=True)
class Outcome:
    """What became of a table, or would: houses new, changed and as they were; letters to those who waited; refusals."""

    new: int
    changed: int
    same: int
    told: int
    refused: tuple[Unfitting, ...]


@dataclass(frozen=True)
class _House:
    region: Region
    locality: str
    street: str
    house: str
    facts: dict[str, Any]

    @property
    def key(self) -> str:
        return house_key(self.region.slug, self.locality, self.street, self.house)


def look_at(text: str) -> Outcome:
    """Tell what would become of a table now; `told` is 0.

    Raises:
        Unfit: no text. NoSuchTable, TooManyHouses.
    """
    houses, refused = _read(text)
    return _outcome(houses, _known(), refused)


def load_text(text: str) -> Outcome:
    """Keep the houses of a table; what is refused is told with its line, the others are kept.

    A house is known in any spelling; its name stays as it was. Who waits for one that is connected now is written to.

    Raises:
        Unfit: no text. NoSuchTable, TooManyHouses.
    """
    houses, refused = _read(text)
    known, told = _known(), 0
    outcome = _outcome(houses, known, refused)
    for start in range(0, len(houses), BATCH):
        told += _load(houses[start : start + BATCH], known)
    return replace(outcome, told=told)


def _outcome(houses: Sequence[_House], known: dict[str, Any], refused: tuple[Unfitting, ...]) -> Outcome:
    new = sum(house.key not in known for house in houses)
    changed = sum(bool(_changes(known[house.key], house)) for house in houses if house.key in known)
    return Outcome(new, changed, len(houses) - new - changed, 0, refused)


@transactional
def _load(houses: Sequence[_House], known: dict[str, Any]) -> int:
    told = added = changed = 0
    for house in houses:
        row = known.get(house.key)
        if row is None:
            place = {'locality': house.locality, 'street': house.street, 'house': house.house}
            row = Building.create(region=house.region, **place, **house.facts)
            added += 1
        elif fields := _changes(row, house):
            Building.update(fields).where(Building.id == row.id).execute()
            row = Building.get_by_id(row.id)
            changed += 1
        else:
            continue
        told += waiting_list.tell_connected(row)
    if added or changed:
        audit.note('building.load', 'buildings', actor=None, added=added, changed=changed, told=told)
    return told


def _known() -> dict[str, Any]:
    rows: Any = Building.select(Building, Region).join(Region)
    return {house_key(row.region.slug, row.locality, row.street, row.house): row for row in rows}


def _changes(row: Any, house: _House) -> dict[str, Any]:
    return {name: value for name, value in house.facts.items() if getattr(row, name) != value}


def _read(text: str) -> tuple[list[_House], tuple[Unfitting, ...]]:
    if not isinstance(text, str):
        raise Unfit
    lines = text.removeprefix(MARK).splitlines()
    if len(lines) > MOST_LINES:
        raise TooManyHouses(most=MOST_LINES)
    regions = {region.name: region for region in Region.select()}
    houses: dict[str, _House] = {}
    refused = []
    try:
        rows = list(_rows(lines))
    except csv.Error as error:  # a cell without end
        raise Unfit from error
    for number, row in rows:
        found = _house(row, regions)
        if isinstance(found, _House) and found.key in houses:
            found = Refused.TWICE
        if isinstance(found, _House):
            houses[found.key] = found
        else:
            refused.append(Unfitting(number, ';'.join(row.values())[:SHOWN], found))
    return list(houses.values()), tuple(refused)


def _rows(lines: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    table = csv.reader(lines, delimiter=';')
    head = [cell.strip() for cell in next(table, [])]
    missing = next((column for column in READ if column not in head), None)
    if missing:
        raise NoSuchTable(column=missing)
    for cells in table:
        row = dict(zip(head, [cell.strip() for cell in cells], strict=False))
        if any(row.values()):
            yield table.line_num, {column: row.get(column, '') for column in READ}


def _house(row: dict[str, str], regions: dict[str, Region]) -> _House | Refused:
    name, *address, kind, lines, status, ports, has_tv = row.values()
    region = regions.get(name)
    if region is None:
        return Refused.REGION
    try:
        fields = zip(('locality', 'street', 'house'), address, strict=True)
        locality, street, house = (clean_text(field, typed, rule=field, required=True) for field, typed in fields)
    except InvalidField:
        return Refused.ADDRESS
    fits = all(field_rules.rule(field).fits(value) for field, value in (('locality', locality), ('street', street)))
    if not fits or not field_rules.rule('house').fits(house) or not house_words(house):
        return Refused.ADDRESS
    facts = _facts(kind, lines, status, ports, has_tv)
    return facts if isinstance(facts, Refused) else _House(region, locality, street, house, facts)


def _facts(kind: str, lines: str, status: str, ports: str, has_tv: str) -> dict[str, Any] | Refused:
    technologies = list(dict.fromkeys(line.strip() for line in lines.split(',') if line.strip()))
    free_ports = field_rules.rule('free_ports').number(ports)
    wrong = (
        (kind not in _KINDS, Refused.KIND),
        (not set(technologies) <= set(Technology), Refused.LINES),
        (status not in _STATES, Refused.STATUS),
        (_STATES.get(status) == CoverageStatus.CONNECTED and not technologies, Refused.NO_LINE),
        (free_ports is None, Refused.PORTS),
        (has_tv not in _YES_OR_NO, Refused.TV),
    )
    refused = next((why for is_wrong, why in wrong if is_wrong), None)
    return refused or {
        'house_kind': _KINDS[kind],
        'technologies': technologies,
        'status': _STATES[status],
        'free_ports': free_ports,
        'has_digital_tv': _YES_OR_NO[has_tv],
    }
