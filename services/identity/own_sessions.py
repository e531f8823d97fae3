"""The list a person sees of his own signed-in browsers, and how he ends them."""

from dataclasses import dataclass
from datetime import datetime

from models.user import Role, Session, User
from services import audit
from services.authority import Actor, require_role
from services.clock import now
from services.errors import NotFound
from services.identity import sessions
from services.runner import transactional


@dataclass(frozen=True)
class OpenSession:
    """One line of the list a person sees of his own sessions."""

    id: int
    role: Role
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def list_own(*, actor: Actor | None) -> list[OpenSession]:
    """Return the living sessions of the actor, the one in hand first, then the latest used."""
    actor = require_role(actor, *Role)
    moment = now()
    rows = (
        Session.select(Session, User).join(User).where(Session.user == actor.user_id).order_by(Session.seen_at.desc())
    )
    own = [
        OpenSession(r.id, r.role, r.address, r.agent, r.created_at, r.seen_at, r.token_hash == actor.session_hash)
        for r in rows.where(Session.revoked_at.is_null() & (Session.expires_at > moment))
        if sessions.is_alive(r, moment)
    ]
    return sorted(own, key=lambda session: not session.is_this)


@transactional
def end_own(session_id: int, *, actor: Actor | None) -> None:
    """End one of the actor's own sessions; one that is over already stays over.

    Raises:
        NotFound: it is somebody else's.
    """
    actor = require_role(actor, *Role)
    session = Session.get_or_none((Session.id == session_id) & (Session.user == actor.user_id))
    if session is None:
        raise NotFound
    sessions.revoke(Session.id == session_id)
    audit.note('session.end', f'user:{actor.user_id}', actor=actor, session=session_id)


@transactional
def end_others(*, actor: Actor | None) -> None:
    """End all sessions of the actor but the one in hand."""
    actor = require_role(actor, *Role)
    sessions.end_all_sessions(actor.user_id, but=actor.session_hash)
    audit.note('session.end_others', f'user:{actor.user_id}', actor=actor)
