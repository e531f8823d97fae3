"""What all ways of setting up a second factor share: who may, what follows, and why the last one stays."""

from dataclasses import dataclass

from models.second_factor import RecoveryCode
from models.user import SecondStep, Session, User
from services.authority import Actor
from services.clock import now
from services.errors import N_, DomainError
from services.identity import factors, own_password, recovery_codes, sessions, step_up


class LastFactor(DomainError):
    """Staff keep at least one factor: without it nobody could come in."""

    message = N_('Это ваш последний способ подтвердить вход. Сначала подключите другой.')
    status = 409


@dataclass(frozen=True)
class Enrolled:
    """A factor was set up: `codes` to show once, if it is the first; `token` of what replaced a half-open session."""

    codes: tuple[str, ...]
    token: str | None


def require(actor: Actor | None) -> Actor:
    """Return the actor if he may set up a factor now: a fresh session, or one that came to do just this.

    Raises:
        SignInRequired, NotAllowed, StepUpRequired: as they say.
    """
    actor = factors.require_enroller(actor)
    return actor if actor.second_step else step_up.require_fresh(actor)


def hold(actor: Actor) -> User:
    """Return the actor's row, held, and ask once more: while he waited for it somebody may have set up a factor."""
    user = factors.locked_user(actor.user_id)
    require(actor)
    return user


def finish(user: User, actor: Actor) -> Enrolled:
    """Do what follows a new factor, inside the caller's transaction: codes for the first, and the session in full."""
    is_first = factors.of(user.id).count == 1 and not factors.of(user.id).codes_left
    codes = tuple(recovery_codes.make(user.id)) if is_first else ()
    if actor.second_step is None:
        Session.update(factor_at=now()).where(Session.token_hash == actor.session_hash).execute()
        return Enrolled(codes, None)
    token = in_full(user, actor)
    # Whoever else was on the way to set up a first factor has to show this one now.
    sessions.revoke((Session.user == user) & (Session.second_step == SecondStep.ENROL))
    return Enrolled(codes, token)


def in_full(user: User, actor: Actor) -> str:
    """Replace a session by a full one under a new id, whose factor was given now; returns its token.

    Raises:
        SignInRequired: the session was ended meanwhile.
    """
    old = sessions.living(actor)
    token = sessions.open_session(
        user, old.role, address=old.address, agent=old.agent, contract_id=old.contract_id, factor_at=now()
    )
    sessions.revoke(Session.token_hash == actor.session_hash)
    return token


def refuse_last(user: User) -> None:
    """Refuse to take the only factor away from an employee.

    Raises:
        LastFactor: it is the only one.
    """
    if factors.of(user.id).count <= 1 and own_password.holds_staff_role(user):
        raise LastFactor


def drop_codes_of_nothing(user_id: int) -> None:
    """Forget the recovery codes when the last factor is gone: there is no second step they could open."""
    if not factors.has_any(user_id):
        RecoveryCode.delete().where(RecoveryCode.user == user_id).execute()
