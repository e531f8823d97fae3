"""Answers of the gateway's API, with the three shapes in which it says no (DOMAIN §2.2.1)."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP status and a JSON body."""

    status: int
    body: dict[str, Any]


def plain_error(message: str, errors: dict[str, Any], *, status: int = 422) -> Reply:
    """`{"message", "errors"}`."""
    return Reply(status, {'message': message, 'errors': errors})


def wrapped_error(message: str, errors: dict[str, Any], *, status: int = 400) -> Reply:
    """`{"response": {"message", "errors"}}`."""
    return Reply(status, {'response': {'message': message, 'errors': errors}})


def status_error(message: str, errors: dict[str, Any]) -> Reply:
    """A token body whose status is `error`; HTTP 200, so that nobody relies on the code alone."""
    return Reply(200, {'checkout': {'status': 'error', 'message': message, 'errors': errors}})
