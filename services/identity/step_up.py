"""What matters most asks who is there once more: docs/auth.yml says how long a session is fresh."""

from datetime import datetime

from models.user import Session
from services.authority import Actor, require_session
from services.clock import now
from services.errors import N_, DomainError
from services.identity import factors
from services.identity.auth_rules import get_rules


class StepUpRequired(DomainError):
    """The password, and the second factor where there is one, were given too long ago for this."""

    message = N_('Подтвердите, что это вы: введите пароль ещё раз.')
    status = 403


def is_fresh(actor: Actor) -> bool:
    """Tell whether the actor showed all he has lately, in this very session."""
    session: Session | None = Session.get_or_none(Session.token_hash == actor.session_hash)
    if session is None:
        return False
    since = now() - get_rules().fresh
    if not _after(session.fresh_at, since):
        return False
    return _after(session.factor_at, since) or not factors.has_any(actor.user_id)


def require_fresh(actor: Actor | None) -> Actor:
    """Return the actor if his session is fresh. Ask after the role, before anything else.

    Raises:
        SignInRequired: nobody is signed in.
        StepUpRequired: lead him to /my/confirm and back.
    """
    actor = require_session(actor)
    if not is_fresh(actor):
        raise StepUpRequired
    return actor


def _after(moment: datetime | None, since: datetime) -> bool:
    return moment is not None and moment > since
