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
from services.identity.keys import derive_key

KEY_BYTES, MAC_BYTES = 12, 16


class FormStale(DomainError):
    """The form was drawn too long ago, or not by us. A fresh one with the same words is shown."""

    message = N_('Форма устарела, пока была открыта. Всё, что вы написали, на месте — отправьте ещё раз.')
    status = 409


@dataclass(frozen=True)
class DrawnForm:
    """`key` is the form's key (one application), `drawn_at` when the person got it."""

    key: str
    drawn_at: datetime


def draw(purpose: str) -> str:
    """Return a token for a form that is being drawn."""
    content = f'{secrets.token_urlsafe(KEY_BYTES)}.{int(now().timestamp())}'
    return f'{content}.{_mac(purpose, content)}'


def opened(token: object, purpose: str) -> DrawnForm:
    """Return what `draw` put in.

    Raises:
        FormStale: too old, changed, or drawn for something else.
    """
    if not isinstance(token, str) or len(token) > 120 or not token.isascii():
        raise FormStale
    content, _, mac = token.rpartition('.')
    key, _, stamp = content.partition('.')
    if not hmac.compare_digest(mac, _mac(purpose, content)):
        raise FormStale
    drawn_at = datetime.fromtimestamp(int(stamp), UTC)
    if now() - drawn_at > get_rules().tokens.public_form:
        raise FormStale
    return DrawnForm(key, drawn_at)


def secret_of(key: str, purpose: str) -> str:
    """Return a secret (32 characters, 192 bits) that belongs to a form's key: a repeat of the form gets the same."""
    digest = hmac.new(_key(f'secret:{purpose}'), key.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _mac(purpose: str, content: str) -> str:
    digest = hmac.new(_key(f'form:{purpose}'), content.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).rstrip(b'=').decode()


def _key(purpose: str) -> bytes:
    from services.settings import get_settings

    return derive_key(get_settings().secret_key.get_secret_value(), purpose)
