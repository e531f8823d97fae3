"""The gateway's RSA key for this shop: made once, kept beside its books."""

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from services.gateways.sandbox.config import SandboxConfig


def public_key_pem(config: SandboxConfig) -> str:
    """Return the public key as the back office would show it, in PEM; makes the key pair on the first call."""
    public = private_key(config).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_key(config: SandboxConfig) -> rsa.RSAPrivateKey:
    """Return the signing key from the data directory, made on the first call."""
    path = config.data_dir / 'sandbox-key.pem'
    if not path.exists():
        _make_once(path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f'{path} is not an RSA key')
    return key


def signature(key: rsa.RSAPrivateKey, raw_body: bytes) -> str:
    """Return the Content-Signature of a body: base64 of RSA-SHA256, PKCS#1 v1.5."""
    return base64.b64encode(key.sign(raw_body, PKCS1v15(), SHA256())).decode()


def _make_once(path: Path) -> None:
    """Write a new key so that of several processes starting together exactly one wins and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    draft = path.with_suffix(f'.{secrets.token_hex(4)}')
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, 'wb') as file:
        file.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
