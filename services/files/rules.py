"""docs/files.yml as the code uses it: the document is the truth, and a mistake in it stops the start."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from models.file import FilePurpose

DOCUMENT = Path(__file__).resolve().parents[2] / 'docs' / 'files.yml'
Kind = Literal['jpeg', 'png', 'webp']


class _Rules(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True)


class Tries(_Rules):
    """How often somebody may upload."""

    in_ten_minutes: int = Field(gt=0)
    in_a_day: int = Field(gt=0)
    at_once: int = Field(gt=0)
    seconds: int = Field(gt=0)


class Place(_Rules):
    """What may be uploaded in one place; how long it is kept says docs/data.yml."""

    types: tuple[Kind, ...] = Field(min_length=1)
    most_bytes: int = Field(gt=0, le=50_000_000)
    most_pixels: int = Field(gt=0, le=100_000_000)
    most_pixels_whole: int = Field(gt=0, le=25_000_000)
    most_files: int = Field(gt=0)


class Rules(_Rules):
    """The whole document."""

    tries: Tries
    unsent_hours: int = Field(gt=0)
    longest_side: int = Field(gt=0)
    preview_side: int = Field(gt=0)
    places: dict[FilePurpose, Place]


def load(document: Path = DOCUMENT) -> Rules:
    """Return the rules of a document.

    Raises:
        ValueError: a place is missing, a word is unknown, a number makes no sense.
    """
    rules = Rules.model_validate(yaml.safe_load(document.read_text(encoding='utf-8')))
    if missing := set(FilePurpose) - set(rules.places):
        raise ValueError(f'{document.name}: no rules for {", ".join(sorted(missing))}')
    return rules


RULES = load()
