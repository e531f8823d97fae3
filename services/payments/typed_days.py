"""Days as an employee types them about payments."""

import re
from datetime import date

from services import field_rules
from services.errors import N_, InvalidField


def read_day(field: str, typed: object) -> date:
    """Return a day from `31.12.2026` or `2026-12-31`.

    Raises:
        InvalidField: it is none.
    """
    text = field_rules.rule('day').brought(typed)
    match = re.fullmatch(r'(\d{1,2})\.(\d{1,2})\.(\d{4})', text, re.ASCII)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidField(field, N_('Напишите дату так: 31.12.2026.')) from error
