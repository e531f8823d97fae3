"""Days as an employee types them about payments."""

from datetime import date

from services import field_rules
from services.errors import N_, InvalidField


def read_day(field: str, typed: object) -> date:
    """Return a day from `31.12.2026` or `2026-12-31`.

    Raises:
        InvalidField: it is none, or none of our time.
    """
    text = field_rules.rule('day').brought(typed)
    try:
        return _of_our_time(date.fromisoformat(text) if '.' not in text else _with_points(text))
    except ValueError as error:
        raise InvalidField(field, N_('Напишите дату так: 31.12.2026.')) from error


def _with_points(text: str) -> date:
    day, month, year = map(int, text.split('.'))
    return date(year, month, day)


def _of_our_time(day: date) -> date:
    if not 2000 <= day.year <= 2999:  # the ends of the calendar have no midnight in another zone
        raise ValueError(day)
    return day
