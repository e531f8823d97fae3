"""The worker that empties the outbox: a thread with a loop of its own, so that a slow server slows no page."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from models.outbox import Channel
from services.events import Event, MailQueued, subscribe, unsubscribe
from services.gateways.mail import BrokenOff, MailSender, Refused, ServerUnreachable, TryLater
from services.gateways.sms import SmsSender
from services.messages import outbox
from services.messages.outbox import Leased

log = logging.getLogger(__name__)

POLL = 5.0
"""Seconds between looks without a call: rows whose pause is over, and rows other processes wrote."""
PATIENCE = 10.0
"""Seconds a stop waits for the letter that is on the wire."""


class Worker:
    """Sends what is due: wakes at once when something is queued, and every few seconds by itself."""

    def __init__(self, mail: MailSender | None, sms: SmsSender) -> None:
        self._mail = mail
        self._sms = sms
        self._outages = {Channel.EMAIL: 0, Channel.SMS: 0}
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        subscribe(self._on_event)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name='outbox', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the message on the wire, give the rest back and end."""
        self._stopping = True
        unsubscribe(self._on_event)
        self._ring()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, MailQueued):
            self._ring()

    def _ring(self) -> None:
        if self._loop is not None and self._wake is not None:
            with suppress(RuntimeError):  # the loop is closed: there is nobody to wake
                self._loop.call_soon_threadsafe(self._wake.set)

    async def _work(self) -> None:
        self._wake, self._loop = asyncio.Event(), asyncio.get_running_loop()
        while not self._stopping:
            self._wake.clear()
            busy = 0
            try:
                busy = await self.send_due()
            except Exception:  # the database may be away for a while
                log.exception('The outbox worker stumbled')
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL)

    async def send_due(self) -> int:
        """Send one batch; returns how many rows were taken."""
        rows = outbox.lease()
        letters = [row for row in rows if row.channel == Channel.EMAIL]
        messages = [row for row in rows if row.channel == Channel.SMS]
        await asyncio.gather(self._send_letters(letters), self._send_messages(messages))
        return len(rows)

    async def _send_letters(self, rows: list[Leased]) -> None:
        if not rows:
            return
        if self._mail is None:
            self._put_off(rows, 'AMIGO_SMTP_URL is not set')
            return
        waiting = list(rows)
        try:
            async with self._mail.connect() as connection:
                await self._send_each(waiting, lambda row: connection.send(row.letter))
        except ServerUnreachable as error:
            self._put_off(waiting, str(error))

    async def _send_messages(self, rows: list[Leased]) -> None:
        waiting = list(rows)
        try:
            await self._send_each(
                waiting, lambda row: self._sms.send(row.letter.recipient, row.letter.text, key=row.key)
            )
        except ServerUnreachable as error:
            self._put_off(waiting, str(error))

    async def _send_each(self, waiting: list[Leased], send: Callable[[Leased], Awaitable[None]]) -> None:
        """Send and settle one row after another; whatever is left in `waiting` was not tried."""
        while waiting:
            if self._stopping:
                outbox.release(waiting)
                waiting.clear()
                return
            row = waiting[0]
            if not outbox.still_mine(row):
                waiting.pop(0)
                continue
            try:
                await send(row)
            except ServerUnreachable:
                raise
            except Refused as error:
                outbox.refused(row, str(error))
            except TryLater as error:
                outbox.failed(row, str(error))
            except BrokenOff as error:
                outbox.failed(row, str(error))
                outbox.release(waiting[1:])
                waiting.clear()
                return
            except Exception as error:
                log.exception('Outbox: %s could not be sent', row.key)
                outbox.failed(row, type(error).__name__)
            else:
                outbox.sent(row)
                self._outages[row.channel] = 0
            waiting.pop(0)

    def _put_off(self, rows: list[Leased], reason: str) -> None:
        if rows:
            channel = rows[0].channel
            self._outages[channel] += 1
            outbox.unreachable(rows, self._outages[channel], reason)


def install(
    on_startup: Callable[[Callable[[], None]], object],
    on_shutdown: Callable[[Callable[[], None]], object],
    *,
    mail: MailSender | None,
    sms: SmsSender,
) -> None:
    """Run a worker while the application runs."""
    worker = Worker(mail, sms)
    on_startup(worker.start)
    on_shutdown(worker.stop)
