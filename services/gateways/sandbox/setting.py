"""What every part of the sandbox works with: its configuration, books and key."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from services.gateways.sandbox.config import SandboxConfig
from services.gateways.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Setting:
    """One running gateway."""

    config: SandboxConfig
    store: Store
    key: RSAPrivateKey
