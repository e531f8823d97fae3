"""A call that is cut off: the database fails after the statement of a number, or at the commit, and what is kept is looked at.

Everything is really committed, in a database of its own; somebody else's connection looks.
"""

import hashlib
import itertools
import sqlite3
from contextlib import closing, contextmanager

import peewee
import psycopg
import pytest
import time_machine

from models.base import database
from models.user import SecondStep
from services import events
from services.files import store as pictures
from services.payments import payment_gateways
from tests.authz import world as worlds
from tests.authz.recipes import RECIPES
from tests.authz.tables import NAMES
from tests.databases import bound

NOON = '2026-11-25T12:00:00+03:00'
CONTROL = ('SAVEPOINT', 'RELEASE', 'ROLLBACK')
READING = ('SELECT', 'WITH', 'PRAGMA')
_numbers = itertools.count(1)


class CutOff(peewee.OperationalError):
    """The wire to the database is cut; nothing in the house catches it by name."""


class Onlooker:
    """Sees what everybody sees: a hash of the rows of each table."""

    def __init__(self, url):
        self._is_file = url.startswith('sqlite')
        self._wire = (
            sqlite3.connect(url.removeprefix('sqlite:///'), isolation_level=None)
            if self._is_file
            else psycopg.connect(url, autocommit=True)
        )
        rows = 'SELECT md5(string_agg(t::text, chr(10) ORDER BY id)) FROM "{0}" t'
        self._all = ' UNION ALL '.join(f'({rows.format(name)})' for name in NAMES)

    def look(self):
        """Return the hash of each table."""
        if not self._is_file:
            return dict(zip(NAMES, self._wire.execute(self._all).fetchall(), strict=True))
        return {name: self._hash(f'SELECT * FROM "{name}" ORDER BY id') for name in NAMES}  # noqa: S608 - tables of ours

    def _hash(self, query):
        return hashlib.sha256(repr(self._wire.execute(query).fetchall()).encode()).hexdigest()

    def close(self):
        """Look no more."""
        self._wire.close()


class Wire:
    """The statements of a call are counted, and it is cut after one of them. A commit is one, cut before it."""

    def __init__(self, *, at_reads):
        self._at_reads = at_reads
        self.count = self._first = 0
        self.is_cut = False

    def run(self, work, first):
        """Run a call and cut it after the statement of this number, or the next one that writes."""
        self.count, self._first, self.is_cut = 0, first, False
        with self._tapped():
            return work()

    @contextmanager
    def _tapped(self):
        opened = database.obj
        execute, commit = opened.execute_sql, opened.commit

        def execute_sql(sql, params=None):
            cursor = execute(sql, params)
            if not sql.startswith(CONTROL):
                self._count(writes=not sql.startswith(READING))
            return cursor

        def committed():
            self._count(writes=True)
            commit()

        opened.execute_sql, opened.commit = execute_sql, committed
        try:
            yield
        finally:
            del opened.execute_sql, opened.commit

    def _count(self, *, writes):
        self.count += 1
        if not self.is_cut and self.count >= self._first and (writes or self._at_reads):
            self.is_cut = True
            raise CutOff(f'after statement {self.count}')


class Stage:
    """A database with the world of the authority tests in it, copied for each play."""

    def __init__(self, store):
        self._store, self._name = store, f'world_{next(_numbers)}'
        with bound(store.copy('filled', self._name)), database.connection_context(), database.atomic():
            self._world = worlds.build()

    def close(self):
        """Remove the database."""
        self._store.drop(self._name)

    @contextmanager
    def play(self, entry, *, at_reads):
        """Prepare the call of a service in a fresh copy."""
        name = f'cut_{next(_numbers)}'
        url = self._store.copy(self._name, name)
        try:
            with bound(url):
                work = self._call(entry)
                with closing(Onlooker(url)) as onlooker:
                    yield Play(work, onlooker, Wire(at_reads=at_reads))
        finally:
            self._store.drop(name)

    def _call(self, entry):
        with database.connection_context(), database.atomic():
            given = RECIPES[entry.name](self._world)
        if entry.is_open:
            return lambda: entry.service(*given.args, **given.kwargs)
        actor = self._who_may(entry)
        return lambda: given.call(entry.service, actor)

    def _who_may(self, entry):
        """Return the first who is answered; the owner in a session that owes something where only such a one is."""
        people, owner = self._world.people, self._world.owner
        if entry.must_change == 'only':
            return worlds.must_change(owner)
        if entry.second_step == 'only':
            return worlds.half_open(owner, SecondStep.ASK)
        return next(people[name] for name in worlds.PEOPLE if not entry.refusal(name))


class Play:
    """One call in one database: what changed there, and what was told."""

    def __init__(self, work, onlooker, wire):
        self._work, self._onlooker, self._wire = work, onlooker, wire
        self._seen = onlooker.look()
        self.told = []

    def cut(self, first):
        """Cut the call; return the number of the statement it came to, 0 at its end, and the tables that changed."""
        events.subscribe(self.told.append)
        try:
            with database.connection_context():
                reached = self._reached(first)
        finally:
            events.unsubscribe(self.told.append)
        before, self._seen = self._seen, self._onlooker.look()
        return reached, {name for name in NAMES if before[name] != self._seen[name]}

    def _reached(self, first):
        try:
            self._wire.run(self._work, first)
        except CutOff:
            return self._wire.count
        assert not self._wire.is_cut, 'the cut was swallowed'
        return 0


@pytest.fixture(scope='module')
def stage_of(request, tmp_path_factory):
    """Return the stage on 'sqlite' or 'postgres', built when first asked for; the clock stands."""
    gateway, folder = payment_gateways.card_gateway, pictures.folder
    kept = tmp_path_factory.mktemp('pictures')
    payment_gateways.card_gateway, pictures.folder = worlds.gateway, lambda: kept
    built = {}

    def stage(kind):
        if kind not in built:
            built[kind] = Stage(request.getfixturevalue(f'{kind}_store'))
        return built[kind]

    try:
        with time_machine.travel(NOON, tick=False):
            yield stage
    finally:
        payment_gateways.card_gateway, pictures.folder = gateway, folder
        for each in built.values():
            each.close()
