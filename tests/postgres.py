"""A PostgreSQL of the tests' own: Debian's binaries, a socket in a temporary folder, no fsync, gone at the end."""

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

PATIENCE = 30


class NoPostgres(Exception):
    """PostgreSQL cannot be had here; the text says why."""


class Cluster:
    """One server for a whole test session; workers of xdist attach to the folder of its socket."""

    def __init__(self, folder, owner, process=None):
        self.folder, self.owner, self._process = folder, owner, process

    @classmethod
    def start(cls):
        """Make a cluster and wait until it answers; root hands it to an unprivileged user."""
        binaries = _binaries()
        folder = Path(tempfile.mkdtemp(prefix='amigo-pg-', dir='/tmp'))
        owner, prefix = _unprivileged(folder)
        subprocess.run(
            [*prefix, binaries / 'initdb', '--pgdata', folder / 'data', '--auth', 'trust', '--username', 'postgres',
             '--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync', '--no-instructions'],
            check=True, stdout=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        with (folder / 'log').open('w') as log:
            process = subprocess.Popen(
                [*prefix, binaries / 'postgres', '-D', folder / 'data', '-k', folder, '-c', 'listen_addresses=',
                 '-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off',
                 '-c', 'max_connections=120', '-c', 'shared_buffers=64MB', '-c', 'autovacuum=off'],
                stdout=log, stderr=log, cwd=folder,
            )  # fmt: skip
        cluster = cls(str(folder), owner, process)
        cluster._wait()
        return cluster

    def _wait(self):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._admin().close()
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    log = (Path(self.folder) / 'log').read_text(encoding='utf-8')
                    self.stop()
                    raise NoPostgres(f'the server did not start: {log}') from error
                time.sleep(0.05)
            else:
                return

    def stop(self):
        """End the server by its id and remove its folder."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown: does not wait for clients
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name):
        """Return the address of a database as the settings take it."""
        return f'postgresql://postgres@/{name}?host={self.folder}'

    def create(self, name, template='template0'):
        """Make a database, as a copy of another one if named."""
        statement = sql.SQL('CREATE DATABASE {} TEMPLATE {}').format(sql.Identifier(name), sql.Identifier(template))
        self._run(statement)

    def drop(self, name):
        """Remove a database, whoever is still connected."""
        self._run(sql.SQL('DROP DATABASE IF EXISTS {} WITH (FORCE)').format(sql.Identifier(name)))

    def _run(self, statement):
        with self._admin() as connection:
            connection.execute(statement)

    def _admin(self):
        return psycopg.connect(host=self.folder, user='postgres', dbname='postgres', autocommit=True)


def _binaries():
    found = [Path(path) for path in Path('/usr/lib/postgresql').glob('*/bin') if (path / 'initdb').exists()]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    on_path = shutil.which('initdb')
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgres('no initdb in /usr/lib/postgresql/*/bin nor on PATH (Debian: apt-get install postgresql)')


def _unprivileged(folder):
    """Return the owner of the cluster and how to start programs as him: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return getpass.getuser(), []
    setpriv = shutil.which('setpriv')
    if setpriv is None:
        raise NoPostgres('root needs setpriv (util-linux) to start PostgreSQL as another user')
    name = next((name for name in ('postgres', 'nobody') if _exists(name)), None)
    if name is None:
        raise NoPostgres('root needs a user postgres or nobody to start PostgreSQL as')
    who = pwd.getpwnam(name)
    os.chown(folder, who.pw_uid, who.pw_gid)
    # The server also ends when the tests are killed without a chance to clean up.
    return name, [setpriv, f'--reuid={name}', f'--regid={who.pw_gid}', '--clear-groups', '--pdeathsig=INT']


def _exists(name):
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
