"""The post office of the demo: a real SMTP server on a free loopback port; what it takes lies in the demo mailbox."""

import asyncio
import email
import email.policy
import socket
import threading
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from services.demo import mailbox


class _Handler:
    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        raw = envelope.content or b''
        assert isinstance(raw, bytes)  # decode_data is off
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # policy.default makes these
        body = message.get_body(('plain',))
        text = body.get_content() if body else ''
        for recipient in envelope.rcpt_tos:
            mailbox.keep('email', recipient, str(message['Subject'] or ''), text)
        return '250 OK'


class MailCatcher:
    """The server in a thread of its own; it listens from `start()` on."""

    def __init__(self) -> None:
        self._socket = socket.create_server(('127.0.0.1', 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name='mail-catcher', daemon=True)

    @property
    def url(self) -> str:
        """Address for AMIGO_SMTP_URL."""
        return f'smtp://127.0.0.1:{self._socket.getsockname()[1]}'

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the door."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)

        def conversation() -> Any:
            return SMTP(_Handler(), hostname='amigo-demo', loop=self._loop, enable_SMTPUTF8=True)

        server = self._loop.run_until_complete(self._loop.create_server(conversation, sock=self._socket))
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


class MailboxSms:
    """In the demo short messages go into the mailbox as well."""

    async def send(self, phone: str, text: str, *, key: str) -> None:  # noqa: ARG002 - the port's
        """Keep one message."""
        mailbox.keep('sms', phone, '', text)
