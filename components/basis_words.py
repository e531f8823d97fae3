"""The rule behind a line («Основание») in the visitor's language, sentence by sentence; it is kept as it was booked."""

import re

from components.i18n import language
from services.errors import N_
from services.i18n.booked_words import DAY, MONTH, SUM, Shape, in_shape

_END = r'(?=\s|\Z)'
_NUMBER = r'[\w/-]+'


def _whole(sentence: str) -> Shape:
    """A sentence without holes."""
    return (re.compile(rf'{re.escape(sentence)}{_END}'), sentence)


_OF_MONTH = (
    (
        re.compile(rf'Абонплата за (?P<month>{MONTH}): списываем 1-го числа за месяц вперёд\.'),
        N_('Абонплата за {month}: списываем 1-го числа за месяц вперёд.'),
    ),
    (
        re.compile(rf'Аренда оборудования за (?P<month>{MONTH}); при приостановке не прерывается\.'),
        N_('Аренда оборудования за {month}; при приостановке не прерывается.'),
    ),
    (
        re.compile(rf'Переход на тариф дешевле — (?P<sum>{SUM}), списываем в день перехода\.'),
        N_('Переход на тариф дешевле — {sum}, списываем в день перехода.'),
    ),
    (
        re.compile(rf'Скидка за интернет и телевидение вместе, (?P<month>{MONTH})\.'),
        N_('Скидка за интернет и телевидение вместе, {month}.'),
    ),
    (re.compile(rf'Цена (?P<sum>{SUM}) действует с (?P<day>{DAY})\.'), N_('Цена {sum} действует с {day}.')),
    _whole(N_('Первый месяц: с дня подключения до конца месяца.')),
    _whole(N_('Тариф дороже начинает работать сразу.')),
    _whole(N_('Доплата — за оставшиеся дни месяца, день перехода считается.')),
    _whole(N_('Месяц уже оплачен по прежней цене.')),
    _whole(N_('Возврат — за оставшиеся дни, день перехода считается.')),
)
_OF_THINGS = (
    _whole(N_('Услуга оплачивается с сегодняшнего дня, дальше — 1-го числа вместе с абонплатой.')),
    _whole(N_('Разовая услуга: оплачивается один раз, при подключении.')),
    _whole(N_('Аренда оплачивается с сегодняшнего дня, дальше — 1-го числа вместе с абонплатой.')),
    _whole(N_('Покупка оборудования: оплачивается один раз.')),
    _whole(N_('Выкуп арендованного устройства по цене каталога.')),
    (
        re.compile(rf'При выкупе засчитывается (?P<percent>\d+) % аренды с (?P<day>{DAY}) по сегодняшний день\.'),
        N_('При выкупе засчитывается {percent} % аренды с {day} по сегодняшний день.'),
    ),
    _whole(N_('Месяц аренды оплачен вперёд: возвращаем дни после сегодняшнего.')),
    _whole(N_('Оборудование после расторжения не вернули: цена по каталогу.')),
)
_OF_STOPS = (
    _whole(N_('Списывается один раз, в день, когда вы приостанавливаете интернет.')),
    _whole(N_('Приостановка отменена до первого дня.')),
    (
        re.compile(
            rf'(?P<name>Возврат за дни приостановки|Возврат из приостановки раньше срока): (?P<day>{DAY}) — '
            rf'(?P<day_last>{DAY}), (?P<days>\d+) дн\.'
        ),
        N_('{name}: {day} — {day_last}, {days} дн.'),
    ),
    (
        re.compile(rf'(?P<name>Возврат за дни после расторжения): с (?P<day>{DAY}) до конца оплаченного месяца\.'),
        N_('{name}: с {day} до конца оплаченного месяца.'),
    ),
    (
        re.compile(
            rf'Интернет был остановлен за долг (?P<day>{DAY}), прошло (?P<days>\d+) дн\. '
            r'Первые (?P<free>\d+) дн\. — бесплатно\.'
        ),
        N_('Интернет был остановлен за долг {day}, прошло {days} дн. Первые {free} дн. — бесплатно.'),
    ),
)
_OF_TRAFFIC = (
    (
        re.compile(rf'По показанию от (?P<day>{DAY}) за (?P<month>{MONTH}) — (?P<used>[\d,]+) ГБ\.'),
        N_('По показанию от {day} за {month} — {used} ГБ.'),
    ),
    (
        re.compile(r'В тариф «(?P<name>[^»]*)» входит (?P<gb>\d+) ГБ и ещё (?P<extra>\d+) ГБ по промокоду и пакетам\.'),
        N_('В тариф «{name}» входит {gb} ГБ и ещё {extra} ГБ по промокоду и пакетам.'),
    ),
    (re.compile(r'В тариф «(?P<name>[^»]*)» входит (?P<gb>\d+) ГБ\.'), N_('В тариф «{name}» входит {gb} ГБ.')),
    _whole(N_('Тариф в этом месяце менялся: считаем по тому, где трафика больше.')),
    (re.compile(r'Сверх квоты начато (?P<count>\d+) МБ\.'), N_('Сверх квоты начато {count} МБ.')),
    _whole(N_('Каждый начатый мегабайт считается целым.')),
)
_OF_PAPERS = (
    (re.compile(rf'Договор № (?P<number>{_NUMBER})\.'), N_('Договор № {number}.')),
    (re.compile(rf'Расчёт к заявке № (?P<number>{_NUMBER})'), N_('Расчёт к заявке № {number}')),
    (re.compile(rf'Расторжение договора № (?P<number>{_NUMBER})'), N_('Расторжение договора № {number}')),
    (re.compile(rf'Исправление № (?P<number>{_NUMBER})'), N_('Исправление № {number}')),
    (re.compile(r'Платёж (?P<name>bePaid|WEBPAY|ЕРИП) (?P<uid>\S+)'), N_('Платёж {name} {uid}')),
    (
        re.compile(rf'Возврат (?P<uid>\S+) по платежу № (?P<number>{_NUMBER})'),
        N_('Возврат {uid} по платежу № {number}'),
    ),
    (
        re.compile(rf'Кассовый документ № (?P<number>\S+) от (?P<day>{DAY})'),
        N_('Кассовый документ № {number} от {day}'),
    ),
    (
        re.compile(rf'Платёжное поручение № (?P<number>\S+) от (?P<day>{DAY})'),
        N_('Платёжное поручение № {number} от {day}'),
    ),
    (re.compile(r'Платёжное поручение № (?P<number>\S+)'), N_('Платёжное поручение № {number}')),
    (
        re.compile(rf'Реестр № (?P<registry>\d+), документ (?P<number>\S+) от (?P<day>{DAY})'),
        N_('Реестр № {registry}, документ {number} от {day}'),
    ),
    _whole(N_('Оплата картой на сайте.')),
)
SENTENCES = (*_OF_MONTH, *_OF_THINGS, *_OF_STOPS, *_OF_TRAFFIC, *_OF_PAPERS)


def basis(text: str, *, into: str = '') -> str:
    """Return the rule behind a line in a language; a sentence it does not know stays as it is."""
    into = into or language()
    if into == 'ru':
        return text
    told = []
    rest = text
    while rest:
        known = in_shape(rest, SENTENCES, into)
        if known is None:
            end = rest.find('. ') + 1 or len(rest)
            known = rest[:end], rest[end:]
        mark = known[1][:1] if known[1][:1] in ('.', ',') else ''
        told.append(known[0] + mark)
        rest = known[1][len(mark) :].lstrip()
    return ' '.join(told)
