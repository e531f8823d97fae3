"""Questions for passkeys: asked of one session for one purpose, open five minutes, answered once, right or wrong."""

from enum import StrEnum
from typing import Any

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from models.second_factor import PasskeyChallenge
from services import rate_limits
from services.authority import Actor
from services.clock import now
from services.identity.auth_rules import get_rules
from services.runner import transactional


class Purpose(StrEnum):
    """What a question is asked for; its answer serves nothing else."""

    REGISTER = 'register'
    SHOW = 'show'


def remember(actor: Actor, purpose: Purpose, challenge: bytes) -> None:
    """Store a question inside the caller's transaction; the one before it is void.

    Raises:
        TooManyRequests: more than docs/auth.yml allows.
    """
    rules = get_rules().second_factor
    asked = rules.passkey_questions
    rate_limits.spend('passkey', str(actor.user_id), most=asked.most, window=asked.within)
    PasskeyChallenge.delete().where(_of(actor, purpose)).execute()
    PasskeyChallenge.create(
        session_hash=actor.session_hash,
        purpose=purpose,
        challenge=bytes_to_base64url(challenge),
        expires_at=now() + rules.passkey_question,
    )


@transactional
def take(actor: Actor, purpose: Purpose) -> bytes | None:
    """Return the open question of a session and close it, or None. Whoever deletes the row has it, alone."""
    row = PasskeyChallenge.get_or_none(_of(actor, purpose) & (PasskeyChallenge.expires_at > now()))
    if row is None or int(PasskeyChallenge.delete().where(PasskeyChallenge.id == row.id).execute()) != 1:
        return None
    return base64url_to_bytes(row.challenge)


@transactional
def sweep() -> int:
    """Forget questions nobody answered; returns how many."""
    return int(PasskeyChallenge.delete().where(PasskeyChallenge.expires_at < now()).execute())


def _of(actor: Actor, purpose: Purpose) -> Any:
    return (PasskeyChallenge.session_hash == actor.session_hash) & (PasskeyChallenge.purpose == purpose)
