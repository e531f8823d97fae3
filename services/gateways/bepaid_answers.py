"""The three shapes in which bePaid says no (DOMAIN §2.2.1), told apart from "we do not know"."""

import json
from typing import Any

from services.gateways.payment_gateway import GatewayRefused

# Answers that say "later", not "no": what was asked may have been done.
_NOT_AN_ANSWER = frozenset({408, 409, 425, 429})


def is_refusal(status: int, content: bytes) -> bool:
    """Whether this answer is a clear no: a 4xx, or a token body whose status is `error` and which has no token."""
    if 400 <= status < 500:
        return status not in _NOT_AN_ANSWER
    if 200 <= status < 300:
        checkout = _object(_parsed(content).get('checkout'))
        return checkout.get('status') == 'error' and 'order' not in checkout
    return False


def refusal_of(status: int, content: bytes) -> GatewayRefused:
    """Return the error with its texts: plain, inside `response`, or inside `checkout`."""
    body = _parsed(content)
    inner = _object(body.get('response')) or _object(body.get('checkout')) or body
    message = inner.get('message')
    fields = _flat('', inner.get('errors'))
    text = message if isinstance(message, str) and message else f'HTTP {status}'
    return GatewayRefused(text[:500], status=status, fields=fields)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        return _object(json.loads(content))
    except (ValueError, RecursionError):
        return {}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _flat(path: str, errors: Any) -> dict[str, tuple[str, ...]]:
    """Turn `{"credit_card": {"token": ["does not exist"]}}` into `{"credit_card.token": ("does not exist",)}`."""
    if isinstance(errors, dict):
        found: dict[str, tuple[str, ...]] = {}
        for name, inner in list(errors.items())[:50]:
            found |= _flat(f'{path}.{name}' if path else str(name), inner)
        return found
    texts = errors if isinstance(errors, list) else [errors]
    return {path or 'base': tuple(str(text)[:255] for text in texts[:10])} if errors else {}
