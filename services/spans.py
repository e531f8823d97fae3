"""A span of time as our documents write it: `500 ms`, `30 s`, `15 min`, `2 h`, `14 d`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {'ms': 'milliseconds', 's': 'seconds', 'min': 'minutes', 'h': 'hours', 'd': 'days'}


def _read(text: object) -> object:
    """Read `30 min`; anything else is left to pydantic to refuse."""
    found = re.fullmatch(r'(\d+) (ms|s|min|h|d)', text, re.ASCII) if isinstance(text, str) else None
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


Span = Annotated[timedelta, BeforeValidator(_read)]
