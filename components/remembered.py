"""The one thing an anonymous visitor leaves: which town he looked at."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from components.cookies import host_bound
from services.settings import get_settings

NAME = 'region'
YEAR = 365 * 24 * 3600


def region_of(connection: HTTPConnection) -> str:
    """Return the slug of the town a browser remembers, or an empty text; whether it exists is not asked."""
    return connection.cookies.get(host_bound(NAME), '')


def remember_region(response: Response, slug: str) -> Response:
    """Put the town into a cookie, so that pages outside a region know it; returns the same response."""
    response.set_cookie(
        host_bound(NAME), slug, max_age=YEAR, httponly=True, secure=get_settings().is_https, samesite='lax', path='/'
    )
    return response
