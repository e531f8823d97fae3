"""Titles of operations and lines in the visitor's language: they are kept in Russian, as they were booked."""

import re

from services.errors import N_
from services.i18n import translate
from services.i18n.booked_words import MONTH, in_shape

_CARD = r'(?P<card>.*)'
_NAMED = (
    (re.compile(r'(?P<what>Интернет|Телевидение) «(?P<name>.*)»\Z'), N_('{what} «{name}»')),
    (re.compile(r'Аренда: (?P<name>.*?)(?P<times> × \d+)?\Z'), N_('Аренда: {name}{times}')),
    (re.compile(r'Покупка: (?P<name>.*)\Z'), N_('Покупка: {name}')),
    (re.compile(r'Выкуп: (?P<name>.*)\Z'), N_('Выкуп: {name}')),
    (re.compile(r'Возврат аренды: (?P<name>.*)\Z'), N_('Возврат аренды: {name}')),
    (re.compile(r'Не возвращено: (?P<name>.*)\Z'), N_('Не возвращено: {name}')),
    (
        re.compile(r'Переход на «(?P<name>.*)»: доплата до конца месяца\Z'),
        N_('Переход на «{name}»: доплата до конца месяца'),
    ),
    (
        re.compile(r'Переход на «(?P<name>.*)»: возврат до конца месяца\Z'),
        N_('Переход на «{name}»: возврат до конца месяца'),
    ),
    (re.compile(r'Переход на тариф «(?P<name>.*)»\Z'), N_('Переход на тариф «{name}»')),
    (re.compile(rf'Трафик сверх тарифа за (?P<month>{MONTH})\Z'), N_('Трафик сверх тарифа за {month}')),
    (re.compile(rf'Оплата картой {_CARD}\Z'), N_('Оплата картой {card}')),
    (re.compile(rf'Автоплатёж картой {_CARD}\Z'), N_('Автоплатёж картой {card}')),
    (re.compile(r'Возврат на карту •• (?P<digits>\d+)\Z'), N_('Возврат на карту •• {digits}')),
    (re.compile(r'Остаток — на договор (?P<number>\w+)\Z'), N_('Остаток — на договор {number}')),
    (re.compile(r'Остаток с договора (?P<number>\w+)\Z'), N_('Остаток с договора {number}')),
)
_AROUND = (
    (re.compile(r'Отмена: (?P<name>.*)\Z'), N_('Отмена: {name}')),
    (
        re.compile(
            r'(?P<what>Возврат за дни приостановки|Возврат из приостановки раньше срока'
            r'|Возврат за дни после расторжения): (?P<name>.*)\Z'
        ),
        N_('{what}: {name}'),
    ),
    (re.compile(r'(?P<name>.*): до конца месяца\Z'), N_('{name}: до конца месяца')),
)
"""Titles with another title inside."""
PLAIN = (
    N_('Интернет'),
    N_('Телевидение'),
    N_('Начальный остаток'),
    N_('Пополнение картой'),
    N_('Автоплатёж картой'),
    N_('Оплата картой'),
    N_('Оплата картой, оплатил кто-то другой'),
    N_('Оплата через ЕРИП'),
    N_('Оплата через банк'),
    N_('Оплата наличными'),
    N_('Оплата банковским переводом'),
    N_('Возврат через банк'),
    N_('Возврат остатка на счёт в банке'),
    N_('Исправление: возврат на счёт'),
    N_('Исправление: списание'),
    N_('Засчитываем уплаченную аренду'),
    N_('Плата за приостановку'),
    N_('Возврат платы за приостановку'),
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


def record(title: str, into: str) -> str:
    """Return a booked title («Интернет «Комфорт»», «Аренда: Роутер») in a language; unknown ones as they stand."""
    if into == 'ru':
        return title
    if (whole := translate(into, title)) != title:
        return whole
    for pattern, template in _AROUND:
        if found := pattern.match(title):
            facts = {hole: record(words, into) for hole, words in found.groupdict().items()}
            return translate(into, template).format(**facts)
    known = in_shape(title, _NAMED, into)
    return known[0] if known else title
