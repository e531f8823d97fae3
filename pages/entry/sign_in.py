"""The door: POST /auth/login, /auth/logout, /auth/role. The form stands on /my/index (pages/cabinet/overview.py)."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from starlette.responses import HTMLResponse, Response

from components.hosts import are_on_one_side, side_of
from components.i18n import _, error_text
from components.redirect import FIRST_SIGN_IN, HOME, safe_url, see_other
from components.session import act_for, actor_of, device_of, give_cookie, give_device_cookie, take_cookie, token_of
from components.shell import frame_for
from components.templating import render
from models.user import STAFF, Role
from services.authority import Actor
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import guessing, sessions, sign_in
from services.runner import call


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms."""
    app.add_api_route('/auth/login', log_in, methods=['POST'], include_in_schema=False)
    app.add_api_route('/auth/logout', log_out, methods=['POST'], include_in_schema=False)
    app.add_api_route('/auth/role', change_role, methods=['POST'], include_in_schema=False)


async def log_in(
    request: Request,
    login: Annotated[str, Form()] = '',
    password: Annotated[str, Form()] = '',
    next: Annotated[str, Form()] = '',  # noqa: A002 - the field's name in the form
    captcha_token: Annotated[str, Form()] = '',
    captcha: Annotated[str, Form()] = '',
) -> Response:
    """Check the password and give the session cookie; the id is always a new one."""
    try:
        opened = await call(
            sign_in.sign_in,
            login,
            password,
            address=_address(request),
            agent=request.headers.get('user-agent', ''),
            device=device_of(request),
            as_staff=side_of(request.scope),
            solution=guessing.Solution(captcha_token, captcha),
        )
    except DomainError as error:
        return await _form_again(request, login, error, next)
    target = FIRST_SIGN_IN if opened.must_change_password else safe_url(next, HOME[opened.role])
    response = see_other(target)
    old = token_of(request)
    if old:
        await call(sessions.end_session, old)
    give_cookie(response, opened.token, strict=opened.role in STAFF)
    give_device_cookie(response, opened.device)
    return response


async def _form_again(request: Request, login: str, error: DomainError, next_page: str) -> HTMLResponse:
    challenge = await call(
        guessing.challenge_after,
        error,
        login,
        address=_address(request),
        has_device=bool(device_of(request)),
    )
    frame = await frame_for(request, title=_('Вход в личный кабинет'))
    wait = error.seconds if isinstance(error, guessing.TooSoon) else 0
    page = render(
        'sign_in_page.html',
        frame=frame,
        login=login[:32],
        error=error_text(error),
        challenge=challenge,
        wait=wait,
        ended=False,
        changed=False,
        next=safe_url(next_page, ''),
    )
    return HTMLResponse(page, status_code=error.status, headers={'Retry-After': str(wait)} if wait else None)


def _address(request: Request) -> str:
    return request.client.host if request.client else ''


async def log_out(request: Request) -> Response:
    """End this session; every open page of it is led to the door."""
    await call(sessions.end_session, token_of(request))
    response = see_other('/my/index')
    take_cookie(response)
    return response


async def change_role(request: Request, role: Annotated[str, Form()] = '') -> Response:
    """Put on another hat the person holds: a new session replaces the old one."""
    actor = actor_of(request)
    token = token_of(request)
    if actor is None or token is None:
        return see_other('/my/index')
    try:
        wanted = Role(role)
        if not are_on_one_side(wanted, actor.role):
            raise NotAllowed
        fresh = await act_for(request, sessions.switch_role, token, wanted)
    except (ValueError, SignInRequired):
        return see_other(HOME[actor.role])
    except DomainError as error:
        return await _refused(request, actor, error)
    response = see_other(HOME[wanted])
    give_cookie(response, fresh, strict=wanted in STAFF)
    return response


async def _refused(request: Request, actor: Actor, error: DomainError) -> HTMLResponse:
    """Say kindly why not, with the way back to what he was doing."""
    title = _('Роль осталась прежней')
    page = render(
        'told_page.html',
        frame=await frame_for(request, title=title),
        title=title,
        text=error_text(error),
        link=HOME[actor.role],
        link_text=_('Вернуться к работе'),
    )
    return HTMLResponse(page, status_code=error.status)
