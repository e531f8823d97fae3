"""docs/fields.yml as the code uses it: what people may type into each field, and the rules between fields."""

import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'fields.yml'
LOOK_ALIKES = str.maketrans('АВСЕНКМОРТХ', 'ABCEHKMOPTX')
"""Cyrillic capitals that look like Latin ones: people copy papers with the keyboard that is switched on."""

Kind = Literal['text', 'lines', 'code', 'number', 'money', 'day', 'choice', 'key']
Normal = Literal['NFC', 'capitals', 'small letters', 'latin twins']


class _Part(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True)


class FieldRule(_Part):
    """One field: `least` and `most` are signs of a text, and the number itself of a number.

    Of a text longer than `typed` signs nothing is read; `without` are signs that are taken out before it is looked at.
    """

    what: str = Field(min_length=5)
    type: Kind
    least: NonNegativeInt = 0
    most: PositiveInt
    typed: PositiveInt | None = None
    without: re.Pattern[str] | None = None
    normal: tuple[Normal, ...] = ()
    signs: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    used: tuple[str, ...] = Field(min_length=1)

    def brought(self, typed: object) -> str:
        """Return a text in the form it is kept in; '' for what is no text or longer than anybody types."""
        if not isinstance(typed, str) or len(typed) > (self.typed or self.most):
            return ''
        text = typed.strip()
        return self.normalised(self.without.sub('', text) if self.without else text)

    def normalised(self, text: str) -> str:
        """Return the one form of what may be typed in several."""
        for step in self.normal:
            if step == 'NFC':
                text = unicodedata.normalize('NFC', text)
            elif step == 'latin twins':
                text = text.translate(LOOK_ALIKES)
            else:
                text = text.upper() if step == 'capitals' else text.lower()
        return text

    def fits(self, text: str) -> bool:
        """Tell whether a text has the length and the signs of this field."""
        return self.least <= len(text) <= self.most and (self.signs is None or bool(self.signs.fullmatch(text)))

    def number(self, typed: object) -> int | None:
        """Return the whole number that was typed, None when it is none or out of bounds."""
        text = self.brought(typed)
        is_whole = text.isascii() and text.isdigit() and len(text) <= len(str(self.most))
        return int(text) if is_whole and self.least <= int(text) <= self.most else None


class Between(_Part):
    """A rule between fields: the function that holds it, its figures, and the tests that show it."""

    rule: str = Field(min_length=10)
    where: str
    figures: dict[str, int] = {}
    tests: tuple[str, ...] = Field(min_length=1)


class Fields(_Part):
    """The whole document."""

    fields: dict[str, FieldRule]
    between: dict[str, Between]


def load(document: Path = DOCUMENT) -> Fields:
    """Return the rules of a document.

    Raises:
        ValueError: a word is unknown, a pattern or a number makes no sense.
    """
    return Fields.model_validate(yaml.safe_load(document.read_text(encoding='utf-8')))


RULES = load()


def rule(name: str) -> FieldRule:
    """Return the rule of a field."""
    return RULES.fields[name]


def most(name: str) -> int:
    """Return how many signs a field takes, for the browser to stop at."""
    return RULES.fields[name].most


def figure(between: str, name: str) -> int:
    """Return a figure of a rule between fields."""
    return RULES.between[between].figures[name]


def rubles(kopecks: int) -> Decimal:
    """Return a bound of a sum, which stands in the document in kopecks."""
    return Decimal(kopecks).scaleb(-2)


def key_of(name: str, typed: object) -> str:
    """Return a key or a token as it came; '' for anything that cannot be one, so that nothing is found by it."""
    wanted = rule(name)
    return typed if isinstance(typed, str) and wanted.fits(typed) else ''
