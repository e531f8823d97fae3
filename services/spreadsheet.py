"""Tables for a Russian spreadsheet, one way for every export: CSV in UTF-8 with a mark, semicolons, commas in numbers.

A text that a spreadsheet would run as a formula gets an apostrophe before it. Numbers are given as `Decimal`, not as
text: a sum below zero is written by us, cannot hold a formula, and stays a number that can be added up.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from services.clock import local

MARK = '\ufeff'
FORMULA_STARTS = ('=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠')
Cell = str | Decimal | int | datetime | date | None


def csv_rows(rows: Iterable[Iterable[Cell]], *, columns: Iterable[str] = ()) -> bytes:
    """Return a piece of a table. The first piece of a file is given the names of the columns and begins with the mark.

    Instants are written in Minsk time as `31.12.2026 23:59`, days as `31.12.2026`, sums to the kopeck as `-9,97`.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=';', lineterminator='\r\n')
    if columns:
        out.write(MARK)
        writer.writerow(columns)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(' \u00a0').startswith(FORMULA_STARTS) else text


def _written(cell: Cell) -> str:
    if cell is None:
        return ''
    if isinstance(cell, datetime):
        return f'{local(cell):%d.%m.%Y %H:%M}'
    if isinstance(cell, date):
        return f'{cell:%d.%m.%Y}'
    if isinstance(cell, Decimal):
        return f'{cell:.2f}'.replace('.', ',')
    return harmless(cell) if isinstance(cell, str) else str(cell)
