"""The one way to send a browser elsewhere: to known places of this site, to the bank, or where a checked link leads."""

import re
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse

from models.user import Role
from services import limits
from services.settings import get_settings

HOME = {
    Role.SUBSCRIBER: '/my/index',
    Role.OPERATOR: '/operator/',
    Role.TECHNICIAN: '/field/',
    Role.ADMINISTRATOR: '/operator/',
}
SIGN_IN = '/my/index'
SECURITY = {
    Role.SUBSCRIBER: '/my/security',
    Role.OPERATOR: '/operator/security',
    Role.TECHNICIAN: '/field/security',
    Role.ADMINISTRATOR: '/operator/security',
}
FIRST_SIGN_IN = '/my/first-login'
SECOND_STEP = '/my/second-step'
CONFIRM = '/my/confirm'
LONGEST = limits.count('return_address')
"""Characters of an address worth coming back to; browsers and proxies lose longer ones."""
_LOCAL = re.compile(r'/(?:my|operator|field)/[A-Za-z0-9/_-]*(?:\?[A-Za-z0-9=&_%.:-]*)?\Z')
_ABROAD = re.compile(r'https?://(?P<host>[A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:[/?#][!-\[\]-~]*)?')


def safe_url(wanted: str | None, otherwise: str, *, hosts: frozenset[str] = frozenset(), is_link: bool = False) -> str:
    """Return an address that came from data if it leads where it may, else `otherwise`.

    A page of ours a person may be sent back to always passes.

    Args:
        hosts: other sites it may lead to (host names with their port).
        is_link: it is a link a person sees and chooses: any page of ours and any http(s) address passes, no script.
    """
    if not isinstance(wanted, str) or len(wanted) > LONGEST:
        return otherwise
    if '//' not in wanted and _LOCAL.fullmatch(wanted):
        return wanted
    if is_link and is_own(wanted):
        return wanted
    abroad = _ABROAD.fullmatch(wanted)
    return wanted if abroad and (is_link or abroad['host'].lower() in hosts) else otherwise


def is_own(address: str) -> bool:
    """Tell whether an address stays on this site: `//host` and `/\\host` do not."""
    return address.startswith('/') and not address.startswith(('//', '/\\'))


def turned(headers: MutableHeaders, *, of: str, before: str) -> None:
    """Put `before` before the address a redirect leads to, where that is the path `of` with another end."""
    other = urlsplit(headers['location'])
    if other.path.rstrip('/') == of.rstrip('/'):
        headers['location'] = urlunsplit(('', '', before + other.path, other.query, ''))


def found(path: str) -> RedirectResponse:
    """Lead to where the thing is for now (302)."""
    return _lead(path, 302)


def moved(path: str) -> RedirectResponse:
    """Lead to where the page always is (308: a form stays a form)."""
    return _lead(path, 308)


def again(path: str) -> RedirectResponse:
    """Lead a form to another address as it is (307: the browser sends its fields once more)."""
    return RedirectResponse(path, status_code=307)


def see_other(path: str) -> RedirectResponse:
    """Answer a form with another page (303: the browser asks for it by GET)."""
    return _lead(path, 303)


def see_bank(address: str, otherwise: str) -> RedirectResponse:
    """Lead to the bank's page, the only place outside this site a redirect may lead to; else to a page of ours."""
    settings = get_settings()
    bank = urlsplit(settings.card_page_url or settings.url).netloc.lower()
    return RedirectResponse(safe_url(address, otherwise, hosts=frozenset({bank})), status_code=303)


def _lead(path: str, status: int) -> RedirectResponse:
    """Answer with another page of ours.

    Raises:
        ValueError: it leads elsewhere, so data stands where an address of ours should.
    """
    if not is_own(path):
        raise ValueError('A redirect of ours leads to another site')
    return RedirectResponse(path, status_code=status)
