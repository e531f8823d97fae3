"""A register of the bank or of ERIP as a table (docs/registries.md): its lines, and why a line cannot be read."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from services import field_rules, limits
from services.clock import today
from services.errors import N_, InvalidField
from services.money import ZERO

COLUMNS = ('дата', 'счёт', 'сумма', 'документ', 'назначение')
MOST_LINES, MOST_BYTES = limits.count('registry_lines'), limits.count('registry_bytes')
LARGEST = limits.money('registry_largest')
OLDEST = limits.span('registry_age')


class LineFault(StrEnum):
    """Why a line is left out."""

    COLUMNS = 'columns'
    DATE = 'date'
    FUTURE = 'future'
    OLD = 'old'
    ACCOUNT = 'account'
    SUM = 'sum'
    DOCUMENT = 'document'


@dataclass(frozen=True)
class ReadLine:
    """One line of the file; rubles. `place` is its line in the file."""

    place: int
    paid_on: date
    account_number: str
    amount: Decimal
    document: str
    purpose: str


@dataclass(frozen=True)
class ReadFile:
    """What could be read, and what could not: (line of the file, why)."""

    lines: tuple[ReadLine, ...]
    faults: tuple[tuple[int, LineFault], ...]


def read(content: bytes) -> ReadFile:
    """Return the lines of a file in UTF-8 or Windows-1251, with semicolons or commas between the columns.

    Raises:
        InvalidField: `file`: too large, empty, without the row of names, or with too many lines.
    """
    if len(content) > MOST_BYTES:
        raise InvalidField(
            'file', N_('Файл слишком большой. Разделите реестр на части по {most} строк.'), most=MOST_LINES
        )
    rows = list(_rows(_text(content)))
    if not rows or tuple(cell.strip().lower().replace('счет', 'счёт') for cell in rows[0][1]) != COLUMNS:
        raise InvalidField('file', N_('Первая строка должна быть такой: Дата;Счёт;Сумма;Документ;Назначение.'))
    if len(rows) == 1:
        raise InvalidField('file', N_('В файле нет ни одной строки с платежом.'))
    if len(rows) > MOST_LINES + 1:
        raise InvalidField('file', N_('В файле больше {most} строк. Разделите реестр на части.'), most=MOST_LINES)
    lines: list[ReadLine] = []
    faults: list[tuple[int, LineFault]] = []
    for place, cells in rows[1:]:
        found = _line(place, cells)
        if isinstance(found, ReadLine):
            lines.append(found)
        else:
            faults.append((place, found))
    return ReadFile(tuple(lines), tuple(faults))


def _text(content: bytes) -> str:
    try:
        return content.decode('utf-8-sig')
    except UnicodeDecodeError:
        return content.decode('cp1251', errors='replace')


def _rows(text: str) -> Iterable[tuple[int, list[str]]]:
    delimiter = ';' if ';' in text.split('\n', 1)[0] else ','
    reader = csv.reader(io.StringIO(text.replace('\x00', ' ')), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InvalidField('file', N_('Файл не читается как таблица CSV.')) from error


def _line(place: int, cells: list[str]) -> ReadLine | LineFault:
    if len(cells) != len(COLUMNS):
        return LineFault.COLUMNS
    day, account, amount, document, purpose = (cell.strip() for cell in cells)
    paid_on, rubles = _day(day), _sum(amount)
    if paid_on is None:
        return LineFault.DATE
    tests = {
        LineFault.FUTURE: paid_on <= today(),
        LineFault.OLD: paid_on >= today() - OLDEST,
        LineFault.ACCOUNT: field_rules.rule('registry_account').fits(account),
        LineFault.SUM: rubles is not None,
        LineFault.DOCUMENT: field_rules.rule('registry_document').fits(document),
    }
    wrong = next((fault for fault, passed in tests.items() if not passed), None)
    if wrong is not None or rubles is None:
        return wrong or LineFault.SUM
    said = ''.join(sign if sign.isprintable() else ' ' for sign in purpose)[
        : field_rules.most('registry_purpose')
    ].strip()
    return ReadLine(place, paid_on, account, rubles, document, said)


def _day(text: str) -> date | None:
    for form in ('%d.%m.%Y', '%Y-%m-%d'):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
    return None


def _sum(text: str) -> Decimal | None:
    wanted = field_rules.rule('amount')
    plain = wanted.brought(text)
    if wanted.signs is None or not wanted.signs.fullmatch(plain):
        return None
    rubles = Decimal(plain.replace(',', '.')).quantize(Decimal('0.01'))
    return rubles if ZERO < rubles <= LARGEST else None
