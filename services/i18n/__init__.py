"""Translations: Russian stands in the code, other languages in gettext catalogues beside this file."""

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ('ru', 'be', 'en')
NAMES = {'ru': 'Русский', 'be': 'Беларуская', 'en': 'English'}
LOCALE = Path(__file__).parent / 'locale'


def available_languages() -> tuple[tuple[str, str], ...]:
    """Return (code, own name) of Russian and of every language that has a catalogue."""
    return tuple((code, name) for code, name in NAMES.items() if code == 'ru' or _source(code).exists())


def translate(language: str, text: str) -> str:
    """Return a Russian source string in another language, or itself where it is not translated yet."""
    return text if language == 'ru' else catalogue(language).gettext(text)


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language, compiled in memory from its .po file: there is no .mo to forget."""
    source = _source(language)
    if language not in LANGUAGES or not source.exists():
        return gettext.NullTranslations()
    with source.open('rb') as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _source(language: str) -> Path:
    return LOCALE / language / 'LC_MESSAGES' / 'amigo.po'
