"""The name of a file as it was: kept for people only, and never the name of anything on our disk."""

import re
import unicodedata

from services import field_rules
from services.errors import N_

LONGEST = field_rules.most('file_name')
ENDINGS = {'jpeg': '.jpg', 'png': '.png', 'webp': '.webp'}
NAMELESS = N_('фото')
_FORBIDDEN = re.compile(r'[<>:"|?*%\\/]')
_DEVICES = re.compile(r'(con|prn|aux|nul|com\d|lpt\d)(\..*)?', re.IGNORECASE)
"""Names Windows would not save under."""


def clean_name(typed: str, kind: str) -> str:
    """Return a name that is safe in a header and on any disk, with the ending of what the file really is.

    Args:
        typed: whatever a browser said: a path, an empty text, half of a letter.
        kind: jpeg | png | webp.
    """
    known = typed if isinstance(typed, str) else ''
    text = unicodedata.normalize('NFC', known[: 100 * LONGEST].encode(errors='ignore').decode())
    text = re.split(r'[\\/]', text)[-1]
    # Every sign of category C goes: controls, line ends, marks that turn the direction of writing.
    text = ''.join(sign if unicodedata.category(sign)[0] != 'C' else ' ' for sign in text)
    text = ' '.join(_FORBIDDEN.sub(' ', text).split())
    stem = (text.rpartition('.')[0] or text).strip('. ')[:LONGEST].strip('. ')
    if not stem or _DEVICES.fullmatch(stem):
        stem = NAMELESS
    return stem + ENDINGS[kind]
