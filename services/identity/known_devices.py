"""The cookie of a browser its owner has signed in with: a stranger's failures do not stop him there.

It opens nothing. It names a person and is signed with a key that depends on his password's hash, so a new password
makes all of them void, and whoever steals one has gained a few tries, no more.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from services import field_rules
from services.clock import now
from services.identity.auth_rules import get_rules
from services.identity.keys import keys_for

ID_BYTES, MAC_BYTES = 12, 18


def issue(user_id: int, password_hash: str) -> str:
    """Return the cookie of a browser in which this person has just proved who he is."""
    content = f'{user_id}.{secrets.token_urlsafe(ID_BYTES)}.{int(now().timestamp())}'
    return f'{content}.{_mac(_keys()[0], content, password_hash)}'


def is_of_form(token: object) -> bool:
    """Tell whether it is worth asking the database whose cookie this could be."""
    return field_rules.key_of('device_token', token).count('.') == 3


def recognise(token: str, user_id: int | None, password_hash: str | None) -> str:
    """Return the id of the browser when the cookie is this person's and still good, else an empty string."""
    if not is_of_form(token) or user_id is None or not password_hash:
        return ''
    content, _, mac = token.rpartition('.')
    if not any(hmac.compare_digest(mac, _mac(key, content, password_hash)) for key in _keys()):
        return ''
    owner, device, stamp = content.split('.')
    given_at = datetime.fromtimestamp(int(stamp), UTC)
    is_good = owner == str(user_id) and now() - given_at < get_rules().tokens.known_device
    return device if is_good else ''


def _keys() -> tuple[bytes, ...]:
    return keys_for('known device')


def _mac(key: bytes, content: str, password_hash: str) -> str:
    digest = hmac.new(key, f'{content}|{password_hash}'.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).rstrip(b'=').decode()
