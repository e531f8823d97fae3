"""Migrated databases to copy: empty ones, and ones with the towns and the catalogue of the demo."""

import shutil
import threading
from contextlib import contextmanager

from models.base import database, open_database
from services import migration, runner
from services.demo import catalogue, places
from services.offers import regions


@contextmanager
def bound(url):
    """Bind the models to a database for a while and close all its connections when no service works there any more."""
    before, database.obj = database.obj, None
    open_database(url, connections=runner.THREADS + 2)
    opened = database.obj
    regions.forget()
    try:
        yield
    finally:
        _wait_for_services()
        regions.forget()
        opened.close_all()
        database.initialize(before)


def _wait_for_services():
    """Meet every thread of the services at a gate: closing a connection under a running query ends Python itself."""
    for threads in (runner._executor, runner._outside):
        gate = threading.Barrier(runner.THREADS + 1, timeout=60)
        for _ in range(runner.THREADS):
            threads.submit(gate.wait)
        gate.wait()


def _migrate():
    migration.migrate()


def _fill():
    with database.connection_context(), database.atomic():
        places.fill()
        catalogue.fill()


class SqliteStore:
    """Databases as files of one folder."""

    name = 'sqlite'

    def __init__(self, folder):
        self._folder = folder
        self._build('empty', _migrate)
        shutil.copy(self._file('empty'), self._file('filled'))
        self._build('filled', _fill)

    def _file(self, name):
        return self._folder / f'{name}.db'

    def url(self, name):
        """Return the address of a database as the settings take it."""
        return f'sqlite:///{self._file(name)}'

    def _build(self, name, work):
        with bound(self.url(name)):
            work()

    def copy(self, template, name):
        """Make a database from 'empty' or 'filled' and return its address."""
        shutil.copy(self._file(template), self._file(name))
        return self.url(name)

    def drop(self, name):
        """Remove a copy with what SQLite keeps beside it."""
        for path in self._folder.glob(f'{name}.db*'):
            path.unlink()


class PostgresStore:
    """Databases of the tests' cluster; names begin with the worker's."""

    name = 'postgres'

    def __init__(self, cluster, worker):
        self._cluster, self._worker = cluster, worker
        cluster.create(self._full('empty'))
        self._build('empty', _migrate)
        cluster.create(self._full('filled'), self._full('empty'))
        self._build('filled', _fill)

    def _full(self, name):
        return f'{self._worker}_{name}'

    def url(self, name):
        """Return the address of a database as the settings take it."""
        return self._cluster.url(self._full(name))

    def _build(self, name, work):
        with bound(self.url(name)):
            work()

    def copy(self, template, name):
        """Make a database from 'empty' or 'filled' and return its address."""
        self._cluster.create(self._full(name), self._full(template))
        return self.url(name)

    def drop(self, name):
        """Remove a copy."""
        self._cluster.drop(self._full(name))
