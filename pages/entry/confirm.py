"""/my/confirm: the password once more, and the second factor where there is one, before what matters most."""

from fastapi import FastAPI, Request
from nicegui import context, ui
from starlette.responses import Response

from components.confirming import confirm_facts, confirm_form, go_on
from components.guards import requires
from components.i18n import _
from components.redirect import CONFIRM, HOME, SIGN_IN, see_other
from components.session import act, act_for, actor_of, give_cookie
from components.shell import frame_for, paint
from models.user import STAFF, Role
from pages.entry.recovery import field_errors, other_problem
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import confirming


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(CONFIRM, confirm, methods=['POST'], include_in_schema=False)


@ui.page(CONFIRM)
@requires(*Role)
async def confirm_page(next: str = '') -> None:  # noqa: A002 - the query's name
    """Show the form; nothing waits behind it but the page in `next`."""
    asked = await act(confirming.asked)
    frame = await frame_for(context.client.request, title=_('Подтвердите, что это вы'))
    facts = confirm_facts(context.client.request, asked, next_page=next)
    paint('confirm.html', frame=frame, kept=[], errors={}, problem='', **facts)


async def confirm(request: Request) -> Response:
    """Check it all; the session goes on under a new id, and so does the form that waited."""
    form = await request.form()
    actor = actor_of(request)
    password, code, credential, then, next_page = (
        str(form.get(name, '')) for name in ('password', 'code', 'credential', 'then', 'next')
    )
    try:
        token = await act_for(request, confirming.confirm, password, code, credential)
    except (SignInRequired, NotAllowed):
        return see_other(SIGN_IN)
    except DomainError as error:
        return await confirm_form(
            request,
            form,
            then=then,
            next_page=next_page,
            errors=field_errors(error),
            problem=other_problem(error),
            status=error.status,
        )
    assert actor is not None  # else the service had refused
    answer = go_on(then, next_page, HOME[actor.role])
    give_cookie(answer, token, strict=actor.role in STAFF)
    return answer
