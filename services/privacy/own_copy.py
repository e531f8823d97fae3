"""A person's own copy as a page to read: the facts of the JSON in Russian words, in one file without scripts."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.clock import local
from services.privacy.own_words import LABELS, VALUES
from services.settings import get_settings

TEMPLATES = Path(__file__).parent / 'templates'
MOST_COLUMNS = 8
"""A list with more facts in a row is shown as cards, not as a table."""


def as_html(facts: dict[str, Any]) -> str:
    """Return the page; everything in it is escaped."""
    sections = {key: value for key, value in facts.items() if key != 'made_at'}
    template = _environment().get_template('own_copy.html')
    made_at = shown('made_at', facts['made_at'])
    return template.render(sections=sections, made_at=made_at, company=get_settings().company_legal_name)


def label(key: str) -> str:
    """Return the Russian words for a fact; a fact without words is shown by its own name."""
    return LABELS.get(key, key)


def shown(key: str, value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, dict):
        return '\n'.join(f'{label(name)}: {shown(name, one)}' for name, one in value.items())
    if isinstance(value, list):
        return '\n'.join(shown(key, one) for one in value) or 'нет'
    if isinstance(value, bool):
        return 'да' if value else 'нет'
    return _text(key, str(value)) if value not in (None, '') else '—'


def _text(key: str, text: str) -> str:
    if key == 'html':
        return Markup(text).striptags()  # noqa: S704 - only to take the tags off; it is escaped when shown
    if key.endswith('_at') or key in {'at', 'invited_until'}:
        return f'{local(datetime.fromisoformat(text)):%d.%m.%Y %H:%M}'
    if key.endswith(('_on', '_date')) or key in {'on', 'day', 'valid_until'}:
        return f'{date.fromisoformat(text):%d.%m.%Y}'
    return VALUES.get(text, text)


def _is_nested(value: Any) -> bool:
    """Tell whether a value gets a heading of its own."""
    return isinstance(value, dict | list) and bool(value) and (isinstance(value, dict) or isinstance(value[0], dict))


def _is_table(value: Any) -> bool:
    first = value[0]
    return (
        isinstance(first, dict)
        and len(first) <= MOST_COLUMNS
        and not any(_is_nested(one) for row in value for one in row.values())
    )


@lru_cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    environment.globals.update(label=label, shown=shown, is_nested=_is_nested, is_table=_is_table)
    return environment
