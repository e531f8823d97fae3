"""The database of this process and the base of every table."""

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
    'cache_size': -32000,
    'temp_store': 2,
}
POSTGRES_OPTIONS = '-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000'


class BaseModel(Model):
    """A row with an id. Queries open no connection by themselves: on the event loop they are an error."""

    id = AutoField()

    class Meta:
        database = database
        legacy_table_names = False


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
        opened: Any = PooledSqliteDatabase(
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
        opened = PooledPostgresqlDatabase(
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


_CAPITALS = 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЎё'
_SMALL = 'абвгдеежзийклмнопрстуфхцчшщъыьэюяіўе'


def folded(column: Any) -> Any:
    """Return a text column in small letters, ё as е, whatever language the database was set up with."""
    return fn.translate(fn.lower(column), _CAPITALS, _SMALL) if is_postgres() else fn.folded(column)


def _fold(text: str | None) -> str | None:
    return None if text is None else text.lower().replace('ё', 'е')
