"""Sign-in by contract number or staff login."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from models.contract import OPENING, Contract, Subscriber
from models.user import STAFF, Role, User, UserRole
from services import audit, field_rules
from services.audit.refusals import note_refusal
from services.clock import now
from services.errors import N_, DomainError, TooManyRequests
from services.identity import chosen_contract, factors, guessing, known_devices, passwords, sessions
from services.runner import transactional

_LOOKS = 2
"""How often a password is looked at when its hash was replaced meanwhile: another sign-in may have renewed it."""


class WrongCredentials(DomainError):
    """Unknown number and wrong password look and cost the same."""

    message = N_('Номер договора или пароль не подходят. Номер — 6 цифр, он есть в договоре и в чеке.')


class OneTimePasswordExpired(DomainError):
    """The password from the envelope lived its seven days."""

    message = N_('Срок одноразового пароля вышел. Позвоните нам — выдадим новый.')


@dataclass(frozen=True)
class SignedIn:
    """Outcome of a sign-in: the tokens of the session and of the known device, and where the person goes."""

    token: str
    device: str
    role: Role
    must_change_password: bool


def _remember_refusals(attempt: Callable[..., SignedIn]) -> Callable[..., SignedIn]:
    """Leave a line in the audit log for a sign-in that was refused: whose account, from where, why; nothing typed."""

    @functools.wraps(attempt)
    def run(login: str, password: str, *, address: str, **more: Any) -> SignedIn:
        try:
            return attempt(login, password, address=address, **more)
        except (WrongCredentials, OneTimePasswordExpired, TooManyRequests, guessing.CaptchaNeeded) as refusal:
            typed = login.strip() if isinstance(login, str) else ''
            known = _find(typed).user_id if field_rules.rule('login').fits(typed) else None
            note_refusal('session.refuse', f'user:{known or "unknown"}', address=address, why=type(refusal).__name__)
            raise

    return run


@dataclass(frozen=True)
class _Candidate:
    user_id: int | None
    password_hash: str | None
    contract_id: int | None


@dataclass(frozen=True)
class _Proved:
    """Whose password was right, and the hash it was right for."""

    user_id: int
    password_hash: str
    contract_id: int | None


@_remember_refusals
def sign_in(
    login: str,
    password: str,
    *,
    address: str,
    agent: str,
    device: str = '',
    solution: guessing.Solution | None = None,
    as_staff: bool | None = None,
) -> SignedIn:
    """Check a password and begin a session.

    The password is hashed outside any transaction, in the caller's worker thread, and for an unknown login too.

    Args:
        device: the cookie of a browser somebody has signed in with before.
        solution: the captcha, if the form had one.
        as_staff: where consoles have a host of their own, let only staff in (True) or only subscribers (False);
            the others are answered as if they had mistyped.

    Raises:
        TooSoon, CaptchaNeeded: the password was not looked at, see guessing.py.
        WrongCredentials, OneTimePasswordExpired: as they say.
    """
    login = login.strip() if isinstance(login, str) else ''
    if (
        not field_rules.rule('login').fits(login)
        or not isinstance(password, str)
        or not 0 < len(password) <= passwords.LONGEST
    ):
        login, password = '', 'x'
    admitted = guessing.admit(login, address=address, device=_known_device(device, login), solution=solution)
    for _ in range(_LOOKS):
        candidate = _proved(login, password, admitted)
        # Hashing takes a third of a second: before the transaction, which holds SQLite's only writer.
        better = passwords.hash_password(password) if passwords.needs_rehash(candidate.password_hash) else None
        opened = _begin(candidate, admitted, better, address=address, agent=agent, as_staff=as_staff)
        if opened is not None:
            return opened
    raise WrongCredentials


def _proved(login: str, password: str, admitted: guessing.Admitted) -> _Proved:
    candidate = _find(login)
    try:
        is_right = passwords.verify_password(password, candidate.password_hash)
    except passwords.HashingBusy:
        guessing.take_back(admitted)
        raise
    if not is_right or candidate.user_id is None or candidate.password_hash is None:
        raise WrongCredentials
    return _Proved(candidate.user_id, candidate.password_hash, candidate.contract_id)


def _known_device(cookie: str, login: str) -> str:
    if not known_devices.is_of_form(cookie):
        return ''
    candidate = _find(login)
    return known_devices.recognise(cookie, candidate.user_id, candidate.password_hash)


def _find(login: str) -> _Candidate:
    """Return whom a login means; both tables are asked for any login, so that all cost the same."""
    employee: User | None = User.get_or_none(User.login == login.lower())
    contract = (
        Contract.select(Contract, Subscriber, User)
        .join(Subscriber)
        .join(User)
        .where((Contract.number == login) & Contract.status.in_(OPENING))
        .get_or_none()
    )
    if contract is not None:
        owner = cast('User', contract.subscriber.user)  # the inner join found one
        return _Candidate(owner.id, owner.password_hash, contract.id)
    return _Candidate(employee.id, employee.password_hash, None) if employee else _Candidate(None, None, None)


@transactional
def _begin(
    candidate: _Proved,
    admitted: guessing.Admitted,
    better_hash: str | None,
    *,
    address: str,
    agent: str,
    as_staff: bool | None,
) -> SignedIn | None:
    """Begin the session; None when the password was changed while it was being hashed: then it proves nothing."""
    user = factors.locked_user(candidate.user_id)
    if user.is_blocked:
        raise WrongCredentials
    if user.password_hash != candidate.password_hash:
        return None
    if user.must_change_password and user.one_time_until and user.one_time_until < now():
        raise OneTimePasswordExpired
    if better_hash:
        User.update(password_hash=better_hash).where(User.id == user.id).execute()
    role = _first_role(user, as_subscriber=candidate.contract_id is not None)
    if as_staff is not None and (role in STAFF) != as_staff:
        raise WrongCredentials
    contract_id = candidate.contract_id
    if role == Role.SUBSCRIBER and contract_id is None:
        contract_id = chosen_contract.first_contract_id(user.id)
    token = sessions.open_session(user, role, address=address, agent=agent, contract_id=contract_id)
    guessing.succeeded(admitted)
    device = known_devices.issue(user.id, better_hash or user.password_hash or '')
    audit.note('session.begin', f'user:{user.id}', actor=None, role=role, address=address)
    return SignedIn(token, device, role, user.must_change_password)


def _first_role(user: User, *, as_subscriber: bool) -> Role:
    held = {row.role for row in UserRole.select().where(UserRole.user == user)}
    if as_subscriber:
        return Role.SUBSCRIBER
    for role in (Role.ADMINISTRATOR, Role.OPERATOR, Role.TECHNICIAN):
        if role in held:
            return role
    return Role.SUBSCRIBER
