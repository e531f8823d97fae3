"""What people type: one place that says no to other types, too much text and control characters."""

import unicodedata

from services import field_rules
from services.errors import N_, InvalidField

_KEPT = {'\n', '\t'}
_UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF])
"""Signs without a picture that come along with copied text: they turn what is shown after them, or show nothing."""
_JOINERS = '\u200c\u200d'
"""Hold the parts of one emoji together; alone they are no text."""


def clean_text(field: str, value: object, *, rule: str, required: bool = False) -> str:
    """Return what was typed without spaces at the ends; inside one line, runs of spaces become one.

    Args:
        field: name of the form field an error belongs to.
        rule: what docs/fields.yml calls it: the largest number of characters, one line or more.

    Raises:
        InvalidField: not text, too long, empty though required, or with control characters.
    """
    if not isinstance(value, str):
        raise InvalidField(field, N_('Введите текст.'))
    wanted = field_rules.rule(rule)
    text = value.replace('\r\n', '\n').strip()
    if wanted.signs is None:  # a field with a pattern says itself what it takes
        text = text.translate(_UNSEEN).strip()
        text = text if text.strip(_JOINERS) else ''
    if len(text) > wanted.most:
        raise InvalidField(field, N_('Слишком длинно: не больше {most} знаков.'), most=wanted.most)
    if wanted.type != 'lines':
        text = ' '.join(text.split())
    if any(unicodedata.category(c) in {'Cc', 'Cs', 'Co', 'Cn'} and c not in _KEPT for c in text):
        raise InvalidField(field, N_('Здесь есть непечатаемые знаки. Наберите текст заново.'))
    if required and not text:
        raise InvalidField(field, N_('Заполните это поле.'))
    return wanted.normalised(text)
