"""«Кто смотрел мои данные»: what employees read and changed of a subscriber's contract, for the subscriber himself."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from models.contract import Contract, Document
from models.file import StoredFile
from models.user import STAFF, AuditEvent, Role, User, UserRole
from models.visit import Visit
from services import clock, limits
from services.authority import Actor, own_contract

PAGE = limits.count('accesses_page')
ROLE_ORDER = (Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR)
FARTHEST = 2**31 - 1


@dataclass(frozen=True)
class Access:
    """One thing an employee did: `kind` is what stands before the colon of the subject, `why` his reason, if any.

    `name` is the first name only: whom to ask about, not whom to look for.
    """

    at: datetime
    role: Role
    name: str
    action: str
    kind: str
    why: str


@dataclass(frozen=True)
class AccessDay:
    """The accesses of one day in Minsk, the latest first."""

    day: date
    accesses: tuple[Access, ...]


@dataclass(frozen=True)
class AccessPage:
    """A page of the timeline; `older` is the `before` of the next one, None on the last."""

    days: tuple[AccessDay, ...]
    older: int | None


def list_accesses(before: int | None = None, *, actor: Actor | None) -> AccessPage:
    """Return who of the staff looked at the chosen contract and what belongs to it, the latest first.

    Raises:
        SignInRequired, NotAllowed, NotFound: only its own subscriber.
    """
    contract = own_contract(actor)
    owner_id = _owner_id(contract)
    query: Any = AuditEvent.select(AuditEvent, User).join(User).where(AuditEvent.subject.in_(subjects_of(contract)))
    query = query.where((AuditEvent.actor != owner_id) & (AuditEvent.action != 'refused'))
    if type(before) is int and 0 < before <= FARTHEST:
        query = query.where(AuditEvent.id < before)
    rows = list(query.order_by(AuditEvent.id.desc()).limit(PAGE + 1))
    shown = rows[:PAGE]
    roles = _staff_roles({row.actor_id for row in shown if not row.role})
    accesses = [_access(row, roles) for row in shown]
    days = groupby(accesses, key=lambda access: clock.local(access.at).date())
    return AccessPage(tuple(AccessDay(day, tuple(group)) for day, group in days), shown[-1].id if rows[PAGE:] else None)


def subjects_of(contract: Contract) -> list[str]:
    """Return under which names a contract and what belongs to it stand in the log."""
    number = contract.number
    names = [f'{kind}:{number}' for kind in ('contract', 'chat', 'payments')]
    names.append(f'user:{_owner_id(contract)}')
    names += [f'document:{row.id}' for row in Document.select(Document.id).where(Document.contract == contract)]
    pictures = StoredFile.contract == contract
    application = contract.application
    if application is not None:
        visits = Visit.select(Visit.id).where(Visit.application == application)
        names += [f'application:{application.number}', *(f'visit:{visit.id}' for visit in visits)]
        pictures |= StoredFile.visit.in_(visits)
    names += [f'picture:{row.id}' for row in StoredFile.select(StoredFile.id).where(pictures)]
    return names


def _owner_id(contract: Contract) -> int:
    owner = contract.subscriber.user
    return int(owner.id) if owner else 0


def _staff_roles(user_ids: set[int]) -> dict[int, Role]:
    """Return the first staff role of people whose lines are older than the column of the hat."""
    held: dict[int, set[Role]] = {}
    for row in UserRole.select().where(UserRole.user.in_(user_ids) & UserRole.role.in_(list(STAFF))):
        held.setdefault(row.user_id, set()).add(row.role)
    return {who: next(role for role in ROLE_ORDER if role in roles) for who, roles in held.items()}


def _access(row: Any, roles: dict[int, Role]) -> Access:
    role = Role(row.role) if row.role in set(Role) else roles.get(row.actor_id, Role.OPERATOR)
    reason = (row.facts or {}).get('reason')
    return Access(
        at=row.at,
        role=role,
        name=row.actor.first_name or row.actor.name.split()[0],
        action=row.action,
        kind=row.subject.partition(':')[0],
        why=reason if isinstance(reason, str) else '',
    )
