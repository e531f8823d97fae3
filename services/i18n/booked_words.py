"""What is kept in Russian as it was booked, said in another language: a text that has one of the known shapes.

The books are not touched: their texts are what a person was shown and what the chain of operations is counted from.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date

from babel.dates import format_date

from services.i18n import SHORT_DATES, translate
from services.quotes.monthly import MONTHS

Shape = tuple[re.Pattern[str], str]
"""How a text looks, and its template for the catalogues. A group has the name of its hole, which says what stands
there: `sum…`, `day…`, `month…`, words (`name`, `what`), or a figure."""
SUM = r'\d+(?:,\d+)? р\.'
DAY = r'\d\d\.\d\d\.\d{4}'
MONTH = rf'(?:{"|".join(MONTHS)}) \d{{4}}'


def in_shape(text: str, shapes: Iterable[Shape], into: str) -> tuple[str, str] | None:
    """Return how the text begins, in another language, and its rest; None when it has none of these shapes."""
    for pattern, template in shapes:
        if found := pattern.match(text):
            facts = {hole: said(hole, words or '', into) for hole, words in found.groupdict().items()}
            return translate(into, template).format(**facts), text[found.end() :]
    return None


def said(hole: str, words: str, into: str) -> str:
    """Return what stands in a hole in another language; what cannot be read stays as it is."""
    way = _WAYS.get(hole.partition('_')[0])
    return way(words, into) if way and words else words


def point(figure: str, into: str) -> str:
    """Return `29,90` as the language writes it."""
    return figure.replace(',', '.') if into == 'en' else figure


def _sum(words: str, into: str) -> str:
    return f'{point(words.removesuffix(" р."), into)} {"BYN" if into == "en" else "р."}'


def _day(words: str, into: str) -> str:
    try:
        day = date(*map(int, reversed(words.split('.'))))
    except ValueError:
        return words
    return format_date(day, SHORT_DATES[into], locale=into)


def _month(words: str, into: str) -> str:
    name, year = words.split()
    return format_date(date(int(year), MONTHS.index(name) + 1, 1), 'LLLL y', locale=into)


def _name(words: str, into: str) -> str:
    return translate(into, words)


_WAYS: dict[str, Callable[[str, str], str]] = {
    'sum': _sum,
    'day': _day,
    'month': _month,
    'name': _name,
    'what': _name,
}
