"""A browser in words people know, from the name it gives of itself. It may lie: for show only, never for a decision."""

from components.i18n import _

_BROWSERS = (
    ('YaBrowser', 'Яндекс Браузер'),
    ('Edg', 'Edge'),
    ('OPR', 'Opera'),
    ('SamsungBrowser', 'Samsung Internet'),
    ('Firefox', 'Firefox'),
    ('Chrome', 'Chrome'),
    ('CriOS', 'Chrome'),
    ('Safari', 'Safari'),
)
_SYSTEMS = (
    ('iPhone', 'iPhone'),
    ('iPad', 'iPad'),
    ('Android', 'Android'),
    ('Windows', 'Windows'),
    ('Mac OS', 'macOS'),
    ('Linux', 'Linux'),
)


def device_name(agent: str) -> str:
    """Return «Chrome, Windows»; «Неизвестное устройство» for a name that says nothing."""
    found = [next((words for part, words in known if part in agent), '') for known in (_BROWSERS, _SYSTEMS)]
    return ', '.join(words for words in found if words) or _('Неизвестное устройство')
