"""The only place that knows what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MINSK = ZoneInfo('Europe/Minsk')
_rehearsed: ContextVar[datetime | None] = ContextVar('rehearsed', default=None)


def now() -> datetime:
    """Return this instant as an aware UTC datetime."""
    return _rehearsed.get() or datetime.now(UTC)


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Let whoever runs here believe that it is this instant, nobody else: for a rehearsal on a copy of the data."""
    token = _rehearsed.set(instant)
    try:
        yield
    finally:
        _rehearsed.reset(token)


def today() -> date:
    """Return today's date in Minsk: billing periods and visits live in that calendar."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """Return the same instant on a Minsk wall clock."""
    return instant.astimezone(MINSK)


def midnight(day: date) -> datetime:
    """Return the instant at which the given Minsk day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=MINSK).astimezone(UTC)
