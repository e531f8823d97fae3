"""A QR code as a picture in the page: dark on white in either theme, or phones would not read it."""

import segno
from markupsafe import Markup


def qr(text: str, *, label: str) -> Markup:
    """Return the QR code of a text as SVG; `label` is what a screen reader says instead."""
    picture = segno.make(text, error='m', micro=False).svg_inline(
        scale=5, border=4, dark='#000', light='#fff', svgclass='qr', lineclass=None, omitsize=True
    )
    return Markup('<div role="img" aria-label="{}">{}</div>').format(label, Markup(picture))  # noqa: S704 - segno's own
