"""Native forms of the cabinet: do it, then show the page again with a word about what was done or refused."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from components.confirming import ask_to_confirm
from components.i18n import _, error_text
from components.redirect import see_other
from components.session import act_for, actor_of
from services.accounts.shown_quotes import QuoteChanged
from services.authority import OwnerOnly
from services.errors import (
    ContractLeft,
    DomainError,
    InvalidField,
    InvalidForm,
    NotAllowed,
    SignInRequired,
    TooManyRequests,
    too_many,
)
from services.identity.step_up import StepUpRequired

LATER = 'later-'
"""Begins the word of a limit that was reached; the minutes to wait follow."""


async def posted(
    request: Request,
    service: Callable[..., Any],
    *args: Any,
    page: str,
    done: str | Callable[[Any], str],
    again: str = '',
    drawn_for: str = '',
) -> Response:
    """Run a service for the person who sent the form and lead him back.

    Args:
        page: where the form stands.
        done: the word in the address that makes the page say what was done, or what makes it from the service's answer.
        again: query of the page that draws the quote anew when it changed meanwhile.
        drawn_for: the number of the contract the form was drawn for; another one chosen meanwhile is not touched.
    """
    if actor_of(request) is None:
        return see_other(_sign_in_before(page))
    try:
        answer = await act_for(request, service, *args, drawn_for=drawn_for)
    except StepUpRequired:
        return await ask_to_confirm(request, back=page)
    except DomainError as error:
        return see_other(_after_refusal(error, page, again))
    return see_other(f'{page}?done={done(answer) if callable(done) else done}')


def _after_refusal(error: DomainError, page: str, again: str) -> str:
    if isinstance(error, ContractLeft):
        return '/my/index?problem=moved'
    if isinstance(error, OwnerOnly):
        return '/my/index?problem=owner'
    if isinstance(error, SignInRequired | NotAllowed):
        return _sign_in_before(page)
    if isinstance(error, TooManyRequests):
        return f'{page}?problem={LATER}{error.facts["minutes"]}'
    if isinstance(error, QuoteChanged):
        return f'{page}?{again}&changed=1#quote' if again else f'{page}?problem=changed'
    word = 'wrong' if isinstance(error, InvalidField | InvalidForm) else 'refused'
    return f'{page}?{again}#quote' if again else f'{page}?problem={word}'


def _sign_in_before(page: str) -> str:
    return f'/my/index?{urlencode({"next": page, "ended": 1})}'


def problem_words(problem: str) -> str:
    """Return the sentence for the word a form came back with; an unknown word says nothing."""
    if problem.startswith(LATER):
        return error_text(too_many(whole_number(problem.removeprefix(LATER))))
    words = {
        'wrong': _('Не сохранено: в поле ошибка. Проверьте, что вы ввели, и отправьте ещё раз.'),
        'changed': _('Пока вы смотрели, расчёт изменился. Посмотрите новые суммы и попробуйте ещё раз.'),
        'owner': _('Вам это не открыто: это может владелец договора или тот, кому он доверил больше.'),
        'moved': error_text(ContractLeft()),
        'refused': _('Не получилось: состояние договора изменилось. Посмотрите, что сейчас на странице.'),
    }
    return words.get(problem, '')


def whole_number(text: str) -> int:
    """Return a number from a form, or zero, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
