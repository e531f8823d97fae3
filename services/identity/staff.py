"""Сотрудники, as an administrator runs them: who may do what, who is blocked, and where they are signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from models.base import is_postgres
from models.user import STAFF, Role, Session, User, UserRole
from services import audit
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.identity import sessions
from services.identity.employees import checked_roles
from services.identity.own_sessions import OpenSession
from services.input_text import clean_text
from services.runner import transactional

ROLE_ORDER = (Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR)


class NotYourself(DomainError):
    """Whoever locks himself out cannot let himself in again."""

    message = N_('Себя заблокировать нельзя. Попросите другого администратора.')
    status = 409


class LastAdministrator(DomainError):
    """Without an administrator nobody could make one."""

    message = N_('Это последний администратор. Сначала сделайте администратором кого-нибудь ещё.')
    status = 409


@dataclass(frozen=True)
class Employee:
    """One employee in the list; `seen_at` is his latest click in any session, None before the first.

    `is_waiting` while the one-time password was not replaced by his own.
    """

    id: int
    login: str
    name: str
    email: str
    roles: tuple[Role, ...]
    is_blocked: bool
    is_waiting: bool
    seen_at: datetime | None
    is_self: bool


@dataclass(frozen=True)
class EmployeeCard:
    """One employee with his living sessions, the latest used first."""

    employee: Employee
    sessions: tuple[OpenSession, ...]


def list_staff(*, actor: Actor | None) -> tuple[Employee, ...]:
    """Return all employees: those who may come in first, by name. Three queries.

    Raises:
        SignInRequired, NotAllowed: only administrators.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    audit.note_reading('list:staff', actor=actor)
    users = list(User.select().where(_is_employee()).order_by(User.is_blocked, User.name, User.id))
    return _employees(users, actor)


def get_card(user_id: int, *, actor: Actor | None) -> EmployeeCard:
    """Return one employee.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such employee.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    user = find_employee(user_id)
    audit.note_reading(f'user:{user.id}', actor=actor)
    return EmployeeCard(_employees([user], actor)[0], _open_sessions(user, actor))


@transactional
def set_roles(user_id: int, roles: list[str], *, actor: Actor | None) -> None:
    """Give an employee exactly these staff roles; his sessions in a role he loses end at once.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such employee. InvalidField: no role, or an unknown one.
        LastAdministrator: nobody else could administer.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    wanted = checked_roles(roles)
    user = find_employee(user_id)
    others = _other_administrators(user.id)
    held = _roles_of([user.id]).get(user.id, ())
    if set(held) == set(wanted):
        return
    if Role.ADMINISTRATOR in held and Role.ADMINISTRATOR not in wanted and not others:
        raise LastAdministrator
    lost = sorted(set(held) - set(wanted))
    UserRole.delete().where((UserRole.user == user) & UserRole.role.in_(lost)).execute()
    for role in set(wanted) - set(held):
        UserRole.create(user=user, role=role)
    audit.note('user.roles', f'user:{user.id}', actor=actor, roles=sorted(wanted), before=sorted(held))
    sessions.revoke((Session.user == user) & Session.role.in_(lost))


@transactional
def block(user_id: int, reason: str, *, actor: Actor | None) -> None:
    """Close the door to an employee and end all his sessions; what he did stays. Done already, it changes nothing.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        NotFound: no such employee. InvalidField: no reason.
        NotYourself, LastAdministrator: as they say.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    user = find_employee(user_id)
    if user.id == actor.user_id:
        raise NotYourself
    others = _other_administrators(user.id)
    if user.is_blocked:
        return
    if Role.ADMINISTRATOR in _roles_of([user.id]).get(user.id, ()) and not others:
        raise LastAdministrator
    User.update(is_blocked=True).where(User.id == user.id).execute()
    audit.note('user.block', f'user:{user.id}', actor=actor, reason=why)
    sessions.end_all_sessions(user.id)


@transactional
def unblock(user_id: int, *, actor: Actor | None) -> None:
    """Let an employee in again with his old password and roles.

    Raises:
        SignInRequired, NotAllowed: only administrators. NotFound: no such employee.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    user = find_employee(user_id)
    if User.update(is_blocked=False).where((User.id == user.id) & User.is_blocked).execute():
        audit.note('user.unblock', f'user:{user.id}', actor=actor)


@transactional
def end_session(user_id: int, session_id: int, *, actor: Actor | None) -> None:
    """End one session of an employee; one that is over stays over.

    Raises:
        SignInRequired, NotAllowed: only administrators. NotFound: no such employee, or not his session.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    user = find_employee(user_id)
    if not Session.select().where((Session.id == session_id) & (Session.user == user)).exists():
        raise NotFound
    sessions.revoke(Session.id == session_id)
    audit.note('session.end', f'user:{user.id}', actor=actor, session=session_id)


@transactional
def end_sessions(user_id: int, *, actor: Actor | None) -> None:
    """End all sessions of an employee but the one the actor works in.

    Raises:
        SignInRequired, NotAllowed: only administrators. NotFound: no such employee.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    user = find_employee(user_id)
    sessions.end_all_sessions(user.id, but=actor.session_hash)
    audit.note('session.end_all', f'user:{user.id}', actor=actor)


def find_employee(user_id: object) -> User:
    """Return an employee: somebody with a login of his own. Subscribers are not looked after here.

    Raises:
        NotFound: no such employee. The caller has asked who may see him.
    """
    user: User | None = User.get_or_none((User.id == user_id) & _is_employee()) if type(user_id) is int else None
    if user is None:
        raise NotFound
    return user


def _is_employee() -> Any:
    return User.login.is_null(False)


def _other_administrators(user_id: int) -> int:
    """Count the other administrators who may come in, and hold the rows: two of them must not remove each other.

    Not FOR UPDATE: lines of the audit log point to these rows and would have to wait.
    """
    administrators = UserRole.select(UserRole.user).where(UserRole.role == Role.ADMINISTRATOR)
    query: Any = User.select(User.id).where(User.id.in_(administrators)).order_by(User.id)
    if is_postgres():
        list(query.for_update('FOR NO KEY UPDATE'))  # then asked again: the answer from before the wait may be old
    return int(query.where((User.id != user_id) & ~User.is_blocked).count())


def _employees(users: list[User], actor: Actor) -> tuple[Employee, ...]:
    ids = [user.id for user in users]
    roles = _roles_of(ids)
    query: Any = Session.select(Session.user, fn.MAX(Session.seen_at)).where(Session.user.in_(ids))
    seen = dict(query.group_by(Session.user).tuples())
    return tuple(
        Employee(
            id=user.id,
            login=user.login or '',
            name=user.name,
            email=user.email or '',
            roles=roles.get(user.id, ()),
            is_blocked=user.is_blocked,
            is_waiting=user.must_change_password,
            seen_at=seen.get(user.id),
            is_self=user.id == actor.user_id,
        )
        for user in users
    )


def _roles_of(user_ids: list[int]) -> dict[int, tuple[Role, ...]]:
    """Return the staff roles of people, in the order in which the screen names them."""
    held: dict[int, set[Role]] = {}
    for row in UserRole.select().where(UserRole.user.in_(user_ids) & UserRole.role.in_(list(STAFF))):
        held.setdefault(row.user_id, set()).add(row.role)
    return {who: tuple(role for role in ROLE_ORDER if role in roles) for who, roles in held.items()}


def _open_sessions(user: User, actor: Actor) -> tuple[OpenSession, ...]:
    moment = now()
    rows: Any = Session.select(Session, User).join(User).where((Session.user == user) & Session.revoked_at.is_null())
    return tuple(
        OpenSession(r.id, r.role, r.address, r.agent, r.created_at, r.seen_at, r.token_hash == actor.session_hash)
        for r in rows.order_by(Session.seen_at.desc())
        if sessions.is_alive(r, moment)
    )
