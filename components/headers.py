"""Security headers and content policies of every answer (DESIGN §7)."""

from starlette.datastructures import MutableHeaders

from services.settings import get_settings

KEYS_IN_THE_ADDRESS = ('/my/recovery/confirm', '/my/access/accept')
"""Pages that links from letters lead to, with a key behind the #."""


def page_policy(nonce: str) -> str:
    """Return the policy of a NiceGUI page. 'unsafe-eval' stays because its Vue compiles templates in the browser."""
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
        "media-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
        f"form-action {_form_targets()}; frame-ancestors 'none'"
    )


def plain_policy(pictures: str = '') -> str:
    """Return the policy of a static page: no inline script at all; `pictures`: an origin that draws a map, or empty."""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:{' ' if pictures else ''}{pictures}; "
        f"object-src 'none'; base-uri 'none'; form-action {_form_targets()}; frame-ancestors 'none'"
    )


def _form_targets() -> str:
    """Forms may lead to the gateway's page; in a demo it is on our public address, whatever name the browser uses."""
    settings = get_settings()
    return f"'self' {settings.card_page_url or settings.url}"


def security_headers(headers: MutableHeaders, path: str) -> None:
    """Add what every answer carries; assets may be kept, everything else that says nothing is not stored."""
    kind = headers.get('content-type', '')
    if kind.endswith('xml'):  # pictures and the map of the site: all our words are UTF-8, and each answer says so
        headers['Content-Type'] = f'{kind}; charset=utf-8'
    headers['X-Content-Type-Options'] = 'nosniff'
    headers['X-Frame-Options'] = 'DENY'
    headers['Referrer-Policy'] = 'no-referrer' if path.startswith(KEYS_IN_THE_ADDRESS) else 'same-origin'
    headers['Cross-Origin-Opener-Policy'] = 'same-origin'
    headers['Permissions-Policy'] = 'camera=(self), microphone=(), geolocation=()'
    if get_settings().is_https:
        headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains'
    if 'cache-control' not in headers:
        headers['Cache-Control'] = 'no-store'
