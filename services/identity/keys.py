"""One secret, many keys: each purpose gets its own, so that one leaked use says nothing about another."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


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
