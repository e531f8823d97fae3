"""/my/access, «Доступ близких»: to whom the owner opened his contract; giving, changing, ending and refusing it."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import HTMLResponse, Response

from components.access_words import deed_lines, level_options, level_words, term_options
from components.action import form_key as new_key
from components.cabinet_page import cabinet_page
from components.confirming import ask_to_confirm
from components.guards import requires
from components.i18n import _
from components.posted import posted, problem_words, whole_number
from components.redirect import SECURITY, see_other
from components.session import act, act_for
from components.shell import frame_for
from components.templating import render
from models.user import Role
from pages.entry.recovery import field_errors, other_problem
from services.authority import OwnerOnly
from services.contracts import access_board, access_grants, access_refusals
from services.errors import ContractLeft, DomainError, NotAllowed, SignInRequired
from services.identity.step_up import StepUpRequired

Text = Annotated[str, Form()]
PATH = '/my/access'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(PATH, give, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/change', change, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/again', again, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/end', end, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/give-up', give_up, methods=['POST'], include_in_schema=False)


@ui.page('/my/access')
@requires(Role.SUBSCRIBER)
async def access_page(done: str = '', problem: str = '') -> None:
    """Show who has access, with the form that gives it to another one."""
    board = await act(access_board.board)
    words = {
        'given': _('Приглашение отправлено. Доступ откроется, когда его примут.'),
        'again': _('Новая ссылка отправлена, прежняя больше не действует.'),
        'changed': _('Доступ изменён: следующее нажатие этого человека его уже учтёт.'),
        'ended': _('Доступ закрыт.'),
    }
    await cabinet_page(
        'cabinet_access.html',
        _('Доступ близких'),
        active='access',
        board=board,
        deeds=deed_lines(board.deeds),
        level_words=level_words(),
        told=words.get(done, ''),
        problem=problem_words(problem),
        **_form_facts(),
    )


def _form_facts(typed: dict[str, str] | None = None, error: DomainError | None = None) -> dict[str, object]:
    empty = {'name': '', 'email': '', 'level': 'see', 'until': 'year'}
    return {
        'typed': empty | (typed or {}),
        'levels': level_options(),
        'terms': term_options(),
        'errors': field_errors(error),
    }


async def give(
    request: Request,
    name: Text = '',
    email: Text = '',
    level: Text = '',
    until: Text = '',
    form_key: Text = '',
    contract: Text = '',
) -> Response:
    """Invite somebody; a mistake or a password asked for once more keeps what was typed."""
    try:
        await act_for(request, access_grants.give, name, email, level, until, form_key, drawn_for=contract)
    except SignInRequired:
        return see_other('/my/index?next=%2Fmy%2Faccess')
    except (OwnerOnly, NotAllowed):
        return see_other('/my/index?problem=owner')
    except ContractLeft:
        return see_other('/my/index?problem=moved')
    except StepUpRequired:
        return await ask_to_confirm(request, back=PATH)
    except DomainError as error:
        typed = {'name': name[:80], 'email': email[:254], 'level': level[:16], 'until': until[:16]}
        return await _form_again(request, typed, error)
    return see_other(f'{PATH}?done=given')


async def _form_again(request: Request, typed: dict[str, str], error: DomainError) -> Response:
    frame = await frame_for(request, title=_('Открыть доступ'))
    facts = _form_facts(typed, error)
    page = render('access_page.html', frame=frame, form_key=new_key(), problem=other_problem(error), **facts)
    return HTMLResponse(page, status_code=error.status)


async def change(
    request: Request, grant: Text = '', level: Text = '', until: Text = '', contract: Text = ''
) -> Response:
    """Change what a person may do, or until when."""
    what = (whole_number(grant), level, until)
    return await posted(request, access_grants.change, *what, page=PATH, done='changed', drawn_for=contract)


async def again(request: Request, grant: Text = '', contract: Text = '') -> Response:
    """Send a new link for an invitation."""
    service = access_grants.invite_again
    return await posted(request, service, whole_number(grant), page=PATH, done='again', drawn_for=contract)


async def end(request: Request, grant: Text = '', contract: Text = '') -> Response:
    """Close the contract to a person."""
    return await posted(request, access_grants.end, whole_number(grant), page=PATH, done='ended', drawn_for=contract)


async def give_up(request: Request, number: Text = '') -> Response:
    """Give up what somebody else has opened; its form stands on «Безопасность», which is open to every relative."""
    page = SECURITY[Role.SUBSCRIBER]
    return await posted(request, access_refusals.give_up, number[:32], page=page, done='given-up')
