"""The copy a rehearsal works on: a SQLite file in the data folder, one at a time, and never left behind.

Both databases become a SQLite file: the services behave the same on either, and nothing of a PostgreSQL is touched.
A lock that the system lets go of when a process dies tells whose copy nobody needs any more.
"""

import fcntl
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from peewee import JSONField

from models.base import BaseModel, database, is_postgres, open_database, rows_of, snapshot
from models.tables import ALL
from services import migration
from services.errors import N_, DomainError
from services.runner import THREADS
from services.settings import get_settings

ROWS_AT_ONCE = 2000
NAME = 'copy.db'


class AlreadyRehearsing(DomainError):
    """One at a time: a rehearsal takes a core, and room on the disk."""

    message = N_('Часы уже кто-то перевёл, идёт расчёт. Подождите минуту и попробуйте ещё раз.')
    status = 409


@contextmanager
def the_only_one() -> Iterator[Path]:
    """Give the place of a copy to one process; what a dead one left is deleted before, and the own copy afterwards.

    Raises:
        AlreadyRehearsing: another process works there.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / 'lock').open('w') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRehearsing from error
        _delete(folder)
        try:
            yield folder / NAME
        finally:
            _delete(folder)


def sweep() -> int:
    """Delete the copy of a rehearsal that died; returns how many files went."""
    left = len(_files(_folder()))
    if not left:
        return 0
    try:
        with the_only_one():
            return left
    except AlreadyRehearsing:
        return 0


def make(target: Path) -> None:
    """Copy the database of this process as it is at one instant; nobody waits meanwhile."""
    target.touch(mode=0o600)
    if is_postgres():
        with bound(target):
            migration.migrate()
        _copy_rows(target)
        return
    with database.connection_context():
        database.execute_sql('VACUUM INTO ?', (str(target),))


@contextmanager
def bound(target: Path) -> Iterator[None]:
    """Let this process work on a copy instead of its database, on one connection that does not wait for the disk."""
    before = database.obj
    open_database(f'sqlite:///{target.as_posix()}', connections=THREADS + 2)
    opened = database.obj
    try:
        yield
    finally:
        opened.close_all()
        database.initialize(before)


def _copy_rows(target: Path) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy, database.connection_context(), snapshot():
        copy.execute('BEGIN')
        guards = copy.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            copy.execute(f'DROP TRIGGER "{name}"')
        for model in ALL:
            _copy_table(copy, model)
        for _, sql in guards:
            copy.execute(sql)
        copy.execute('COMMIT')


def _copy_table(copy: sqlite3.Connection, model: type[BaseModel]) -> None:
    table, columns = model.table_name(), model.columns()
    names = ', '.join(f'"{name}"' for name in columns)
    marks = ', '.join('?' * len(columns))
    plain: list[Callable[[Any], Any]] = [
        _plain_json if isinstance(field, JSONField) else _plain for field in columns.values()
    ]
    copy.execute(f'DELETE FROM "{table}"')  # noqa: S608 - what the migrations wrote; names of our own
    rows = rows_of(model)
    while piece := list(islice(rows, ROWS_AT_ONCE)):
        copy.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - names of our own
            [_row(plain, row) for row in piece],
        )


def _row(plain: list[Callable[[Any], Any]], row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(make(value) for make, value in zip(plain, row, strict=True))


def _plain(value: Any) -> Any:
    """Return a value as SQLite keeps it."""
    if isinstance(value, datetime):
        return value.isoformat(' ')
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value) if isinstance(value, memoryview) else value


def _plain_json(value: Any) -> Any:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _folder() -> Path:
    return get_settings().data_dir / 'rehearsals'


def _files(folder: Path) -> list[Path]:
    return list(folder.glob(f'{NAME}*'))


def _delete(folder: Path) -> None:
    for file in _files(folder):
        file.unlink(missing_ok=True)
