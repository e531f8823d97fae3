"""The provider's own colours and mark, where the settings name them; nothing is sent where they do not."""

import hashlib
from functools import lru_cache

from services.colours import darker, for_dark
from services.settings import get_settings


@lru_cache
def stylesheet() -> str:
    """Return the tokens the settings change, for both themes; empty when they change none."""
    settings = get_settings()
    chosen = {'red': settings.company_red, 'green': settings.company_green}
    light = ' '.join(_pair(name, colour) for name, colour in chosen.items() if colour)
    dark = ' '.join(_pair(name, for_dark(colour)) for name, colour in chosen.items() if colour)
    if not light:
        return ''
    return (
        f':root {{ {light} }}\n'
        f'@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}\n'
        f'@media screen {{ :root[data-theme="dark"] {{ {dark} }} }}\n'
    )


def _pair(name: str, colour: str) -> str:
    return f'--{name}: {colour}; --{name}-hover: {darker(colour)};'


def stylesheet_address() -> str:
    """Return where the colours are, empty when they are those of the house."""
    return f'/brand/colours.css?v={_fingerprint(stylesheet().encode())}' if stylesheet() else ''


@lru_cache
def logo() -> bytes:
    """Return the provider's mark (SVG), empty when it is that of the house."""
    path = get_settings().company_logo
    return path.read_bytes() if path else b''


def logo_address() -> str:
    """Return where the provider's mark is, empty when it is that of the house."""
    return f'/brand/logo.svg?v={_fingerprint(logo())}' if logo() else ''


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]
