"""Recovery of a forgotten password: contract number and e-mail → a letter, and a link in it that works once.

Whoever asks learns nothing: `request` writes down what was asked, the same row whoever it is, and looks nothing up.
A job works the rows off at its own pace (`write_due`), so neither the answer nor the page after it takes longer when
a letter is written, and nothing is lost when the process dies. A limit that is reached is silent too.
"""

import logging
import secrets
from datetime import timedelta
from typing import Any, cast

from models.contract import OPENING, Contract, Subscriber
from models.guessing import RecoveryRequest
from models.user import RecoveryToken, User
from services import audit, field_rules, rate_limits
from services.audit import refusals
from services.clock import now
from services.errors import N_, DomainError, InvalidField, InvalidForm, TooManyRequests
from services.identity import captcha, known_devices, own_password, passwords, spent_tokens
from services.identity.auth_rules import get_rules
from services.identity.sessions import token_hash
from services.input_text import clean_text
from services.messages import letters
from services.runner import transactional

HOUR = timedelta(hours=1)
BATCH = 50
LATER = timedelta(minutes=1)
"""A row that could not be worked off rests so long, and holds nobody else up."""
log = logging.getLogger(__name__)


class RecoveryLinkGone(DomainError):
    """Used, replaced by a newer one, too old, or never ours: the answer is the same."""

    message = N_('Эта ссылка больше не действует: она работает один раз и только час. Запросите новую.')
    status = 410


def request(number: object, email: object, captcha_token: object, captcha_answer: object, *, address: str) -> None:
    """Check the form and write down what was asked; nothing about any account is looked up.

    The captcha is used up by this, whatever else is wrong.

    Raises:
        InvalidForm: the captcha is wrong, or a field is not of the form of a number or an address.
    """
    # Its own transaction, committed before anything is raised: else a refusal would give the captcha back.
    is_solved = captcha.check(
        str(captcha_token), str(captcha_answer), captcha.CaptchaPurpose.RECOVERY, spent_tokens.spend
    )
    errors: dict[str, InvalidField] = {}
    if not is_solved:
        errors['captcha'] = InvalidField('captcha', N_('Код не подошёл или устарел. Введите код с новой картинки.'))
    clean = {'number': '', 'email': ''}
    for name, value, rule in (('number', number, 'login'), ('email', email, 'email')):
        try:
            clean[name] = clean_text(name, value, rule=rule, required=True)
            _check_form(name, clean[name])
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    _write_down(clean['number'], clean['email'], address)


@transactional
def _write_down(number: str, email: str, address: str) -> None:
    moment = now()
    RecoveryRequest.create(contract_number=number, email=email, address=address[:64], asked_at=moment, due_at=moment)


def _check_form(name: str, text: str) -> None:
    if name == 'email':
        own_password.checked_email(text)
    elif not field_rules.rule('login').fits(text):
        raise InvalidField('number', N_('Номер договора — 6 цифр, он есть в договоре и в чеке.'))


def write_due() -> int:
    """Work off what was asked, each in a transaction of its own; returns how many. For the job."""
    moment = now()
    due = RecoveryRequest.select(RecoveryRequest.id).where(RecoveryRequest.due_at <= moment)
    ids = [row.id for row in due.order_by(RecoveryRequest.id).limit(BATCH)]
    for request_id in ids:
        try:
            _work_off(request_id)
        except Exception:
            log.exception('A recovery request could not be worked off')
            RecoveryRequest.update(due_at=moment + LATER).where(RecoveryRequest.id == request_id).execute()
    return len(ids)


@transactional
def _work_off(request_id: int) -> None:
    """Write the letter if the e-mail is the one bound to this contract's owner; otherwise do nothing.

    Requests of a network and letters to an account are limited; only letters count for the account, so a stranger
    who does not know the e-mail cannot use up its owner's tries.
    """
    asked = RecoveryRequest.get_or_none(RecoveryRequest.id == request_id)
    # The row goes in the transaction of its letter: two processes never write it twice, a crash never loses it.
    if asked is None or RecoveryRequest.delete().where(RecoveryRequest.id == request_id).execute() != 1:
        return
    limits = get_rules().recovery
    if asked.asked_at <= now() - limits.forgotten_after:
        return
    try:
        rate_limits.spend(
            'recovery:address', rate_limits.network(asked.address), most=limits.asked_by_network, window=HOUR
        )
        user = _owner(asked.contract_number)
        if user is None or user.is_blocked or not _is_bound(user, asked.email) or own_password.holds_staff_role(user):
            subject = f'user:{user.id if user else "unknown"}'
            refusals.note_refusal('recovery.refuse', subject, address=asked.address)
            return
        rate_limits.spend('recovery:account', str(user.id), most=limits.letters_to_account, window=HOUR)
    except TooManyRequests:
        refusals.note_refusal('recovery.refuse', 'recovery', address=asked.address, why='TooManyRequests')
        return
    _write_letter(user, asked.address)


def _write_letter(user: User, address: str) -> None:
    token = secrets.token_urlsafe(32)
    moment = now()
    until = moment + get_rules().tokens.recovery_link
    # The newest link kills the older ones.
    RecoveryToken.delete().where((RecoveryToken.user == user) & RecoveryToken.used_at.is_null()).execute()
    hashed = token_hash(token)
    RecoveryToken.create(user=user, token_hash=hashed, created_at=moment, expires_at=until)
    # Not by the row's id: SQLite gives a deleted row's id again, and the outbox would take the letter for a repeat.
    letters.recovery(user, token=token, until=until, key=f'recovery:{hashed}')
    audit.note('recovery.request', f'user:{user.id}', actor=None, address=address)


def _owner(number: str) -> User | None:
    contract = (
        Contract.select(Contract, Subscriber, User)
        .join(Subscriber)
        .join(User)
        .where((Contract.number == number) & Contract.status.in_(OPENING))
        .get_or_none()
    )
    # A relative without a contract has a number of his own; an employee's login is refused by the caller.
    return cast('User', contract.subscriber.user) if contract else User.get_or_none(User.login == number.lower())


def _is_bound(user: User, email: str) -> bool:
    """Compare without regard to capitals, in the local part too: the standard allows a difference, no provider makes
    one, and people write their address either way."""
    return bool(user.email) and str(user.email).casefold() == email.casefold()


def set_new_password(token: object, new: str, again: str) -> str:
    """Use the link: store the new password, end all sessions, write a letter. Nobody is signed in by this.

    Returns the cookie that makes this browser a known device: even under attack its owner comes in without waiting.
    The link stays good until a password is accepted, so a weak one can be replaced by a better.

    Raises:
        RecoveryLinkGone: see there.
        InvalidField, WeakPassword: beside `again` or `new`.
    """
    user_id = _whose(token)
    own_password.check_pair(new, again)
    own_password.check_strength(User.get_by_id(user_id), new)
    password_hash = passwords.hash_password(new)
    _use(str(token), user_id, password_hash)
    return known_devices.issue(user_id, password_hash)


def _living(token: object) -> Any:
    known = field_rules.key_of('link_token', token)
    hashed = token_hash(known) if known else ''
    return (RecoveryToken.token_hash == hashed) & RecoveryToken.used_at.is_null() & (RecoveryToken.expires_at > now())


def _whose(token: object) -> int:
    row = RecoveryToken.select().join(User).where(_living(token) & ~User.is_blocked).get_or_none()
    if row is None:
        refusals.note_refusal('recovery.refuse', 'recovery')
        raise RecoveryLinkGone
    return int(row.user_id)


@transactional
def _use(token: str, user_id: int, password_hash: str) -> None:
    # One UPDATE decides: of two clicks at the same moment only one finds the token unused.
    if RecoveryToken.update(used_at=now()).where(_living(token)).execute() != 1:
        raise RecoveryLinkGone
    own_password.set_password(user_id, password_hash)
    audit.note('recovery.use', f'user:{user_id}', actor=None)
