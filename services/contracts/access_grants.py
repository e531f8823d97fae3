"""Доступ близких, the owner's side: to whom his contract is open, giving it, changing it, ending it at once."""

import calendar
import secrets
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from models.access import GIVEN, Access, AccessGrant
from models.contract import Contract
from services import audit, form_keys, limits, rate_limits
from services.authority import Actor, own_contract
from services.clock import now, today
from services.contact_fields import clean_email, clean_name
from services.errors import N_, DomainError, InvalidField, InvalidForm, NotFound
from services.events import ContractChanged, record
from services.identity import chosen_contract, step_up
from services.identity.sessions import token_hash
from services.messages.letters import access as letters
from services.runner import transactional

if TYPE_CHECKING:
    from collections.abc import Callable

INVITATION_LIFE = limits.span('invitation_life')
MOST_OPEN = limits.count('accesses_of_contract')
"""Invitations and accesses of one contract at a time."""
MOST_LETTERS, WINDOW = limits.rate('access_letters')


class Term(StrEnum):
    """For how long an access is given: what the form offers."""

    MONTH = 'month'
    YEAR = 'year'
    FOREVER = 'forever'
    KEEP = 'keep'  # only when a level is changed


class TooManyOpen(DomainError):
    """A family is smaller."""

    message = N_('Доступ открыт уже {most} людям. Закройте чей-нибудь, чтобы открыть новый.')
    status = 409


@transactional
def give(name: str, email: str, level: str, term: str, form_key: str, *, actor: Actor | None) -> None:
    """Invite somebody to the actor's contract by letter; the same key again invites nobody twice.

    Args:
        level: see | pay | manage.
        term: month | year | forever.

    Raises:
        StepUpRequired: see `step_up`; nothing of the form was looked at.
        InvalidForm: by field.
        TooManyOpen: ten are open already.
        TooManyRequests: ten letters in a day.
    """
    contract = own_contract(actor, lock=True)
    actor = step_up.require_fresh(actor)
    form_key = form_keys.checked(form_key)
    if AccessGrant.select().where(AccessGrant.form_key == form_key).exists():
        return
    clean = _clean(contract, name, email, level, term)
    if _unended(contract).count() >= MOST_OPEN:
        raise TooManyOpen(most=MOST_OPEN)
    token = secrets.token_urlsafe(32)
    grant = AccessGrant.create(
        **clean,
        contract=contract,
        granted_by=actor.user_id,
        form_key=form_key,
        created_at=now(),
        token_hash=token_hash(token),
        invited_until=now() + INVITATION_LIFE,
    )
    _send(contract, grant, token)
    _note('access.give', contract, grant, actor)


@transactional
def invite_again(grant_id: int, *, actor: Actor | None) -> None:
    """Send a new link for an invitation nobody has accepted; the older link is dead.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: not an invitation to this contract.
        TooManyRequests: ten letters in a day.
    """
    contract, grant = _own_grant(grant_id, actor)
    if grant.accepted_at is not None:
        raise NotFound
    token = secrets.token_urlsafe(32)
    grant.token_hash = token_hash(token)
    grant.invited_until = now() + INVITATION_LIFE
    grant.save(only=[AccessGrant.token_hash, AccessGrant.invited_until])
    _send(contract, grant, token)
    _note('access.invite_again', contract, grant, actor)


@transactional
def change(grant_id: int, level: str, term: str, *, actor: Actor | None) -> None:
    """Change what a person may do, or until when; his next click knows it, and he gets a letter.

    Args:
        term: month | year | forever from today, or keep.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: not an open access of this contract.
        InvalidField: no such level or term.
    """
    contract, grant = _own_grant(grant_id, actor)
    wanted = _level(level)
    last_day = grant.valid_until if term == Term.KEEP else _last_day(term)
    if (wanted, last_day) == (grant.level, grant.valid_until):
        return
    grant.level, grant.valid_until = wanted, last_day
    grant.save(only=[AccessGrant.level, AccessGrant.valid_until])
    if grant.accepted_at is not None:
        letters.changed(grant, at=now())
    _note('access.change', contract, grant, actor)


@transactional
def end(grant_id: int, *, actor: Actor | None) -> None:
    """End an access or an invitation now; one that is ended stays so. Open pages of the person lose the contract.

    No freshness is asked for: to take away must be as quick as it can be, and opens nothing.

    Raises:
        NotFound: not an access to this contract.
    """
    contract, grant = _own_grant(grant_id, actor, to_end=True)
    if grant.ended_at is not None:
        return
    assert actor is not None  # own_contract has refused a stranger
    close(grant, by=actor.user_id)
    if grant.user_id is not None:
        chosen_contract.forget(contract.id, grant.user_id)
        letters.ended(grant)
    _note('access.end', contract, grant, actor)


def close(grant: AccessGrant, *, by: int) -> None:
    """Write down that an access is over, inside the caller's transaction; nothing is told to anybody."""
    changes = {AccessGrant.ended_at: now(), AccessGrant.ended_by: by}
    AccessGrant.update(changes).where((AccessGrant.id == grant.id) & AccessGrant.ended_at.is_null()).execute()


def _own_grant(grant_id: int, actor: Actor | None, *, to_end: bool = False) -> tuple[Contract, AccessGrant]:
    """Return one of the accesses to the actor's contract.

    Args:
        to_end: it may be ended already, and the session need not be fresh.
    """
    contract = own_contract(actor, lock=True)
    if not to_end:
        step_up.require_fresh(actor)
    grant = AccessGrant.get_or_none((AccessGrant.id == grant_id) & (AccessGrant.contract == contract))
    if grant is None or (grant.ended_at is not None and not to_end):
        raise NotFound
    return contract, grant


def _clean(contract: Contract, name: object, email: object, level: object, term: object) -> dict[str, Any]:
    fields: dict[str, tuple[str, Callable[[], Any]]] = {
        'name': ('name', lambda: clean_name('name', name, required=True)),
        'email': ('email', lambda: _free_email(contract, email)),
        'level': ('level', lambda: _level(level)),
        'until': ('valid_until', lambda: _last_day(term)),
    }
    clean: dict[str, Any] = {}
    errors: dict[str, InvalidField] = {}
    for field, (column, check) in fields.items():
        try:
            clean[column] = check()
        except InvalidField as error:
            errors[field] = error
    if errors:
        raise InvalidForm(errors)
    return clean


def _free_email(contract: Contract, typed: object) -> str:
    address = clean_email('email', typed, required=True)
    owner = contract.subscriber.user
    if address.casefold() == ((owner.email if owner else '') or '').casefold():
        raise InvalidField('email', N_('Это ваш собственный адрес. Введите почту того, кому открываете доступ.'))
    if any(grant.email.casefold() == address.casefold() for grant in _unended(contract)):
        raise InvalidField('email', N_('На этот адрес доступ уже открыт. Найдите его в списке, измените или закройте.'))
    return address


def _unended(contract: Contract) -> Any:
    is_open = AccessGrant.valid_until.is_null() | (AccessGrant.valid_until >= today())
    return AccessGrant.select().where((AccessGrant.contract == contract) & AccessGrant.ended_at.is_null() & is_open)


def _level(typed: object) -> Access:
    if not isinstance(typed, str) or typed not in GIVEN:
        raise InvalidField('level', N_('Выберите, что человек сможет делать.'))
    return Access(typed)


def _last_day(typed: object) -> date | None:
    months = {Term.MONTH: 1, Term.YEAR: 12, Term.FOREVER: 0}
    if not isinstance(typed, str) or typed not in months:
        raise InvalidField('until', N_('Выберите срок.'))
    return _months_on(today(), months[Term(typed)]) if typed != Term.FOREVER else None


def _months_on(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _send(contract: Contract, grant: AccessGrant, token: str) -> None:
    rate_limits.spend('access-letter', contract.number, most=MOST_LETTERS, window=WINDOW)
    letters.invited(grant, token=token)


def _note(action: str, contract: Contract, grant: AccessGrant, actor: Actor | None) -> None:
    last_day = grant.valid_until.isoformat() if grant.valid_until else ''
    facts: dict[str, Any] = {'grant': grant.id, 'level': str(grant.level), 'until': last_day, 'user': grant.user_id}
    audit.note(action, f'contract:{contract.number}', actor=actor, **facts)
    record(ContractChanged(contract.id))
