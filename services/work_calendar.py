"""When the house works: call-backs and visits know Sundays and the public holidays of Belarus."""

from datetime import date, datetime, time, timedelta

from services.clock import MINSK, local

OPENS, CLOSES = 9, 20
"""Working hours of the operators on a Minsk wall clock (DOMAIN §6.6)."""

SUNDAY = 6
LONGEST_WAIT = 100_000
"""Working minutes after which nobody counts any further."""

FIXED_HOLIDAYS = frozenset({(1, 1), (1, 2), (1, 7), (3, 8), (5, 1), (5, 9), (7, 3), (11, 7), (12, 25)})
"""Public holidays that have the same (month, day) every year (DOMAIN §4.4)."""

MOVING_HOLIDAYS = frozenset(
    {date(2026, 4, 20), date(2026, 4, 21), date(2027, 5, 11), date(2028, 4, 25), date(2029, 4, 17), date(2030, 5, 7)}
)
"""Radunitsa (the ninth day after Orthodox Easter) to 2030, and days off moved by a yearly act: 20.04.2026."""


def is_holiday(day: date) -> bool:
    """Tell whether the day is a public holiday of Belarus."""
    return (day.month, day.day) in FIXED_HOLIDAYS or day in MOVING_HOLIDAYS


def is_working_day(day: date) -> bool:
    """Tell whether operators and technicians work on this day: Monday to Saturday, no public holiday."""
    return day.weekday() != SUNDAY and not is_holiday(day)


def instant(day: date, hour: int) -> datetime:
    """Return the moment at which a Minsk clock strikes this hour on this day."""
    return datetime.combine(day, time(hour), tzinfo=MINSK)


def working_minutes(start: datetime, end: datetime) -> int:
    """Return how many working minutes lie between two instants; 0 when the second is not later."""
    day, total = local(start).date(), 0
    while day <= local(end).date() and total < LONGEST_WAIT:
        if is_working_day(day):
            spent = min(end, instant(day, CLOSES)) - max(start, instant(day, OPENS))
            total += max(0, int(spent.total_seconds() // 60))
        day += timedelta(days=1)
    return total
