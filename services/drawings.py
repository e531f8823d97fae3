"""Drawings (SVG) a provider brings: whether one may be served beside our own."""

import re
from pathlib import Path

LARGEST = 50_000
"""Bytes: a mark of 32 pixels that weighs more is a picture in disguise."""
_SVG = re.compile(r'\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<svg\b', re.DOTALL)
_ACTIVE = re.compile(
    r'<\s*script|<\s*foreignObject|\bon\w+\s*=|javascript:|<!ENTITY|(?:href|src)\s*=\s*["\']?\s*(?!["\']?#)\w',
    re.IGNORECASE,
)


def fault_of(path: Path) -> str:
    """Return why a file cannot be the mark of the site, for whoever installs it; empty when it can."""
    if not path.is_file():
        return f'there is no file {path}'
    content = path.read_bytes()
    if len(content) > LARGEST:
        return f'{path} is larger than {LARGEST // 1000} kB'
    text = content.decode('utf-8', errors='replace')
    if not _SVG.match(text):
        return f'{path} is no SVG drawing'
    if _ACTIVE.search(text):
        return f'{path} has scripts or leads elsewhere; export it as a plain SVG'
    return ''
