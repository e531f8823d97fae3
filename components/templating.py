"""Server-rendered HTML: the Jinja environment of the static pages and of the blocks inside live pages."""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from components import brand, i18n
from components.basis_words import basis
from components.formula_words import formula
from components.frame import Frame
from components.i18n import record
from components.redirect import safe_url
from components.typography import tied, unbroken
from services import field_rules
from services.i18n import available_languages, translate
from services.settings import get_settings

HERE = Path(__file__).parent
ASSETS = HERE / 'assets'


@lru_cache
def _fingerprint(path: Path, _changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def bare_asset(path: str) -> str:
    """The address of a file in components/assets exactly as a stylesheet writes it (fonts)."""
    return f'/assets/{path}'


def asset(path: str) -> str:
    """The address of a file in components/assets with the hash of its content, so that it may be cached for ever.

    Raises:
        FileNotFoundError: there is no such file; a page with a broken picture should not be drawn.
    """
    file = ASSETS / path
    return f'{bare_asset(path)}?v={_fingerprint(file, file.stat().st_mtime_ns)}'


def icon(name: str, *, label: str = '') -> Markup:
    """An icon of the sprite for a block of HTML in a live page; without a label it is only decoration.

    Raises:
        KeyError: the sprite has no such icon; a page would show an empty place.
    """
    if name not in icon_names():
        raise KeyError(name)
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, asset('icons/sprite.svg'), name)


@lru_cache
def icon_names() -> frozenset[str]:
    """Return the names of all icons of the sprite."""
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', (ASSETS / 'icons/sprite.svg').read_text(encoding='utf-8')))


IN_A_LANGUAGE: dict[str, Callable[..., str]] = {
    'money': i18n.money,
    'date': i18n.long_date,
    'short_date': i18n.short_date,
    'moment': i18n.moment,
    'speed': i18n.speed,
    'decimal': i18n.decimal,
    'month_name': i18n.month_name,
    'record': record,
    'formula': formula,
    'basis': basis,
}
"""Filters that say a thing in the language of their page."""


@lru_cache
def environment(language: str) -> Environment:
    """The environment of one language: everything is escaped, and an unknown name is an error, not an empty place."""
    env = Environment(
        loader=FileSystemLoader(HERE / 'templates'),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(brand_colours=brand.stylesheet_address, brand_logo=brand.logo_address, site_origin=_origin)
    env.globals.update(_=partial(translate, language), asset=asset, bare_asset=bare_asset, most=field_rules.most)
    into = {name: partial(words, into=language) for name, words in IN_A_LANGUAGE.items()}
    env.filters.update(
        **into,
        signed_money=partial(i18n.money, sign=True, into=language),
        typed_sum=i18n.typed_sum,
        clock_time=i18n.clock_time,
        phone=i18n.phone,
        refusal=i18n.error_text,
        tied=tied,
        unbroken=unbroken,
        safe_url=partial(safe_url, otherwise='#', is_link=True),
    )
    env.globals.update(
        plural=partial(i18n.plural, into=language),
        languages=available_languages(),
        takes_cards=_takes_cards,
        takes_erip=_takes_erip,
    )
    return env


def _origin() -> str:
    return get_settings().url


def _takes_cards() -> bool:
    return get_settings().takes_cards


def _takes_erip() -> bool:
    return get_settings().takes_erip


def render(name: str, **context: object) -> str:
    """The template `name` of components/templates as HTML; what is in `context` is escaped where it is shown.

    The language is that of `context['frame']`, or of the live page we are in.
    """
    frame = context.get('frame')
    language = frame.language if isinstance(frame, Frame) else i18n.language()
    return environment(language).get_template(name).render(**context)
