"""Which of our names a request came to: the site's, or, where staff work apart, the consoles' own (AMIGO_STAFF_HOST).

With a name of their own the consoles do not exist on the site, and the site does not exist there; a session counts
only on the side of its role. The cookies are bound to their host by the browser, this is the second lock.
"""

from starlette.datastructures import Headers
from starlette.types import Scope

from models.user import STAFF
from services.authority import Actor
from services.settings import get_settings

STAFF_PATHS = ('/operator', '/field')
SHARED_PATHS = (
    '/my/index',  # the door; a subscriber's overview behind it needs a subscriber's session
    '/my/first-login',
    '/my/second-step',
    '/my/confirm',
    '/auth',
    '/captcha',
    '/files',
    '/assets',
    '/brand',
    '/_nicegui',
    '/_nicegui_ws',
    '/favicon.ico',
    '/healthz',
    '/readyz',
)
"""What stands on both sides; whatever is not named here or above is the site's."""
PROBES = ('/healthz', '/readyz')
"""Asked by machines that know an address, not a name."""


def asked_host(scope: Scope) -> str:
    """Return the Host header in small letters."""
    return Headers(scope=scope).get('host', '').lower()


def is_known(scope: Scope) -> bool:
    """Tell whether a request names a host of ours; a demo or a site on a loopback address takes any name."""
    settings = get_settings()
    return not settings.has_fixed_host or asked_host(scope) in settings.hosts or scope['path'] in PROBES


def is_on_staff_host(scope: Scope) -> bool:
    """Tell whether a request came to the consoles' own name."""
    staff_host = get_settings().staff_host
    return bool(staff_host) and asked_host(scope) == staff_host


def is_here(scope: Scope) -> bool:
    """Tell whether an address exists on the side it was asked on."""
    if not get_settings().staff_host or _is_under(scope['path'], SHARED_PATHS):
        return True
    return _is_under(scope['path'], STAFF_PATHS) == is_on_staff_host(scope)


def may_act_here(actor: Actor | None, scope: Scope) -> bool:
    """Tell whether this session counts on the side it was shown on."""
    return actor is None or not get_settings().staff_host or (actor.role in STAFF) == is_on_staff_host(scope)


def are_on_one_side(role: str, other: str) -> bool:
    """Tell whether a person may change from one role to the other without another sign-in elsewhere."""
    return not get_settings().staff_host or (role in STAFF) == (other in STAFF)


def side_of(scope: Scope) -> bool | None:
    """Return whether only staff may sign in here (True), only subscribers (False), or both (None)."""
    return is_on_staff_host(scope) if get_settings().staff_host else None


def _is_under(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f'{place}/') for place in places)
