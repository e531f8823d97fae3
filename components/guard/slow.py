"""A browser that does not read: what waits for its socket is weighed, and beyond a bound the socket is cut (P23)."""

import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from nicegui import Client, core
from starlette.types import Message, Send

from components.guard.leaving import take_down
from services import limits

MOST_WAITING = limits.count('waiting_letters')
"""Characters that may wait for one socket: 2 MB when they are Cyrillic. A whole page of ours is a tenth of it."""
PATIENCE = limits.span('waiting_time').total_seconds()
"""Seconds a socket may take nothing while something waits for it."""
MOST_MESSAGES = limits.count('waiting_messages')
"""Commands that may wait for a page whose browser is away; NiceGUI keeps them without a bound."""

MESSAGE = '4'
"""How Engine.IO marks a packet that carries something; its pings are not worth weighing."""


class Line:
    """What one socket was told and has not taken yet; `page` is the page it serves, once it is let in."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.page: Client | None = None
        self.queued = self.sent = self.remembered = 0
        self._seen, self._moved_at = (0, 0), time.monotonic()

    def add(self, size: int) -> bool:
        """Put something of this size at the end of the line; False: too much waits, the socket is cut."""
        self.queued += size
        self._forget(size)
        if self.queued <= MOST_WAITING:
            return True
        self.cut()
        return False

    def _forget(self, size: int) -> None:
        """Keep NiceGUI's memory of sent messages as small; who returns after more than that loads the page anew."""
        self.remembered += size
        if self.remembered > MOST_WAITING and self.page is not None:
            self.page.outbox.message_history.clear()
            self.remembered = 0

    def is_stuck(self, moment: float) -> bool:
        """Tell whether something waits and nothing was taken for too long."""
        buffered = self.transport.get_write_buffer_size()
        sent_before, buffered_before = self._seen
        is_idle = not self.queued and not buffered
        if is_idle or self.sent != sent_before or buffered < buffered_before:
            self._moved_at = moment
        self._seen = (self.sent, buffered)
        return moment - self._moved_at > PATIENCE

    def cut(self) -> None:
        """End the connection without a word, which would only wait at the end of the line, and take its page down."""
        wire = self.transport.get_extra_info('socket')
        if wire is not None:  # forget, too, what the kernel would go on offering: some megabytes more
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.transport.abort()
        if self.page is not None:
            take_down(self.page)


lines: set[Line] = set()
"""One for each open socket."""


def line_of(environ: dict[str, Any]) -> Line:
    """Return the line of a socket, given its environment as Engine.IO keeps it."""
    return cast('Line', environ['asgi.scope']['state']['line'])


def open_line(send: Send) -> Line:
    """Begin to weigh a socket. Only uvicorn's protocol can end a connection whose other side reads nothing."""
    line = Line(cast('Any', send).__self__.transport)
    lines.add(line)
    return line


def weighed(send: Send, line: Line) -> Send:
    """Return `send` that tells the line what went out: uvicorn waits here while its own buffer is full."""

    async def guarded(message: Message) -> None:
        await send(message)
        text = message.get('text') or ''
        if text.startswith(MESSAGE):
            line.queued -= len(text)
            line.sent += len(text)

    return guarded


def weigh_packets(original: Callable[[str, Any], Awaitable[None]]) -> Callable[[str, Any], Awaitable[None]]:
    """Wrap Engine.IO's `send_packet`, which puts a packet into the endless queue of its socket."""

    async def send_packet(sid: str, packet: Any) -> None:
        environ = core.sio.environ.get(sid)
        if environ is None or line_of(environ).add(len(MESSAGE) + len(packet.data)):
            await original(sid, packet)

    return send_packet


def cut_stuck() -> None:
    """Cut the sockets that took nothing for too long."""
    moment = time.monotonic()
    for line in list(lines):
        if line.is_stuck(moment):
            line.cut()


def is_too_full(client: Client) -> bool:
    """Tell whether too much waits for a page whose browser is away."""
    return len(client.outbox.messages) > MOST_MESSAGES
