"""What NiceGUI tells of a lost connection, in our words and the language of the page: it has one for all pages."""

from nicegui.translations import translations

from components.i18n import _
from services.errors import N_

_OURS = {
    'connection_lost': N_('Связь с сайтом прервалась'),
    'trying_to_reconnect': N_('Соединяемся снова…'),
    'message_too_long': N_('Слишком длинный текст'),
    'message_too_long_body': N_('Сократите его и отправьте ещё раз.'),
}


def speak(page: bytes) -> bytes:
    """Return a live page that speaks of its connection in the language of this visitor."""
    for name, words in translations['ru'].items():
        page = page.replace(f'<span>{words}</span>'.encode(), f'<span>{_(_OURS[name])}</span>'.encode(), 1)
    return page
