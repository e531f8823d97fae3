"""Names of our cookies: over TLS each of them is bound to this very host."""

from services.settings import get_settings


def host_bound(name: str) -> str:
    """Return the name under which a cookie is kept: `__Host-` needs TLS; no other host of the domain sets it."""
    return f'__Host-{name}' if get_settings().is_https else name
