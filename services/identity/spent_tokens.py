"""Sealed tokens that were used: a captcha opens one door once."""

from datetime import datetime

from models.user import SpentToken
from services.clock import now
from services.runner import transactional


@transactional
def spend(token_hash: str, expires_at: datetime) -> bool:
    """Store the hash of a used token until it would have expired; False when it is stored already."""
    new = SpentToken.insert(token_hash=token_hash, expires_at=expires_at).on_conflict_ignore()
    return bool(new.as_rowcount().execute())


@transactional
def sweep() -> int:
    """Forget the tokens that have expired anyway; returns how many."""
    return int(SpentToken.delete().where(SpentToken.expires_at < now()).execute())
