"""Sealed fields: passports, birth dates and address notes are unreadable in a stolen database.

AES-256-GCM with the key's id in the first byte; the place of the cell (table:row:column) is authenticated, so a value
moved to another row does not open there.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.identity.keys import KEY_BYTES, blind_keys_for

NONCE_BYTES = 12
TAG_BYTES = 16


class SealBroken(Exception):
    """The cell was changed, moved, or sealed with a key we do not have. Not for the person: an alarm for us."""


def aad_of(table: str, row: int | str, column: str) -> str:
    """Return the place of a cell, `table:row:column`.

    Raises:
        ValueError: a part is empty or contains a colon, so two places could look the same.
    """
    parts = [str(part) for part in (table, row, column)]
    if any(not part or ':' in part for part in parts):
        raise ValueError(f'not the place of a cell: {parts}')
    return ':'.join(parts)


def seal(plain: str, *, aad: str) -> bytes:
    """Encrypt a text for the cell `aad` (from `aad_of`) with the current key: key id, nonce, ciphertext, tag."""
    keys = _keys()
    key_id, key = next(iter(keys.items()))
    nonce = secrets.token_bytes(NONCE_BYTES)
    return bytes([key_id]) + nonce + AESGCM(key).encrypt(nonce, plain.encode(), _place(aad))


def unseal(blob: bytes | memoryview, *, aad: str) -> str:
    """Decrypt what `seal` made for the same cell; older keys work as long as they stand in the settings.

    Raises:
        SealBroken: flipped byte, another cell, unknown key, or not a sealed value at all.
    """
    if len(blob) < 1 + NONCE_BYTES + TAG_BYTES:
        raise SealBroken('too short for a sealed value')
    key = _keys().get(blob[0])
    if key is None:
        raise SealBroken(f'no key with id {blob[0]}')
    nonce, ciphertext = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _place(aad)).decode()
    except InvalidTag as error:
        raise SealBroken(f'the value does not belong to {aad}') from error


def current_key_id() -> int:
    """Return the id of the key with which new values are sealed: the first one of the settings."""
    return next(iter(_keys()))


def blind_index(text: str, purpose: str) -> str:
    """Return 64 hex digits by which a sealed value can be found without opening it.

    The text is taken exactly as given: the caller brings it to one form first. The key comes from the pepper, which
    like the index itself outlives a rotation of the other secrets.
    """
    return blind_indexes(text, purpose)[0]


def blind_indexes(text: str, purpose: str) -> tuple[str, ...]:
    """Return what to look for: the present index, then those which older peppers made."""
    return tuple(hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in blind_keys_for(purpose))


def _place(aad: str) -> bytes:
    if not aad:
        raise ValueError('a sealed value needs its place')
    return aad.encode()


def _keys() -> dict[int, bytes]:
    """Keys by id from the settings, the current one first."""
    from services.settings import get_settings

    return _parsed(get_settings().field_keys.get_secret_value())


@lru_cache(maxsize=4)
def _parsed(text: str) -> dict[int, bytes]:
    from services.settings import SettingsError

    keys: dict[int, bytes] = {}
    for item in filter(None, (part.strip() for part in text.split(','))):
        name, _, encoded = item.partition(':')
        try:
            key_id, key = int(name), base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            # The text of the setting stays out of the message: it is a secret.
            raise SettingsError('AMIGO_FIELD_KEYS: expected id:base64 pairs separated by commas') from error
        if not 0 <= key_id <= 255 or key_id in keys or len(key) != KEY_BYTES:
            raise SettingsError(f'AMIGO_FIELD_KEYS: ids are unique, 0 to 255, and each key has {KEY_BYTES} bytes')
        keys[key_id] = key
    if not keys:
        raise SettingsError('AMIGO_FIELD_KEYS: no key')
    return keys
