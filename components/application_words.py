"""Applications in words: states, verbs, what happened."""

from typing import NamedTuple

from components.i18n import _, plural
from models.application import ApplicationStatus
from models.visit import VisitStatus
from services.errors import N_

_S = ApplicationStatus


class StateWord(NamedTuple):
    """A state on the screen: kind and icon for the badge, and the word."""

    kind: str
    word: str
    icon: str


_STATES = {
    _S.NEW: ('info', N_('Новая'), 'bell'),
    _S.IN_REVIEW: ('attention', N_('На рассмотрении'), 'user'),
    _S.NO_ANSWER: ('attention', N_('Не дозвонились'), 'phone'),
    _S.FEASIBILITY_CHECK: ('attention', N_('Проверка возможности'), 'search'),
    _S.SURVEY: ('attention', N_('Обследование'), 'map-pin'),
    _S.NOT_FEASIBLE: ('bad', N_('Нет возможности'), 'ban'),
    _S.WAITLIST: ('neutral', N_('Лист ожидания'), 'clock'),
    _S.CONFIRMED: ('good', N_('Согласована'), 'check'),
    _S.SCHEDULED: ('good', N_('Назначен выезд'), 'calendar'),
    _S.RESCHEDULED: ('attention', N_('Перенесена'), 'refresh-cw'),
    _S.EN_ROUTE: ('good', N_('Мастер выехал'), 'truck'),
    _S.NO_ACCESS: ('bad', N_('Нет доступа'), 'lock'),
    _S.INSTALLING: ('good', N_('Подключение'), 'wrench'),
    _S.CONTRACT_SIGNING: ('good', N_('Подписание договора'), 'signature'),
    _S.ACTIVATED: ('good', N_('Подключена'), 'circle-check'),
    _S.REJECTED: ('bad', N_('Отклонена'), 'ban'),
    _S.CANCELLED: ('neutral', N_('Отменена'), 'x'),
    _S.FAILED: ('bad', N_('Не выполнена'), 'triangle-alert'),
}
_VISITS = {
    VisitStatus.PLANNED: ('info', N_('Назначен'), 'calendar'),
    VisitStatus.EN_ROUTE: ('good', N_('Мастер в пути'), 'truck'),
    VisitStatus.STARTED: ('good', N_('Мастер на месте'), 'wrench'),
    VisitStatus.COMPLETED: ('good', N_('Завершён'), 'circle-check'),
    VisitStatus.NO_ACCESS: ('bad', N_('Не попал в квартиру'), 'lock'),
    VisitStatus.FAILED: ('bad', N_('Не выполнен'), 'triangle-alert'),
    VisitStatus.CANCELLED: ('neutral', N_('Снят'), 'x'),
}
_VERBS = {
    _S.IN_REVIEW: N_('Взять в работу'),
    _S.CONFIRMED: N_('Согласовать'),
    _S.FEASIBILITY_CHECK: N_('Проверить возможность'),
    _S.SURVEY: N_('Отправить на обследование'),
    _S.NOT_FEASIBLE: N_('Подключить нельзя'),
    _S.WAITLIST: N_('В лист ожидания'),
    _S.SCHEDULED: N_('Назначить выезд'),
    _S.RESCHEDULED: N_('Снять выезд'),
    _S.REJECTED: N_('Отклонить'),
    _S.CANCELLED: N_('Отменить заявку'),
}
_HAPPENINGS = {
    'call_reached': N_('Дозвонились'),
    'call_no_answer': N_('Не дозвонились'),
    'call_later': N_('Просили перезвонить'),
    'note': N_('Заметка'),
    'visit': N_('Выезд'),
    'own_visit': N_('Клиент выбрал время'),
    'own_move': N_('Клиент перенёс выезд'),
    'own_cancel': N_('Клиент отменил выезд'),
    'contacts': N_('Исправлены контакты'),
}
_HOUSES = {'flat': N_('Многоквартирный дом'), 'private': N_('Частный дом'), 'village': N_('Дом в деревне')}
_TECHNOLOGIES = {
    'gpon': N_('оптика'),
    'ethernet': N_('витая пара'),
    'wireless': N_('радиоканал'),
    'satellite': N_('спутник'),
}
_LINES = {
    'tariff': N_('Интернет «{title}»'),
    'tv': N_('ТВ «{title}»'),
    'rent': N_('Аренда: {title}'),
    'equipment': N_('Покупка: {title}'),
}
_WORKING_DAY = 660


def state_word(status: ApplicationStatus) -> StateWord:
    """Return how a state of an application is shown."""
    kind, word, icon = _STATES[status]
    return StateWord(kind, _(word), icon)


def visit_word(status: VisitStatus) -> StateWord:
    """Return how a state of a visit is shown."""
    kind, word, icon = _VISITS[status]
    return StateWord(kind, _(word), icon)


def verb(status: ApplicationStatus) -> str:
    """Return the button that leads to this state."""
    return _(_VERBS[status])


def happening(kind: str, to_status: ApplicationStatus | None) -> str:
    """Return the title of an entry of the history."""
    if to_status is not None:
        return state_word(to_status).word
    return _(_HAPPENINGS.get(kind, kind))


def house_kind(kind: str) -> str:
    """Return the kind of a house in words."""
    return _(_HOUSES[kind])


def technologies(codes: tuple[str, ...]) -> str:
    """Return how the line comes into a house: «оптика, витая пара»."""
    return ', '.join(_(_TECHNOLOGIES[code]) for code in codes)


def line_title(kind: str, title: str) -> str:
    """Return what a line of the promised price is for."""
    return _(_LINES.get(kind, '{title}')).format(title=_(title))


def waiting(minutes: int) -> str:
    """Return working minutes in words: «25 мин», «1 ч 30 мин», «3 рабочих дня»."""
    if minutes >= _WORKING_DAY:
        return plural(minutes // _WORKING_DAY, 'рабочий день', 'рабочих дня', 'рабочих дней')
    hours, rest = divmod(minutes, 60)
    parts = [_('{n} ч').format(n=hours)] if hours else []
    if rest or not hours:
        parts.append(_('{n} мин').format(n=rest))
    return ' '.join(parts)
