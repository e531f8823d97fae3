"""A new field key: every sealed cell is sealed anew with the first key of AMIGO_FIELD_KEYS, while the site runs.

Which cells there are says `docs/data.yml`. A row is changed only if it still holds what was read (compare and swap), so
nothing the site writes meanwhile is lost; what was done is visible in the cells themselves, so a run that was stopped
goes on where it stopped.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from peewee import SQL, fn

from models.tables import ALL
from services.identity import vault
from services.privacy.inventory import DataClass, columns_of
from services.runner import transactional

log = logging.getLogger(__name__)
BATCH = 200
Progress = Callable[[str, int], None]


PLACED_BY = {'totp_secret': 'user_id'}
"""Tables whose cells are sealed for the number of somebody else than their row: one row a person."""


@dataclass(frozen=True)
class SealedColumn:
    """A column whose cells are sealed for `table:id:column`, or for what `PLACED_BY` names instead of the id."""

    model: Any
    name: str

    @property
    def place(self) -> str:
        """Return `table.column`."""
        return f'{self.model.table_name()}.{self.name}'

    @property
    def field(self) -> Any:
        """Return the Peewee field."""
        return self.model.columns()[self.name]

    @property
    def row(self) -> Any:
        """Return the Peewee field whose number stands in the place of a cell."""
        return self.model.columns()[PLACED_BY.get(self.model.table_name(), 'id')]


@dataclass
class Rotation:
    """What a run did: cells sealed anew, cells that do not open (their places), and how many each key id still has."""

    resealed: int = 0
    broken: list[str] = field(default_factory=list)
    by_key: dict[int, int] = field(default_factory=dict)


def sealed_columns() -> tuple[SealedColumn, ...]:
    """Return every sealed column of the document with its table."""
    models = {model.table_name(): model for model in ALL}
    return tuple(SealedColumn(models[column.table], column.name) for column in columns_of(DataClass.SEALED))


def count_by_key() -> dict[int, int]:
    """Return how many cells are sealed with which key id."""
    found: Counter[int] = Counter()
    for column in sealed_columns():
        key_id = fn.SUBSTR(column.field, 1, 1).alias('key_id')
        rows = column.model.select(key_id, fn.COUNT(column.model.id)).where(column.field.is_null(False))
        for first, count in rows.group_by(SQL('key_id')).tuples():
            found[_key_id(first)] += count
    return dict(sorted(found.items()))


def rotate(progress: Progress = lambda _place, _done: None) -> Rotation:
    """Seal every cell that another key sealed with the current one; call it again until it has nothing to do.

    Args:
        progress: told the column and how many of its cells are done, after each batch.
    """
    outcome = Rotation()
    for column in sealed_columns():
        last = done = 0
        while (batch := _reseal(column, last, outcome.broken)).last:
            last, done = batch.last, done + batch.done
            progress(column.place, done)
        outcome.resealed += done
    outcome.by_key = count_by_key()
    return outcome


@dataclass(frozen=True)
class _Batch:
    last: int
    done: int


@transactional
def _reseal(column: SealedColumn, after: int, broken: list[str]) -> _Batch:
    """Seal the next cells anew, each only if it still holds what was read."""
    model, cell, current = column.model, column.field, bytes([vault.current_key_id()])
    others = cell.is_null(False) & (fn.SUBSTR(cell, 1, 1) != current) & (model.id > after)
    rows = list(model.select(model.id, column.row, cell).where(others).order_by(model.id).limit(BATCH).tuples())
    done = 0
    for row_id, placed_by, blob in rows:
        sealed = bytes(blob)
        aad = vault.aad_of(model.table_name(), placed_by, column.name)
        try:
            fresh = vault.seal(vault.unseal(sealed, aad=aad), aad=aad)
        except vault.SealBroken:
            broken.append(aad)
            log.exception('A sealed cell does not open: %s', aad)
            continue
        done += model.update({cell: fresh}).where((model.id == row_id) & (cell == sealed)).execute()
    return _Batch(rows[-1][0] if rows else 0, done)


def _key_id(value: Any) -> int:
    return bytes(value)[0] if value else -1
