"""/my/second-step: after the password a code or a passkey; and for an employee without either, setting one up."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import HTMLResponse, JSONResponse, Response

from components.factor_facts import factor_facts
from components.frame import Frame
from components.hosts import is_on_staff_host
from components.i18n import _, error_text
from components.redirect import FIRST_SIGN_IN, HOME, SECOND_STEP, SIGN_IN, safe_url, see_other
from components.session import act_for, actor_of, give_cookie, page_actor, take_cookie
from components.shell import frame_for, paint
from components.templating import render
from models.user import STAFF, SecondStep
from pages.entry.recovery import field_errors, other_problem
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import confirming, passkeys, second_step

Text = Annotated[str, Form()]


def register(app: FastAPI) -> None:
    """Add the addresses that take the form and ask the passkey."""
    app.add_api_route(SECOND_STEP, pass_on, methods=['POST'], include_in_schema=False)
    app.add_api_route('/auth/passkey/question', question, methods=['POST'], include_in_schema=False)


@ui.page(SECOND_STEP)
async def second_step_page(next: str = '') -> Response | None:  # noqa: A002 - the query's name
    """Show what a half-opened session owes; others go where they belong."""
    actor = page_actor()
    if actor is None:
        return see_other(SIGN_IN)
    if actor.must_change_password:
        return see_other(FIRST_SIGN_IN)
    if actor.second_step is None:
        return see_other(safe_url(next, HOME[actor.role]))
    request = context.client.request
    if actor.second_step == SecondStep.ENROL:
        return await _set_up(request)
    paint('second_step.html', frame=await _frame(request), **await _facts(request, next))
    return None


async def _set_up(request: Request) -> Response | None:
    try:
        facts = await factor_facts(request)
    except DomainError:  # a factor was set up in another browser meanwhile: it has to be shown, from the door on
        answer = see_other(SIGN_IN)
        take_cookie(answer)
        return answer
    paint('factor_first.html', frame=await frame_for(request, title=_('Второй шаг при входе')), **facts)
    return None


async def pass_on(request: Request, code: Text = '', credential: Text = '', next: Text = '') -> Response:  # noqa: A002
    """Check the factor; the session becomes a full one under a new id."""
    service, shown = (second_step.pass_by_passkey, credential) if credential else (second_step.pass_by_code, code)
    try:
        token = await act_for(request, service, shown)
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except second_step.SecondStepOver as error:
        return await _over(request, error)
    except DomainError as error:
        return await _form_again(request, next, error)
    actor = actor_of(request)
    assert actor is not None  # else the service had refused
    answer = see_other(safe_url(next, HOME[actor.role]))
    give_cookie(answer, token, strict=actor.role in STAFF)
    return answer


async def question(request: Request) -> Response:
    """Return what a passkey has to sign: at the second step, or to confirm."""
    actor = actor_of(request)
    service = second_step.ask_passkey if actor and actor.is_half_open else confirming.ask_passkey
    try:
        options = await act_for(request, service)
    except DomainError as error:
        return JSONResponse({'problem': error_text(error)}, status_code=error.status)
    return Response(options, media_type='application/json')


async def _form_again(request: Request, next_page: str, error: DomainError) -> Response:
    try:
        facts = await _facts(request, next_page)
    except (SignInRequired, NotAllowed):  # ended in this very moment
        return see_other(SIGN_IN)
    facts |= {'errors': field_errors(error), 'problem': other_problem(error)}
    page = render('second_step_page.html', frame=await _frame(request), **facts)
    return HTMLResponse(page, status_code=error.status)


async def _over(request: Request, error: DomainError) -> Response:
    title = _('Вход не подтверждён')
    frame = await frame_for(request, title=title)
    page = render(
        'told_page.html', frame=frame, title=title, text=error_text(error), link=SIGN_IN, link_text=_('Войти ещё раз')
    )
    answer = HTMLResponse(page, status_code=error.status)
    take_cookie(answer)
    return answer


async def _frame(request: Request) -> Frame:
    return await frame_for(request, title=_('Подтвердите вход'))


async def _facts(request: Request, next_page: str) -> dict[str, object]:
    return {
        'asked': await act_for(request, second_step.asked),
        'origin': passkeys.origin(as_staff=is_on_staff_host(request.scope)),
        'next': safe_url(next_page, ''),
        'errors': {},
        'problem': '',
    }
