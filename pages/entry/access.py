"""/my/access/accept: the link of an invitation. Native forms; the key behind the # reaches us by POST only."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from starlette.responses import HTMLResponse, Response

from components.access_words import level_words
from components.i18n import _, error_text
from components.redirect import see_other
from components.session import act_for, actor_of
from components.shell import frame_for
from components.templating import render
from models.user import Role
from pages.entry.recovery import field_errors, other_problem
from services import field_rules
from services.contracts import access_invitations
from services.contracts.access_invitations import InvitationGone, OwnInvitation
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import passwords

Text = Annotated[str, Form()]
PATH = '/my/access/accept'


def register(app: FastAPI) -> None:
    """Add the routes."""
    app.add_api_route(PATH, door, methods=['GET'], include_in_schema=False)
    app.add_api_route(PATH, look, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/mine', accept, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/new', accept_as_new, methods=['POST'], include_in_schema=False)


async def door(request: Request) -> Response:
    """Show the page that takes the key out of the address and sends it on."""
    frame = await frame_for(request, title=_('Приглашение'))
    return HTMLResponse(render('access_door.html', frame=frame))


async def look(request: Request, token: Text = '') -> Response:
    """Show what is offered, and both ways of accepting it."""
    return await _offer(request, token)


async def accept(request: Request, token: Text = '') -> Response:
    """Accept as who is signed in."""
    try:
        await act_for(request, access_invitations.accept, token)
    except (SignInRequired, NotAllowed):
        return see_other(PATH)
    except DomainError as error:
        return await _refused(request, error)
    return see_other('/my/index?done=access')


async def accept_as_new(
    request: Request, token: Text = '', name: Text = '', new: Text = '', again: Text = ''
) -> Response:
    """Accept as somebody without a contract: he gets a number to sign in with, on this screen and by letter."""
    address = request.client.host if request.client else ''
    try:
        number = await act_for(request, access_invitations.accept_as_new, token, name, new, again, address=address)
    except (InvitationGone, OwnInvitation) as error:
        return await _refused(request, error)
    except DomainError as error:
        return await _offer(request, token, name=name[:80], error=error)
    frame = await frame_for(request, title=_('Вход готов'))
    return HTMLResponse(render('access_login.html', frame=frame, number=number))


async def _offer(request: Request, token: str, *, name: str = '', error: DomainError | None = None) -> Response:
    try:
        invitation = await act_for(request, access_invitations.look, token)
    except DomainError as refusal:
        return await _refused(request, refusal)
    actor = actor_of(request)
    page = render(
        'access_offer.html',
        frame=await frame_for(request, title=_('Приглашение')),
        invitation=invitation,
        level_words=level_words(),
        token=field_rules.key_of('link_token', token),
        signed_in=actor if actor and actor.wears(Role.SUBSCRIBER) else None,
        typed_name=name or invitation.name,
        errors=field_errors(error),
        problem=other_problem(error) if error else '',
        minimum=passwords.minimum(is_staff=False),
    )
    return HTMLResponse(page, status_code=error.status if error else 200)


async def _refused(request: Request, error: DomainError) -> Response:
    title = _('Приглашение не действует') if isinstance(error, InvitationGone) else _('Приглашение')
    page = render(
        'told_page.html',
        frame=await frame_for(request, title=title),
        title=title,
        text=error_text(error),
        link='/my/index',
        link_text=_('В личный кабинет'),
    )
    return HTMLResponse(page, status_code=error.status)
