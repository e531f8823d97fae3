"""/my/recovery: ask for a letter. /my/recovery/confirm: the link in it. Native forms; answers that tell nothing."""

import asyncio
import time
from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import HTMLResponse, Response

from components.i18n import _, error_text
from components.redirect import see_other
from components.session import give_device_cookie, take_cookie, token_of
from components.shell import frame_for, paint
from components.templating import render
from services import field_rules
from services.errors import DomainError, InvalidField, InvalidForm
from services.identity import captcha, passwords, recovery, sessions
from services.identity.auth_rules import get_rules
from services.runner import call

Text = Annotated[str, Form()]
NO_REFERRER = {'Referrer-Policy': 'no-referrer'}


def register(app: FastAPI) -> None:
    """Add the plain routes; the page itself is NiceGUI's."""
    app.add_api_route('/my/recovery', ask, methods=['POST'], include_in_schema=False)
    app.add_api_route('/my/recovery/form', form_alone, methods=['GET'], include_in_schema=False)
    app.add_api_route('/my/recovery/confirm', confirm_page, methods=['GET'], include_in_schema=False)
    app.add_api_route('/my/recovery/confirm', confirm, methods=['POST'], include_in_schema=False)


@ui.page('/my/recovery')
async def recovery_page(sent: str = '') -> None:
    """Show the form, or what happens next when it was sent."""
    frame = await frame_for(context.client.request, title=_('Восстановление пароля'))
    paint('recovery.html', frame=frame, sent=bool(sent), problem='', **_empty())


async def form_alone(request: Request) -> Response:
    """Return the form for the dialog of the sign-in page."""
    frame = await frame_for(request, title=_('Восстановление пароля'))
    return HTMLResponse(render('_recovery_dialog.html', frame=frame, **_empty()))


async def ask(
    request: Request, number: Text = '', email: Text = '', captcha_token: Text = '', captcha: Text = ''
) -> Response:
    """Take the form; the letter, if there is one to write, is written later, see the service."""
    begun = time.monotonic()
    answer = await _take(request, number, email, captcha_token, captcha)
    least = get_rules().recovery.answered_after.total_seconds()
    await asyncio.sleep(max(0.0, begun + least - time.monotonic()))
    return answer


async def _take(request: Request, number: str, email: str, captcha_token: str, captcha: str) -> Response:
    address = request.client.host if request.client else ''
    try:
        await call(recovery.request, number, email, captcha_token, captcha, address=address)
    except DomainError as error:
        return await _form_again(request, number, email, error)
    return see_other('/my/recovery?sent=1')


async def _form_again(request: Request, number: str, email: str, error: DomainError) -> Response:
    frame = await frame_for(request, title=_('Восстановление пароля'))
    facts = {**_empty(), 'number': number[:32], 'email': email[:254], 'errors': field_errors(error)}
    page = render('recovery_page.html', frame=frame, sent=False, problem=other_problem(error), **facts)
    return HTMLResponse(page, status_code=error.status)


def _empty() -> dict[str, object]:
    challenge = captcha.issue(captcha.CaptchaPurpose.RECOVERY)
    return {'number': '', 'email': '', 'errors': {}, 'challenge': challenge}


async def confirm_page(request: Request) -> Response:
    """Show the form of the new password; the key behind the # never reached us by this."""
    return await _confirm_form(request, token='', error=None)


async def confirm(request: Request, token: Text = '', new: Text = '', again: Text = '') -> Response:
    """Use the link; whoever was signed in in this browser is not any more."""
    try:
        device = await call(recovery.set_new_password, token, new, again)
    except DomainError as error:
        return await _confirm_form(request, token=token, error=error)
    await call(sessions.end_session, token_of(request))
    answer = see_other('/my/index?changed=1')
    take_cookie(answer)
    give_device_cookie(answer, device)
    return answer


async def _confirm_form(request: Request, *, token: str, error: DomainError | None) -> Response:
    frame = await frame_for(request, title=_('Новый пароль'))
    is_gone = isinstance(error, recovery.RecoveryLinkGone)
    page = render(
        'recovery_confirm.html',
        frame=frame,
        gone=error_text(error) if error and is_gone else '',
        problem='' if error is None or is_gone else other_problem(error),
        errors=field_errors(error),
        token=field_rules.key_of('link_token', token),
        minimum=passwords.minimum(is_staff=False),
    )
    return HTMLResponse(page, status_code=error.status if error else 200, headers=NO_REFERRER)


def field_errors(error: DomainError | None) -> dict[str, str]:
    """Return what is wrong beside which field."""
    if isinstance(error, InvalidForm):
        return {name: error_text(wrong) for name, wrong in error.errors.items()}
    return {error.field: error_text(error)} if isinstance(error, InvalidField) and error.field else {}


def other_problem(error: DomainError) -> str:
    """Return what is wrong with the form as a whole."""
    return '' if isinstance(error, InvalidField | InvalidForm) else error_text(error)
