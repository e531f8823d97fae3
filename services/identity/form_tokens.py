"""A public form's key and the moment it was drawn, in one text nobody can make: bots have to ask, and to wait."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from services.clock import now
from services.errors import N_, DomainError
from services.identity.auth_rules import get_rules
from services.identity.keys import keys_for

KEY_BYTES, MAC_BYTES = 12, 16


class FormStale(DomainError):
    """The form was drawn too long ago, or not by us. A fresh one with the same words is shown."""

    message = N_('Форма устарела, пока была открыта. Всё, что вы написали, на месте — отправьте ещё раз.')
    status = 409


@dataclass(frozen=True)
class DrawnForm:
    """`key` is the form's key (one application), `drawn_at` when the person got it, `signed_by` which secret key then
    was the present one: 0 for the present one, 1 for the one before.
    """

    key: str
    drawn_at: datetime
    signed_by: int = 0


def draw(purpose: str) -> str:
    """Return a token for a form that is being drawn."""
    content = f'{secrets.token_urlsafe(KEY_BYTES)}.{int(now().timestamp())}'
    return f'{content}.{_mac(_keys(f"form:{purpose}")[0], content)}'


def opened(token: object, purpose: str) -> DrawnForm:
    """Return what `draw` put in.

    Raises:
        FormStale: too old, changed, or drawn for something else.
    """
    if not isinstance(token, str) or len(token) > 120 or not token.isascii():
        raise FormStale
    content, _, mac = token.rpartition('.')
    key, _, stamp = content.partition('.')
    keys = _keys(f'form:{purpose}')
    fitting = [place for place, signing in enumerate(keys) if hmac.compare_digest(mac, _mac(signing, content))]
    if not fitting:
        raise FormStale
    drawn_at = datetime.fromtimestamp(int(stamp), UTC)
    if now() - drawn_at > get_rules().tokens.public_form:
        raise FormStale
    return DrawnForm(key, drawn_at, fitting[0])


def secret_of(drawn: DrawnForm, purpose: str) -> str:
    """Return a secret (32 characters, 192 bits) that belongs to a form's key: a repeat of the form gets the same, also
    when the secret key was changed between the two.
    """
    signing = _keys(f'secret:{purpose}')[drawn.signed_by]
    digest = hmac.new(signing, drawn.key.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _mac(key: bytes, content: str) -> str:
    digest = hmac.new(key, content.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).rstrip(b'=').decode()


def _keys(purpose: str) -> tuple[bytes, ...]:
    return keys_for(purpose)
