"""Colours of a brand: whether one can read what stands on them (WCAG 2.2, 1.4.3 and 1.4.11), and other shades."""

WHITE, BLACK = '#ffffff', '#000000'
DARK_SURFACE = '#171b22'
"""--surface of the dark theme in components/assets/css/tokens.css; a test compares."""
TEXT, CONTROL = 4.5, 3.0
"""The least contrast of text, and of what is no text."""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (#rrggbb), 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def carries_white(colour: str) -> bool:
    """Tell whether white words can be read on a colour; it is then seen on a white page too."""
    return contrast(colour, WHITE) >= TEXT


def for_dark(colour: str) -> str:
    """Return the nearest lighter shade that is seen on the dark theme and still carries white words."""
    shades = (mixed(colour, WHITE, percent) for percent in range(100))
    return next(shade for shade in shades if contrast(shade, DARK_SURFACE) >= CONTROL)


def darker(colour: str) -> str:
    """Return the shade of a button under the pointer."""
    return mixed(colour, BLACK, 18)


def mixed(colour: str, other: str, percent: int) -> str:
    """Return a colour with so many percent of another in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return '#' + ''.join(f'{(a * (100 - percent) + b * percent + 50) // 100:02x}' for a, b in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
