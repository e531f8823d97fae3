"""/my/first-login: whoever came with a one-time password chooses his own; nothing else is open to such a session."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import HTMLResponse, Response

from components.i18n import _
from components.redirect import HOME, see_other
from components.session import act_for, actor_of, give_cookie, page_actor
from components.shell import frame_for, paint
from components.templating import render
from models.user import STAFF
from pages.entry.recovery import field_errors, other_problem
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import own_password

Text = Annotated[str, Form()]


def register(app: FastAPI) -> None:
    """Add the route that takes the form."""
    app.add_api_route('/my/first-login', choose, methods=['POST'], include_in_schema=False)


@ui.page('/my/first-login')
async def first_login_page() -> Response | None:
    """Show the form to a session that must change its password; others go where they belong."""
    actor = page_actor()
    if actor is None:
        return see_other('/my/index')
    if not actor.must_change_password:
        return see_other(HOME[actor.role])
    request = context.client.request
    frame = await frame_for(request, title=_('Первый вход'))
    paint('first_login.html', frame=frame, **await _facts(request))
    return None


async def choose(request: Request, new: Text = '', again: Text = '', email: Text = '') -> Response:
    """Store the new password; the session becomes a full one under a new id."""
    try:
        token = await act_for(request, own_password.set_first_password, new, again, email)
    except (SignInRequired, NotAllowed):
        return see_other('/my/index')
    except DomainError as error:
        return await _form_again(request, email, error)
    actor = actor_of(request)
    assert actor is not None  # else the service had refused
    answer = see_other(HOME[actor.role])
    give_cookie(answer, token, strict=actor.role in STAFF)
    return answer


async def _form_again(request: Request, email: str, error: DomainError) -> Response:
    try:
        facts = await _facts(request, email=email[:254], error=error)
    except SignInRequired:  # signed out elsewhere in this very moment
        return see_other('/my/index')
    frame = await frame_for(request, title=_('Первый вход'))
    return HTMLResponse(render('first_login_page.html', frame=frame, **facts), status_code=error.status)


async def _facts(request: Request, *, email: str = '', error: DomainError | None = None) -> dict[str, object]:
    rules = await act_for(request, own_password.rules)
    return {
        'email': email,
        'asks_email': not rules.has_email,
        'minimum': rules.minimum,
        'errors': field_errors(error),
        'problem': other_problem(error) if error else '',
    }
