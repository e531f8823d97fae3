"""Доступ близких as the owner sees it: to whom his contract is and was open, and what those people did."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from models.access import Access, AccessGrant
from models.contract import Contract
from models.user import AuditEvent, User
from services import limits
from services.authority import Actor, own_contract
from services.clock import now, today

SHOWN = limits.count('access_deeds')


class GrantState(StrEnum):
    """Where an access stands today."""

    INVITED = 'invited'
    LATE = 'late'  # nobody accepted the invitation in its week
    OPEN = 'open'
    OVER = 'over'  # its last day is past
    ENDED = 'ended'


@dataclass(frozen=True)
class GrantView:
    """One access on the owner's page. `person` is who accepted; `last_day` None means without an end."""

    id: int
    name: str
    email: str
    person: str
    level: Access
    last_day: date | None
    state: GrantState
    invited_until: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Deed:
    """One thing a relative did: the action as the audit log calls it."""

    at: datetime
    name: str
    action: str


@dataclass(frozen=True)
class AccessBoard:
    """What the owner's page shows: accesses and invitations, those of the past, what relatives did lately."""

    open: tuple[GrantView, ...]
    past: tuple[GrantView, ...]
    deeds: tuple[Deed, ...]


def board(*, actor: Actor | None) -> AccessBoard:
    """Return to whom the actor's chosen contract is and was open, and the last twenty things they did."""
    contract = own_contract(actor)
    rows = AccessGrant.select().where(AccessGrant.contract == contract).order_by(AccessGrant.id.desc())
    grants = list(rows.limit(2 * SHOWN))
    people = _people(grants)
    views = [_view(grant, people) for grant in grants]
    return AccessBoard(
        open=tuple(view for view in views if view.state not in (GrantState.OVER, GrantState.ENDED)),
        past=tuple(view for view in views if view.state in (GrantState.OVER, GrantState.ENDED)),
        deeds=_deeds(contract, people),
    )


def list_living(contract: Contract) -> tuple[GrantView, ...]:
    """Return the accesses and invitations that are not over, the newest first. Who may see them, the caller asked."""
    rows = AccessGrant.select().where((AccessGrant.contract == contract) & AccessGrant.ended_at.is_null())
    grants = list(rows.order_by(AccessGrant.id.desc()).limit(SHOWN))
    people = _people(grants)
    return tuple(view for view in (_view(grant, people) for grant in grants) if view.state != GrantState.OVER)


def _people(grants: list[AccessGrant]) -> dict[int, str]:
    ids = {grant.user_id for grant in grants if grant.user_id}
    rows: Any = User.select(User.id, User.name).where(User.id.in_(ids)).tuples()
    return dict(rows) if ids else {}


def _view(grant: AccessGrant, people: dict[int, str]) -> GrantView:
    return GrantView(
        id=grant.id,
        name=grant.name,
        email=grant.email,
        person=people.get(grant.user_id or 0, ''),
        level=grant.level,
        last_day=grant.valid_until,
        state=_state(grant),
        invited_until=grant.invited_until,
        ended_at=grant.ended_at,
    )


def _state(grant: AccessGrant) -> GrantState:
    if grant.ended_at is not None:
        return GrantState.ENDED
    if grant.is_over(today()):
        return GrantState.OVER
    if grant.accepted_at is not None:
        return GrantState.OPEN
    return GrantState.INVITED if grant.invited_until > now() else GrantState.LATE


def _deeds(contract: Contract, people: dict[int, str]) -> tuple[Deed, ...]:
    if not people:
        return ()
    of_relatives = (AuditEvent.subject == f'contract:{contract.number}') & AuditEvent.actor.in_(list(people))
    rows: Any = AuditEvent.select().where(of_relatives).order_by(AuditEvent.id.desc()).limit(SHOWN)
    return tuple(Deed(row.at, people[row.actor_id], row.action) for row in rows)
