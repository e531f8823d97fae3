"""What every test stands on: settings of its own, two databases, a clock that stops on demand.

- `db`: one connection in a transaction that is rolled back. Services called directly; SQLite and PostgreSQL.
- `committed_db`: a fresh copy with real commits, for threads, page tests and races; no connection is left open.
- `empty_db`: the same without towns and catalogue.
Each has the towns, the catalogue and the promo codes of the demo, and no people: those come from tests/cast.py and
tests/factories.py. `@pytest.mark.at('2026-12-01 00:30')` stops the clock at that minute in Minsk.
"""

import atexit
import base64
import itertools
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(tempfile.mkdtemp(prefix='amigo-tests-'))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

for name in [name for name in os.environ if name.startswith('AMIGO_')]:
    del os.environ[name]
os.environ.update(
    AMIGO_DEMO='1',
    AMIGO_DATA_DIR=str(FOLDER),
    AMIGO_BCRYPT_ROUNDS='4',
    AMIGO_DEMO_CAPTCHA='12345',
    AMIGO_SECRET_KEY='tests-' + 's' * 42,
    AMIGO_PEPPER='tests-' + 'p' * 42,
    AMIGO_FIELD_KEYS='1:' + base64.b64encode(b'k' * 32).decode(),
)

import pytest  # noqa: E402 - settings stand in the environment before anything reads them
import time_machine  # noqa: E402

from models.account import Entry  # noqa: E402
from models.base import database, open_database  # noqa: E402
from services import events  # noqa: E402
from services.accounts import invariants  # noqa: E402
from services.clock import MINSK  # noqa: E402
from services.events import Event  # noqa: E402
from services.offers import regions  # noqa: E402
from services.runner import THREADS, with_connection  # noqa: E402
from services.settings import Settings, _is_loopback, get_settings  # noqa: E402
from tests.cast import ada, anna, boris, olga, stranger, taras, vera  # noqa: E402, F401 - fixtures
from tests.databases import PostgresStore, SqliteStore, bound  # noqa: E402
from tests.postgres import Cluster, NoPostgres  # noqa: E402

Settings.model_config['env_file'] = None  # a developer's .env must not reach the tests


class NotHere(OSError):
    """Something wanted to speak to a host that is not this machine."""


def _only_this_machine(event: str, args: tuple[Any, ...]) -> None:
    """Stop a connection to anybody else before it begins: who is spoken to stands in docs/egress.yml."""
    host = {'socket.connect': lambda: args[1][0], 'socket.getaddrinfo': lambda: args[0]}.get(event, lambda: None)()
    if isinstance(host, str | bytes) and host not in HERE and not _is_loopback(str(host)):
        raise NotHere(f'{event} {host}')


HERE = {'', b'', 'localhost', b'localhost', '0.0.0.0', '::', 0}  # noqa: S104 - whom one may speak to
sys.addaudithook(_only_this_machine)

WORKER = os.environ.get('PYTEST_XDIST_WORKER', 'main')
_cluster_key = pytest.StashKey[Cluster]()
_numbers = itertools.count(1)


@dataclass
class Storage:
    """Where a test works: 'sqlite' or 'postgres', its address, and the facts recorded so far."""

    name: str
    url: str
    events: list[Event] = field(default_factory=list)


def pytest_configure(config):
    config.addinivalue_line('markers', "at(minute): stop the clock at this minute in Minsk, '2026-12-01 00:30'")
    config.addinivalue_line('markers', 'broken_books: breaks the books on purpose; nobody checks them afterwards')


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Start one PostgreSQL for all workers of xdist."""
    if _cluster_key not in node.config.stash:
        try:
            node.config.stash[_cluster_key] = Cluster.start()
        except NoPostgres as error:
            node.workerinput['no_postgres'] = str(error)
            return
    cluster = node.config.stash[_cluster_key]
    node.workerinput['postgres'] = (cluster.folder, cluster.owner)


def pytest_unconfigure(config):
    if _cluster_key in config.stash:
        config.stash[_cluster_key].stop()


@pytest.fixture(scope='session')
def cluster(pytestconfig):
    """The PostgreSQL of this session; missing, the test is skipped with the reason, and fails where CI=true."""
    given = getattr(pytestconfig, 'workerinput', {})
    reason = given.get('no_postgres')
    if 'postgres' in given:
        return Cluster(*given['postgres'])
    if reason is None:
        try:
            pytestconfig.stash[_cluster_key] = Cluster.start()
            return pytestconfig.stash[_cluster_key]
        except NoPostgres as error:
            reason = str(error)
    if os.environ.get('CI') == 'true':
        pytest.fail(f'PostgreSQL: {reason}')
    return pytest.skip(f'PostgreSQL: {reason}')


@pytest.fixture(scope='session')
def sqlite_store():
    folder = FOLDER / 'sqlite'
    folder.mkdir()
    return SqliteStore(folder)


@pytest.fixture(scope='session')
def postgres_store(cluster):
    return PostgresStore(cluster, WORKER)


@pytest.fixture(params=['sqlite', 'postgres'])
def store(request):
    """Databases to copy, on each of the two; a folder's conftest may override it to run on one."""
    return request.getfixturevalue(f'{request.param}_store')


@pytest.fixture(scope='session')
def _opened():
    """Connection pools of the rolled-back databases, by name; opened once."""
    pools = {}
    yield pools
    for pool in pools.values():
        pool.close_all()


@pytest.fixture(autouse=True)
def stopped_clock(request):
    """Stop the clock where the test is marked with `at`."""
    marker = request.node.get_closest_marker('at')
    if marker is None:
        yield
        return
    with time_machine.travel(datetime.fromisoformat(marker.args[0]).replace(tzinfo=MINSK), tick=False):
        yield


@pytest.fixture
def db(request, store, _opened, stopped_clock):
    """One connection in a transaction that is rolled back; services join it, `db.events` holds what they recorded."""
    before = database.obj
    if store.name not in _opened:
        database.obj = None
        open_database(store.copy('filled', 'rolled_back'), connections=THREADS + 2)
        _opened[store.name] = database.obj
    database.initialize(_opened[store.name])
    regions.forget()
    token = events.begin()
    try:
        with database.connection_context(), database.atomic() as transaction:
            yield Storage(store.name, database.obj.amigo_url, events._pending.get())
            _check_books(request)
            transaction.rollback()
    finally:
        events.collect(token)
        regions.forget()
        database.initialize(before)


def _check_books(request):
    """Whatever a test was about: if money moved in it, the books agree afterwards (SECURITY §2.4).

    Letters nobody sent are no fault here: tests jump over months and have no worker.
    """
    if request.node.get_closest_marker('broken_books') is None and Entry.select().exists():
        assert invariants.self_check(thorough=True, but=('I10 late',)) == []


@pytest.fixture
def committed_db(request, store, stopped_clock):
    """A fresh copy with real commits; the settings point to it, and no connection is open on this thread."""
    yield from _committed(request, store, 'filled')


@pytest.fixture
def empty_db(request, store, stopped_clock):
    """A fresh migrated database with nothing in it."""
    yield from _committed(request, store, 'empty')


def _committed(request, store, template):
    name = f'copy_{next(_numbers)}'
    url = store.copy(template, name)
    os.environ['AMIGO_DATABASE_URL'] = url
    get_settings.cache_clear()
    heard = []
    events.subscribe(heard.append)
    try:
        with bound(url):
            yield Storage(store.name, url, heard)
            with_connection(_check_books)(request)
    finally:
        events._subscribers.remove(heard.append)
        del os.environ['AMIGO_DATABASE_URL']
        get_settings.cache_clear()
        store.drop(name)


@pytest.fixture
def storage(request, store):
    """The database of this test, whichever kind it asked for; `db` when it asked for none."""
    kinds = ('committed_db', 'empty_db')
    return request.getfixturevalue(next((kind for kind in kinds if kind in request.fixturenames), 'db'))
