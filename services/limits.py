"""docs/limits.yml as the code uses it: the document is the truth, and a mistake in it stops the start."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

from services.spans import Span

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'limits.yml'


def _read_figure(given: object) -> object:
    """Read `20.00` as rubles; whole numbers and spans of time are read by their own types."""
    is_money = isinstance(given, str) and re.fullmatch(r'\d+\.\d\d', given, re.ASCII)
    return Decimal(str(given)) if is_money else given


Figure = Annotated[PositiveInt | Decimal | Span, BeforeValidator(_read_figure)]


class _Part(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True, strict=True)


class Limit(_Part):
    """One limit: how much of what, per what, what happens beyond it, and why it stands where it stands.

    `within` makes it so many in that time; `refill` makes it so many at once, of which so many come back each second.
    """

    value: Figure
    unit: str = Field(min_length=3)
    per: str = Field(min_length=3)
    within: Span | None = None
    refill: PositiveInt | None = None
    beyond: str = Field(min_length=10)
    why: str = Field(min_length=10)
    tests: list[str] = Field(min_length=1)


class Costly(_Part):
    """A function that takes much of the machine: what it takes, and the limits that hold it."""

    where: str
    takes: str = Field(min_length=10)
    protected: str = Field(min_length=10)
    limits: list[str] = Field(min_length=1)


class Limits(_Part):
    """The whole document."""

    limits: dict[str, Limit]
    costly: dict[str, Costly]


def load(document: Path = DOCUMENT) -> Limits:
    """Return the limits of a document.

    Raises:
        ValueError: a word is unknown, a figure makes no sense.
    """
    return Limits.model_validate(yaml.safe_load(document.read_text(encoding='utf-8')))


LIMITS = load()


def count(name: str) -> int:
    """Return a limit that is a number of things."""
    value = LIMITS.limits[name].value
    if not isinstance(value, int):
        raise TypeError(f'{name} is not a number of things')
    return value


def span(name: str) -> timedelta:
    """Return a limit that is a time."""
    value = LIMITS.limits[name].value
    if not isinstance(value, timedelta):
        raise TypeError(f'{name} is not a time')
    return value


def money(name: str) -> Decimal:
    """Return a limit that is a sum in rubles."""
    value = LIMITS.limits[name].value
    if not isinstance(value, Decimal):
        raise TypeError(f'{name} is not a sum')
    return value


def rate(name: str) -> tuple[int, timedelta]:
    """Return a limit of so many within a time, as (how many, the time)."""
    within = LIMITS.limits[name].within
    if within is None:
        raise TypeError(f'{name} has no time')
    return count(name), within


def bucket(name: str) -> tuple[float, float]:
    """Return a limit of so many at once, as (how many come back each second, how many at once)."""
    refill = LIMITS.limits[name].refill
    if refill is None:
        raise TypeError(f'{name} has no refill')
    return refill * 1.0, count(name) * 1.0
