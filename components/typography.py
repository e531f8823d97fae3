"""How lines break: what belongs together stays together."""

import re

from markupsafe import Markup, escape

from components.i18n import NBSP

SHORT_OR_NUMBER = re.compile(r'(?:(?<=\b[^\W\d])|(?<=\b\w[^\W\d])|(?<=\d)) (?=[\w«])| (?=[—–])')
"""A space behind a word of one or two letters or behind a number, or before a dash."""
JOINED = re.compile(r'^(?!.{17}).*\w[/–-]\w')
"""What a browser would break behind the sign in its middle: `2 Мбит/с`, `7–90 дней`, `Wi-Fi`; but no address."""
BOUND = re.compile(NBSP)


def tied(text: str) -> Markup:
    """Let no line end with a short word or a number that belongs to the next word, and none begin with a dash."""
    return _kept(SHORT_OR_NUMBER.sub(NBSP, text), JOINED)


def unbroken(text: str) -> Markup:
    """Keep on one line what no-break spaces join: a browser would still break `100 Мбит/с` after the slash."""
    return _kept(text, BOUND)


def _kept(text: str, holding: re.Pattern[str]) -> Markup:
    """Escape a text and keep on one line each part between spaces that has what is `holding`."""
    kept = Markup('<span class="num">{}</span>')
    return Markup(' ').join(kept.format(part) if holding.search(part) else escape(part) for part in text.split(' '))
