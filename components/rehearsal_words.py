"""The billing clock in words: what happens, its picture, how a contract stands at the end."""

from components.i18n import _, money
from services.errors import N_
from services.rehearsal.days import State
from services.rehearsal.happenings import Happening, What

_EVENTS = {
    What.SUSPENDED: ('pause', N_('Приостановили интернет')),
    What.RESUMED: ('play', N_('Интернет возобновился')),
    What.PRICE: ('info', N_('Новая цена тарифа «{name}»: {sum} в месяц')),
    What.PROMO_ENDED: ('x', N_('Скидка по промокоду {name} закончилась')),
    What.ADD_ON_ENDED: ('x', N_('Закончилась услуга «{name}»')),
    What.TARIFF: ('refresh-cw', N_('Тариф сменился на «{name}»')),
    What.TARIFF_CALLED_OFF: ('refresh-cw', N_('Смену тарифа на «{name}» отменили')),
    What.PROMISE_KEPT: ('circle-check', N_('Обещанный платёж погашен')),
    What.PROMISE_LAPSED: ('triangle-alert', N_('Обещанный платёж не погашен в срок')),
    What.UNBLOCKED: ('circle-check', N_('Снова включили интернет')),
    What.BLOCKED: ('ban', N_('Остановили интернет: на счёте не хватает денег')),
    What.TERMINATED: ('x', N_('Договор расторгнут')),
    What.LETTER: ('mail', N_('Ушло бы письмо: {name}')),
}
_STATES = {
    State.WORKS: ('good', N_('Работает')),
    State.BLOCKED: ('bad', N_('Отключён за долг')),
    State.PAUSED: ('attention', N_('Приостановлен')),
    State.TERMINATED: ('neutral', N_('Договор расторгнут')),
}


def event_icon(each: Happening) -> str:
    """Return the picture of what happens."""
    return _EVENTS[each.what][0]


def event_words(each: Happening) -> str:
    """Return what happens; of money, what would stand in the books."""
    if each.what not in _EVENTS:
        return each.name
    return _(_EVENTS[each.what][1]).format(name=each.name, sum=money(each.sum) if each.sum is not None else '')


def state_words(state: State) -> tuple[str, str]:
    """Return the kind of badge and its word."""
    kind, words = _STATES[state]
    return kind, _(words)
