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
_LOCAL = re.compile(r'/(?:my|operator|field)/[A-Za-z0-9/_-]*(?:\?[A-Za-z0-9=&_%.:-]*)?\Z')


def safe_url(wanted: str | None, otherwise: str) -> str:
    """Return `wanted` if it is a page of ours a person may be sent back to, else `otherwise`."""
    return wanted if isinstance(wanted, str) and _LOCAL.fullmatch(wanted) and '//' not in wanted else otherwise


def see_other(path: str) -> RedirectResponse:
    """Answer a form with another page (303: the browser asks for it by GET)."""
    return RedirectResponse(path, status_code=303)
