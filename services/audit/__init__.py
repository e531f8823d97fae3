"""The record of who did what: staff actions, readings of personal data, and what matters for security."""

from collections.abc import Callable
from functools import partial
from typing import Any

from models.user import AuditEvent
from services import limits
from services.audit import chain
from services.audit.chain import Line
from services.audit.verification import verify
from services.authority import Actor
from services.clock import now
from services.runner import before_commit

__all__ = ['note', 'note_reading', 'verify']

READ_AGAIN = limits.span('reading_noted')
"""Opening the same card again within this time is one reading."""
AUDIT_COMES = 1
"""The head of the log is taken after that of the books (services/accounts/ledger.py)."""


def note(action: str, subject: str, *, actor: Actor | None, address: str = '', **facts: Any) -> None:
    """Write one line into the audit log, as the last thing in the transaction of the action itself.

    Args:
        action: verb in English, e.g. `application.accept`.
        subject: what it was done to, e.g. `application:000042`.
        address: where from; known by itself when somebody acts.
        facts: small plain values; never a password, a token or a passport.
    """
    before_commit(partial(chain.append, line_of(action, subject, actor, address, facts)), place=AUDIT_COMES)


def note_reading(subject: str, *, actor: Actor) -> None:
    """Write down that personal data were read: once in a quarter of an hour for one person and one subject."""
    note_unless(_is_read, line_of('read', subject, actor, '', {}))


def note_unless(is_noted: Callable[[Line], bool], line: Line) -> None:
    """Write a line unless the log has one that counts for it.

    Asked first without a transaction, so that a repeated reading stays a mere reading; then once more when nobody else
    can append, so that two tabs at once leave one line.
    """

    def append_first() -> None:
        chain.hold_head()
        if not is_noted(line):
            chain.append(line)

    if not is_noted(line):
        before_commit(append_first, place=AUDIT_COMES)


def line_of(action: str, subject: str, actor: Actor | None, address: str, facts: dict[str, Any]) -> Line:
    """Return a new line, cut and cleaned so that both databases hold it."""
    return Line(
        at=now(),
        actor=actor.user_id if actor else None,
        role=str(actor.role) if actor else None,
        action=action,
        subject=chain.storable(subject)[:64],
        address=chain.storable(address or (actor.address if actor else ''))[:64],
        facts=chain.plain(facts),
    )


def _is_read(line: Line) -> bool:
    again = (
        (AuditEvent.subject == line.subject)
        & (AuditEvent.at > line.at - READ_AGAIN)
        & (AuditEvent.actor == line.actor)
        & (AuditEvent.action == 'read')
    )
    return bool(AuditEvent.select().where(again).exists())
