"""The database of this process and the base of every table."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from peewee import AutoField, DatabaseProxy, Model, fn
from peewee import __exception_wrapper__ as database_errors  # type: ignore[attr-defined]  # Peewee stub
from playhouse.db_url import parse
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

database: Any = DatabaseProxy()

SQLITE_PRAGMAS = {
    'journal_mode': 'wal',
    'synchronous': 'full',  # money: a commit survives a power cut (SECURITY §2.3)
    'foreign_keys': 1,
    'busy_timeout': 5000,
    'cache_size': -8000,  # KiB for each of ten connections; behind it the system keeps the file in memory anyway
    'temp_store': 2,
    'secure_delete': 1,  # what is deleted is overwritten: an erased person is not left in free pages
}
POSTGRES_OPTIONS = '-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000'


class Unstorable(ValueError):
    """A value that no column can hold on either database; refused before the query, so that both answer the same."""


class _Refusing:
    """Looks at every value of every query: what a page forgot to check must not become a failure of the database."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        _refuse_unstorable(sql, params or ())
        return super().execute_sql(sql, params)  # type: ignore[misc]  # the database it is mixed into

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each of these rows; what Peewee has no word for."""
        for row in rows:
            _refuse_unstorable(sql, row)
        with database_errors:
            self.cursor().executemany(sql, rows)  # type: ignore[attr-defined]  # the database it is mixed into


def _refuse_unstorable(sql: str, values: Iterable[Any]) -> None:
    for value in values:
        if not _is_storable(value):
            raise Unstorable(f'{type(value).__name__} in: {sql[:200]}')


def _is_storable(value: object) -> bool:
    """Tell whether both databases take a value: no NUL and no half of a character, no number beyond BIGINT."""
    if isinstance(value, str):
        return '\0' not in value and (value.isascii() or _is_whole(value))
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, float):
        return isfinite(value)
    return not isinstance(value, dict | list | set | tuple)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Sqlite(_Refusing, PooledSqliteDatabase):  # type: ignore[misc]  # Peewee has no types
    pass


class _Postgres(_Refusing, PooledPostgresqlDatabase):  # type: ignore[misc]  # Peewee has no types
    pass


class BaseModel(Model):
    """A row with an id. Queries open no connection by themselves: on the event loop they are an error."""

    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False

    @classmethod
    def table_name(cls) -> str:
        """Return the name of the table."""
        return str(cls._meta.table_name)

    @classmethod
    def columns(cls) -> dict[str, Any]:
        """Return the fields by the names their columns have in the database."""
        return dict(cls._meta.columns)


def open_database(url: str, connections: int) -> None:
    """Bind the models to a database; does nothing when they are bound to this one already.

    Args:
        url: `sqlite:///path/to/file.db` or `postgresql://user:password@host:port/name`.
        connections: the most that may be open at once; a service waits up to 5 s for a free one.
    """
    if database.obj is not None and getattr(database.obj, 'amigo_url', None) == url:
        return
    scheme = urlsplit(url).scheme
    if scheme == 'sqlite':
        opened: Any = _Sqlite(
            url.removeprefix('sqlite:///'),
            pragmas=SQLITE_PRAGMAS,
            lock_type='IMMEDIATE',  # a deferred transaction fails at once when two of them write (SECURITY §0.3)
            check_same_thread=False,
            max_connections=connections,
            timeout=5,
            autoconnect=False,
        )
        opened.register_function(_fold, 'folded', 1, deterministic=True)  # SQLite's own lower() knows no Cyrillic
    elif scheme in {'postgresql', 'postgres'}:
        opened = _Postgres(
            prefer_psycopg3=True,
            max_connections=connections,
            stale_timeout=300,
            timeout=5,
            autoconnect=False,
            options=POSTGRES_OPTIONS,
            **parse(url),
        )
    else:
        raise ValueError(f'AMIGO_DATABASE_URL: unknown scheme {scheme!r}; use sqlite:/// or postgresql://')
    opened.amigo_url = url
    database.initialize(opened)


def is_postgres() -> bool:
    """Tell which of the two databases this process works on."""
    return isinstance(database.obj, PooledPostgresqlDatabase)


def insert_rows(model: type[BaseModel], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of values as the database holds them (kopecks, naive UTC), all by one prepared statement."""
    names = ', '.join(f'"{column}"' for column in columns)
    marks = ', '.join([database.param] * len(columns))
    table = model.table_name()
    database.execute_many(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608 - names of our own


def next_ids(model: type[BaseModel], count: int) -> list[int]:
    """Return the ids of so many rows that are about to be inserted, rising; on SQLite only whoever writes may ask."""
    table = model.table_name()
    if is_postgres():
        sql = 'SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)'
        return sorted(row[0] for row in database.execute_sql(sql, (f'"{table}"', 'id', count)).fetchall())
    ((last,),) = raw_rows(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"')  # noqa: S608 - the name of a table of ours
    return list(range(last + 1, last + 1 + count))


@contextmanager
def snapshot() -> Iterator[None]:
    """Read all tables as they are at one instant, whatever others commit meanwhile; for reading only.

    Inside a transaction that is there already nothing is added to what it sees.
    """
    if database.in_transaction():
        yield
        return
    with database.atomic(isolation_level='REPEATABLE READ') if is_postgres() else database.atomic('DEFERRED'):
        yield


def raw_rows(sql: str, *values: Any) -> list[Any]:
    """Return the rows of a query with `?` for each value as the database gives them: they become no objects."""
    return list(database.execute_sql(sql.replace('?', database.param), values).fetchall())


def stream(sql: str) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a query as the database gives them, a few at a time; inside `snapshot` or a transaction."""
    with database_errors:
        cursor = database.connection().cursor(*(['stream'] if is_postgres() else []))
        try:
            cursor.execute(sql)
            while rows := cursor.fetchmany(2000):
                yield from rows
        finally:
            cursor.close()


def rows_of(model: type[BaseModel]) -> Iterator[tuple[Any, ...]]:
    """Return all rows of a table as the database gives them, a few at a time; where `stream` may be called."""
    names = ', '.join(f'"{column}"' for column in model.columns())
    yield from stream(f'SELECT {names} FROM "{model.table_name()}" ORDER BY id')  # noqa: S608 - names of our own


def size() -> int:
    """Return how many bytes the database takes."""
    if is_postgres():
        ((count,),) = raw_rows('SELECT pg_database_size(current_database())')
    else:
        ((count,),) = raw_rows('SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()')
    return int(count)


def scrub() -> None:
    """Empty SQLite's write-ahead log, where old copies of changed rows stand; nothing inside a transaction.

    PostgreSQL keeps row versions until its vacuum comes by, and says so in docs/operations.md.
    """
    if not is_postgres() and not database.in_transaction():
        database.execute_sql('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()


_CAPITALS = 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЎё'
_SMALL = 'абвгдеежзийклмнопрстуфхцчшщъыьэюяіўе'


def folded(column: Any) -> Any:
    """Return a text column in small letters, ё as е, whatever language the database was set up with."""
    return fn.translate(fn.lower(column), _CAPITALS, _SMALL) if is_postgres() else fn.folded(column)


def _fold(text: str | None) -> str | None:
    return None if text is None else text.lower().replace('ё', 'е')
