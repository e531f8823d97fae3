"""A local stand-in for bePaid: it speaks the documented protocol (DOMAIN §2.2, §2.7) and keeps its own books.

It plays an outside company, so it knows nothing of our models and its Russian pages are its own.
"""

from services.gateways.sandbox.app import create_sandbox
from services.gateways.sandbox.config import SandboxConfig
from services.gateways.sandbox.keys import public_key_pem

__all__ = ['SandboxConfig', 'create_sandbox', 'public_key_pem']
