"""NiceGUI's scripts and styles: the same for everybody, kept by browsers, packed when first asked for."""

import asyncio
import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.packed import FOR_EVER, TEXT, takes_gzip

MOST_LIBRARIES = 256
_VERSIONED = re.compile(r'/_nicegui/[\d.]+/(?!dynamic_resources/)')
"""What an address with NiceGUI's version leads to never changes."""
_LIBRARIES = re.compile(r'/_nicegui/[\d.]+/(?:static|libraries|components|esm)/(?!.*(?:\.\.|//))')


class PackedLibraries:
    """Send a library packed, and read it from the house once only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._packed: dict[str, tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the kept library; what is none, and browsers that cannot unpack, go past."""
        if scope['type'] != 'http' or not _VERSIONED.match(scope['path']):
            await self.app(scope, receive, send)
            return
        send = _for_ever(send)
        is_packed = scope['method'] == 'GET' and _LIBRARIES.match(scope['path']) and takes_gzip(Headers(scope=scope))
        if not is_packed:
            await self.app(scope, receive, send)
            return
        start, body = self._packed.get(scope['path']) or await self._pack(scope)
        await send({**start, 'headers': list(start['headers'])})  # other layers add their own to the list
        await send({'type': 'http.response.body', 'body': body})

    async def _pack(self, scope: Scope) -> tuple[Message, bytes]:
        answer: list[Message] = []

        async def hold(message: Message) -> None:
            answer.append(message)

        await self.app(scope, _someone_who_stays(), hold)
        start, body = answer[0], b''.join(message.get('body') or b'' for message in answer[1:])
        headers = MutableHeaders(scope=start)
        is_text = headers.get('content-type', '').startswith(TEXT)
        if start['status'] != 200 or not is_text or headers.get('content-length') != str(len(body)):
            return start, body
        body = gzip.compress(body, 9, mtime=0)
        headers.update({'Content-Encoding': 'gzip', 'Content-Length': str(len(body)), 'Vary': 'Accept-Encoding'})
        if len(self._packed) < MOST_LIBRARIES:
            self._packed[scope['path']] = start, body
        return start, body


def _for_ever(send: Send) -> Send:
    async def dated(message: Message) -> None:
        if message['type'] == 'http.response.start' and message['status'] in {200, 304}:
            MutableHeaders(scope=message)['Cache-Control'] = FOR_EVER
        await send(message)

    return dated


def _someone_who_stays() -> Receive:
    """Return a visitor who waits for all of it.

    One who leaves meanwhile gets `200` and an empty body from Starlette, and that would be kept for everybody.
    """
    request: list[Message] = [{'type': 'http.request', 'body': b'', 'more_body': False}]

    async def receive() -> Message:
        if request:
            return request.pop()
        return await asyncio.Future()

    return receive
