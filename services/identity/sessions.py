"""Sessions: a random token in the browser, its hash here; idle and absolute ends by role (docs/auth.yml)."""

import hashlib
import secrets
from datetime import datetime, timedelta

from peewee import Expression

from models.user import STAFF, Role, SecondStep, Session, User, UserRole
from services import audit, field_rules
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError, NotAllowed, SignInRequired
from services.events import SessionEnded, record
from services.identity import factors, step_up
from services.identity.auth_rules import get_rules
from services.identity.chosen_contract import first_contract_id, settle
from services.runner import transactional

_SEEN_STEP = timedelta(minutes=1)
"""`seen_at` is written at most this often: a click is not a write."""
_CHUNK = 500
"""Sessions asked for in one query."""


def token_hash(token: str) -> str:
    """Return what is stored of a token: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignInAgain(DomainError):
    """The password was given too long ago for this role."""

    message = N_('Вы вошли слишком давно для этой роли. Выйдите и войдите ещё раз.')
    status = 403


class NoContract(DomainError):
    """A person without a contract has no cabinet to go to."""

    message = N_('Кабинет абонента открывается по договору, а на вас его нет.')
    status = 409


@transactional
def open_session(
    user: User,
    role: Role,
    *,
    address: str,
    agent: str,
    contract_id: int | None = None,
    factor_at: datetime | None = None,
) -> str:
    """Begin a session and return its token, which exists only in the browser's cookie.

    It is half-opened while this person in this role still owes the second step (`factors.step_for`).

    Args:
        factor_at: when the second factor was given; None: it was not.
    """
    token = secrets.token_urlsafe(32)
    moment, rules = now(), get_rules()
    step = None if user.must_change_password else factors.step_for(user.id, role, factor_at)
    Session.create(
        token_hash=token_hash(token),
        user=user,
        role=role,
        contract_id=contract_id,
        created_at=moment,
        seen_at=moment,
        expires_at=moment + (rules.half_open[step] if step else rules.sessions[role].absolute),
        fresh_at=moment,
        factor_at=factor_at,
        must_change_password=user.must_change_password,
        second_step=step,
        address=address[:64],
        agent=agent[:200],
    )
    return token


def resolve(token: str | None) -> Actor | None:
    """Return who stands behind a cookie, or None: unknown, ended, idle too long, blocked."""
    known = field_rules.key_of('session_token', token)
    return resolve_hash(token_hash(known)) if known else None


def resolve_hash(hashed: str, *, is_activity: bool = True) -> Actor | None:
    """Return who stands behind a session's hash, or None.

    Args:
        is_activity: remember that he was here; False when a page re-reads by itself, or idleness would never end.
    """
    session = Session.select(Session, User).join(User).where(Session.token_hash == hashed).get_or_none()
    moment = now()
    if session is None or not is_alive(session, moment):
        return None
    actor = _actor(session)
    if actor.role in STAFF and actor.role not in actor.roles:
        return None  # the role was taken away
    if is_activity and moment - session.seen_at >= _SEEN_STEP:
        Session.update(seen_at=moment).where(Session.id == session.id).execute()
    return actor


def ended_among(hashes: frozenset[str]) -> frozenset[str]:
    """Return which of these sessions nobody stands behind any more, whatever ended them and in whatever process."""
    moment = now()
    alive: set[str] = set()
    wanted = sorted(hashes)
    for start in range(0, len(wanted), _CHUNK):
        rows = Session.select(Session, User).join(User).where(Session.token_hash.in_(wanted[start : start + _CHUNK]))
        living = [row for row in rows if is_alive(row, moment)]
        held = UserRole.select(UserRole.user, UserRole.role).where(UserRole.user.in_([row.user for row in living]))
        roles = {(role.user_id, role.role) for role in held}
        alive |= {row.token_hash for row in living if row.role not in STAFF or (row.user_id, row.role) in roles}
    return hashes - alive


def is_alive(session: Session, moment: datetime) -> bool:
    """Tell whether a session, fetched with its user, still holds: not ended, not too long, not too idle."""
    if session.revoked_at or session.user.is_blocked or moment >= session.expires_at:
        return False
    return bool(moment - session.seen_at < get_rules().sessions[session.role].idle)


def _actor(session: Session) -> Actor:
    user = session.user
    roles = frozenset(row.role for row in UserRole.select().where(UserRole.user == user))
    contract, access = settle(session, user.id) if session.role == Role.SUBSCRIBER else (None, None)
    return Actor(
        user_id=user.id,
        name=user.name,
        role=session.role,
        roles=roles,
        contract_id=contract.id if contract else None,
        contract_number=contract.number if contract else '',
        session_hash=session.token_hash,
        address=session.address,
        must_change_password=session.must_change_password,
        second_step=session.second_step,
        theme=user.theme,
        language=user.language,
        access=access,
    )


@transactional
def end_session(token: str | None) -> None:
    """End one session: its owner leaves; its open pages are told to leave too. One that is over leaves no line."""
    known = field_rules.key_of('session_token', token)
    if not known:
        return
    actor = resolve_hash(token_hash(known), is_activity=False)
    revoke(Session.token_hash == token_hash(known))
    if actor is not None:
        audit.note('session.leave', f'user:{actor.user_id}', actor=actor)


@transactional
def end_all_sessions(user_id: int, *, but: str = '') -> None:
    """End all sessions of a person, except the one with this hash (after a change of password).

    His row is held first: whoever is turning one of his sessions into a new one meanwhile comes before or after this.
    """
    factors.locked_user(user_id)
    revoke((Session.user == user_id) & (Session.token_hash != but))


def revoke(which: Expression) -> None:
    """End the sessions that fit a condition, inside the caller's transaction; their open pages are told."""
    rows = list(Session.select(Session.token_hash).where(which & Session.revoked_at.is_null()))
    if not rows:
        return
    hashes = tuple(row.token_hash for row in rows)
    Session.update(revoked_at=now()).where(Session.token_hash.in_(hashes)).execute()
    record(SessionEnded(hashes))


def living(actor: Actor) -> Session:
    """Return the row of the actor's session; ask it while his user's row is held.

    Raises:
        SignInRequired: it was ended since the actor was found.
    """
    row: Session | None = Session.get_or_none((Session.token_hash == actor.session_hash) & Session.revoked_at.is_null())
    if row is None:
        raise SignInRequired
    return row


@transactional
def switch_role(token: str, role: Role, *, actor: Actor | None) -> str:
    """Change the hat: the old session ends, a new one begins; returns the new token.

    The new session goes on counting from the sign-in: switching to and fro neither lengthens it nor makes it fresh.

    Raises:
        NotAllowed: he does not hold this role.
        NoContract: the subscriber role without a contract of his own.
        SignInAgain: the sign-in is older than this role allows, or too old to set up a first factor by it.
        SignInRequired: the session was ended meanwhile.
    """
    actor = require_role(actor, *Role)
    if role not in actor.roles:
        raise NotAllowed
    contract_id = first_contract_id(actor.user_id) if role == Role.SUBSCRIBER else None
    if role == Role.SUBSCRIBER and contract_id is None:
        raise NoContract
    user, old = factors.locked_user(actor.user_id), living(actor)
    ends = old.created_at + get_rules().sessions[role].absolute
    if ends <= now():
        raise SignInAgain
    fresh = open_session(
        user, role, address=old.address, agent=old.agent, contract_id=contract_id, factor_at=old.factor_at
    )
    new = Session.get(Session.token_hash == token_hash(fresh))
    if new.second_step == SecondStep.ENROL and not step_up.is_fresh(actor):
        raise SignInAgain  # a browser left open must not choose the factor that guards the consoles
    new.created_at, new.fresh_at, new.expires_at = old.created_at, old.fresh_at, min(ends, new.expires_at)
    new.save(only=[Session.created_at, Session.fresh_at, Session.expires_at])
    revoke(Session.token_hash == token_hash(field_rules.key_of('session_token', token)))
    audit.note('session.role', f'user:{actor.user_id}', actor=actor, role=role)
    return fresh


def is_staff(role: Role) -> bool:
    """Tell whether a role belongs to an employee."""
    return role in STAFF
