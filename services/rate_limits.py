"""Limits on tries: counted in the database, so that a restart or a second process forgets nothing."""

import hashlib
from datetime import timedelta
from ipaddress import ip_address, ip_network

from models.base import database, is_postgres
from models.user import Attempt
from services.clock import now
from services.errors import too_many
from services.runner import transactional
from services.settings import get_settings

_LOCKS = 4096


@transactional
def spend(kind: str, key: str, *, most: int, window: timedelta) -> None:
    """Count one try of `kind` by `key`; many at the same moment get no more than one after another.

    Raises:
        TooManyRequests: `most` tries within `window` were made already; this one is not counted.
    """
    one_at_a_time(f'{kind}:{key}')
    refuse_if_spent(kind, key, most=most, window=window)
    Attempt.create(kind=kind, key=key[:128], at=now())


def refuse_if_spent(kind: str, key: str, *, most: int, window: timedelta) -> None:
    """Ask without counting: for what counts only the failures.

    Raises:
        TooManyRequests: `most` tries within `window` were made already.
    """
    if get_settings().demo_no_limits:
        return
    tries = Attempt.select().where((Attempt.kind == kind) & (Attempt.key == key[:128]) & (Attempt.at > now() - window))
    if tries.count() >= most:
        raise too_many(int(window.total_seconds() // 60))


@transactional
def take_back(kind: str, key: str) -> None:
    """Forget the newest try of a key: it was counted before it turned out to be no failure."""
    newest = Attempt.select().where((Attempt.kind == kind) & (Attempt.key == key[:128])).order_by(Attempt.id.desc())
    Attempt.delete().where(Attempt.id == newest.limit(1).scalar()).execute()


def one_at_a_time(*names: str) -> None:
    """Let nobody else count under these names until the transaction ends; SQLite has one writer anyway.

    Each place among the names has locks of its own: who always names them in the same order never waits in a circle.
    Names share a fixed number of locks.
    """
    if is_postgres():
        for place, name in enumerate(names):
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % _LOCKS
            database.execute_sql('SELECT pg_advisory_xact_lock(%s, %s)', (place + 1, number))


def network(address: str) -> str:
    """Return what one visitor is counted by: his IPv4 address, the /64 of his IPv6 (he holds all of it)."""
    try:
        is_six = ip_address(address).version == 6
    except ValueError:
        return address
    return str(ip_network(f'{address}/64', strict=False)) if is_six else address


@transactional
def forget(kind: str, key: str) -> None:
    """Forget the tries of a key: it succeeded."""
    Attempt.delete().where((Attempt.kind == kind) & (Attempt.key == key[:128])).execute()


@transactional
def sweep(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete counters nobody needs any more; returns how many."""
    return int(Attempt.delete().where(Attempt.at < now() - older_than).execute())
