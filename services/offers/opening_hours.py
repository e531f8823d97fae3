"""When an office is open: its hours as people wrote them, read into a week, and asked about a moment."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.clock import MINSK, local
from services.work_calendar import is_holiday

DAYS = ('пн', 'вт', 'ср', 'чт', 'пт', 'сб', 'вс')
LOOKED_AHEAD = timedelta(days=14)
"""No office rests longer: beyond it we do not say when it opens."""
_TIMES = re.compile(r'(\d\d?)[:.](\d\d)\s*[–—-]\s*(\d\d?)[:.](\d\d)')
_PART = re.compile(r'(?P<days>[а-яё, –—-]+?)\s*(?P<times>\d.*)')
_SPAN = re.compile(r'([а-я][а-я])(?:\s*[–—-]\s*([а-я][а-я]))?')
BREAK, EVERY_DAY = 'обед', 'ежедневно'

Hours = tuple[time, time]


@dataclass(frozen=True)
class OpenNow:
    """What an office is doing: `changes_at` is when it closes or opens next, None when that is far off."""

    is_open: bool
    is_break: bool = False
    changes_at: datetime | None = None


@dataclass(frozen=True)
class Week:
    """The hours of each day, Monday first (None: closed all day), and the daily break."""

    days: tuple[Hours | None, ...]
    rest: Hours | None = None

    def at(self, instant: datetime) -> OpenNow:
        """Tell whether it is open at an instant; public holidays of Belarus are days off."""
        here = local(instant)
        hours = self._of(here.date())
        if hours and _stands(here, hours):
            if self.rest and _stands(here, self.rest):
                return OpenNow(is_open=False, is_break=True, changes_at=_on(here.date(), self.rest[1]))
            closes = self.rest[0] if self.rest and here.time() < self.rest[0] < hours[1] else hours[1]
            return OpenNow(is_open=True, changes_at=_on(here.date(), closes))
        return OpenNow(is_open=False, changes_at=self._next(here))

    def _of(self, day: date) -> Hours | None:
        return None if is_holiday(day) else self.days[day.weekday()]

    def _next(self, here: datetime) -> datetime | None:
        day = here.date()
        while day <= here.date() + LOOKED_AHEAD:
            hours = self._of(day)
            if hours and _on(day, hours[0]) > here:
                return _on(day, hours[0])
            day += timedelta(days=1)
        return None


@dataclass
class _Reading:
    days: list[Hours | None] = field(default_factory=lambda: [None] * len(DAYS))
    rest: Hours | None = None


def read_hours(text: str) -> Week | None:
    """Return the week behind «Пн–Пт 9:00–20:00, Сб 10:00–16:00, обед 13:00–14:00»; None when it cannot be read."""
    reading = _Reading()
    parts = [part.strip() for part in re.split(r'(?<=\d\d)\s*[,;]\s*', text.lower()) if part.strip()]
    if not parts or not all(_take(part, reading) for part in parts) or not any(reading.days):
        return None
    return Week(tuple(reading.days), reading.rest)


def _take(part: str, reading: _Reading) -> bool:
    found = _PART.fullmatch(part)
    hours = _hours(found['times']) if found else None
    if not found or not hours:
        return False
    if found['days'] == BREAK:
        reading.rest = hours
        return True
    chosen = _days(found['days'])
    for day in chosen:
        reading.days[day] = hours
    return bool(chosen)


def _hours(text: str) -> Hours | None:
    found = _TIMES.fullmatch(text)
    if not found:
        return None
    try:
        opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        return None
    return (opens, closes) if opens < closes else None


def _days(text: str) -> list[int]:
    if text == EVERY_DAY:
        return list(range(len(DAYS)))
    chosen: list[int] = []
    for part in text.split(','):
        span = _SPAN.fullmatch(part.strip())
        if not span or span[1] not in DAYS or (span[2] or span[1]) not in DAYS:
            return []
        chosen += range(DAYS.index(span[1]), DAYS.index(span[2] or span[1]) + 1)
    return chosen


def _stands(here: datetime, hours: Hours) -> bool:
    return hours[0] <= here.time() < hours[1]


def _on(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=MINSK)
