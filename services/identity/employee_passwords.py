"""Another one-time password for an employee who forgot his: made by an administrator, shown once, stored nowhere.

There is no way for him to ask for it by himself: a letter opens no employee's account.
"""

import hashlib
from datetime import datetime, timedelta

from models.user import Role, User
from services import audit, form_keys
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError
from services.identity import passwords, sessions, spent_tokens, step_up
from services.identity.auth_rules import get_rules
from services.identity.employees import FirstAccess
from services.identity.staff import find_employee
from services.input_text import clean_text
from services.messages.letters import staff as letters
from services.runner import transactional
from services.settings import get_settings

KEY_KEPT = timedelta(days=1)


class OwnPassword(DomainError):
    """His own he changes himself, with the old one."""

    message = N_('Свой пароль меняют на странице «Безопасность».')
    status = 409


class EmployeeBlocked(DomainError):
    """A password for who may not come in would be of no use, and a trap for who unblocks him later."""

    message = N_('Сотрудник заблокирован. Сначала разблокируйте его.')
    status = 409


class AlreadyReissued(DomainError):
    """This very click made a password already, and it was shown."""

    message = N_('Новый пароль уже выдан. Если его не успели переписать, обновите страницу и выдайте ещё один.')
    status = 409


def may_reissue(user_id: int, *, actor: Actor | None) -> None:
    """Ask before the reason is typed: everything `reissue` would refuse this employee for.

    Raises:
        SignInRequired, NotAllowed, StepUpRequired, NotFound, OwnPassword, EmployeeBlocked: see `reissue`.
    """
    _employee(user_id, _administrator(actor))


def reissue(user_id: int, reason: str, form_key: str, *, actor: Actor | None) -> FirstAccess:
    """Make a one-time password: the old one is dead, all sessions of the employee end, his second factor stays.

    The hash is computed outside the transaction. A repeat with the same key cannot answer alike: it is refused.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        StepUpRequired: see `step_up`.
        NotFound: no such employee. OwnPassword, EmployeeBlocked: as they say.
        InvalidField: no reason. AlreadyReissued: this click was carried out.
    """
    actor = _administrator(actor)
    form_key = form_keys.checked(form_key)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    user = _employee(user_id, actor)
    password = passwords.one_time_password()
    until = _store(user.id, passwords.hash_password(password), why, form_key, actor=actor)
    return FirstAccess(user.id, user.login or '', password, f'{get_settings().url}/my/index', until)


def _administrator(actor: Actor | None) -> Actor:
    return step_up.require_fresh(require_role(actor, Role.ADMINISTRATOR))


def _employee(user_id: int, actor: Actor) -> User:
    user = find_employee(user_id)
    if user.id == actor.user_id:
        raise OwnPassword
    if user.is_blocked:
        raise EmployeeBlocked
    return user


@transactional
def _store(user_id: int, password_hash: str, reason: str, form_key: str, *, actor: Actor) -> datetime:
    user = _employee(user_id, actor)
    used = hashlib.sha256(f'employee-password:{user.id}:{form_key}'.encode()).hexdigest()
    if not spent_tokens.spend(used, now() + KEY_KEPT):
        raise AlreadyReissued
    until = now() + get_rules().tokens.first_access_of_employee
    fields = {'password_hash': password_hash, 'must_change_password': True, 'one_time_until': until}
    User.update(**fields).where(User.id == user.id).execute()
    letters.password_reissued(user, until=until)
    audit.note('user.password', f'user:{user.id}', actor=actor, reason=reason)
    sessions.end_all_sessions(user.id)
    return until
