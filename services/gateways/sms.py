"""SMS going out: the port, an adapter for providers with a plain HTTP interface, and one that only writes a log."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from services.gateways.mail import Refused, ServerUnreachable, TryLater
from services.gateways.outbound import Answer, NoAnswer, NotSent, Outbound

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
            answer = await asyncio.to_thread(self._post, {'to': phone, 'text': text, 'id': key})
        except NotSent as error:
            raise ServerUnreachable(str(error)) from error
        except NoAnswer as error:  # it may have been taken
            raise TryLater(str(error)) from error
        if answer.is_success:
            return
        reason = f'HTTP {answer.status}'
        if answer.status in {401, 403, 404} or 300 <= answer.status < 400:
            raise ServerUnreachable(reason)  # our setting is wrong, not this message
        is_about_message = 400 <= answer.status < 500 and answer.status not in {408, 425, 429}
        raise (Refused if is_about_message else TryLater)(reason)

    def _post(self, message: dict[str, str]) -> Answer:
        with Outbound(self.url, connect=self.seconds, answer=self.seconds) as way:
            return way.request('POST', self.url, json=message)
