"""A picture made anew: recognised by its content, decoded whole, turned upright, encoded without a word beside it.

What comes out holds nothing of the file that came in but its colours: no place, no date, no comment, nothing behind
the end of the picture.
"""

import io
import logging
import threading
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

from services import limits
from services.errors import N_, DomainError
from services.files.rules import RULES, Kind, Place

MAGIC: dict[Kind, tuple[int, bytes]] = {
    'jpeg': (0, b'\xff\xd8\xff'),
    'png': (0, b'\x89PNG\r\n\x1a\n'),
    'webp': (8, b'WEBP'),
}
MOST_SCANS = limits.count('jpeg_scans')
"""A progressive JPEG has about ten; thousands of empty ones would keep a processor busy for minutes."""
AT_ONCE = limits.count('pictures_at_once')
HOW = {
    'jpeg': {'quality': 85, 'progressive': False},
    'png': {'compress_level': 6},
    'webp': {'quality': 85, 'method': 4},
}
_decoding = threading.BoundedSemaphore(AT_ONCE)
log = logging.getLogger(__name__)

# A picture with far too many pixels is an error before it is unpacked, not a line in the log.
warnings.simplefilter('error', Image.DecompressionBombWarning)


class NotAPicture(DomainError):
    """The content is none of the types this place takes, or it is broken."""

    message = N_('Это не фото или файл повреждён. Подойдут JPEG, PNG и WebP: сделайте снимок экрана и отправьте его.')
    status = 415


class TooManyPixels(DomainError):
    """The picture would take too much memory to unpack."""

    message = N_('Снимок слишком большой. Снимите в обычном качестве или отправьте снимок экрана.')
    status = 413


@dataclass(frozen=True)
class Picture:
    """What is kept: the picture and its small preview, both encoded by us; sizes in pixels."""

    kind: Kind
    full: bytes
    small: bytes
    width: int
    height: int


def kind_of(file: BinaryIO, place: Place) -> Kind:
    """Return what a file is by its first bytes.

    Raises:
        NotAPicture: nothing this place takes.
    """
    file.seek(0)
    head = file.read(16)
    for kind in place.types:
        at, magic = MAGIC[kind]
        if head[at : at + len(magic)] == magic and (kind != 'webp' or head.startswith(b'RIFF')):
            return kind
    raise NotAPicture


def make_anew(file: BinaryIO, place: Place) -> Picture:
    """Return the picture of a file as we encode it; waits while two others are being made.

    Raises:
        NotAPicture, TooManyPixels: see there.
    """
    kind = kind_of(file, place)
    with _decoding:
        try:
            return _made(file, kind, place)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooManyPixels from error
        except DomainError:
            raise
        except Exception as error:  # whatever a decoder says to a hostile file, it is no picture
            log.info('A file was refused: %s: %s', type(error).__name__, error)
            raise NotAPicture from error


def _made(file: BinaryIO, kind: Kind, place: Place) -> Picture:
    file.seek(0)
    if kind == 'jpeg' and file.read().count(b'\xff\xda') > MOST_SCANS:
        raise NotAPicture
    file.seek(0)
    side = RULES.longest_side
    with Image.open(file, formats=[kind.upper()]) as opened:
        # So far only the header was read: the size is known, nothing is unpacked.
        pixels = opened.width * opened.height
        if pixels > (place.most_pixels if kind == 'jpeg' else place.most_pixels_whole):
            raise TooManyPixels
        if kind == 'jpeg':
            opened.draft(None, (side, side))
        opened.load()
        picture = _plain(opened)
        picture.thumbnail((side, side))
        upright = ImageOps.exif_transpose(picture)
    small = upright.copy()
    small.thumbnail((RULES.preview_side, RULES.preview_side))
    return Picture(kind, _encoded(upright, kind), _encoded(small, kind), upright.width, upright.height)


def _plain(image: Image.Image) -> Image.Image:
    """Return the colours as numbers: no palette, no ink, no 16 bits."""
    if image.mode in {'L', 'RGB', 'RGBA'} and 'transparency' not in image.info:
        return image
    has_holes = 'transparency' in image.info or image.mode in {'LA', 'PA', 'La', 'RGBa'}
    return image.convert('RGBA' if has_holes else 'RGB')


def _encoded(picture: Image.Image, kind: Kind) -> bytes:
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())  # a copy without what was said beside it
    out = io.BytesIO()
    bare.save(out, kind.upper(), **HOW[kind])
    return out.getvalue()
