"""Titles of operations and lines in the visitor's language: they are kept in Russian, as they were booked."""

import re

from components.i18n import language
from services.errors import N_
from services.i18n import translate

_NAMED = (
    (re.compile(r'(?P<what>Интернет|Телевидение) «(?P<name>.*)»\Z'), N_('{what} «{name}»')),
    (re.compile(r'Аренда: (?P<name>.*)\Z'), N_('Аренда: {name}')),
    (re.compile(r'Покупка: (?P<name>.*)\Z'), N_('Покупка: {name}')),
    (re.compile(r'Выкуп: (?P<name>.*)\Z'), N_('Выкуп: {name}')),
    (re.compile(r'Возврат аренды: (?P<name>.*)\Z'), N_('Возврат аренды: {name}')),
    (
        re.compile(r'Переход на «(?P<name>.*)»: доплата до конца месяца\Z'),
        N_('Переход на «{name}»: доплата до конца месяца'),
    ),
    (
        re.compile(r'Переход на «(?P<name>.*)»: возврат до конца месяца\Z'),
        N_('Переход на «{name}»: возврат до конца месяца'),
    ),
    (re.compile(r'Переход на тариф «(?P<name>.*)»\Z'), N_('Переход на тариф «{name}»')),
    (re.compile(r'Отмена: (?P<name>.*)\Z'), N_('Отмена: {name}')),
)
PLAIN = (
    N_('Интернет'),
    N_('Телевидение'),
    N_('Пополнение картой'),
    N_('Возврат за дни приостановки'),
    N_('Возврат из приостановки раньше срока'),
    N_('Возврат за дни после расторжения'),
    N_('Трафик сверх тарифа'),
    N_('Восстановление после блокировки'),
    N_('Данные из заявки'),
    N_('с 9 до 12'),
    N_('с 12 до 17'),
    N_('с 17 до 20'),
)
"""Whole titles and other words that are kept in Russian; named here so that they are translated."""


def record(title: str, *, into: str = '') -> str:
    """Return a booked title («Интернет «Комфорт»», «Аренда: Роутер») in a language; unknown ones as they stand."""
    into = into or language()
    if into == 'ru':
        return title
    for pattern, template in _NAMED:
        if found := pattern.match(title):
            facts = {key: translate(into, value) for key, value in found.groupdict().items()}
            return translate(into, template).format(**facts)
    return translate(into, title)
