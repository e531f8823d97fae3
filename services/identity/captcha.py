"""Captcha: five digits to read or to hear, kept in a sealed token, so that an anonymous visitor leaves no row."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import io
import json
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from captcha.image import ImageCaptcha
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import ImageOps

from services import clock, field_rules, limits
from services.errors import NotFound
from services.identity.auth_rules import get_rules
from services.identity.captcha_sound import speak
from services.identity.keys import keys_for

LENGTH = field_rules.most('captcha')
DIGITS = '23456789'
NONCE_BYTES = 12
SIZE = (200, 72)
MARGIN = 8
# Drawn light on dark and then inverted, because the painter makes dark ink transparent. Each ink ≥ 9:1 on the paper.
PAPER = (12, 14, 5)
INKS = ((217, 235, 163), (163, 241, 195), (247, 189, 163), (235, 181, 215))


class CaptchaPurpose(StrEnum):
    """What a solved captcha opens; one solved for one place opens no other."""

    RECOVERY = 'recovery'
    SIGN_IN = 'sign_in'
    APPLICATION = 'application'


@dataclass(frozen=True)
class CaptchaChallenge:
    """What the form needs: the token goes into a hidden field and into the addresses of the picture and the sound."""

    token: str
    purpose: CaptchaPurpose


class CaptchaGone(NotFound):
    """The token is expired, changed or not ours: there is no picture for it."""


@dataclass(frozen=True)
class _Sealed:
    answer: str
    purpose: str
    expires_at: datetime
    digest: str


def issue(purpose: str) -> CaptchaChallenge:
    """Make a new captcha for this purpose; nothing is stored.

    Raises:
        ValueError: the purpose is unknown.
    """
    kind = CaptchaPurpose(purpose)
    content = {'a': _answer(), 'p': kind.value, 'e': int((clock.now() + get_rules().tokens.captcha).timestamp())}
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(_keys()[0]).encrypt(nonce, json.dumps(content).encode(), None)
    return CaptchaChallenge(_encoded(sealed), kind)


def picture(token: str) -> bytes:
    """Return the PNG of this captcha; the same token gives the same picture, so noise cannot be averaged away.

    Raises:
        CaptchaGone: expired or not ours.
    """
    sealed = _opened(token)
    return _drawn(sealed.digest, sealed.answer)


def sound(token: str) -> bytes:
    """Return the WAV (8 kHz, 8 bit, mono) in which the digits are spoken in Russian over noise.

    Raises:
        CaptchaGone: expired or not ours.
    """
    sealed = _opened(token)
    return _spoken(sealed.digest, sealed.answer)


def check(token: str, answer: str, purpose: str, spend: Callable[[str, datetime], bool]) -> bool:
    """Tell whether the answer is right; the captcha is used up by this, right or wrong.

    Args:
        token: from the hidden field.
        answer: as typed; spaces and full-width digits are fine.
        purpose: where it is used; a captcha of another purpose is refused and stays unspent.
        spend: stores the token's hash (64 hex digits) until `expires_at`; False if it is stored already.
    """
    try:
        sealed = _opened(token)
    except CaptchaGone:
        return False
    if sealed.purpose != purpose or not spend(sealed.digest, sealed.expires_at):
        return False
    return hmac.compare_digest(_typed(answer).encode(), sealed.answer.encode())


def _answer() -> str:
    from services.settings import SettingsError, get_settings

    settings = get_settings()
    if not settings.demo or settings.demo_captcha is None:
        return ''.join(secrets.choice(DIGITS) for _ in range(LENGTH))
    if not re.fullmatch(rf'[0-9]{{{LENGTH}}}', settings.demo_captcha):
        raise SettingsError(f'AMIGO_DEMO_CAPTCHA must be {LENGTH} digits')
    return settings.demo_captcha


def _typed(answer: str) -> str:
    """Bring what was typed to plain digits; anything hostile becomes a wrong answer."""
    typed = field_rules.rule('captcha').brought(answer)
    text = ''.join(unicodedata.normalize('NFKC', typed).split())
    return text if text.isascii() else ''


def _opened(token: str) -> _Sealed:
    if not field_rules.key_of('captcha_token', token):
        raise CaptchaGone
    try:
        blob = base64.urlsafe_b64decode(token + '=' * (-len(token) % 4))
        # Base64 has several spellings of the same bytes; only ours is accepted.
        if _encoded(blob) != token:
            raise CaptchaGone
        content = json.loads(_decrypted(blob))
    except (binascii.Error, ValueError, TypeError, InvalidTag) as error:
        raise CaptchaGone from error
    expires_at = datetime.fromtimestamp(content['e'], UTC)
    if clock.now() >= expires_at:
        raise CaptchaGone
    return _Sealed(content['a'], content['p'], expires_at, hashlib.sha256(blob).hexdigest())


def _decrypted(blob: bytes) -> bytes:
    *old, last = _keys()
    for key in old:
        with contextlib.suppress(InvalidTag):
            return AESGCM(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], None)
    return AESGCM(last).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], None)


def _encoded(blob: bytes) -> str:
    return base64.urlsafe_b64encode(blob).rstrip(b'=').decode()


def _keys() -> tuple[bytes, ...]:
    return keys_for('captcha')


@lru_cache(maxsize=limits.count('captcha_pictures_kept'))
def _drawn(_digest: str, answer: str) -> bytes:
    """Draw once per token: `_digest` is only the key under which the picture is remembered."""
    painter = ImageCaptcha(SIZE[0] - 2 * MARGIN, SIZE[1] - 2 * MARGIN, font_sizes=(40, 44, 48))
    painter.character_rotate = (-20, 20)  # milder than its default: a slanted, stretched 7 reads as 1
    painter.character_warp_dx = painter.character_warp_dy = (0.0, 0.15)
    ink = secrets.choice(INKS)
    image = ImageOps.expand(painter.create_captcha_image(answer, ink, PAPER), MARGIN, PAPER)
    painter.create_noise_dots(image, ink, width=2, number=60)
    for _ in range(3):
        painter.create_noise_curve(image, ink)
    image = ImageOps.invert(image)
    out = io.BytesIO()
    image.save(out, format='PNG')
    return out.getvalue()


@lru_cache(maxsize=limits.count('captcha_sounds_kept'))
def _spoken(_digest: str, answer: str) -> bytes:
    return speak(answer)
