"""Codes of an authenticator app (RFC 6238): thirty seconds, six digits, each code works once.

SHA-1 inside, because that is what the apps people have compute; the code is an HMAC cut to 20 bits and its strength is
in the limits, not in the hash. One step of drift to each side is accepted: phones' clocks are often that far off.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta

import pyotp

from models.second_factor import TotpSecret
from models.user import Role, User
from services import audit, field_rules, rate_limits
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError, InvalidField
from services.identity import enrolment, factors, step_up, vault
from services.identity.auth_rules import get_rules
from services.messages.letters import factor as letters
from services.runner import transactional
from services.settings import get_settings

_TRY = 'totp'
STEP = 30
DRIFT = 1


class SetupGone(DomainError):
    """The secret on the screen is too old, or was replaced by another."""

    message = N_('Этот QR-код устарел. Начните подключение заново.')
    status = 409


@dataclass(frozen=True)
class Setup:
    """What the app needs: the address in the QR code, and the secret to type by hand, in groups of four."""

    uri: str
    secret: str


@transactional
def begin(*, actor: Actor | None) -> None:
    """Make a new secret, which waits until a code proves that an app has it; the one in use goes on working.

    It belongs to this session: another one of the same person neither sees it nor takes it into use.

    Raises:
        StepUpRequired: see `step_up`.
    """
    actor = enrolment.require(actor)
    user = factors.locked_user(actor.user_id)
    blob = _sealed_for(actor.session_hash, pyotp.random_base32(), user.id)
    if TotpSecret.update(pending=blob, pending_at=now()).where(TotpSecret.user == user.id).execute() == 0:
        TotpSecret.create(user=user, pending=blob, pending_at=now())


def setup(*, actor: Actor | None) -> Setup | None:
    """Return the secret that waits for its code, or None: nothing was begun in the last quarter of an hour.

    Asks for the same freshness as `begin`: whoever sees the secret can make codes.
    """
    actor = enrolment.require(actor)
    secret = _begun_by(actor.session_hash, _waiting(actor.user_id))
    if secret is None:
        return None
    user = User.get_by_id(actor.user_id)
    name = user.login or actor.contract_number or user.name
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=get_settings().company_name)
    return Setup(uri, ' '.join(secret[start : start + 4] for start in range(0, len(secret), 4)))


def confirm(code: str, *, actor: Actor | None) -> enrolment.Enrolled:
    """Take the app into use when its code is right.

    Raises:
        StepUpRequired: see `step_up`.
        SetupGone: begun too long ago, or in another session.
        InvalidField: the code is wrong.
        TooManyRequests: ten wrong ones in an hour.
    """
    actor = enrolment.require(actor)
    _count_try(actor.user_id)
    enrolled = _confirm(code, actor)
    if enrolled is None:
        raise InvalidField('code', N_('Код не подошёл. Введите тот, что сейчас на экране приложения.'))
    return enrolled


@transactional
def _confirm(code: str, actor: Actor) -> enrolment.Enrolled | None:
    user = enrolment.hold(actor)
    row = _waiting(user.id)
    secret = _begun_by(actor.session_hash, row)
    if row is None or secret is None:
        raise SetupGone
    step = _step_of(secret, code)
    if step is None:
        return None
    is_new = row.sealed is None
    row.sealed, row.last_step = vault.seal(secret, aad=_cell(user.id, 'sealed')), step
    row.pending, row.pending_at, row.created_at = None, None, now()
    row.save()
    audit.note('factor.app', f'user:{user.id}', actor=actor)
    letters.factor_changed(user, 'app_added' if is_new else 'app_replaced')
    rate_limits.take_back(_TRY, str(user.id))
    return enrolment.finish(user, actor)


@transactional
def follow(user_id: int, old: str, new: str) -> None:
    """Let the secret that waits go along when a session goes on under another id."""
    row = _waiting(user_id)
    secret = _begun_by(old, row)
    if row is not None and secret is not None:
        TotpSecret.update(pending=_sealed_for(new, secret, user_id)).where(TotpSecret.id == row.id).execute()


@transactional
def remove(*, actor: Actor | None) -> None:
    """Turn the app off; without it nothing happens.

    Raises:
        StepUpRequired: see `step_up`.
        LastFactor: an employee has no other.
    """
    actor = step_up.require_fresh(require_role(actor, *Role))
    user = factors.locked_user(actor.user_id)
    if not factors.of(user.id).has_app:
        return
    enrolment.refuse_last(user)
    TotpSecret.delete().where(TotpSecret.user == user.id).execute()
    audit.note('factor.app_off', f'user:{user.id}', actor=actor)
    letters.factor_changed(user, 'app_removed')
    enrolment.drop_codes_of_nothing(user.id)


def spend(user_id: int, code: str) -> bool:
    """Use up a code of the app; False when it is wrong, of another time, or was used.

    Raises:
        TooManyRequests: ten wrong ones in an hour or thirty in a day; passkeys and recovery codes go on working.
    """
    _count_try(user_id)
    return _spend(user_id, code)


@transactional
def _spend(user_id: int, code: str) -> bool:
    row = TotpSecret.get_or_none((TotpSecret.user == user_id) & TotpSecret.sealed.is_null(False))
    if row is None or row.sealed is None:
        return False
    step = _step_of(vault.unseal(row.sealed, aad=_cell(user_id, 'sealed')), code)
    if step is None:
        return False
    # The condition decides, not the row read above: of two equal codes at once one finds the step taken.
    unused = (TotpSecret.id == row.id) & (TotpSecret.last_step < step)
    is_spent = int(TotpSecret.update(last_step=step).where(unused).execute()) == 1
    if is_spent:
        rate_limits.take_back(_TRY, str(user_id))
    return is_spent


@transactional
def store(user: User, secret: str) -> None:
    """Write a known secret: for the demo's cast, whose secret is printed at start."""
    blob = vault.seal(secret, aad=_cell(user.id, 'sealed'))
    TotpSecret.delete().where(TotpSecret.user == user.id).execute()
    TotpSecret.create(user=user, sealed=blob, created_at=now())


def is_secret_of(user_id: int, secret: str) -> bool:
    """Tell whether a known secret is the one in use."""
    row = TotpSecret.get_or_none(TotpSecret.user == user_id)
    if row is None or row.sealed is None:
        return False
    return hmac.compare_digest(vault.unseal(row.sealed, aad=_cell(user_id, 'sealed')), secret)


def _step_of(secret: str, code: str) -> int | None:
    """Return the 30-second step a code belongs to, or None."""
    plain = field_rules.rule('app_code').brought(code)
    if not field_rules.rule('app_code').fits(plain):
        return None
    current = int(now().timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    fits = [step for step in range(current - DRIFT, current + DRIFT + 1) if _is_code(totp, step, plain)]
    return max(fits, default=None)


def _is_code(totp: pyotp.TOTP, step: int, plain: str) -> bool:
    return hmac.compare_digest(totp.generate_otp(step), plain)


def _waiting(user_id: int) -> TotpSecret | None:
    row: TotpSecret | None = TotpSecret.get_or_none(
        (TotpSecret.user == user_id)
        & TotpSecret.pending.is_null(False)
        & (TotpSecret.pending_at > now() - get_rules().second_factor.app_setup)
    )
    return row


def _sealed_for(session_hash: str, secret: str, user_id: int) -> bytes:
    return vault.seal(f'{session_hash} {secret}', aad=_cell(user_id, 'pending'))


def _begun_by(session_hash: str, row: TotpSecret | None) -> str | None:
    """Return the secret that waits, if this session began it."""
    if row is None or row.pending is None:
        return None
    session, _, secret = vault.unseal(row.pending, aad=_cell(row.user_id, 'pending')).rpartition(' ')
    return secret if hmac.compare_digest(session, session_hash) else None


@transactional
def _count_try(user_id: int) -> None:
    """Count a try before its code is looked at, so that many at once get no more than one after another."""
    rules = get_rules().second_factor
    for tries, step in ((rules.wrong_codes_of_app, rate_limits.spend), (rules.wrong_codes_of_app_a_day, _refuse_day)):
        step(_TRY, str(user_id), most=tries.most, window=tries.within)


def _refuse_day(kind: str, key: str, *, most: int, window: timedelta) -> None:
    """Refuse more than so many a day; the try itself is counted already."""
    rate_limits.refuse_if_spent(kind, key, most=most + 1, window=window)


def _cell(user_id: int, column: str) -> str:
    return vault.aad_of('totp_secret', user_id, column)
