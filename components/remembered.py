"""The one thing an anonymous visitor leaves: which town he looked at."""

from starlette.responses import Response

from components.shell import REGION_COOKIE
from services.settings import get_settings

YEAR = 365 * 24 * 3600


def remember_region(response: Response, slug: str) -> Response:
    """Put the town into a cookie, so that pages outside a region know it; returns the same response."""
    response.set_cookie(
        REGION_COOKIE, slug, max_age=YEAR, httponly=True, secure=get_settings().is_https, samesite='lax', path='/'
    )
    return response
