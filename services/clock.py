"""The only place that knows what time it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

MINSK = ZoneInfo('Europe/Minsk')


def now() -> datetime:
    """Return this instant as an aware UTC datetime."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in Minsk: billing periods and visits live in that calendar."""
    return local(now()).date()


def local(instant: datetime) -> datetime:
    """Return the same instant on a Minsk wall clock."""
    return instant.astimezone(MINSK)


def midnight(day: date) -> datetime:
    """Return the instant at which the given Minsk day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=MINSK).astimezone(UTC)
