"""Words of the list of lines: what is to be done, why, and the button that says it is done."""

from components.application_words import StateWord
from components.i18n import _, speed
from services.errors import N_
from services.network.line_list import DoneRow, LineRow
from services.network.lines import Reason, Work

_WORKS = {
    Work.RESTORE: ('good', N_('Включить'), 'play'),
    Work.CUT: ('bad', N_('Отключить'), 'ban'),
    Work.SPEED: ('info', N_('Сменить скорость'), 'refresh-cw'),
}
_DONE = {Work.RESTORE: N_('Включено'), Work.CUT: N_('Отключено'), Work.SPEED: N_('Скорость сменена')}
_REASONS = {
    Reason.PAID: N_('долг погашен'),
    Reason.RESUMED: N_('приостановка закончилась'),
    Reason.TERMINATED: N_('договор расторгнут'),
    Reason.DEBT: N_('долг'),
    Reason.PAUSED: N_('приостановка по желанию'),
    Reason.TARIFF: N_('смена тарифа'),
    Reason.BOOST: N_('ускорение'),
    Reason.BOOST_OVER: N_('ускорение закончилось'),
    Reason.PROMO: N_('скорость по промокоду'),
}


def work_word(work: Work) -> StateWord:
    """Return how a kind of work is shown."""
    kind, word, icon = _WORKS[work]
    return StateWord(kind, _(word), icon)


def works() -> dict[str, str]:
    """Return the kinds of work one can look for, with their words."""
    return {str(work): _(word) for work, (_kind, word, _icon) in _WORKS.items()}


def done_word(work: Work) -> str:
    """Return the word of the button that ticks a line off."""
    return _(_DONE[work])


def reason_word(reason: Reason) -> str:
    """Return why a line is to be touched."""
    return _(_REASONS[reason])


def speed_words(row: LineRow | DoneRow) -> str:
    """Return the speed a line should have, from which one where that matters; nothing for a line that is off."""
    if row.speed is None:
        return ''
    if isinstance(row, LineRow) and row.old is not None:
        return f'{speed(row.old)} → {speed(row.speed)}'
    return speed(row.speed)
