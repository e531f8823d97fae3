"""Доступ в кабинет: a one-time password made after the signature, shown once, stored nowhere."""

from dataclasses import dataclass
from datetime import datetime

from models.base import is_postgres
from models.contract import Contract, ContractStatus, Credentials, Subscriber
from models.user import RecoveryToken, Role, User
from services import audit, form_keys
from services.authority import Actor, require_operator, require_role
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.events import ContractChanged, record
from services.identity import own_password, passwords, sessions
from services.identity.auth_rules import get_rules
from services.input_text import clean_text
from services.messages import letters
from services.runner import transactional
from services.settings import get_settings
from services.visits.visit_access import PRESENT, has_visit


class AlreadyIssued(DomainError):
    """The password was shown once; nobody can see it again."""

    message = N_('Доступ уже выдан, показать ещё раз нельзя. Новый пароль выдаёт оператор.')
    status = 409


class AlreadyReissued(DomainError):
    """This very click made a password already, and it was shown."""

    message = N_('Новый пароль уже выдан. Если его не успели переписать, обновите страницу и выдайте ещё один.')
    status = 409


class NotSigned(DomainError):
    """No access before the signature (the customer's process)."""

    message = N_('Доступ выдаём после подписания договора.')
    status = 409


class OfEmployee(DomainError):
    """A password of an employee opens a console too: no operator and no technician makes himself one."""

    message = N_('Это вход сотрудника. Новый пароль ему выдаёт администратор.')
    status = 403


@dataclass(frozen=True)
class Issued:
    """What the screen or the printed card shows, once. `password` exists only here."""

    login: str
    password: str
    address: str
    until: datetime

    def __repr__(self) -> str:
        return f'Issued(login={self.login!r}, until={self.until!r})'  # a log must not learn the password


def issue(contract_number: str, *, actor: Actor | None) -> Issued:
    """Make the one-time password of a signed contract and return it, this one time. Valid seven days.

    The hash is computed outside the transaction.

    Raises:
        NotFound: no such contract, or a technician who was not there.
        NotSigned: before the signature.
        AlreadyIssued: it was shown already.
        OfEmployee: the client works here, and the actor is no administrator.
    """
    actor = require_role(actor, Role.OPERATOR, Role.ADMINISTRATOR, Role.TECHNICIAN)
    _refuse_repeat(_find(contract_number, actor))
    password = passwords.one_time_password()
    until = _store(contract_number, passwords.hash_password(password), actor=actor)
    return Issued(contract_number, password, f'{get_settings().url}/my/index', until)


def reissue(contract_number: str, reason: str, form_key: str, *, actor: Actor | None) -> Issued:
    """Make another one-time password: the old one is dead, all sessions of the person end.

    A repeat with the same key cannot answer like the first, for the password is kept nowhere: it is refused.

    Raises:
        NotFound: no such contract.
        NotSigned: before the signature.
        InvalidField: no reason was given.
        AlreadyReissued: this click was carried out.
        OfEmployee: the client works here, and the actor is no administrator.
    """
    actor = require_operator(actor)
    form_key = form_keys.checked(form_key)
    reason = clean_text('reason', reason, rule='staff_reason', required=True)
    _refuse_done(_find(contract_number, actor), form_key)
    password = passwords.one_time_password()
    made = passwords.hash_password(password)
    until = _store(contract_number, made, actor=actor, reason=reason, form_key=form_key)
    return Issued(contract_number, password, f'{get_settings().url}/my/index', until)


@transactional
def seal(contract_number: str, *, actor: Actor | None) -> None:
    """Remember that the client has copied his password and the card was closed; a repeat changes nothing.

    Raises:
        NotFound: no such contract, a technician who was not there, or nothing was issued yet.
    """
    actor = require_role(actor, Role.OPERATOR, Role.ADMINISTRATOR, Role.TECHNICIAN)
    contract = _find(contract_number, actor)
    row = Credentials.get_or_none(Credentials.contract == contract)
    if row is None:
        raise NotFound
    if row.sealed_at is None:
        Credentials.update(sealed_at=now()).where(Credentials.id == row.id).execute()
        audit.note('credentials.seal', f'contract:{contract.number}', actor=actor)
        record(ContractChanged(contract.id))


@transactional
def _store(contract_number: str, password_hash: str, *, actor: Actor, reason: str = '', form_key: str = '') -> datetime:
    contract = _find(contract_number, actor, lock=True)
    if form_key:
        _refuse_done(contract, form_key)
    else:
        _refuse_repeat(contract)
    user = contract.subscriber.user
    assert user is not None  # _find has asked
    until = now() + get_rules().tokens.one_time_password
    User.update(password_hash=password_hash, must_change_password=True, one_time_until=until).where(
        User.id == user.id
    ).execute()
    RecoveryToken.delete().where((RecoveryToken.user == user) & RecoveryToken.used_at.is_null()).execute()
    sessions.end_all_sessions(user.id)
    _remember(contract, actor, reason, form_key)
    letters.credentials_ready(user, contract_number=contract.number, phone=contract.subscriber.phone)
    record(ContractChanged(contract.id))
    return until


def _remember(contract: Contract, actor: Actor, reason: str, form_key: str) -> None:
    row: Credentials | None = Credentials.get_or_none(Credentials.contract == contract)
    moment = now()
    times = int(row.evidence.get('times', 0)) + 1 if row else 1
    evidence = {'times': times, 'address': actor.address, 'key': form_key}
    if row is None:
        Credentials.create(contract=contract, issued_by=actor.user_id, issued_at=moment, evidence=evidence, note=reason)
    else:
        row.issued_by, row.issued_at, row.sealed_at = User.get_by_id(actor.user_id), moment, None
        row.evidence, row.note = evidence, reason
        row.save()
    action = 'credentials.reissue' if reason else 'credentials.issue'
    audit.note(action, f'contract:{contract.number}', actor=actor, reason=reason)


def is_issued(contract: Contract) -> bool:
    """Tell whether a one-time password was made for this contract."""
    return bool(Credentials.select().where(Credentials.contract == contract).exists())


def _refuse_done(contract: Contract, form_key: str) -> None:
    row: Credentials | None = Credentials.get_or_none(Credentials.contract == contract)
    if row is not None and row.evidence.get('key') == form_key:
        raise AlreadyReissued


def _refuse_repeat(contract: Contract) -> None:
    if is_issued(contract):
        raise AlreadyIssued


def _find(number: str, actor: Actor, *, lock: bool = False) -> Contract:
    if not isinstance(number, str) or len(number) > 16:
        raise NotFound
    if lock and is_postgres():
        Contract.select(Contract.id).where(Contract.number == number).for_update().execute()
    query = Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.number == number)
    contract: Contract | None = query.get_or_none()
    if contract is None:
        raise NotFound
    if actor.role == Role.TECHNICIAN and (
        contract.application is None or not has_visit(contract.application, actor, PRESENT)
    ):
        raise NotFound
    if contract.status != ContractStatus.ACTIVE or contract.subscriber.user is None:
        raise NotSigned
    if actor.role != Role.ADMINISTRATOR and own_password.holds_staff_role(contract.subscriber.user):
        raise OfEmployee
    return contract
