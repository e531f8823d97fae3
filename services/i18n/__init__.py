"""Translations: Russian stands in the code, other languages in gettext catalogues beside this file.

A catalogue is read from its .po file when its language is first needed (or by `warm()` at start-up), and is a plain
dictionary from then on: there is no .mo to forget, and a translated word costs what a look-up costs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

LANGUAGES = ('ru', 'be', 'en')
NAMES = {'ru': 'Русский', 'be': 'Беларуская', 'en': 'English'}
SHORT_DATES = {'ru': 'dd.MM.y', 'be': 'dd.MM.y', 'en': 'd MMM y'}
"""`09.03.2026`; in English figures alone would be read as September."""
LOCALE = Path(__file__).parent / 'locale'
PARTS = ('public', 'cabinet', 'books', 'catalogue', 'letters')
"""A catalogue is kept in parts, so that each stays a file a person can read through."""


@dataclass(frozen=True)
class Catalogue:
    """What is said in one language: `texts` by the Russian text, `plurals` by its first and last form."""

    texts: Mapping[str, str]
    plurals: Mapping[tuple[str, str], tuple[str, ...]]


@lru_cache
def available_languages() -> tuple[tuple[str, str], ...]:
    """Return (code, own name) of Russian and of every language that has a catalogue."""
    return tuple((code, name) for code, name in NAMES.items() if code == 'ru' or _sources(code))


def translate(language: str, text: str) -> str:
    """Return a Russian source string in another language, or itself where it is not translated."""
    return text if language == 'ru' else catalogue(language).texts.get(text, text)


def plural_form(language: str, number: int, forms: tuple[str, str, str]) -> str:
    """Return the form of a word a number asks for; `forms` are Russian, of 1, of 2 and of 5: день, дня, дней."""
    told = None if language == 'ru' else catalogue(language).plurals.get((forms[0], forms[2]))
    if told is None:
        return forms[_place('ru', number)]
    return told[_place(language, number)]


def warm() -> None:
    """Read all catalogues now, so that no visitor waits for it."""
    for code, _name in available_languages():
        catalogue(code)


@lru_cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language; one that is not ours is empty."""
    texts: dict[str, str] = {}
    plurals: dict[tuple[str, str], tuple[str, ...]] = {}
    for source in _sources(language):
        with source.open('rb') as file:
            messages = read_po(file, locale=language)
        for message in messages:
            if isinstance(message.id, tuple | list):
                plurals[message.id[0], message.id[1]] = tuple(message.string or ())
            elif message.id and message.string:
                texts[message.id] = str(message.string)
    return Catalogue(texts, plurals)


def _place(language: str, number: int) -> int:
    """Return which form a number takes, in the order of a .po file: one, few, many; English has one and other."""
    form = _rule(language)(number)
    if language == 'en':
        return 0 if form == 'one' else 1
    return {'one': 0, 'few': 1}.get(form, 2)


@lru_cache
def _rule(language: str) -> Callable[[int], str]:
    return Locale(language).plural_form


def _sources(language: str) -> list[Path]:
    if language not in LANGUAGES:
        return []
    folder = LOCALE / language / 'LC_MESSAGES'
    return [file for part in PARTS if (file := folder / f'{part}.po').exists()]
