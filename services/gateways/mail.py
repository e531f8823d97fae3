"""Mail going out: the port, and the adapter that speaks SMTP."""

import unicodedata
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

_BREAKING = {'Cc', 'Zl', 'Zp'}
"""Categories of Unicode: controls, and what ends a line or a paragraph."""


class DeliveryError(Exception):
    """A message was not taken; the text is for the log and the operator, and names no recipient."""


class ServerUnreachable(DeliveryError):
    """The server is down or refuses us, not the message: nothing behind it need be tried now."""


class BrokenOff(DeliveryError):
    """The conversation ended in the middle of this message: it may have been taken, and it may be the cause."""


class TryLater(DeliveryError):
    """The server answered 4xx about this message."""


class Refused(DeliveryError):
    """The server answered 5xx about this message: trying again would change nothing."""


@dataclass(frozen=True)
class Letter:
    """An e-mail; `message_id` is the same for every try, so that a mailbox may recognise a repeat."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    written_at: datetime


class MailConnection(Protocol):
    """An open conversation with a server."""

    async def send(self, letter: Letter) -> None:
        """Hand one letter over.

        Raises:
            ServerUnreachable, BrokenOff, TryLater, Refused: it was not taken, or nobody knows.
        """
        ...


class MailSender(Protocol):
    """Who takes letters."""

    def connect(self) -> AbstractAsyncContextManager[MailConnection]:
        """Open a conversation; raises ServerUnreachable when nobody answers."""
        ...


@dataclass(frozen=True)
class SmtpSender:
    """Letters over SMTP. `tls`: none | starttls | implicit; certificates are always verified."""

    host: str
    port: int
    mail_from: str
    username: str | None = None
    password: str | None = None
    tls: str = 'none'
    seconds: float = 15

    @classmethod
    def from_url(cls, url: str, mail_from: str) -> 'SmtpSender':
        """Read `smtp://user:pass@host:587?starttls=1` or `smtps://user:pass@host:465`.

        Raises:
            ValueError: another scheme, or no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in {'smtp', 'smtps'} or not parts.hostname:
            raise ValueError('AMIGO_SMTP_URL: use smtp://user:pass@host:587?starttls=1 or smtps://…')
        starttls = parse_qs(parts.query).get('starttls', ['0'])[0] == '1'
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == 'smtps' else 587 if starttls else 25),
            mail_from=mail_from,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls='implicit' if parts.scheme == 'smtps' else 'starttls' if starttls else 'none',
        )

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[MailConnection]:
        """Open one connection for a batch of letters."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            timeout=self.seconds,
            use_tls=self.tls == 'implicit',
            start_tls=self.tls == 'starttls',
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise ServerUnreachable(f'{type(error).__name__}: {error}') from error
        try:
            yield _SmtpConnection(client, self.mail_from)
        finally:
            await _leave(client)


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        client.close()


@dataclass(frozen=True)
class _SmtpConnection:
    client: aiosmtplib.SMTP
    mail_from: str

    async def send(self, letter: Letter) -> None:
        """Hand one letter over; what the server answers is sorted into our three errors."""
        try:
            message = compose(letter, self.mail_from)
        except ValueError as error:
            raise Refused(f'cannot be written: {type(error).__name__}') from error
        try:
            await self.client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _about_letter(error.recipients[0].code, error.recipients[0].message) from error
        except aiosmtplib.SMTPDataError as error:
            raise _about_letter(error.code, error.message) from error
        except aiosmtplib.SMTPSenderRefused as error:  # that is our setting, not this letter
            raise ServerUnreachable(f'{error.code} {error.message}') from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise BrokenOff(f'{type(error).__name__}: {error}') from error


def _about_letter(code: int, words: str) -> DeliveryError:
    if code == 421:  # the server closes the channel
        return ServerUnreachable(f'{code} {words}')
    return (Refused if code >= 500 else TryLater)(f'{code} {words}')


def compose(letter: Letter, mail_from: str) -> EmailMessage:
    """Return the letter as MIME: text first, the same in HTML beside it.

    Raises:
        ValueError: a header holds a line break or another control character, or the recipient is not one plain address.
    """
    headers = f'{letter.recipient}{letter.subject}{letter.message_id}{mail_from}'
    if any(unicodedata.category(sign) in _BREAKING for sign in headers):
        raise ValueError('a control character in a header')
    message = EmailMessage()
    message['From'] = mail_from
    message['To'] = letter.recipient
    if [address.addr_spec for address in message['To'].addresses if address.domain] != [letter.recipient]:
        raise ValueError('not one address')  # a comma would make two recipients of it
    message['Subject'] = letter.subject
    message['Date'] = format_datetime(letter.written_at)
    message['Message-ID'] = letter.message_id
    message['Auto-Submitted'] = 'auto-generated'
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype='html')
    return message
