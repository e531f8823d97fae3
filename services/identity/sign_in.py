"""Sign-in by contract number or staff login."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from models.contract import Contract, ContractStatus, Subscriber
from models.user import STAFF, Role, User, UserRole
from services import audit, rate_limits
from services.clock import now
from services.errors import N_, DomainError
from services.identity import passwords, sessions
from services.runner import transactional

WINDOW = timedelta(minutes=10)
MOST_BY_LOGIN = 10
MOST_BY_ADDRESS = 60
_LOGIN = re.compile(r'[0-9A-Za-z._-]{3,32}\Z')


class WrongCredentials(DomainError):
    """Unknown number and wrong password look and cost the same."""

    message = N_('Номер договора или пароль не подходят. Номер — 6 цифр, он есть в договоре и в чеке.')


class OneTimePasswordExpired(DomainError):
    """The password from the envelope lived its seven days."""

    message = N_('Срок одноразового пароля вышел. Позвоните нам — выдадим новый.')


@dataclass(frozen=True)
class SignedIn:
    """Outcome of a sign-in: the token for the cookie, and where the person goes."""

    token: str
    role: Role
    must_change_password: bool


@dataclass(frozen=True)
class _Candidate:
    user_id: int | None
    password_hash: str | None
    contract_id: int | None


def sign_in(login: str, password: str, *, address: str, agent: str, as_staff: bool | None = None) -> SignedIn:
    """Check a password and begin a session.

    The password is hashed outside any transaction, in the caller's worker thread, and for an unknown login too.

    Args:
        as_staff: where consoles have a host of their own, let only staff in (True) or only subscribers (False);
            the others are answered as if they had mistyped.

    Raises:
        TooManyRequests: more than ten failures for this login or sixty from this address in ten minutes.
        WrongCredentials, OneTimePasswordExpired: as they say.
    """
    login = login.strip() if isinstance(login, str) else ''
    if not _LOGIN.fullmatch(login) or not isinstance(password, str) or not 0 < len(password) <= passwords.LONGEST:
        login, password = '', 'x'
    place = rate_limits.network(address)
    rate_limits.spend('sign-in:address', place, most=MOST_BY_ADDRESS, window=WINDOW)
    rate_limits.spend('sign-in:login', f'{login.lower()}|{place}', most=MOST_BY_LOGIN, window=WINDOW)
    candidate = _find(login)
    is_right = passwords.verify_password(password, candidate.password_hash)
    if not is_right or candidate.user_id is None or candidate.password_hash is None:
        raise WrongCredentials
    # Hashing takes a third of a second: before the transaction, which holds SQLite's only writer.
    better = passwords.hash_password(password) if passwords.needs_rehash(candidate.password_hash) else None
    return _begin(candidate, login, better, address=address, agent=agent, as_staff=as_staff)


def _find(login: str) -> _Candidate:
    contract = (
        Contract.select(Contract, Subscriber, User)
        .join(Subscriber)
        .join(User)
        .where((Contract.number == login) & (Contract.status == ContractStatus.ACTIVE))
        .get_or_none()
    )
    if contract is not None:
        owner = cast('User', contract.subscriber.user)  # the inner join found one
        return _Candidate(owner.id, owner.password_hash, contract.id)
    employee: User | None = User.get_or_none(User.login == login.lower())
    return _Candidate(employee.id, employee.password_hash, None) if employee else _Candidate(None, None, None)


@transactional
def _begin(
    candidate: _Candidate, login: str, better_hash: str | None, *, address: str, agent: str, as_staff: bool | None
) -> SignedIn:
    user = User.get_by_id(candidate.user_id)
    if user.is_blocked:
        raise WrongCredentials
    if user.must_change_password and user.one_time_until and user.one_time_until < now():
        raise OneTimePasswordExpired
    if better_hash:
        User.update(password_hash=better_hash).where(User.id == user.id).execute()
    role = _first_role(user, as_subscriber=candidate.contract_id is not None)
    if as_staff is not None and (role in STAFF) != as_staff:
        raise WrongCredentials
    contract_id = candidate.contract_id
    if role == Role.SUBSCRIBER and contract_id is None:
        contract_id = sessions.first_contract_id(user.id)
    token = sessions.open_session(user, role, address=address, agent=agent, contract_id=contract_id)
    place = rate_limits.network(address)
    rate_limits.forget('sign-in:login', f'{login.lower()}|{place}')
    rate_limits.take_back('sign-in:address', place)
    audit.note('session.begin', f'user:{user.id}', actor=None, role=role, address=address)
    return SignedIn(token, role, user.must_change_password)


def _first_role(user: User, *, as_subscriber: bool) -> Role:
    held = {row.role for row in UserRole.select().where(UserRole.user == user)}
    if as_subscriber:
        return Role.SUBSCRIBER
    for role in (Role.ADMINISTRATOR, Role.OPERATOR, Role.TECHNICIAN):
        if role in held:
            return role
    return Role.SUBSCRIBER
