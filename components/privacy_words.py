"""Words about a person's own data: requests, their terms, what stands in the way of erasing, what went wrong."""

from components.i18n import _, filled, long_date, plural
from components.posted import problem_words
from models.privacy import RequestKind, RequestState
from services.errors import N_
from services.privacy.erasure import Obstacle
from services.privacy.requests import RequestRow

SOON = 3
"""Days before the end of a term from which it is shown in the colour of haste."""
_KINDS = {RequestKind.ERASURE: N_('Удалить данные'), RequestKind.INFORMATION: N_('Узнать, что записано')}
_STATES = {
    RequestState.OPEN: ('attention', N_('Ждёт ответа')),
    RequestState.DONE: ('good', N_('Выполнен')),
    RequestState.REFUSED: ('bad', N_('Отказ')),
    RequestState.WITHDRAWN: ('neutral', N_('Отозван')),
}


def kind_word(kind: str) -> str:
    """Return what a request is about."""
    return _(_KINDS[RequestKind(kind)])


def state_word(state: str) -> tuple[str, str]:
    """Return the look and the word of a request's state."""
    look, word = _STATES[RequestState(state)]
    return look, _(word)


def term_word(row: RequestRow) -> tuple[str, str]:
    """Return the look and the words of the days left for an answer."""
    if row.days_left < 0:
        late = plural(-row.days_left, 'день', 'дня', 'дней')
        return 'bad', _('Просрочен на {days}').format(days=late)
    if row.days_left == 0:
        return 'bad', _('Ответить сегодня')
    days = plural(row.days_left, 'день', 'дня', 'дней')
    return ('attention' if row.days_left <= SOON else 'info'), _('Осталось: {days}').format(days=days)


def obstacle_words(obstacle: Obstacle) -> str:
    """Return an obstacle as a sentence, with the day on which it goes by itself."""
    words = filled(obstacle.reason, obstacle.facts)
    if obstacle.until is None:
        return words
    return f'{words} {_("Это решится само, не позже: {day}.").format(day=long_date(obstacle.until))}'


def privacy_problem(problem: str) -> str:
    """Return the sentence for the word with which a form of the profile came back."""
    words = {'copy': _('Этих файлов уже нет: они лежат сутки. Соберите данные ещё раз.')}
    return words.get(problem) or problem_words(problem)
