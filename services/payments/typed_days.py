"""Days as an employee types them about payments."""

from datetime import date

from services import field_rules
from services.errors import N_, InvalidField


def read_day(field: str, typed: object) -> date:
    """Return a day from `31.12.2026` or `2026-12-31`.

    Raises:
        InvalidField: it is none.
    """
    text = field_rules.rule('day').brought(typed)
    try:
        if '.' not in text:
            return date.fromisoformat(text)
        day, month, year = map(int, text.split('.'))
        return date(year, month, day)
    except ValueError as error:
        raise InvalidField(field, N_('Напишите дату так: 31.12.2026.')) from error
