"""A real SMTP server that tests can make sulk: it takes, defers, refuses, or dies with the letter in its hands."""

import asyncio
import email
import email.policy
import socket
import threading

from aiosmtpd.smtp import SMTP


class PostOffice:
    """`mode` is ok | later | unknown | spam | dies; `letters` holds what was taken, also just before dying.

    `asked` is every sender and recipient that was named, letter by letter: [('info@amigo.by', ['anna@example.by'])].
    """

    def __init__(self, tls_context=None):
        self._tls_context = tls_context
        self.mode = 'ok'
        self.letters = []
        self.asked = []
        self.conversations = 0
        self._socket = socket.create_server(('127.0.0.1', 0))
        self.port = self._socket.getsockname()[1]
        self.url = f'smtp://127.0.0.1:{self.port}'
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def ids(self):
        """Return the Message-ID of each letter taken, in order."""
        return [letter['Message-ID'] for letter in self.letters]

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        self.conversations += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.asked.append((address, []))
        return '250 OK'

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        self.asked[-1][1].append(address)
        if self.mode == 'unknown' or address.startswith('nobody@'):
            return '550 5.1.1 no such user'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.mode == 'later':
            return '451 4.7.1 greylisted'
        if self.mode == 'spam':
            return '554 5.7.1 not wanted'
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.mode == 'dies':
            self.mode = 'ok'
            server.transport.abort()
        return '250 OK'

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: SMTP(self, hostname='post', loop=self._loop, tls_context=self._tls_context), sock=self._socket
            )
        )
        self._loop.run_forever()
        server.close()
        self._loop.close()

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
