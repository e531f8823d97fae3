"""`@requires(Role.…)` on a page: a courtesy that leads to the door. The services ask again, on every call."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec
from urllib.parse import quote

from nicegui import context
from starlette.responses import Response

from components.cabinet_places import is_open
from components.redirect import FIRST_SIGN_IN, HOME, SECOND_STEP, SIGN_IN, safe_url, see_other
from components.session import page_actor
from models.user import Role
from services.audit.refusals import note_refusal
from services.runner import call

P = ParamSpec('P')
Page = Callable[P, Awaitable[Response | None]]


def requires(*roles: Role) -> Callable[[Page[P]], Page[P]]:
    """Open the page only to people who wear one of these roles now; others go to the sign-in or to their own home.

    Where somebody else's contract is chosen, the page must be open to that access too (components/cabinet_places.py).
    """

    def wrap(page: Page[P]) -> Page[P]:
        @functools.wraps(page)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Response | None:
            actor = page_actor()
            if actor is None:
                return _to(SIGN_IN)
            if actor.must_change_password:
                return see_other(FIRST_SIGN_IN)
            if actor.second_step:
                return _to(SECOND_STEP)
            if actor.role not in roles:
                await call(note_refusal, 'refused', f'page:{context.client.request.url.path}', actor=actor)
                return see_other(HOME[actor.role])
            if actor.role == Role.SUBSCRIBER and not is_open(context.client.request.url.path, actor.access):
                return see_other('/my/index?problem=owner' if actor.access else '/my/index')
            return await page(*args, **kwargs)

        guarded.required_roles = roles  # type: ignore[attr-defined]  # a house rule test reads it
        return guarded

    return wrap


def _to(door: str) -> Response:
    request = context.client.request
    wanted = request.url.path + (f'?{request.url.query}' if request.url.query else '')
    wanted = safe_url(wanted, request.url.path)
    return see_other(f'{door}?next={quote(wanted, safe="")}')
