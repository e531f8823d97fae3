"""The record of who did what: staff actions and what matters for security."""

from datetime import timedelta
from typing import Any

from models.user import AuditEvent
from services.authority import Actor
from services.clock import now


def note(action: str, subject: str, *, actor: Actor | None, **facts: Any) -> None:
    """Write one line into the audit log inside the transaction of the action itself.

    Args:
        action: verb in English, e.g. `application.accept`.
        subject: what it was done to, e.g. `application:000042`.
        facts: small plain values; never a password, a token or a passport.
    """
    AuditEvent.create(at=now(), actor=actor.user_id if actor else None, action=action, subject=subject, facts=facts)


READ_AGAIN = timedelta(minutes=15)
"""Opening the same card again within this time is one reading."""


def note_reading(subject: str, *, actor: Actor) -> None:
    """Write down that personal data were read: once in a quarter of an hour for one person and one subject."""
    since = now() - READ_AGAIN
    seen = (
        (AuditEvent.at > since)
        & (AuditEvent.actor == actor.user_id)
        & (AuditEvent.action == 'read')
        & (AuditEvent.subject == subject)
    )
    if not AuditEvent.select().where(seen).exists():
        note('read', subject, actor=actor)
