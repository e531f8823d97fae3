"""The forms of the second factor on «Безопасность»: the app, passkeys, recovery codes."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from components.confirming import ask_to_confirm
from components.factor_facts import factor_facts
from components.i18n import _, error_text
from components.posted import whole_number
from components.redirect import HOME, SECOND_STEP, SECURITY, SIGN_IN, see_other
from components.session import act_for, actor_of, give_cookie
from components.shell import frame_for
from components.templating import render
from models.user import STAFF
from pages.entry.recovery import field_errors, other_problem
from services import field_rules
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import passkeys, recovery_codes, totp
from services.identity.enrolment import Enrolled
from services.identity.step_up import StepUpRequired

Text = Annotated[str, Form()]


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms."""
    for path, handler in (
        ('/auth/factor/app', begin_app),
        ('/auth/factor/app/confirm', confirm_app),
        ('/auth/factor/app/remove', remove_app),
        ('/auth/factor/codes', renew_codes),
        ('/auth/passkey/new', question),
        ('/auth/passkey/add', add_passkey),
        ('/auth/passkey/remove', remove_passkey),
    ):
        app.add_api_route(path, handler, methods=['POST'], include_in_schema=False)


async def begin_app(request: Request) -> Response:
    """Make a secret and show it."""
    return await _change(request, totp.begin, done='')


async def confirm_app(request: Request, code: Text = '') -> Response:
    """Take the app into use."""
    return await _change(request, totp.confirm, code, done='app')


async def remove_app(request: Request) -> Response:
    """Turn the app off."""
    return await _change(request, totp.remove, done='app-off')


async def renew_codes(request: Request) -> Response:
    """Make new recovery codes and show them, this one time."""
    return await _change(request, recovery_codes.renew, done='codes')


async def add_passkey(request: Request, name: Text = '', credential: Text = '') -> Response:
    """Take a new passkey."""
    return await _change(request, passkeys.register, name, credential, done='passkey', key_name=name)


async def remove_passkey(request: Request, passkey: Text = '') -> Response:
    """Forget a passkey."""
    return await _change(request, passkeys.remove, whole_number(passkey), done='passkey-off')


async def question(request: Request) -> Response:
    """Return what a new passkey has to sign."""
    try:
        options = await act_for(request, passkeys.ask_to_register)
    except StepUpRequired as error:
        return JSONResponse({'confirm': True}, status_code=error.status)
    except DomainError as error:
        return JSONResponse({'problem': error_text(error)}, status_code=error.status)
    return Response(options, media_type='application/json')


async def _change(request: Request, service: Callable[..., Any], *args: Any, done: str, key_name: str = '') -> Response:
    try:
        answer = await act_for(request, service, *args)
    except StepUpRequired:
        return await ask_to_confirm(request, back=_back(request))
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except DomainError as error:
        return await _cards_again(request, error, key_name)
    query = f'?done={done}' if done else ''
    if isinstance(answer, list):
        return await _codes(request, answer, _back(request) + query)
    if isinstance(answer, Enrolled):
        return await _enrolled(request, answer, query)
    return see_other(f'{_back(request)}{query}#factor-title')


async def _enrolled(request: Request, enrolled: Enrolled, query: str) -> Response:
    """Show the first codes; whoever had to set up a factor is in from here on."""
    actor = actor_of(request)
    assert actor is not None  # else the service had refused
    on = HOME[actor.role] if enrolled.token else _back(request) + query
    answer = await _codes(request, list(enrolled.codes), on) if enrolled.codes else see_other(on)
    if enrolled.token:
        give_cookie(answer, enrolled.token, strict=actor.role in STAFF)
    return answer


async def _codes(request: Request, codes: list[str], on: str) -> Response:
    frame = await frame_for(request, title=_('Запасные коды'))
    return HTMLResponse(render('recovery_codes_page.html', frame=frame, codes=codes, on=on))


async def _cards_again(request: Request, error: DomainError, key_name: str) -> Response:
    try:
        facts = await factor_facts(request)
    except DomainError:
        return see_other(SIGN_IN)
    wrong = field_errors(error)
    facts |= {
        'code_error': wrong.get('code', ''),
        'key_error': wrong.get('name', ''),
        'key_name': key_name[: field_rules.most('passkey_name')],
        'factor_problem': other_problem(error),
    }
    frame = await frame_for(request, title=_('Второй шаг при входе'))
    page = render('factor_page.html', frame=frame, back=_back(request), **facts)
    return HTMLResponse(page, status_code=error.status)


def _back(request: Request) -> str:
    actor = actor_of(request)
    if actor is None:
        return SIGN_IN
    return SECOND_STEP if actor.second_step else SECURITY[actor.role]
