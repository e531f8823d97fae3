"""A passkey in software: answers the server's options as a browser would, and can be made to misbehave."""

import hashlib
import json
import secrets
import struct

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class SoftKey:
    """One key pair; `count` is the counter it reports next, `is_verified` whether the person showed a finger."""

    def __init__(self, origin='http://localhost:8080', rp_id='localhost'):
        self.origin, self.rp_id = origin, rp_id
        self.id = secrets.token_bytes(32)
        self.count, self.is_verified = 0, True
        self._private = ec.generate_private_key(ec.SECP256R1())

    def create(self, options):
        """Answer `navigator.credentials.create()`: JSON of the credential."""
        auth = self._auth(WITH_KEY) + bytes(16) + struct.pack('>H', len(self.id)) + self.id + self._public()
        attestation = cbor2.dumps({'fmt': 'none', 'attStmt': {}, 'authData': auth})
        client = self._client('webauthn.create', options)
        return self._json({'clientDataJSON': client, 'attestationObject': attestation})

    def get(self, options):
        """Answer `navigator.credentials.get()`; the counter goes on."""
        self.count += 1
        auth, client = self._auth(), self._client('webauthn.get', options)
        signature = self._private.sign(auth + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._json({'clientDataJSON': client, 'authenticatorData': auth, 'signature': signature})

    def _auth(self, flags=0):
        flags |= PRESENT | (VERIFIED if self.is_verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack('>BI', flags, self.count)

    def _client(self, kind, options):
        challenge = json.loads(options)['challenge']
        return json.dumps({'type': kind, 'challenge': challenge, 'origin': self.origin}).encode()

    def _public(self):
        numbers = self._private.public_key().public_numbers()
        x, y = (n.to_bytes(32, 'big') for n in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _json(self, response):
        name = bytes_to_base64url(self.id)
        answer = {key: bytes_to_base64url(value) for key, value in response.items()}
        return json.dumps({'id': name, 'rawId': name, 'type': 'public-key', 'response': answer})


def tampered(credential):
    """Return a credential with one bit of its signature turned."""
    answer = json.loads(credential)
    raw = bytearray(base64url_to_bytes(answer['response']['signature']))
    raw[-1] ^= 1
    answer['response']['signature'] = bytes_to_base64url(bytes(raw))
    return json.dumps(answer)
