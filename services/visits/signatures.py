"""A signature drawn on the screen: strokes and nothing else, rebuilt by us before it is kept."""

import hashlib
import re
from xml.sax.saxutils import quoteattr

from services import field_rules
from services.errors import N_, InvalidField

LARGEST = field_rules.most('signature')
LEAST_POINTS, LEAST_WIDTH = field_rules.rule('signature_points').least, field_rules.rule('signature_width').least
_DOCUMENT = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg" viewBox="0 0 (\d{2,4}) (\d{2,4})">'
    r'((?:<path d="[ML0-9 ]+"/>)+)</svg>',
    re.ASCII,
)
_STROKE = re.compile(r'<path d="([ML0-9 ]+)"/>')
_POINTS = re.compile(r'M\d{1,4} \d{1,4}(?:L\d{1,4} \d{1,4})*\Z', re.ASCII)
_POINT = re.compile(r'[ML](\d{1,4}) (\d{1,4})', re.ASCII)


def validate(svg: str) -> str:
    """Return the signature as our own SVG: only paths of straight pieces between whole coordinates.

    What came is taken apart into points and written anew, so nothing else can travel in it.

    Raises:
        InvalidField: empty, too short to be a signature, too large, or not what our pad makes.
    """
    if not isinstance(svg, str) or not svg.strip():
        raise InvalidField('signature', N_('Попросите клиента расписаться в рамке.'))
    match = _DOCUMENT.fullmatch(svg) if len(svg) <= LARGEST else None
    if match is None:
        raise InvalidField('signature', N_('Подпись не прочитана. Очистите рамку и распишитесь ещё раз.'))
    width, height = int(match[1]), int(match[2])
    strokes = [_points(text, width, height) for text in _STROKE.findall(match[3])]
    places = [point for stroke in strokes for point in stroke]
    spread = max(x for x, _ in places) - min(x for x, _ in places)
    if len(places) < LEAST_POINTS or spread < LEAST_WIDTH:
        raise InvalidField('signature', N_('Это слишком коротко для подписи. Распишитесь ещё раз.'))
    paths = ''.join(f'<path d={quoteattr(_path(stroke))}/>' for stroke in strokes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none" stroke="#10204a" '
        f'stroke-width="3" stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )


def fingerprint(svg: str) -> str:
    """Return SHA-256 of a kept signature in hex: it stands in the signed paper and in the audit."""
    return hashlib.sha256(svg.encode()).hexdigest()


def _points(text: str, width: int, height: int) -> list[tuple[int, int]]:
    if not _POINTS.fullmatch(text):
        raise InvalidField('signature', N_('Подпись не прочитана. Очистите рамку и распишитесь ещё раз.'))
    pairs = ((int(x), int(y)) for x, y in _POINT.findall(text))
    return [(min(x, width), min(y, height)) for x, y in pairs]


def _path(stroke: list[tuple[int, int]]) -> str:
    if len(stroke) == 1:  # a dot: a line of no length is drawn as a round point
        stroke = stroke * 2
    return 'M' + 'L'.join(f'{x} {y}' for x, y in stroke)
