"""One secret, many keys: each purpose gets its own, so that one leaked use says nothing about another."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def keys_for(purpose: str) -> tuple[bytes, ...]:
    """Return the keys made of the secret key for this purpose: the present one signs, the others (of old keys that
    still stand in the settings) only open."""
    from services.settings import get_settings

    return tuple(_derived(secret, purpose) for secret in get_settings().secret_keys)


def blind_keys_for(purpose: str) -> tuple[bytes, ...]:
    """Return the keys made of the pepper for a blind index: the present one writes, the others only find."""
    from services.settings import get_settings

    return tuple(_derived(pepper, f'blind-index:{purpose}') for pepper in get_settings().peppers)


def derive_key(secret: str, purpose: str) -> bytes:
    """Return 32 bytes for this purpose (HKDF-SHA-256, RFC 5869; the purpose is the info field).

    Raises:
        ValueError: the secret or the purpose is empty.
    """
    if not secret or not purpose:
        raise ValueError('a key needs a secret and a purpose')
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f'amigo:{purpose}'.encode()).derive(
        secret.encode()
    )


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str) -> bytes:
    return derive_key(secret, purpose)
