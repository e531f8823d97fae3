"""«Безопасность»: where one is signed in, and one's own password. The same page in the cabinet and for staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import HTMLResponse, Response

from components.confirming import ask_to_confirm
from components.devices import device_name
from components.factor_facts import factor_facts
from components.guards import requires
from components.i18n import _
from components.posted import problem_words
from components.redirect import CONFIRM, SECURITY, see_other
from components.session import act, act_for, actor_of, page_actor
from components.shell import frame_for, paint
from components.templating import render
from models.user import Role
from pages.entry.recovery import field_errors, other_problem
from services.errors import DomainError, NotFound, SignInRequired
from services.identity import own_password, own_sessions, step_up

Text = Annotated[str, Form()]
CONFIRMED = 'confirmed'
"""The word in the address of who has just shown who he is, to change his password."""
AREA = {
    Role.SUBSCRIBER: 'cabinet',
    Role.OPERATOR: 'operator',
    Role.ADMINISTRATOR: 'operator',
    Role.TECHNICIAN: 'technician',
}


@dataclass(frozen=True)
class SessionLine:
    """One browser on the screen."""

    id: int
    device: str
    address: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def register(app: FastAPI) -> None:
    """Add the routes that take the forms."""
    app.add_api_route('/auth/sessions/end', end_one, methods=['POST'], include_in_schema=False)
    app.add_api_route('/auth/sessions/end-others', end_others, methods=['POST'], include_in_schema=False)
    app.add_api_route('/auth/password', change_password, methods=['POST'], include_in_schema=False)


@ui.page('/my/security')
@requires(Role.SUBSCRIBER)
async def of_subscriber(done: str = '', problem: str = '') -> None:
    """The page in the cabinet."""
    await _draw(done, problem)


@ui.page('/operator/security')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def of_operator(done: str = '', problem: str = '') -> None:
    """The page in the console."""
    await _draw(done, problem)


@ui.page('/field/security')
@requires(Role.TECHNICIAN)
async def of_technician(done: str = '', problem: str = '') -> None:
    """The page on the tablet."""
    await _draw(done, problem)


async def _draw(done: str, problem: str) -> None:
    actor = page_actor()
    assert actor is not None  # @requires
    lines = [
        SessionLine(s.id, device_name(s.agent), s.address, s.created_at, s.seen_at, s.is_this)
        for s in await act(own_sessions.list_own)
    ]
    request = context.client.request
    frame = await frame_for(request, title=_('Безопасность'))
    rules = await act(own_password.rules)
    facts = {'errors': {}, 'problem': '', 'minimum': rules.minimum, 'must_confirm': not rules.is_fresh}
    paint(
        'security.html',
        frame=frame,
        area=AREA[actor.role],
        active='security',
        sessions=lines,
        done=_done_words(done),
        refused=problem_words(problem),
        is_confirmed=done == CONFIRMED,
        confirm=_confirm_first(actor.role),
        is_factor_change=done.startswith(('app', 'passkey', 'codes')),
        **facts,
        **await factor_facts(request),
    )


def _done_words(done: str) -> str:
    words = {
        'session': _('На том устройстве вы больше не в системе.'),
        'others': _('На остальных устройствах вы больше не в системе.'),
        'password': _('Пароль изменён.'),
        'app': _('Приложение с кодами подключено.'),
        'app-off': _('Приложение с кодами отключено.'),
        'passkey': _('Ключ доступа добавлен.'),
        'passkey-off': _('Ключ доступа удалён.'),
        'codes': _('Запасные коды заменены, прежние больше не действуют.'),
        'given-up': _('Вы отказались от доступа, договор для вас закрыт.'),
    }
    return words.get(done, '')


def _after_confirming(security: str) -> str:
    return f'{security}?done={CONFIRMED}'


def _confirm_first(role: Role) -> str:
    """Return the address that asks who is there and comes back to the form of the password."""
    return f'{CONFIRM}?{urlencode({"next": _after_confirming(SECURITY[role])})}'


async def end_one(request: Request, session: Text = '') -> Response:
    """Sign one's other browser out."""
    wanted = int(session) if session.isascii() and session.isdigit() and len(session) < 10 else 0
    try:
        await act_for(request, own_sessions.end_own, wanted)
    except NotFound:
        return see_other(_back(request))
    except DomainError:
        return see_other('/my/index')
    return see_other(f'{_back(request)}?done=session')


async def end_others(request: Request) -> Response:
    """Sign all one's other browsers out."""
    try:
        await act_for(request, own_sessions.end_others)
    except DomainError:
        return see_other('/my/index')
    return see_other(f'{_back(request)}?done=others')


async def change_password(request: Request, old: Text = '', new: Text = '', again: Text = '') -> Response:
    """Change one's own password."""
    try:
        await act_for(request, own_password.change_password, old, new, again)
    except step_up.StepUpRequired:
        return await ask_to_confirm(request, back=_after_confirming(_back(request)))
    except SignInRequired:
        return see_other('/my/index')
    except DomainError as error:
        return await _form_again(request, error)
    return see_other(f'{_back(request)}?done=password')


async def _form_again(request: Request, error: DomainError) -> Response:
    try:
        rules = await act_for(request, own_password.rules)
    except DomainError:
        return see_other('/my/index')
    page = render(
        'password_page.html',
        frame=await frame_for(request, title=_('Сменить пароль')),
        errors=field_errors(error),
        problem=other_problem(error),
        minimum=rules.minimum,
        must_confirm=False,
        is_confirmed=False,
        back=_back(request),
    )
    return HTMLResponse(page, status_code=error.status)


def _back(request: Request) -> str:
    actor = actor_of(request)
    return SECURITY[actor.role] if actor else '/my/index'
