"""/my/termination: end the contract: the last day, the money before the click, and the way back until that day."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import HTMLResponse, Response

from components import termination_words as words
from components.action import form_key as new_key
from components.cabinet_page import cabinet_page
from components.confirming import ask_to_confirm
from components.guards import requires
from components.i18n import _, error_text
from components.posted import posted, problem_words, whole_number
from components.redirect import see_other
from components.session import act, act_for
from components.shell import frame_for
from components.templating import render
from models.user import Role
from pages.entry.recovery import field_errors, other_problem
from services.accounts import terminations
from services.accounts.shown_quotes import QuoteChanged, ShownQuote
from services.accounts.termination_requests import Wish
from services.accounts.terminations import TerminationBoard, TerminationView
from services.authority import OwnerOnly
from services.errors import ContractLeft, DomainError, InvalidForm, NotAllowed, SignInRequired
from services.identity.step_up import StepUpRequired

Text = Annotated[str, Form()]
PATH = '/my/termination'
EMPTY = {'reason': 'not_said', 'words': '', 'money': 'later', 'iban': '', 'target': ''}


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(PATH, request_end, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/money', redirect_rest, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/withdraw', withdraw, methods=['POST'], include_in_schema=False)


@ui.page('/my/termination')
@requires(Role.SUBSCRIBER)
async def termination_page(last_day: str = '', changed: str = '', done: str = '', problem: str = '') -> None:
    """Show what stands about the end; with `?last_day=2026-12-31` what it does to the wallet, and the last step."""
    board = await act(terminations.board)
    shown, error, refusal = await _shown(board, last_day[:16])
    told = {
        'requested': _('Записали. Письмо с датой придёт на почту.'),
        'redirected': _('Записали, куда вернуть остаток.'),
        'withdrawn': _('Просьбу отозвали: договор действует дальше.'),
    }
    await cabinet_page(
        'cabinet_termination.html',
        _('Расторжение договора'),
        active='termination',
        board=board,
        shown=shown,
        chosen=date.fromisoformat(shown.request['last_day']) if shown else None,
        words=words,
        changed=bool(changed),
        day_error=error,
        typed_day=last_day[:16] or board.earliest.isoformat(),
        told=told.get(done, ''),
        problem=refusal or problem_words(problem),
        **_form_facts(board.others, _said(board.current)),
    )


async def _shown(board: TerminationBoard, last_day: str) -> tuple[ShownQuote | None, str, str]:
    """Return the quote of a day, or what is wrong with the day, or why there is none."""
    if not last_day or board.current or board.is_over:
        return None, '', ''
    try:
        return await act(terminations.quote, last_day), '', ''
    except DomainError as error:
        return (None, error_text(error), '') if error.field else (None, '', error_text(error))


def _form_facts(others: tuple[str, ...], typed: dict[str, str] | None = None, error: Any = None) -> dict[str, object]:
    return {
        'typed': EMPTY | (typed or {}),
        'reasons': words.reasons(),
        'targets': [(number, number) for number in others],
        'errors': field_errors(error),
    }


async def request_end(request: Request, quote_id: Text = '', last_day: Text = '', contract: Text = '') -> Response:
    """Ask for the end the shown quote tells of; a mistake or a password asked for once more keeps what was typed."""
    form = await request.form()
    typed = {name: str(form.get(name, '')) for name in EMPTY}
    what = (whole_number(quote_id), str(form.get('form_key', '')), Wish(**typed))
    try:
        await act_for(request, terminations.request, *what, drawn_for=contract)
    except SignInRequired:
        return see_other('/my/index?next=%2Fmy%2Ftermination')
    except StepUpRequired:
        return await ask_to_confirm(request, back=PATH)
    except InvalidForm as error:
        kept = {name: value[:500] for name, value in typed.items()}
        hidden = {'quote_id': quote_id[:12], 'last_day': last_day[:16], 'contract': contract[:16]}
        return await _form_again(request, kept, hidden, error)
    except DomainError as error:
        return see_other(_after_refusal(error, last_day[:16]))
    return see_other(f'{PATH}?done=requested')


def _after_refusal(error: DomainError, last_day: str) -> str:
    if isinstance(error, ContractLeft):
        return '/my/index?problem=moved'
    if isinstance(error, OwnerOnly | NotAllowed):
        return '/my/index?problem=owner'
    again = urlencode({'last_day': last_day})
    return f'{PATH}?{again}&changed=1#quote' if isinstance(error, QuoteChanged) else f'{PATH}?problem=refused'


async def _form_again(request: Request, typed: dict[str, str], hidden: dict[str, str], error: InvalidForm) -> Response:
    board = await act_for(request, terminations.board)
    frame = await frame_for(request, title=_('Расторжение договора'))
    facts = _form_facts(board.others, typed, error)
    page = render(
        'termination_page.html', frame=frame, form_key=new_key(), problem=other_problem(error), **facts, **hidden
    )
    return HTMLResponse(page, status_code=error.status)


def _said(current: TerminationView | None) -> dict[str, str]:
    """Return what was said before about the rest; the number of the account is typed anew."""
    return {'money': str(current.money), 'target': current.target} if current else {}


async def redirect_rest(request: Request, termination: Text = '', contract: Text = '') -> Response:
    """Say anew where the rest goes; a mistake keeps what was typed."""
    form = await request.form()
    typed = {name: str(form.get(name, '')) for name in ('money', 'iban', 'target')}
    what = (whole_number(termination), Wish(**typed))
    try:
        await act_for(request, terminations.redirect_rest, *what, drawn_for=contract)
    except SignInRequired:
        return see_other('/my/index?next=%2Fmy%2Ftermination')
    except StepUpRequired:
        return await ask_to_confirm(request, back=PATH)
    except InvalidForm as error:
        kept = {name: value[:500] for name, value in typed.items()}
        return await _form_again(request, kept, {'termination': termination[:12], 'contract': contract[:16]}, error)
    except DomainError as error:
        return see_other(_after_refusal(error, ''))
    return see_other(f'{PATH}?done=redirected')


async def withdraw(request: Request, termination: Text = '', contract: Text = '') -> Response:
    """Take the request back: the contract goes on."""
    service = terminations.withdraw
    return await posted(request, service, whole_number(termination), page=PATH, done='withdrawn', drawn_for=contract)
