"""Доступ близких, the invited person's side: what the link from the letter opens, and accepting it once."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.access import Access, AccessGrant, invitations_in_force
from models.base import is_postgres
from models.contract import Contract
from models.user import Role, Session, User, UserRole
from services import audit, field_rules, limits, rate_limits
from services.authority import Actor, require_role
from services.clock import now, today
from services.contact_fields import clean_name
from services.contracts import access_grants
from services.errors import N_, DomainError
from services.events import ContractChanged, record
from services.identity import own_password, passwords
from services.identity.sessions import token_hash
from services.messages.letters import access as letters
from services.runner import transactional

NUMBERS_FROM, NUMBERS = 9_000_000, 1_000_000
"""Logins of people without a contract: seven digits, so that they are typed on any keyboard, and no contract's."""
TRIES, WINDOW = limits.rate('access_logins')


class InvitationGone(DomainError):
    """Accepted, ended, replaced by a newer one, too old, or never ours: the answer is the same."""

    message = N_('Это приглашение больше не действует: оно работает один раз и семь дней. Попросите прислать новое.')
    status = 410


class OwnInvitation(DomainError):
    """The owner opened his own letter."""

    message = N_('Это ваш договор: он и так открыт вам целиком. Ссылка — для того, кого вы пригласили.')
    status = 409


@dataclass(frozen=True)
class Invitation:
    """What is offered: by whom («Анна П.»), which contract, how much, until when; `name` is as the owner calls him."""

    owner: str
    contract: str
    level: Access
    last_day: date | None
    name: str
    email: str


def look(token: object, *, actor: Actor | None) -> Invitation:
    """Return what an invitation offers; whoever holds the link may look, signed in or not.

    Raises:
        InvitationGone, OwnInvitation: as they say.
    """
    grant = _find(token)
    if actor is not None and grant.granted_by.id == actor.user_id:
        raise OwnInvitation
    return Invitation(
        owner=grant.contract.subscriber.short_name,
        contract=grant.contract.number,
        level=grant.level,
        last_day=grant.valid_until,
        name=grant.name,
        email=grant.email,
    )


@transactional
def accept(token: object, *, actor: Actor | None) -> None:
    """Accept an invitation as the signed-in subscriber; his session goes over to that contract.

    The same person again with the same link changes nothing; an older access of his to this contract is replaced.

    Raises:
        SignInRequired, NotAllowed: not signed in as a subscriber.
        InvitationGone, OwnInvitation: as they say.
    """
    actor = require_role(actor, Role.SUBSCRIBER)
    mine = _accepted_by(token, actor.user_id)
    if mine is None:
        mine = _find(token)
        if mine.granted_by.id == actor.user_id:
            raise OwnInvitation
        _take(token, mine, actor.user_id)
        _tell(mine, User.get_by_id(actor.user_id))
    Session.update(contract_id=mine.contract_id).where(Session.token_hash == actor.session_hash).execute()


def accept_as_new(token: object, name: str, new: str, again: str, *, actor: Actor | None, address: str) -> str:
    """Accept an invitation as somebody who has no login: makes one and returns its number. Nobody is signed in by this.

    The password is hashed outside the transaction, and only for a link that is good.

    Raises:
        InvitationGone: see there.
        InvalidField, WeakPassword: beside `name`, `new` or `again`.
        TooManyRequests: ten logins in a day from one address.
    """
    invitation = look(token, actor=actor)
    called = clean_name('name', name, required=True)
    own_password.check_pair(new, again)
    context = [word for word in (invitation.email.split('@')[0], invitation.contract) if len(word) > 2]
    passwords.validate_new_password(new, is_staff=False, context_words=context, field='new')
    rate_limits.spend('access-login', rate_limits.network(address), most=TRIES, window=WINDOW)
    return _make_login(token, called, passwords.hash_password(new))


@transactional
def _make_login(token: object, name: str, password_hash: str) -> str:
    grant = _find(token)
    number = _free_number()
    user = User.create(
        login=number,
        name=name,
        first_name=name.split(maxsplit=1)[0],
        email=grant.email,
        email_confirmed_at=now(),  # the link came to this address
        password_hash=password_hash,
        created_at=now(),
    )
    UserRole.create(user=user, role=Role.SUBSCRIBER)
    _take(token, grant, user.id)
    letters.login_made(user, number=number)
    _tell(grant, user)
    return number


def _free_number() -> str:
    while True:
        number = str(NUMBERS_FROM + secrets.randbelow(NUMBERS))
        if not User.select().where(User.login == number).exists():
            return number


def _hash(token: object) -> str:
    known = field_rules.key_of('link_token', token)
    return token_hash(known) if known else ''


def _find(token: object) -> AccessGrant:
    grant: AccessGrant | None = (
        invitations_in_force(today(), now()).where(AccessGrant.token_hash == _hash(token)).get_or_none()
    )
    if grant is None:
        raise InvitationGone
    return grant


def _accepted_by(token: object, user_id: int) -> AccessGrant | None:
    mine = (AccessGrant.token_hash == _hash(token)) & (AccessGrant.user == user_id) & AccessGrant.ended_at.is_null()
    found: AccessGrant | None = AccessGrant.get_or_none(mine)
    return found


def _take(token: object, grant: AccessGrant, user_id: int) -> None:
    if is_postgres():  # after this nobody else accepts or ends an access of the contract
        Contract.select(Contract.id).where(Contract.id == grant.contract_id).for_update().execute()
    older: Any = AccessGrant.select().where(
        (AccessGrant.contract == grant.contract_id) & (AccessGrant.user == user_id) & AccessGrant.ended_at.is_null()
    )
    for row in older:
        access_grants.close(row, by=user_id)
    # One UPDATE decides: of two people with the link at the same moment only one finds it unused.
    is_unused = AccessGrant.accepted_at.is_null() & AccessGrant.ended_at.is_null()
    is_this = (AccessGrant.id == grant.id) & (AccessGrant.token_hash == _hash(token))
    if AccessGrant.update(user=user_id, accepted_at=now()).where(is_this & is_unused).execute() != 1:
        raise InvitationGone


def _tell(grant: AccessGrant, user: User) -> None:
    letters.accepted(grant, user)
    facts: dict[str, Any] = {'grant': grant.id, 'level': str(grant.level), 'user': user.id}
    subject = f'contract:{grant.contract.number}'
    # By his own user id, though somebody who has just made a login has no session yet.
    audit.note('access.accept', subject, actor=Actor(user.id, user.name, Role.SUBSCRIBER), **facts)
    record(ContractChanged(grant.contract_id))
