"""Every cookie of the site in plain words, as `/privacy#cookies` tells them; a test compares the list with the code."""

from services.errors import N_

COOKIES = (
    ('region', N_('Город, который вы выбрали'), N_('год')),
    ('language', N_('Язык, который вы выбрали'), N_('год')),
    ('visit', N_('Метка открытой страницы: её нажатия не пришлёт никто другой'), N_('до закрытия браузера')),
    ('sid', N_('Ваш вход в личный кабинет'), N_('до выхода или закрытия браузера')),
    ('device', N_('Устройство, с которого вы уже входили: новое мы проверяем строже'), N_('год')),
    ('tracker', N_('Заявка, которую вы открыли по ссылке из письма'), N_('30 дней')),
)
"""Name, what it is for, how long it is kept. All of them are needed; none is read by scripts or sent elsewhere."""
