"""The record of who did what: staff actions and what matters for security."""

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
