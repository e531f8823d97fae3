"""Search by what a person types: every word must occur somewhere, capitals and ё do not matter."""

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from models.base import folded
from services import limits

LONGEST, MOST_WORDS = limits.count('search_letters'), limits.count('search_words')


def matches(text: object, columns: Sequence[Any], numbers: Sequence[Any] = ()) -> Any | None:
    """Return the Peewee condition that every word of `text` occurs in a column; None when nothing was typed.

    Args:
        columns: where words are looked for, anywhere inside.
        numbers: columns of digits (phones, contract numbers): a text of digits, spaces and brackets is looked for there
            as one number, so that «029 111-22-33» finds +375291112233.

    `%` and `_` are ordinary characters here. A text of another type, or one that is too long, finds what its
    beginning finds: a search has nothing to complain about.
    """
    typed = text[:LONGEST].strip() if isinstance(text, str) else ''
    if not typed:
        return None
    words = [_any_of(columns, word) for word in typed.replace('\0', ' ').split()[:MOST_WORDS]]
    found = reduce(and_, words) if words else None
    digits = _digits(typed)
    if digits and numbers:
        by_number = reduce(or_, (column.contains(digits) for column in numbers))
        return by_number if found is None else found | by_number
    return found


def _any_of(columns: Sequence[Any], word: str) -> Any:
    folded_word = word.lower().replace('ё', 'е')
    return reduce(or_, (folded(column).contains(folded_word) for column in columns))


def _digits(typed: str) -> str:
    """Return the digits of a text that is nothing but a number; the inland prefix 80 becomes the country's 375."""
    if any(not c.isascii() or c not in '+0123456789 ()-' for c in typed):
        return ''
    digits = ''.join(c for c in typed if c.isdigit())
    if len(digits) >= 4 and digits.startswith('80'):
        return '375' + digits[2:]
    if len(digits) >= 7 and digits.startswith('0'):
        return digits[1:]
    return digits if len(digits) >= 2 else ''
