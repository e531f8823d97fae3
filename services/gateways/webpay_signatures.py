"""WEBPAY's signatures: SHA-1 and MD5 of values put together without separators (DOMAIN §2.3).

Weak by today's measure, and theirs to choose: nothing is believed on them alone (`webpay.py` asks before money counts).
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

NOTICE = (
    'batch_timestamp',
    'currency_id',
    'amount',
    'payment_method',
    'order_id',
    'site_order_id',
    'transaction_id',
    'payment_type',
    'rrn',
)
"""What a notice signs, in this order; then `card`, where there is one."""
STATE = (
    'transaction_id',
    'batch_timestamp',
    'currency_id',
    'amount',
    'payment_method',
    'payment_type',
    'order_id',
    'rrn',
)
"""What the answer to `get_transaction` signs, in this order."""


def of_request(*, seed: str, store: str, order: str, test: str, currency: str, total: str, secret: str) -> str:
    """Return the signature of a new payment; `total` is the very text that is sent."""
    return hashlib.sha1(f'{seed}{store}{order}{test}{currency}{total}{secret}'.encode()).hexdigest()  # noqa: S324 - theirs


def of_notice(fields: Mapping[str, str], secret: str) -> str:
    """Return the signature that a notice with these fields must carry."""
    names = [*NOTICE, 'card'] if fields.get('card') else NOTICE
    return _md5([*(fields[name] for name in names), secret])


def of_state(fields: Mapping[str, str], secret: str) -> str:
    """Return the signature that an answer about a transaction must carry."""
    return _md5([*(fields[name] for name in STATE), secret])


def of_password(password: str) -> str:
    """Return a password as `get_transaction` wants it."""
    return _md5([password])


def is_same(given: str, expected: str) -> bool:
    """Compare in constant time; the bytes, so that foreign letters cannot raise. Either case of hex is theirs."""
    return hmac.compare_digest(given.strip().lower().encode(), expected.encode())


def _md5(parts: Iterable[str]) -> str:
    return hashlib.md5(''.join(parts).encode()).hexdigest()  # noqa: S324 - theirs
