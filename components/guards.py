"""`@requires(Role.…)` on a page: a courtesy that leads to the door. The services ask again, on every call."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec
from urllib.parse import quote

from nicegui import context
from starlette.responses import Response

from components.redirect import FIRST_SIGN_IN, HOME, safe_url, see_other
from components.session import page_actor
from models.user import Role

P = ParamSpec('P')
Page = Callable[P, Awaitable[Response | None]]


def requires(*roles: Role) -> Callable[[Page[P]], Page[P]]:
    """Open the page only to people who wear one of these roles now; others go to the sign-in or to their own home."""

    def wrap(page: Page[P]) -> Page[P]:
        @functools.wraps(page)
        async def guarded(*args: P.args, **kwargs: P.kwargs) -> Response | None:
            actor = page_actor()
            if actor is None:
                return _to_sign_in()
            if actor.must_change_password:
                return see_other(FIRST_SIGN_IN)
            if actor.role not in roles:
                return see_other(HOME[actor.role])
            return await page(*args, **kwargs)

        guarded.required_roles = roles  # type: ignore[attr-defined]  # a house rule test reads it
        return guarded

    return wrap


def _to_sign_in() -> Response:
    request = context.client.request
    wanted = request.url.path + (f'?{request.url.query}' if request.url.query else '')
    wanted = safe_url(wanted, request.url.path)
    return see_other(f'/my/index?next={quote(wanted, safe="")}')
