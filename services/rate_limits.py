"""Limits on tries: counted in the database, so that a restart or a second process forgets nothing."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from models.user import Attempt
from services.clock import now
from services.errors import TooManyRequests
from services.runner import transactional
from services.settings import get_settings


@transactional
def spend(kind: str, key: str, *, most: int, window: timedelta) -> None:
    """Count one try of `kind` by `key`.

    Raises:
        TooManyRequests: `most` tries within `window` were made already; this one is not counted.
    """
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
        raise TooManyRequests(minutes=max(1, int(window.total_seconds() // 60)))


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
