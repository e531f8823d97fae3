"""The books of the stand-in gateway: one SQLite file of its own.

No card number ever comes here: of a card only the brand and the last four digits are kept.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS checkouts (
    token TEXT PRIMARY KEY, request TEXT NOT NULL, tracking_id TEXT, notification_url TEXT,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, test INTEGER NOT NULL, attempts_left INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'finished', 'expired')),
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS checkouts_open ON checkouts (state, expires_at);
CREATE TABLE IF NOT EXISTS transactions (
    number INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, token TEXT REFERENCES checkouts, parent_uid TEXT,
    type TEXT NOT NULL, status TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, test INTEGER NOT NULL,
    tracking_id TEXT, description TEXT, message TEXT NOT NULL, code TEXT NOT NULL, brand TEXT, last_4 TEXT,
    form_key TEXT UNIQUE, wrong_codes INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, paid_at TEXT
);
CREATE INDEX IF NOT EXISTS transactions_token ON transactions (token);
CREATE INDEX IF NOT EXISTS transactions_parent ON transactions (parent_uid);
CREATE INDEX IF NOT EXISTS transactions_tracking ON transactions (tracking_id);
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, about TEXT NOT NULL, schedule TEXT NOT NULL, url TEXT NOT NULL, body BLOB NOT NULL,
    signature TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at TEXT, claimed_until TEXT, last_answer TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at);
CREATE TABLE IF NOT EXISTS overtaken (number INTEGER PRIMARY KEY REFERENCES deliveries);
CREATE TABLE IF NOT EXISTS requests (
    request_id TEXT PRIMARY KEY, at TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cards (
    token TEXT PRIMARY KEY, brand TEXT NOT NULL, last_4 TEXT NOT NULL, month INTEGER NOT NULL, year INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS transaction_cards (
    uid TEXT PRIMARY KEY REFERENCES transactions (uid), card_token TEXT, exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL
);
CREATE VIEW IF NOT EXISTS attempts AS
    SELECT t.*, c.card_token, c.exp_month, c.exp_year
    FROM transactions t LEFT JOIN transaction_cards c ON c.uid = t.uid;
CREATE TABLE IF NOT EXISTS claims (
    uid TEXT PRIMARY KEY, request TEXT NOT NULL, tracking_id TEXT, account_number TEXT NOT NULL,
    service_no TEXT NOT NULL, test INTEGER NOT NULL, notification_url TEXT,
    state TEXT NOT NULL DEFAULT 'permanent' CHECK (state IN ('permanent', 'canceled')),
    lock TEXT, locked_until TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS claims_account ON claims (service_no, account_number) WHERE state = 'permanent';
CREATE TABLE IF NOT EXISTS erip_payments (
    number INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, claim TEXT NOT NULL REFERENCES claims,
    amount INTEGER NOT NULL, test INTEGER NOT NULL, transaction_id TEXT NOT NULL UNIQUE, paid_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS faults (name TEXT PRIMARY KEY, times INTEGER NOT NULL, seconds REAL NOT NULL);
"""


class Store:
    """Opens a connection for each unit of work, so any thread and any process may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connect()
        try:
            connection.execute('PRAGMA journal_mode = WAL')
            connection.executescript(_SCHEMA)
        finally:
            connection.close()

    @contextmanager
    def work(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside one write transaction: committed at the end, undone on an exception."""
        connection = self._connect()
        try:
            connection.execute('BEGIN IMMEDIATE')
            try:
                yield connection
            except BaseException:
                connection.execute('ROLLBACK')
                raise
            connection.execute('COMMIT')
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute('PRAGMA foreign_keys = ON')
        return connection


def stamp(instant: datetime) -> str:
    """Return an aware time as bePaid writes it; such texts sort like the times."""
    return instant.astimezone(UTC).isoformat(timespec='milliseconds').replace('+00:00', 'Z')


def insert(db: sqlite3.Connection, table: str, **values: object) -> None:
    """Insert one row; the names come from this package, never from outside."""
    names = ', '.join(values)
    holes = ', '.join(f':{name}' for name in values)
    db.execute(f'INSERT INTO {table} ({names}) VALUES ({holes})', values)  # noqa: S608 - our own names only
