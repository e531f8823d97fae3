"""Сброс второго фактора: one employee asks after checking papers, another confirms; nobody opens a door alone."""

from dataclasses import dataclass
from datetime import datetime

from models.contract import Contract, Subscriber
from models.second_factor import FactorReset
from models.user import Role, User
from services import audit, field_rules
from services.authority import Actor, require_operator
from services.clock import now
from services.errors import N_, DomainError, InvalidField, NotFound, WrongTransition
from services.identity import factors, own_password, sessions, step_up
from services.identity.auth_rules import get_rules
from services.input_text import clean_text
from services.messages.letters import factor as letters
from services.runner import transactional


class OwnFactor(DomainError):
    """One's own factor is reset by others."""

    message = N_('Свой второй фактор сбросить нельзя: попросите двух коллег.')
    status = 403


class SecondPersonNeeded(DomainError):
    """Whoever asked does not confirm."""

    message = N_('Запрос подтверждает другой сотрудник, не тот, кто его создал.')
    status = 403


class AdministratorNeeded(DomainError):
    """One of the two who reset an employee's factor is an administrator."""

    message = N_('Это сотрудник: один из двоих, запросивший или подтверждающий, должен быть администратором.')
    status = 403


class AlreadyWaiting(DomainError):
    """There is a request for this person."""

    message = N_('Запрос на этого человека уже ждёт подтверждения.')
    status = 409


@dataclass(frozen=True)
class WaitingReset:
    """One request in the list; `is_own`: the reader asked for it himself and cannot confirm it."""

    id: int
    person: str
    known_as: str
    is_employee: bool
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    is_own: bool


@transactional
def request(known_as: str, reason: str, *, actor: Actor | None) -> None:
    """Ask for a reset after checking the person's papers.

    Args:
        known_as: staff login or contract number.
        reason: how it was made sure who asks.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidField: nobody is known by this, he has no factor, or the reason says nothing.
        OwnFactor, AlreadyWaiting: as they say.
    """
    actor = step_up.require_fresh(require_operator(actor))
    name = clean_text('known_as', known_as, rule='known_as', required=True)
    why = clean_text('reason', reason, rule='factor_reason', required=True)
    if not field_rules.rule('factor_reason').fits(why):
        raise InvalidField('reason', N_('Напишите, какой документ вы проверили и как связались с человеком.'))
    found = _find(name)
    if found is None:
        raise InvalidField('known_as', N_('Такого логина или договора нет.'))
    user = factors.locked_user(found.id)
    if user.id == actor.user_id:
        raise OwnFactor
    if not factors.has_any(user.id):
        raise InvalidField('known_as', N_('У этого человека второй фактор не подключён.'))
    moment = now()
    if FactorReset.select().where((FactorReset.user == user) & _is_waiting(moment)).exists():
        raise AlreadyWaiting
    FactorReset.create(
        user=user,
        reason=why,
        asked_by=actor.user_id,
        asked_as=actor.role,
        asked_at=moment,
        expires_at=moment + get_rules().second_factor.reset_waits,
    )
    audit.note('factor.reset_ask', f'user:{user.id}', actor=actor, reason=why)
    letters.factor_changed(user, 'reset_asked')


def list_waiting(*, actor: Actor | None) -> list[WaitingReset]:
    """Return the requests that wait for a second employee, the oldest first; one about the reader is not shown."""
    actor = require_operator(actor)
    asker = User.alias()
    rows = (
        FactorReset.select(FactorReset, User, asker)
        .join(User, on=FactorReset.user)
        .switch(FactorReset)
        .join(asker, on=FactorReset.asked_by)
        .where(_is_waiting(now()) & (FactorReset.user != actor.user_id))
        .order_by(FactorReset.asked_at)
    )
    return [_view(row, actor) for row in rows]


@transactional
def confirm(reset_id: int, *, actor: Actor | None) -> None:
    """Reset the factor: all factors and codes are gone, all sessions end, the person gets a letter.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: no such request.
        WrongTransition: it was decided, or has expired.
        OwnFactor, SecondPersonNeeded, AdministratorNeeded: the wrong person confirms.
    """
    actor = step_up.require_fresh(require_operator(actor))
    reset = _get(reset_id)
    user = factors.locked_user(reset.user_id)
    if user.id == actor.user_id:
        raise OwnFactor
    if reset.asked_by_id == actor.user_id:
        raise SecondPersonNeeded
    if own_password.holds_staff_role(user) and Role.ADMINISTRATOR not in {reset.asked_as, actor.role}:
        raise AdministratorNeeded
    _decide(reset, confirmed_by=actor.user_id, confirmed_at=now())
    factors.remove_all(user.id)
    sessions.end_all_sessions(user.id)
    audit.note('factor.reset', f'user:{user.id}', actor=actor, asked_by=reset.asked_by_id, reason=reset.reason)
    letters.factor_changed(user, 'reset_done')


@transactional
def decline(reset_id: int, *, actor: Actor | None) -> None:
    """Close a request without doing anything; whoever asked may take it back in this way.

    Raises:
        NotFound: no such request.
        WrongTransition: it was decided, or has expired.
    """
    actor = require_operator(actor)
    reset = _get(reset_id)
    _decide(reset, declined_by=actor.user_id, declined_at=now())
    audit.note('factor.reset_decline', f'user:{reset.user_id}', actor=actor)


def _decide(reset: FactorReset, **decision: object) -> None:
    waiting = (FactorReset.id == reset.id) & _is_waiting(now())
    if int(FactorReset.update(**decision).where(waiting).execute()) != 1:
        raise WrongTransition


def _get(reset_id: int) -> FactorReset:
    reset: FactorReset | None = FactorReset.get_or_none(FactorReset.id == reset_id)
    if reset is None:
        raise NotFound
    return reset


def _find(name: str) -> User | None:
    contract = Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.number == name).get_or_none()
    if contract is not None:
        owner: User | None = contract.subscriber.user
        return owner
    employee: User | None = User.get_or_none(User.login == name.lower())
    return employee


def _is_waiting(moment: datetime) -> object:
    return FactorReset.confirmed_at.is_null() & FactorReset.declined_at.is_null() & (FactorReset.expires_at > moment)


def _view(row: FactorReset, actor: Actor) -> WaitingReset:
    number = (
        Contract.select(Contract.number).join(Subscriber).where(Subscriber.user == row.user_id).order_by(Contract.id)
    ).scalar()
    return WaitingReset(
        id=row.id,
        person=row.user.name,
        known_as=row.user.login or number or '—',
        is_employee=own_password.holds_staff_role(row.user),
        reason=row.reason,
        asked_by=row.asked_by.name,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        is_own=row.asked_by_id == actor.user_id,
    )
