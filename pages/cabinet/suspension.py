"""/my/suspension: stop the internet for some weeks, come back earlier; the money is shown before."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import Response

from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _, error_text, long_date
from components.posted import posted, problem_words, whole_number
from components.quote_words import QuoteCard, return_card, suspension_card
from components.session import act
from models.user import Role
from services.accounts import suspension_terms, suspensions
from services.accounts.suspensions import SuspensionBoard
from services.clock import today
from services.errors import DomainError

PATH = '/my/suspension'
USUAL_DAYS = '14'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(PATH, suspend, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/resume', resume, methods=['POST'], include_in_schema=False)


@ui.page('/my/suspension')
@requires(Role.SUBSCRIBER)
async def suspension_page(
    starts_on: str = '',
    days: str = '',
    resume: str = '',
    changed: str = '',
    done: str = '',
    problem: str = '',
) -> None:
    """Show the state; with `?starts_on=2026-12-01&days=14` that quote, with `?resume=1` the quote of coming back."""
    board = await act(suspensions.board)
    card, errors, refusal = await _card(board, starts_on[:16], days[:8], resume, changed=bool(changed))
    words = {
        'suspended': _('Приостановка назначена. Письмо с датами придёт на почту.'),
        'resumed': _('Интернет снова работает.'),
        'called-off': _('Приостановка отменена.'),
    }
    await cabinet_page(
        'cabinet_suspension.html',
        _('Приостановка'),
        active='suspension',
        board=board,
        quote=card,
        errors={'starts_on': '', 'days': '', **errors},
        typed={'starts_on': starts_on or board.earliest.isoformat(), 'days': days or USUAL_DAYS},
        told=words.get(done, ''),
        problem=refusal or problem_words(problem),
    )


async def _card(
    board: SuspensionBoard, starts_on: str, days: str, resume: str, *, changed: bool
) -> tuple[QuoteCard | None, dict[str, str], str]:
    """Return the quote in words, or the error by field, or why there is no quote."""
    try:
        if board.current and resume:
            shown = await act(suspensions.quote_resume)
            return return_card(shown, is_running=board.current.is_running, changed=changed), {}, ''
        if not board.current and (starts_on or days):
            return await _new(starts_on, days, changed=changed), {}, ''
    except DomainError as error:
        return (None, {error.field: error_text(error)}, '') if error.field else (None, {}, error_text(error))
    return None, {}, ''


async def _new(starts_on: str, days: str, *, changed: bool) -> QuoteCard:
    shown = await act(suspensions.quote, starts_on, days)
    first, back_on = suspension_terms.days_of(shown.request)
    length: Any = shown.request['days']
    return suspension_card(shown, long_date(first), long_date(back_on), length, changed=changed)


async def suspend(
    request: Request,
    quote_id: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    starts_on: Annotated[str, Form()] = '',
    days: Annotated[str, Form()] = '',
) -> Response:
    """Do what the shown quote says."""
    again = urlencode({'starts_on': starts_on[:16], 'days': days[:8]})
    return await posted(
        request, suspensions.suspend, whole_number(quote_id), form_key, page=PATH, done='suspended', again=again
    )


async def resume(
    request: Request, quote_id: Annotated[str, Form()] = '', form_key: Annotated[str, Form()] = ''
) -> Response:
    """Come back today, or call a suspension off before its first day."""
    return await posted(
        request, suspensions.resume, whole_number(quote_id), form_key, page=PATH, done=_come_back, again='resume=1'
    )


def _come_back(first_paid_day: date) -> str:
    return 'resumed' if first_paid_day <= today() else 'called-off'
