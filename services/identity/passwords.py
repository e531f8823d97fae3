"""Passwords: hashing that keeps every letter, the same price for unknown accounts, and what may not be a password."""

import base64
import contextlib
import gzip
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import bcrypt

from services.errors import N_, DomainError, InvalidField
from services.identity.auth_rules import get_rules

SCHEME = 'h2:'
"""bcrypt over HMAC-SHA-384 with the pepper that is named behind it: `h2:9f86d081:$2b$12$…`. What has another tag or
another pepper's name is hashed anew at the next sign-in."""
UNNAMED = 'h1:'
"""The same from before peppers had names: the oldest one of the settings made it."""
MAXIMUM = get_rules().passwords.maximum
# A decomposed letter may take several code points, so the raw text may be longer than the normalised one.
LONGEST = 4 * MAXIMUM
AT_ONCE = get_rules().passwords.hashes_at_once
WAITING = get_rules().passwords.hashes_waiting
COMMON_FILE = Path(__file__).with_name('passwords_common.txt.gz')
ONE_TIME_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'  # without i, l, o, 0, 1
RUSSIAN_KEYS = str.maketrans('йцукенгшщзхъфывапролджэячсмитьбюё', "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")

_hashing = threading.BoundedSemaphore(AT_ONCE)
_queue = threading.BoundedSemaphore(AT_ONCE + WAITING)


class WeakPassword(InvalidField):
    """The new password is refused; `reason` says why and what to do."""

    def __init__(self, reason: str, *, field: str = 'password', **facts: object) -> None:
        super().__init__(field, reason, **facts)


class HashingBusy(DomainError):
    """More passwords wait for hashing than the server can take without starving everyone else."""

    message = N_('Сейчас слишком много входов одновременно. Подождите минуту и попробуйте снова.')
    status: ClassVar[int] = 503


def hash_password(password: str) -> str:
    """Return the scheme's tag, the pepper's name and the bcrypt hash (72 characters) of HMAC-SHA-384(pepper, password).

    Raises:
        HashingBusy: too many wait already.
    """
    pepper = _peppers()[0]
    with _turn():
        return _tag(pepper) + bcrypt.hashpw(_digest(pepper, password), bcrypt.gensalt(rounds())).decode()


def verify_password(password: str, stored: str | None) -> bool:
    """Tell whether the password fits; for an unknown account (`None`) work as long and say no.

    Raises:
        HashingBusy: too many wait already.
    """
    if not isinstance(password, str):  # a socket may send any JSON
        password, stored = '', None
    pepper, kept = _made_by(stored)
    known = bool(kept)
    with _turn():
        try:
            fits = bcrypt.checkpw(_digest(pepper, password[:LONGEST]), (kept or _dummy(rounds())).encode())
        except ValueError:  # a damaged row: the person hears the same as after a wrong password
            fits, known = bcrypt.checkpw(b'', _dummy(rounds()).encode()), False
    return fits and known and len(password) <= LONGEST


def needs_rehash(stored: str) -> bool:
    """Tell whether the stored hash is of an older scheme or pepper, or of another cost than the current."""
    return re.match(re.escape(_tag(_peppers()[0])) + rf'\$2b\${rounds():02d}\$', stored) is None


def rounds() -> int:
    """Return bcrypt's cost from the settings."""
    from services.settings import get_settings

    return get_settings().bcrypt_rounds


def minimum(*, is_staff: bool) -> int:
    """Return the fewest characters of a new password."""
    rules = get_rules().passwords
    return rules.staff_minimum if is_staff else rules.subscriber_minimum


def validate_new_password(
    password: str, *, is_staff: bool, context_words: Iterable[str] = (), field: str = 'password'
) -> None:
    """Refuse a password that is short, endless, common, or made of what everybody knows about the person.

    No rules of composition and no expiry (ASVS 6.2); code points are counted after NFC.

    Args:
        password: as typed; any characters, spaces included.
        is_staff: staff need more characters than subscribers.
        context_words: what is known about the person (password_words.py); very short ones are ignored.
        field: name of the form's field for the error.

    Raises:
        WeakPassword: with the reason.
    """
    if not isinstance(password, str):  # a socket may send any JSON
        raise WeakPassword(N_('Введите пароль.'), field=field)
    if len(password) > LONGEST or len(text := unicodedata.normalize('NFC', password)) > MAXIMUM:
        raise WeakPassword(N_('Пароль слишком длинный: не больше {maximum} символов.'), field=field, maximum=MAXIMUM)
    least = minimum(is_staff=is_staff)
    if len(text) < least:
        raise WeakPassword(
            N_('Пароль слишком короткий: нужно не меньше {minimum} символов.'), field=field, minimum=least
        )
    folded = text.casefold()
    rules = get_rules().passwords
    words = {word.strip().casefold() for word in (*context_words, *rules.words)}
    if any(len(word) >= rules.shortest_word and word in folded for word in words):
        raise WeakPassword(
            N_(
                'Не используйте в пароле имя, номер договора, адрес почты, город, название тарифа и Amigo: '
                'их легко угадать.'
            ),
            field=field,
        )
    if _is_common(folded):
        raise WeakPassword(N_('Этот пароль есть в списках частых паролей. Придумайте другой.'), field=field)


def one_time_password() -> str:
    """Return 12 random characters (59 bits) without look-alikes, easy to read aloud: `k7mp-9xtw-h4qd`."""
    return '-'.join(''.join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(3))


def _peppers() -> tuple[str, ...]:
    """Return the peppers of the settings: the present one makes hashes, all of them check."""
    from services.settings import get_settings

    return get_settings().peppers


def _tag(pepper: str) -> str:
    """Return what a hash made with this pepper begins with; the name tells peppers apart and nothing else."""
    return f'{SCHEME}{hmac.new(pepper.encode(), b"name", hashlib.sha384).hexdigest()[:8]}:'


def _made_by(stored: str | None) -> tuple[str, str]:
    """Return the pepper of a stored hash and the hash as bcrypt knows it: an empty one when none of ours made it."""
    peppers = _peppers()
    for pepper in peppers:
        if stored and stored.startswith(tag := _tag(pepper)):
            return pepper, stored.removeprefix(tag)
    if stored and stored.startswith(UNNAMED):
        return peppers[-1], stored.removeprefix(UNNAMED)
    return peppers[0], ''


def _digest(pepper: str, password: str) -> bytes:
    """64 bytes without NUL, whatever was typed: bcrypt itself takes no more than 72 bytes (36 Cyrillic letters)."""
    text = unicodedata.normalize('NFC', password).encode('utf-8', 'surrogatepass')
    return base64.b64encode(hmac.new(pepper.encode(), text, hashlib.sha384).digest())


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Wait for one of two places; refuse when the line is long, so that hashing cannot take all worker threads."""
    if not _queue.acquire(blocking=False):
        raise HashingBusy
    try:
        with _hashing:
            yield
    finally:
        _queue.release()


@lru_cache(maxsize=4)
def _dummy(cost: int) -> str:
    """Return a hash nobody has the password of; checking against it costs as much as against a real one."""
    return (bcrypt.gensalt(cost) + b'.' * 31).decode()


def _is_common(folded: str) -> bool:
    """Tell whether the password is listed, in either keyboard layout, or is a listed word with digits around it."""
    common = _common()
    for text in (folded, folded.translate(RUSSIAN_KEYS)):
        core = re.sub(r'^[\W\d_]+|[\W\d_]+$', '', text)
        if text in common or (len(core) >= 4 and core in common):
            return True
    return re.fullmatch(r'(.{1,4}?)\1+', folded, re.DOTALL) is not None


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Load the blocklist once; source and licence in passwords_common.LICENSE.txt."""
    return frozenset(gzip.decompress(COMMON_FILE.read_bytes()).decode().split('\n'))
