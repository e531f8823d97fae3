"""Recovery of a forgotten password: contract number and e-mail → a letter, and a link in it that works once.

Whoever asks learns nothing: the answer is the same, and it is given before anything is looked up. The look-up
(`send_link`) runs after the answer left the house; the page starts it as a background task. Were it a row written
before the answer, that would be durable but would need a worker of its own; here a process that dies in this very
second loses a request that promised nothing, and the person asks again. A limit that is reached is silent too.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from models.contract import Contract, ContractStatus, Subscriber
from models.user import RecoveryToken, User
from services import audit, rate_limits
from services.audit import refusals
from services.clock import now
from services.errors import N_, DomainError, InvalidField, InvalidForm, TooManyRequests
from services.identity import captcha, own_password, passwords, spent_tokens
from services.identity.sessions import token_hash
from services.input_text import clean_text
from services.messages import letters
from services.runner import transactional

LIFE = timedelta(minutes=60)
"""Longer than the ten minutes of ASVS 6.5.5: a mail server that greylists lets a letter through after half an hour."""
HOUR = timedelta(hours=1)
LETTERS_PER_ACCOUNT = 3
ASKED_PER_ADDRESS = 5
LONGEST_TOKEN = 128
_NUMBER = re.compile(r'[0-9A-Za-z._-]{3,32}\Z')


class RecoveryLinkGone(DomainError):
    """Used, replaced by a newer one, too old, or never ours: the answer is the same."""

    message = N_('Эта ссылка больше не действует: она работает один раз и только час. Запросите новую.')
    status = 410


@dataclass(frozen=True)
class RecoveryRequest:
    """What a person asked for, checked for form only."""

    contract_number: str
    email: str


def request(number: object, email: object, captcha_token: object, captcha_answer: object) -> RecoveryRequest:
    """Check the form; the captcha is used up by this, whatever else is wrong. Nothing about any account is looked up.

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
    for name, value, most in (('number', number, 32), ('email', email, own_password.LONGEST_EMAIL)):
        try:
            clean[name] = clean_text(name, value, most=most, required=True)
            _check_form(name, clean[name])
        except InvalidField as error:
            errors[name] = error
    if errors:
        raise InvalidForm(errors)
    return RecoveryRequest(clean['number'], clean['email'])


def _check_form(name: str, text: str) -> None:
    if name == 'email':
        own_password.checked_email(text)
    elif not _NUMBER.fullmatch(text):
        raise InvalidField('number', N_('Номер договора — 6 цифр, он есть в договоре и в чеке.'))


def send_link(asked: RecoveryRequest, *, address: str) -> None:
    """Write the letter if the e-mail is the one bound to this contract's owner; otherwise do nothing. Never raises.

    At most five requests an hour from an address and three letters an hour to an account; only letters count for the
    account, so a stranger who does not know the e-mail cannot use up its owner's tries.
    """
    try:
        rate_limits.spend('recovery:address', rate_limits.network(address), most=ASKED_PER_ADDRESS, window=HOUR)
        _write_letter(asked, address)
    except TooManyRequests:
        refusals.note_refusal('recovery.refuse', 'recovery', address=address, why='TooManyRequests')


@transactional
def _write_letter(asked: RecoveryRequest, address: str) -> None:
    user = _owner(asked.contract_number)
    if user is None or user.is_blocked or not _is_bound(user, asked.email) or own_password.holds_staff_role(user):
        refusals.note_refusal('recovery.refuse', f'user:{user.id if user else "unknown"}', address=address)
        return
    rate_limits.spend('recovery:account', str(user.id), most=LETTERS_PER_ACCOUNT, window=HOUR)
    token = secrets.token_urlsafe(32)
    moment = now()
    # The newest link kills the older ones.
    RecoveryToken.delete().where((RecoveryToken.user == user) & RecoveryToken.used_at.is_null()).execute()
    hashed = token_hash(token)
    RecoveryToken.create(user=user, token_hash=hashed, created_at=moment, expires_at=moment + LIFE)
    # Not by the row's id: SQLite gives a deleted row's id again, and the outbox would take the letter for a repeat.
    letters.recovery(user, token=token, until=moment + LIFE, key=f'recovery:{hashed}')
    audit.note('recovery.request', f'user:{user.id}', actor=None, address=address)


def _owner(number: str) -> User | None:
    contract = (
        Contract.select(Contract, Subscriber, User)
        .join(Subscriber)
        .join(User)
        .where((Contract.number == number) & (Contract.status == ContractStatus.ACTIVE))
        .get_or_none()
    )
    # A relative without a contract has a number of his own; an employee's login is refused by the caller.
    return cast('User', contract.subscriber.user) if contract else User.get_or_none(User.login == number.lower())


def _is_bound(user: User, email: str) -> bool:
    """Compare without regard to capitals, in the local part too: the standard allows a difference, no provider makes
    one, and people write their address either way."""
    return bool(user.email) and str(user.email).casefold() == email.casefold()


def set_new_password(token: object, new: str, again: str) -> None:
    """Use the link: store the new password, end all sessions, write a letter. Nobody is signed in by this.

    The link stays good until a password is accepted, so a weak one can be replaced by a better.

    Raises:
        RecoveryLinkGone: see there.
        InvalidField, WeakPassword: beside `again` or `new`.
    """
    user_id = _whose(token)
    own_password.check_pair(new, again)
    own_password.check_strength(User.get_by_id(user_id), new)
    _use(str(token), user_id, passwords.hash_password(new))


def _living(token: object) -> Any:
    hashed = token_hash(token) if isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN else ''
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
