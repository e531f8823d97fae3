"""`make bench-billing`: the monthly run over a whole town, measured against what it cannot beat and what it must beat.

The run is a process of its own, as in production; the site answers meanwhile in another one.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault('AMIGO_DEMO', '1')
os.environ.setdefault('AMIGO_SECRET_KEY', 'bench-' + 's' * 42)
os.environ.setdefault('AMIGO_BCRYPT_ROUNDS', '4')

import httpx
from peewee import fn

from models.account import PeriodCharge
from models.base import database, open_database
from models.contract import Contract
from models.user import Role, User
from services import demo
from services.accounts import billing_run, invariants, ledger
from services.clock import today
from services.identity import sessions
from services.settings import Settings, get_settings
from tests.bench import baselines, town
from tests.databases import PostgresStore, SqliteStore, bound
from tests.postgres import Cluster
from tests.server import ROOT, running

ROW_BY_ROW = 500
"""Contracts charged row by row: enough to tell how long one takes."""
IDLE = 40
"""Seconds the idle site is asked."""
PAUSE = 0.6  # a session may open two pages a second (pages_of_session in docs/limits.yml)


def run(url):
    """Do the run in this process and print what it took: called as a process of its own."""
    open_database(url, connections=4)
    with database.connection_context():
        begun = time.perf_counter()
        count = billing_run.run_month(today().replace(day=1))
        seconds = time.perf_counter() - begun
    peak = _peak()
    print(json.dumps({'count': count, 'seconds': seconds, 'peak_mb': peak}))


def _peak():
    """Return the most memory this process has held, MB; getrusage would count that of whoever started it, too."""
    status = Path('/proc/self/status').read_text('ascii')
    return int(re.search(r'VmHWM:\s+(\d+) kB', status)[1]) // 1024


def bench(store, count):
    """Measure one database and print its figures."""
    print(f'{store.name}: {count} contracts')
    url = store.copy('filled', 'town')
    with bound(url), database.connection_context():
        town.build(count)
        ledger.own_account('revenue')
        before = baselines.marks()
        if store.name == 'postgres':
            database.execute_sql('ANALYZE')
    copies = {name: _copied(store, 'town', name) for name in ('bare', 'rows')}
    with _site(url) as asked:
        idle = _p95(asked, lambda: time.sleep(IDLE))
        outcome = {}
        busy = _p95(asked, lambda: outcome.update(_run_apart(url)))
    with bound(url), database.connection_context():
        faults = invariants.self_check(thorough=False, but=('I10',))
        taken = baselines.take(before)
    with bound(copies['bare']), database.connection_context():
        bare = baselines.insert_bare(taken)
    with bound(copies['rows']), database.connection_context():
        month = today().replace(day=1)
        ids = [row.id for row in billing_run.due(month).order_by(fn.RANDOM()).limit(ROW_BY_ROW)]
        each = baselines.charge_row_by_row(ids, month) / len(ids)
    _tell(outcome, taken, bare, each, idle, busy, faults)


def _tell(outcome, taken, bare, each, idle, busy, faults):
    seconds, count = outcome['seconds'], outcome['count']
    rows = {model.table_name(): len(rows) for model, (_, rows) in taken.items()}
    print(f'  {count} charged in {seconds:.1f} s: {count / seconds:.0f} contracts/s; rows written: {rows}')
    print(f'  bare executemany of the same rows: {bare:.1f} s; the run takes {seconds / bare:.1f} times as long (≤ 10)')
    print(f'  row by row: {1 / each:.0f} contracts/s; the run is {each * count / seconds:.1f} times as fast (≥ 10)')
    print(f'  peak memory of the run: {outcome["peak_mb"]} MB (≤ 300)')
    print(f'  p95 of /my/index: idle {idle:.0f} ms, during the run {busy:.0f} ms: {busy / idle:.1f} times (≤ 2)')
    print(f'  the books agree: {not faults} {faults[:3]}', flush=True)


def _copied(store, source, name):
    """Copy a database as it is now."""
    if store.name == 'postgres':
        store._cluster.create(store._full(name), store._full(source))
        return store.url(name)
    with bound(store.url(source)), database.connection_context():
        database.execute_sql('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()
    return store.copy(source, name)


def _run_apart(url):
    done = subprocess.run(
        [sys.executable, '-m', 'tests.bench.billing', '--run', url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _site(url):
    """Start the site on this database and give a question to it: a subscriber's first page; returns milliseconds."""
    settings = {'DATABASE_URL': url, 'SECRET_KEY': os.environ['AMIGO_SECRET_KEY']}
    with bound(url), database.connection_context():
        contract = Contract.get(Contract.number == '100001')
        owner = User.get_by_id(contract.subscriber.user_id)
        token = sessions.open_session(
            owner, Role.SUBSCRIBER, address='127.0.0.1', agent='bench', contract_id=contract.id
        )
    folder = Path(tempfile.mkdtemp(prefix='amigo-bench-'))
    try:
        with running(folder, **settings) as server, httpx.Client(cookies={'sid': token}) as client:

            def ask():
                begun = time.perf_counter()
                answer = client.get(f'{server.url}/my/index', timeout=30)
                if 'data-balance' not in answer.text:
                    raise SystemExit(f'/my/index: {answer.status_code} {answer.text[:300]}')
                return (time.perf_counter() - begun) * 1000

            yield ask
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _p95(ask, work):
    """Ask again and again while the work goes on."""
    thread = threading.Thread(target=work)
    thread.start()
    taken = []
    while thread.is_alive():
        taken.append(ask())
        time.sleep(PAUSE)
    thread.join()
    return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--contracts', type=int, default=100_000)
    parser.add_argument('--database', choices=('sqlite', 'postgres', 'both'), default='both')
    parser.add_argument('--run', help='do the run itself on this address')
    wanted = parser.parse_args()
    if wanted.run:
        run(wanted.run)
        return
    Settings.model_config['env_file'] = None
    folder = Path(tempfile.mkdtemp(prefix='amigo-bench-'))
    os.environ['AMIGO_DATA_DIR'] = str(folder)
    get_settings.cache_clear()
    try:
        if wanted.database != 'postgres':
            bench(_with_people(SqliteStore(folder)), wanted.contracts)
        if wanted.database != 'sqlite':
            cluster = Cluster.start()
            try:
                bench(_with_people(PostgresStore(cluster, 'bench')), wanted.contracts)
            finally:
                cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _with_people(store):
    """Put the cast of the demo into the template: one of them asks the site."""
    empty = store.copy('empty', 'people')
    with bound(empty), database.connection_context():
        demo.fill_if_empty()
        assert not PeriodCharge.select().where(PeriodCharge.month > today()).exists()
    return _Renamed(store)


class _Renamed:
    """A store whose template is the one with people."""

    def __init__(self, store):
        self._store, self.name = store, store.name

    def __getattr__(self, name):
        return getattr(self._store, name)

    def copy(self, template, name):
        """Copy; what was 'filled' is the one with people here."""
        if template != 'filled':
            return self._store.copy(template, name)
        return _copied(self._store, 'people', name)


if __name__ == '__main__':
    main()
