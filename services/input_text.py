"""What people type: one place that says no to other types, too much text and control characters."""

import unicodedata

from services.errors import N_, InvalidField

_KEPT = {'\n', '\t'}


def clean_text(field: str, value: object, *, most: int, required: bool = False, lines: bool = False) -> str:
    """Return what was typed without spaces at the ends; inside one line, runs of spaces become one.

    Args:
        field: name of the form field an error belongs to.
        most: the largest number of characters.
        lines: more than one line is welcome.

    Raises:
        InvalidField: not text, too long, empty though required, or with control characters.
    """
    if not isinstance(value, str):
        raise InvalidField(field, N_('Введите текст.'))
    text = value.replace('\r\n', '\n').strip()
    if len(text) > most:
        raise InvalidField(field, N_('Слишком длинно: не больше {most} знаков.'), most=most)
    if not lines:
        text = ' '.join(text.split())
    if any(unicodedata.category(c) in {'Cc', 'Cs', 'Co', 'Cn'} and c not in _KEPT for c in text):
        raise InvalidField(field, N_('Здесь есть непечатаемые знаки. Наберите текст заново.'))
    if required and not text:
        raise InvalidField(field, N_('Заполните это поле.'))
    return text
