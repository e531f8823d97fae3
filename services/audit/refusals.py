"""What was refused for lack of a right, and wrong passwords: remembered, but never more than a few lines a minute."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from models.user import AuditEvent
from services import audit, limits, rate_limits
from services.audit.chain import Line
from services.authority import Actor
from services.errors import NotAllowed, NotFound, TooManyRequests
from services.runner import with_connection

T = TypeVar('T')

AGAIN = limits.span('refusal_noted')
"""The same refusal of the same person or place within this time is one line."""
MOST_A_MINUTE, MINUTE = limits.rate('refusals_noted')
"""Lines of one kind in a minute, whoever causes them: a flood must not fill the table."""
REMEMBERED = (NotAllowed, NotFound, TooManyRequests)
"""What belongs to somebody else does not exist, so `NotFound` is a refusal as well."""


def watched(service: Callable[..., T], *args: Any, actor: Actor | None, **kwargs: Any) -> T:
    """Run a service for an actor; that it was refused him is remembered, after its transaction was undone."""
    try:
        return service(*args, actor=actor, **kwargs)
    except REMEMBERED as refusal:
        if actor is not None:
            name = f'{service.__module__}.{service.__qualname__}'.removeprefix('services.')
            note_refusal('refused', name, actor=actor, why=type(refusal).__name__)
        raise


@with_connection
def note_refusal(action: str, subject: str, *, actor: Actor | None = None, address: str = '', **facts: Any) -> None:
    """Write a refusal into the audit log, unless the same one was written within a minute, or too many were.

    Args:
        action: `refused`, `session.refuse`, `password.refuse`, …
        subject: what was tried, or whose account; never what was typed, which may be a password in the wrong field.
        address: where from, where nobody is signed in; one network counts as one place.
    """
    place = rate_limits.network(address) if address else ''
    audit.note_unless(_is_enough, audit.line_of(action, subject, actor, place, facts))


@dataclass(frozen=True)
class Dropped:
    """What the guard dropped of one address since it last told: how often of each kind, and on whose pages."""

    address: str
    kinds: dict[str, int]
    people: tuple[int, ...] = ()


def note_dropped(sums: Iterable[Dropped]) -> None:
    """Write down what the guard dropped, a line for each address (components/guard/dropped.py sums it up)."""
    for each in sums:
        facts: dict[str, Any] = {**each.kinds, **({'people': list(each.people)} if each.people else {})}
        note_refusal('guard.refuse', 'guard', address=each.address, **facts)


def _is_enough(line: Line) -> bool:
    recent = (AuditEvent.at > line.at - AGAIN) & (AuditEvent.action == line.action)
    who = AuditEvent.actor.is_null() if line.actor is None else AuditEvent.actor == line.actor
    same = recent & (AuditEvent.subject == line.subject) & who & (AuditEvent.address == line.address)
    if AuditEvent.select().where(same).exists():
        return True
    return bool(AuditEvent.select().where(recent).count() >= MOST_A_MINUTE)
