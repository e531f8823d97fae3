"""The second step of a sign-in: a half-opened session shows a factor and becomes a full one under a new id."""

from dataclasses import dataclass

from models.user import SecondStep, Session, User
from services import audit, rate_limits
from services.audit import refusals
from services.authority import Actor, require_session
from services.clock import now
from services.errors import N_, DomainError, InvalidField, NotAllowed, SignInRequired, TooManyRequests
from services.identity import enrolment, factors, own_password, passkeys, recovery_codes, sessions, totp
from services.identity.auth_rules import get_rules
from services.messages.letters import factor as letters
from services.runner import transactional


class SecondStepOver(DomainError):
    """Five wrong codes: the half-opened session is gone."""

    message = N_('Код не подошёл пять раз. Войдите ещё раз: номер договора и пароль.')
    status = 401


@dataclass(frozen=True)
class Asked:
    """What the page of the second step offers."""

    has_app: bool
    has_passkey: bool
    codes_left: int


def asked(*, actor: Actor | None) -> Asked:
    """Return by what a half-opened session may show who it is.

    Raises:
        NotAllowed: this session owes no second step.
    """
    return ways_of(_owing(actor).user_id)


def ways_of(user_id: int) -> Asked:
    """Return by what a person may show who he is; the caller has asked who may know."""
    has = factors.of(user_id)
    return Asked(has.has_app, has.passkeys > 0, has.codes_left)


def ask_passkey(*, actor: Actor | None) -> str:
    """Return the question for a passkey, as JSON for the browser.

    Raises:
        NotAllowed: this session owes no second step.
    """
    return passkeys.ask_to_show(actor=_owing(actor))


def pass_by_code(code: str, *, actor: Actor | None) -> str:
    """Take a code of the app or a recovery code; returns the token of the full session, the half one is over.

    Raises:
        NotAllowed: this session owes no second step.
        InvalidField: the code does not fit.
        SecondStepOver: for the fifth time; the session is over, the person gets a letter.
        TooManyRequests: the app's codes were guessed too often lately; other ways go on working.
    """
    actor = _owing(actor)
    if not takes_code(actor.user_id, code):
        _count_wrong(actor)
        raise wrong_code()
    return _open(actor, 'recovery code' if recovery_codes.looks_like_one(code) else 'app')


def pass_by_passkey(credential: str, *, actor: Actor | None) -> str:
    """Take what a passkey signed; returns the token of the full session.

    Raises:
        NotAllowed: this session owes no second step.
        PasskeyRefused: see `passkeys.show`.
        SecondStepOver: refused for the fifth time.
    """
    actor = _owing(actor)
    try:
        passkeys.show(credential, actor=actor)
    except passkeys.PasskeyRefused:
        _count_wrong(actor)
        raise
    return _open(actor, 'passkey')


def takes_code(user_id: int, code: object) -> bool:
    """Use up a code of the app or a recovery code of this person; False when it is neither."""
    if not isinstance(code, str) or not code.strip():
        return False
    if recovery_codes.looks_like_one(code):
        return _spend_recovery(user_id, code)
    return totp.spend(user_id, code)


def wrong_code() -> InvalidField:
    """Return the refusal beside the field."""
    return InvalidField('code', N_('Код не подошёл. Введите новый код из приложения или запасной код.'))


def note_wrong(actor: Actor) -> None:
    """Write down that somebody who knows the password showed no right factor; what he typed is not written."""
    refusals.note_refusal('factor.refuse', f'user:{actor.user_id}', actor=actor)


@transactional
def _spend_recovery(user_id: int, code: str) -> bool:
    if not recovery_codes.spend(user_id, code):
        return False
    left = factors.of(user_id).codes_left
    audit.note('factor.code_used', f'user:{user_id}', actor=None, left=left)
    letters.factor_changed(User.get_by_id(user_id), 'code_used', detail=str(left))
    return True


@transactional
def _open(actor: Actor, by: str) -> str:
    user = factors.locked_user(actor.user_id)
    if user.is_blocked:
        raise SignInRequired
    audit.note('session.second_step', f'user:{user.id}', actor=actor, by=by)
    return enrolment.in_full(user, actor)


def _owing(actor: Actor | None) -> Actor:
    actor = require_session(actor)
    if actor.must_change_password or actor.second_step != SecondStep.ASK:
        raise NotAllowed
    return actor


def _count_wrong(actor: Actor) -> None:
    """Count a wrong answer of this session and leave its line; the fifth ends the session.

    Raises:
        SecondStepOver: this was the fifth.
    """
    note_wrong(actor)
    wrong = get_rules().second_factor.wrong_codes_of_session
    try:
        rate_limits.spend('second-step', actor.session_hash, most=wrong.most - 1, window=wrong.within)
    except TooManyRequests as full:
        _end(actor)
        raise SecondStepOver from full


@transactional
def _end(actor: Actor) -> None:
    sessions.revoke(Session.token_hash == actor.session_hash)
    audit.note('session.second_step_failed', f'user:{actor.user_id}', actor=actor, address=actor.address)
    user = User.get_by_id(actor.user_id)
    is_staff = own_password.holds_staff_role(user)
    letters.second_step_failed(user, is_staff=is_staff, at=now(), address=actor.address)
