"""The database of this process and the base of every table."""

from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from peewee import AutoField, DatabaseProxy, Model, fn
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
        for value in params or ():
            if not _is_storable(value):
                raise Unstorable(f'{type(value).__name__} in: {sql[:200]}')
        return super().execute_sql(sql, params)  # type: ignore[misc]  # the database it is mixed into


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
