"""The one way to send a browser elsewhere: only to known places of this site."""

import re

from starlette.responses import RedirectResponse

from models.user import Role

HOME = {
    Role.SUBSCRIBER: '/my/index',
    Role.OPERATOR: '/operator/',
    Role.TECHNICIAN: '/field/',
    Role.ADMINISTRATOR: '/operator/',
}
FIRST_SIGN_IN = '/my/first-login'
LONGEST = 1000
"""Characters of an address worth coming back to; browsers and proxies lose longer ones."""
_LOCAL = re.compile(r'/(?:my|operator|field)/[A-Za-z0-9/_-]*(?:\?[A-Za-z0-9=&_%.:-]*)?\Z')


def safe_url(wanted: str | None, otherwise: str) -> str:
    """Return `wanted` if it is a page of ours a person may be sent back to, else `otherwise`."""
    if not isinstance(wanted, str) or len(wanted) > LONGEST or '//' in wanted or not _LOCAL.fullmatch(wanted):
        return otherwise
    return wanted


def found(path: str) -> RedirectResponse:
    """Lead to where the thing is for now (302)."""
    return RedirectResponse(path, status_code=302)


def moved(path: str) -> RedirectResponse:
    """Lead to where the page always is (308: a form stays a form)."""
    return RedirectResponse(path, status_code=308)


def see_other(path: str) -> RedirectResponse:
    """Answer a form with another page (303: the browser asks for it by GET)."""
    return RedirectResponse(path, status_code=303)
