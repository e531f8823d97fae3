"""/operator/factor-resets: «Сброс второго фактора»: one employee asks, another confirms."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import HTMLResponse, Response

from components.confirming import ask_to_confirm
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.redirect import SIGN_IN, see_other
from components.session import act, act_for
from components.shell import frame_for, paint
from components.templating import render
from models.user import Role
from pages.entry.recovery import field_errors, other_problem
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import factor_reset
from services.identity.step_up import StepUpRequired

PATH = '/operator/factor-resets'
Text = Annotated[str, Form()]


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms."""
    app.add_api_route(PATH, ask, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/confirm', confirm, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/decline', decline, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def factor_resets_page(done: str = '') -> None:
    """Show what waits for a second employee, and the form of a new request."""
    words = {
        'asked': _('Запрос создан. Его подтвердит другой сотрудник, человеку ушло письмо.'),
        'confirmed': _('Второй фактор сброшен. Человек входит заново, ему ушло письмо.'),
        'declined': _('Запрос отклонён, ничего не изменилось.'),
    }
    frame = await frame_for(context.client.request, title=_('Сброс второго фактора'))
    waiting = await act(factor_reset.list_waiting)
    facts = {'known_as': '', 'reason': '', 'errors': {}, 'problem': '', 'done': words.get(done, '')}
    paint('factor_resets.html', frame=frame, area='operator', active='security', waiting=waiting, **facts)


async def ask(request: Request, known_as: Text = '', reason: Text = '') -> Response:
    """Take a new request."""
    try:
        await act_for(request, factor_reset.request, known_as, reason)
    except StepUpRequired:
        return await ask_to_confirm(request, back=PATH)
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except DomainError as error:
        return await _again(request, error, known_as=known_as[:64], reason=reason[:500])
    return see_other(f'{PATH}?done=asked')


async def confirm(request: Request, reset: Text = '') -> Response:
    """Reset the factor."""
    try:
        await act_for(request, factor_reset.confirm, whole_number(reset))
    except StepUpRequired:
        return await ask_to_confirm(request, back=PATH)
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except DomainError as error:
        return await _again(request, error)
    return see_other(f'{PATH}?done=confirmed')


async def decline(request: Request, reset: Text = '') -> Response:
    """Close a request without doing anything."""
    try:
        await act_for(request, factor_reset.decline, whole_number(reset))
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except DomainError as error:
        return await _again(request, error)
    return see_other(f'{PATH}?done=declined')


async def _again(request: Request, error: DomainError, *, known_as: str = '', reason: str = '') -> Response:
    try:
        waiting = await act_for(request, factor_reset.list_waiting)
    except DomainError:
        return see_other(SIGN_IN)
    page = render(
        'factor_resets_page.html',
        frame=await frame_for(request, title=_('Сброс второго фактора')),
        waiting=waiting,
        known_as=known_as,
        reason=reason,
        errors=field_errors(error),
        problem=other_problem(error),
        done='',
    )
    return HTMLResponse(page, status_code=error.status)
