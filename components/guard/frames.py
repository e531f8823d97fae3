"""What a socket may send, before anybody reads it: how soon it must speak, how often and how much."""

import asyncio
import time
from collections.abc import Callable

from starlette.types import Message, Receive, Send

from services import limits

FIRST_WORD = limits.span('socket_first_word').total_seconds()
"""Seconds a new socket has to ask for its page."""
FRAMES_A_SECOND, FRAMES_AT_ONCE = limits.bucket('frames')
BYTES_PER_TOKEN = limits.count('frame_bytes')
"""A large frame costs as much as several small ones."""
_PACKETS = ('1', '2', '3', '4')
"""What Engine.IO's browser says: close, ping, pong, message. At anything else its server would stumble."""
_GOODBYE = '1'
_CLOSED: Message = {'type': 'websocket.disconnect', 'code': 1008}


class Bucket:
    """So many a second, so many at once."""

    __slots__ = ('at', 'capacity', 'rate', 'tokens')

    def __init__(self, rate: float, capacity: float) -> None:
        self.rate, self.capacity = rate, capacity
        self.tokens, self.at = capacity, time.monotonic()

    def take(self, cost: float = 1.0) -> bool:
        """Take `cost` tokens if they are there."""
        moment = time.monotonic()
        self.tokens = min(self.capacity, self.tokens + (moment - self.at) * self.rate)
        self.at = moment
        if self.tokens < cost:
            return False
        self.tokens -= cost
        return True

    def is_full(self, moment: float) -> bool:
        """Tell whether nobody has taken anything for so long that it might as well be a new one."""
        return self.tokens + (moment - self.at) * self.rate >= self.capacity


def limited(receive: Receive, dropped: Callable[[], None]) -> Receive:
    """Return `receive` of a socket that is closed when it stays silent at first, shouts, or says something else.

    Args:
        dropped: told of the last two; who is silent may only be slow.
    """
    bucket = Bucket(FRAMES_A_SECOND, FRAMES_AT_ONCE)
    has_spoken = False

    async def guarded() -> Message:
        nonlocal has_spoken
        try:
            message = await asyncio.wait_for(receive(), None if has_spoken else FIRST_WORD)
        except TimeoutError:
            return _CLOSED
        if message['type'] != 'websocket.receive':
            return message
        text = message.get('text')
        # Our pages send text; a binary frame would open a store of attachments. `40` is Socket.IO's request to connect.
        is_known = text is not None and text.startswith(_PACKETS if has_spoken else '40')
        if text is not None and is_known and bucket.take(1 + len(text) / BYTES_PER_TOKEN):
            has_spoken = True
            return message
        dropped()
        return _CLOSED

    return guarded


def final(send: Send) -> Send:
    """Return `send` of a socket that ends with Engine.IO's goodbye instead of waiting for the other side to hang up."""
    is_over = False

    async def guarded(message: Message) -> None:
        nonlocal is_over
        if is_over:
            return
        await send(message)
        if message.get('text') == _GOODBYE or message['type'] == 'websocket.close':
            is_over = True
            if message['type'] != 'websocket.close':
                await send({'type': 'websocket.close', 'code': 1000})

    return guarded
