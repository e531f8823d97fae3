"""The key of an application, as a browser holds it: the link of a letter brings it once, no address shows it again."""

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from components.cookies import host_bound
from services.settings import get_settings

NAME = 'tracker'
KEPT_FOR = timedelta(days=30)
"""The key alone opens nothing: the digits of the phone are asked for again after two hours."""


def held_key(connection: HTTPConnection) -> tuple[str, str]:
    """Return the key a browser holds and the pass it got for the digits; each is empty when there is none."""
    key, _, unlocked = connection.cookies.get(host_bound(NAME), '').partition('.')
    return key, unlocked


def hold_key(response: Response, key: str, unlocked: str = '') -> Response:
    """Let a browser hold a key, with the pass for the digits; the last opened application is held."""
    response.set_cookie(
        host_bound(NAME),
        f'{key}.{unlocked}' if unlocked else key,
        max_age=int(KEPT_FOR.total_seconds()),
        httponly=True,
        secure=get_settings().is_https,
        samesite='lax',
        path='/',
    )
    return response
