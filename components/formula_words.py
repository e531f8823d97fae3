"""Formulas of lines in the visitor's language: they are kept in Russian, as they were counted and shown."""

import re

from components.i18n import language
from services.errors import N_
from services.i18n import translate
from services.i18n.booked_words import SUM, said

_PIECES = (
    (re.compile(rf'(?P<sum>{SUM}) вместо (?P<sum_usual>{SUM})'), N_('{sum} вместо {sum_usual}')),
    (re.compile(r'(?P<count>\d+) МБ'), N_('{count} МБ')),
    (re.compile(r'(?P<left>\d+) из (?P<days>\d+) дней'), N_('{left} из {days} дней')),
)
_ANY = re.compile(rf'{SUM} вместо {SUM}|\d+ МБ|\d+ из \d+ дней|{SUM}')


def formula(text: str, *, into: str = '') -> str:
    """Return a formula («29,90 р. × 10 из 30 дней») in a language; words it does not know stay as they are."""
    into = into or language()
    if into == 'ru':
        return text
    whole = translate(into, text)  # the name of a device stands for a formula where its installation is paid
    return whole if whole != text else _ANY.sub(lambda piece: _piece(piece[0], into), text)


def _piece(words: str, into: str) -> str:
    for pattern, template in _PIECES:
        if found := pattern.fullmatch(words):
            facts = {hole: said(hole, figures, into) for hole, figures in found.groupdict().items()}
            return translate(into, template).format(**facts)
    return said('sum', words, into)
