"""Money of the console in words: what a debtor's line does, what became of a correction."""

from components.application_words import StateWord
from components.i18n import _
from models.correction import CorrectionState
from services.accounts.debts import LineState
from services.errors import N_

_LINES = {
    LineState.BLOCKED: ('bad', N_('Заблокирован'), 'ban'),
    LineState.PROMISED: ('attention', N_('Обещанный платёж'), 'clock'),
    LineState.PAUSED: ('neutral', N_('Приостановлен'), 'pause'),
    LineState.FIRST_DAYS: ('info', N_('Первые дни'), 'circle-check'),
    LineState.ALLOWED: ('info', N_('Долг в пределах правил'), 'circle-check'),
    LineState.CREDIT: ('info', N_('Кредит доверия'), 'circle-check'),
    LineState.PAYING: ('info', N_('Платёж в пути'), 'clock'),
    LineState.TERMINATED: ('neutral', N_('Расторгнут'), 'x'),
    LineState.WAITING: ('attention', N_('Скоро заблокируем'), 'triangle-alert'),
}
_CORRECTIONS = {
    CorrectionState.WAITING: ('attention', N_('Ждёт второго сотрудника'), 'clock'),
    CorrectionState.BOOKED: ('good', N_('Проведено'), 'check'),
    CorrectionState.REFUSED: ('neutral', N_('Отклонено'), 'x'),
}


def line_word(line: LineState) -> StateWord:
    """Return how the state of a debtor's line is shown."""
    kind, word, icon = _LINES[line]
    return StateWord(kind, _(word), icon)


def line_words() -> dict[str, str]:
    """Return the states one can look for, with their words."""
    return {str(line): _(word) for line, (_kind, word, _icon) in _LINES.items()}


def correction_word(state: CorrectionState) -> StateWord:
    """Return how the state of a correction is shown."""
    kind, word, icon = _CORRECTIONS[state]
    return StateWord(kind, _(word), icon)
