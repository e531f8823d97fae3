"""SMS going out: the port, an adapter for providers with a plain HTTP interface, and one that only writes a log."""

import logging
from dataclasses import dataclass
from typing import Protocol

import httpx

from services.gateways.mail import Refused, ServerUnreachable, TryLater

log = logging.getLogger(__name__)


class SmsSender(Protocol):
    """Who takes short messages."""

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """Hand one message over; `phone` is E.164, `key` is the same for every try.

        Raises:
            ServerUnreachable, TryLater, Refused: it was not taken.
        """
        ...


def masked(phone: str) -> str:
    """Return a number that a log may hold: `+375 29 ***-**-67` as `+37529*****67`."""
    return f'{phone[:6]}{"*" * max(len(phone) - 8, 0)}{phone[-2:]}' if len(phone) > 8 else '***'


class LogSms:
    """Where no provider is set: a line in the log, without the number and without the text."""

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """Write that a message of so many characters would go out."""
        log.info('SMS to %s, %d characters, key %s: no provider is set', masked(phone), len(text), key)


@dataclass(frozen=True)
class HttpSms:
    """A provider that takes `POST {"to", "text", "id"}` as JSON; a login in the address is sent as Basic authorisation.

    `id` is our key: a provider that knows it sends a repeated request once.
    """

    url: str
    seconds: float = 10

    async def send(self, phone: str, text: str, *, key: str) -> None:
        """Post one message; redirects are not followed, they would carry the text to somebody else."""
        try:
            async with httpx.AsyncClient(timeout=self.seconds, follow_redirects=False, trust_env=False) as client:
                answer = await client.post(self.url, json={'to': phone, 'text': text, 'id': key})
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ServerUnreachable(type(error).__name__) from error
        except httpx.HTTPError as error:  # it may have been taken
            raise TryLater(type(error).__name__) from error
        if answer.is_success:
            return
        reason = f'HTTP {answer.status_code}'
        if answer.status_code in {401, 403, 404} or answer.is_redirect:
            raise ServerUnreachable(reason)  # our setting is wrong, not this message
        raise (Refused if answer.is_client_error and answer.status_code not in {408, 425, 429} else TryLater)(reason)
