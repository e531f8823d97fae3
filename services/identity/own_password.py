"""One's own password: changing it, and choosing the first one."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from models.user import STAFF, RecoveryToken, Role, Session, User, UserRole
from services import audit, field_rules, rate_limits
from services.audit import refusals
from services.authority import Actor, require_role, require_session
from services.clock import now
from services.errors import N_, InvalidField, NotAllowed
from services.identity import factors, password_words, passwords, sessions, step_up
from services.identity.auth_rules import get_rules
from services.messages import letters
from services.messages.letters import cabinet
from services.runner import transactional


@dataclass(frozen=True)
class PasswordRules:
    """What the form must say: the fewest characters, whether an e-mail is known, whether it may be sent right now."""

    minimum: int
    has_email: bool
    is_fresh: bool


def rules(*, actor: Actor | None) -> PasswordRules:
    """Return what a new password of the actor must be; open to a session that must change its password too."""
    actor = require_session(actor)
    if actor.second_step:
        raise NotAllowed
    user = _self(actor)
    minimum = passwords.minimum(is_staff=holds_staff_role(user))
    return PasswordRules(minimum, bool(user.email), step_up.is_fresh(actor))


def change_password(old: str, new: str, again: str, *, actor: Actor | None) -> None:
    """Change one's own password; all other sessions end, a letter tells of it.

    Raises:
        InvalidField: the old password is wrong, or the two new ones differ.
        WeakPassword: the new one is too short, too common or too easy to guess.
        StepUpRequired: who is here was shown too long ago.
        TooManyRequests: more tries than docs/auth.yml allows.
    """
    actor = step_up.require_fresh(require_role(actor, *Role))
    user = _self(actor)
    _spend_try(user)
    if not isinstance(old, str) or not passwords.verify_password(old, user.password_hash):
        refusals.note_refusal('password.refuse', f'user:{user.id}', actor=actor)
        raise InvalidField('old', N_('Нынешний пароль не подходит.'))
    _check_new(user, new, again)
    set_password(user.id, passwords.hash_password(new), keep_session=actor.session_hash)


def set_first_password(new: str, again: str, email: str = '', *, actor: Actor | None) -> str:
    """Choose the first own password; returns the token of a new, full session: the old one and all others end.

    Args:
        email: where to write to; looked at only when the person has none yet, empty is fine.

    Raises:
        NotAllowed: this session has a password of its own already.
        InvalidField, WeakPassword, TooManyRequests: as above; the e-mail is not one.
    """
    actor = require_session(actor)
    if not actor.must_change_password:
        raise NotAllowed
    user = _self(actor)
    _spend_try(user)
    address = '' if user.email else checked_email(email)
    _check_new(user, new, again)
    return _begin_in_full(actor, passwords.hash_password(new), address)


@transactional
def _begin_in_full(actor: Actor, password_hash: str, email: str) -> str:
    factors.locked_user(actor.user_id)
    old = sessions.living(actor)
    if email:
        User.update(email=email).where((User.id == actor.user_id) & User.email.is_null()).execute()
        cabinet.email_bound(email, name=actor.name, key=f'email:{actor.user_id}:first:{now().isoformat()}')
    set_password(actor.user_id, password_hash)
    user = User.get_by_id(actor.user_id)
    return sessions.open_session(user, old.role, address=old.address, agent=old.agent, contract_id=old.contract_id)


@transactional
def set_password(user_id: int, password_hash: str, *, keep_session: str = '') -> None:
    """Store a new hash, end the other sessions, make links of recovery letters void, and write the person about it."""
    User.update(password_hash=password_hash, must_change_password=False, one_time_until=None).where(
        User.id == user_id
    ).execute()
    RecoveryToken.delete().where((RecoveryToken.user == user_id) & RecoveryToken.used_at.is_null()).execute()
    if keep_session:
        Session.update(must_change_password=False, fresh_at=now()).where(Session.token_hash == keep_session).execute()
    sessions.end_all_sessions(user_id, but=keep_session)
    audit.note('password.change', f'user:{user_id}', actor=None)
    user = User.get_by_id(user_id)
    letters.password_changed(user, is_staff=holds_staff_role(user))


def check_pair(new: str, again: str) -> None:
    """Refuse two new passwords that differ.

    Raises:
        InvalidField: beside the second one.
    """
    if not isinstance(new, str) or new != again:
        raise InvalidField('again', N_('Пароли не совпадают. Введите новый пароль ещё раз.'))


def check_strength(user: User, new: str) -> None:
    """Refuse a new password that is too weak for this person.

    Raises:
        WeakPassword: beside the field `new`.
    """
    passwords.validate_new_password(
        new, is_staff=holds_staff_role(user), context_words=password_words.of(user), field='new'
    )


def checked_email(text: str) -> str:
    """Return an e-mail address as it is stored, or an empty string for an empty field.

    Raises:
        InvalidField: it is none.
    """
    if isinstance(text, str) and not text.strip():
        return ''
    try:
        return validate_email(str(text)[: field_rules.most('email') + 1].strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise InvalidField('email', N_('Проверьте адрес почты: он выглядит так — имя@сайт.by.')) from error


def holds_staff_role(user: User) -> bool:
    """Tell whether a person is an employee: his password must be longer, and no letter opens his account."""
    return bool(UserRole.select().where((UserRole.user == user) & UserRole.role.in_(list(STAFF))).exists())


def _self(actor: Actor) -> User:
    user: User = User.get_by_id(actor.user_id)
    return user


def _spend_try(user: User) -> None:
    limit = get_rules().own_password
    rate_limits.spend('change-password', str(user.id), most=limit.tries, window=limit.within)


def _check_new(user: User, new: str, again: str) -> None:
    check_pair(new, again)
    check_strength(user, new)
    if passwords.verify_password(new, user.password_hash):
        raise InvalidField('new', N_('Новый пароль должен отличаться от нынешнего.'))
