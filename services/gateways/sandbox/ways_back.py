"""Where the customer goes after the hosted page (DOMAIN §2.2.3)."""

import json
import sqlite3
from urllib.parse import urlencode, urlsplit, urlunsplit


def way_back(checkout: sqlite3.Row, attempt: sqlite3.Row | None) -> str | None:
    """Return the shop's address for this outcome with `token`, `status`, `uid` added; None if the shop gave none."""
    if attempt is not None and attempt['status'] == 'successful':
        return _address(checkout, 'success_url', status='successful', uid=attempt['uid'])
    if checkout['state'] == 'expired' or attempt is None:
        return _address(checkout, 'fail_url', status='error', uid='')
    return _address(checkout, 'decline_url', status='failed', uid=attempt['uid'])


def cancel_address(checkout: sqlite3.Row) -> str | None:
    """Return the shop's address for a customer who gave up. The word `canceled` is our choice: none is documented."""
    return _address(checkout, 'cancel_url', status='canceled', uid='')


def _address(checkout: sqlite3.Row, name: str, *, status: str, uid: str) -> str | None:
    """Add bePaid's parameters behind the shop's own. `return_url` replaces the success and decline addresses."""
    settings = json.loads(checkout['request'])['settings']
    url: str | None = settings.get(name)
    if name in {'success_url', 'decline_url'}:
        url = settings.get('return_url') or url
    if not url:
        return None
    parts = urlsplit(url)
    added = urlencode({'token': checkout['token'], 'status': status, 'uid': uid})
    query = f'{parts.query}&{added}' if parts.query else added
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
