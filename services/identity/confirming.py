"""Подтвердите, что это вы: the password once more, and the factor where there is one, make a session fresh."""

import secrets

from models.user import Role, Session, User
from services import audit, rate_limits
from services.audit import refusals
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, InvalidField
from services.identity import factors, passkeys, passwords, second_step, sessions, totp
from services.identity.auth_rules import get_rules
from services.runner import transactional


def asked(*, actor: Actor | None) -> second_step.Asked:
    """Return what the form asks for beside the password; nothing for a person without a factor."""
    return second_step.ways_of(require_role(actor, *Role).user_id)


def ask_passkey(*, actor: Actor | None) -> str:
    """Return the question for a passkey, as JSON for the browser."""
    return passkeys.ask_to_show(actor=require_role(actor, *Role))


def confirm(password: str, code: str, credential: str, *, actor: Actor | None) -> str:
    """Check all the person has; returns the token under which the session goes on, fresh (ASVS 7.2.4).

    Args:
        code: of the app, or a recovery code; looked at only when there is no answer of a passkey.
        credential: what a passkey signed, as JSON, or an empty text.

    Raises:
        InvalidField: the password or the code is wrong.
        PasskeyRefused: see `passkeys.show`.
        TooManyRequests: more tries than docs/auth.yml allows.
        SignInRequired: the session was ended meanwhile.
    """
    actor = require_role(actor, *Role)
    tries = get_rules().confirming
    rate_limits.spend('confirm', str(actor.user_id), most=tries.most, window=tries.within)
    user = User.get_by_id(actor.user_id)
    if not isinstance(password, str) or not passwords.verify_password(password, user.password_hash):
        refusals.note_refusal('password.refuse', f'user:{user.id}', actor=actor)
        raise InvalidField('password', N_('Пароль не подходит. Введите пароль, с которым входите сюда.'))
    has_factor = factors.has_any(user.id)
    if has_factor:
        _show_factor(code, credential, actor)
    return _refresh(actor, has_factor=has_factor)


def _show_factor(code: str, credential: str, actor: Actor) -> None:
    try:
        if credential:
            passkeys.show(credential, actor=actor)
        elif not second_step.takes_code(actor.user_id, code):
            raise second_step.wrong_code()
    except (InvalidField, passkeys.PasskeyRefused):
        second_step.note_wrong(actor)
        raise


@transactional
def _refresh(actor: Actor, *, has_factor: bool) -> str:
    factors.locked_user(actor.user_id)
    old = sessions.living(actor)
    token, moment = secrets.token_urlsafe(32), now()
    kept = ('role', 'contract_id', 'created_at', 'expires_at', 'address', 'agent')
    Session.create(
        **{name: getattr(old, name) for name in kept},
        token_hash=sessions.token_hash(token),
        user=old.user_id,
        seen_at=moment,
        fresh_at=moment,
        factor_at=moment if has_factor else None,
    )
    totp.follow(actor.user_id, actor.session_hash, sessions.token_hash(token))
    sessions.revoke(Session.token_hash == actor.session_hash)
    rate_limits.forget('confirm', str(actor.user_id))
    audit.note('session.confirm', f'user:{actor.user_id}', actor=actor)
    return token
