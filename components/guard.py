"""The gate: what reaches NiceGUI and the routes, over HTTP and over the socket.

NiceGUI trusts whoever knows a `client_id`, runs handlers of hidden buttons and keeps the socket of a person who signed
out (SECURITY §4). Here every request gets its actor, every answer its headers, and every socket and each of its events
is bound to the session that opened the page. This module touches private names of NiceGUI, which is therefore pinned.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from nicegui import Client, core
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.headers import page_policy, plain_policy, security_headers
from components.session import token_of
from services import sessions
from services.authority import Actor
from services.events import Event, SessionEnded, subscribe
from services.runner import call
from services.settings import get_settings

if TYPE_CHECKING:
    from nicegui.element import Element

log = logging.getLogger(__name__)

ANONYMOUS_PATHS = ('/assets/', '/_nicegui/', '/healthz', '/readyz', '/hooks/', '/demo/gateway')
"""Nobody's session is looked up here: these answers are the same for everybody."""
MACHINE_PATHS = ('/hooks/', '/demo/gateway/')
"""Posts from machines: they carry no cookie of ours, and prove themselves otherwise."""
FORWARDED = (
    b'x-forwarded-for',
    b'x-forwarded-proto',
    b'x-forwarded-host',
    b'x-forwarded-prefix',
    b'forwarded',
    b'x-real-ip',
)
LARGEST_EVENT = 32_000
RATE, BURST = 20.0, 60.0
RECHECK = 15.0
"""Seconds after which an event looks the session up in the database again; a revocation is heard at once."""


class Gate:
    """ASGI layer around the whole application: actor, origin, request id, headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] not in {'http', 'websocket'}:
            await self.app(scope, receive, send)
            return
        scope['headers'] = [(k, v) for k, v in scope['headers'] if k not in FORWARDED]
        scope.setdefault('state', {})
        path = scope['path']
        request_id = secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request_id)
        scope['state']['request_id'] = request_id
        if refusal := _refusal(scope):
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
            return
        scope['state']['actor'] = None
        if not path.startswith(ANONYMOUS_PATHS):
            token = token_of(HTTPConnection(scope))
            scope['state']['actor'] = await call(sessions.resolve, token) if token else None
        if scope['type'] == 'websocket':
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _with_headers(scope, send))


def _refusal(scope: Scope) -> str | None:
    """Return why a request from another site is turned away, or None. Cookies are SameSite; this is the second lock."""
    headers = Headers(scope=scope)
    origin = headers.get('origin')
    if scope['type'] == 'websocket':
        return None if _is_ours(origin, headers) else 'Origin'
    path = scope['path']
    if scope['method'] in {'GET', 'HEAD', 'OPTIONS'} or path.startswith(MACHINE_PATHS):
        return None
    if path.startswith('/_nicegui'):
        return 'Uploads and polling are off'
    if origin is not None:
        return None if _is_ours(origin, headers) else 'Origin'
    return None if headers.get('sec-fetch-site', 'same-origin') in {'same-origin', 'none'} else 'Sec-Fetch-Site'


def _is_ours(origin: str | None, headers: Headers) -> bool:
    if not origin:
        return False
    host = urlsplit(origin).netloc
    return host == headers.get('host') or origin.rstrip('/') == get_settings().url


def _with_headers(scope: Scope, send: Send) -> Send:
    """Add security headers; a NiceGUI page is held back whole to put the nonce into its script tags."""
    nonce = secrets.token_urlsafe(16)
    held: list[bytes] = []
    start: Message | None = None

    async def guarded(message: Message) -> None:
        nonlocal start
        if message['type'] == 'http.response.start':
            headers = MutableHeaders(scope=message)
            is_page = headers.get('x-nicegui-content') == 'page'
            security_headers(headers, scope['path'])
            if 'content-security-policy' not in headers:
                headers['Content-Security-Policy'] = page_policy(nonce) if is_page else plain_policy()
            headers['X-Request-Id'] = scope['state']['request_id']
            if is_page:
                start = message
                return
            await send(message)
        elif start is not None:
            held.append(message.get('body', b''))
            if not message.get('more_body'):
                await _send_page(start, b''.join(held), nonce, send)
        else:
            await send(message)

    return guarded


_SCRIPT = re.compile(rb'<script(?=[\s>])')


async def _send_page(start: Message, body: bytes, nonce: str, send: Send) -> None:
    # Text that came from people is escaped in the page, so every literal <script here is NiceGUI's or our own.
    body = _SCRIPT.sub(b'<script nonce="' + nonce.encode() + b'"', body)
    MutableHeaders(scope=start)['Content-Length'] = str(len(body))
    await send(start)
    await send({'type': 'http.response.body', 'body': body})


def install() -> None:
    """Wrap NiceGUI's socket handlers once; harmless when called again."""
    handlers = core.sio.handlers['/']
    if getattr(handlers['event'], 'is_guarded', False):
        return
    core.sio.eio.cors_allowed_origins = [get_settings().url]
    core.sio.eio.max_http_buffer_size = LARGEST_EVENT * 2
    handlers['connect'] = _guard_connect(handlers['connect'])
    handlers['event'] = _guard_event(handlers['event'])
    for name in ('javascript_response', 'ack'):
        handlers[name] = _guard_room(handlers[name])
    handlers['handshake'] = _nothing  # the implicit handshake of `connect` is the only door
    handlers['log'] = _nothing  # a browser writes nothing into our log
    subscribe(_on_session_ended)


_Handler = Callable[..., Any]


async def _nothing(*_args: object) -> None:
    return None


def _page_actor(client: Client) -> Actor | None:
    return getattr(client.request.state, 'actor', None)


def _guard_connect(original: _Handler) -> _Handler:
    async def connect(sid: str, environ: dict[str, Any], auth: object = None) -> object:
        scope: Scope = environ.get('asgi.scope', {})
        query = dict(part.split('=', 1) for part in environ.get('QUERY_STRING', '').split('&') if '=' in part)
        client = Client.instances.get(query.get('client_id', ''))
        if client is None or scope.get('type') != 'websocket' or query.get('implicit_handshake') != 'true':
            return False
        opener = _page_actor(client)
        visitor: Actor | None = scope.get('state', {}).get('actor')
        if (opener.session_hash if opener else None) != (visitor.session_hash if visitor else None):
            return False
        return await original(sid, environ, auth)

    return connect


def _guard_room(original: _Handler) -> _Handler:
    def room(sid: str, msg: object) -> object:
        if isinstance(msg, dict) and msg.get('client_id') in core.sio.rooms(sid):
            return original(sid, msg)
        return None

    return room


class _Bucket:
    """Tokens of one socket: 20 events a second, 60 at once."""

    __slots__ = ('at', 'tokens')

    def __init__(self) -> None:
        self.tokens, self.at = BURST, time.monotonic()

    def take(self) -> bool:
        moment = time.monotonic()
        self.tokens = min(BURST, self.tokens + (moment - self.at) * RATE)
        self.at = moment
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def _guard_event(original: _Handler) -> _Handler:
    async def event(sid: str, msg: object) -> None:
        if not _is_well_formed(msg) or msg['client_id'] not in core.sio.rooms(sid):  # type: ignore[index]
            return
        client = Client.instances.get(msg['client_id'])  # type: ignore[index]
        if client is None or not _bucket(client).take() or not _may_touch(client, msg['id']):  # type: ignore[index]
            return
        if not await _is_still_signed_in(client):
            send_away([client])
            return
        original(sid, msg)

    event.is_guarded = True  # type: ignore[attr-defined]  # so that install() can be called twice
    return event


def _is_well_formed(msg: object) -> bool:
    return (
        isinstance(msg, dict)
        and isinstance(msg.get('client_id'), str)
        and isinstance(msg.get('id'), int)
        and isinstance(msg.get('listener_id'), str)
        and isinstance(msg.get('args', []), list)
        and all(arg is None or isinstance(arg, str) for arg in msg.get('args', []))
        and sum(len(arg) for arg in msg.get('args', []) if arg) <= LARGEST_EVENT
    )


def _bucket(client: Client) -> _Bucket:
    bucket: _Bucket = client.storage.setdefault('guard_bucket', _Bucket())
    return bucket


def _may_touch(client: Client, element_id: int) -> bool:
    """Tell whether the element and everything around it is visible and enabled: a hidden card hides its buttons."""
    element: Element | None = client.elements.get(element_id)
    if element is None or 'disable' in element.props or 'readonly' in element.props:
        return False
    for parent in (element, *element.ancestors()):
        if not parent.visible or getattr(parent, 'enabled', True) is False:
            return False
        if parent.tag == 'q-dialog' and parent.props.get('model-value') is False and parent is not element:
            return False
    return True


async def _is_still_signed_in(client: Client) -> bool:
    actor = _page_actor(client)
    if actor is None:
        return True
    moment = time.monotonic()
    if client.storage.get('guard_is_ended'):
        return False
    if moment - client.storage.get('guard_checked_at', 0.0) < RECHECK:
        return True
    if await call(sessions.resolve_hash, actor.session_hash) is None:
        return False
    client.storage['guard_checked_at'] = moment
    return True


def _on_session_ended(event: Event) -> None:
    if isinstance(event, SessionEnded) and core.loop is not None and not core.loop.is_closed():
        core.loop.call_soon_threadsafe(_end_pages, frozenset(event.session_hashes))


def _end_pages(hashes: frozenset[str]) -> None:
    clients = [c for c in Client.instances.values() if (actor := _page_actor(c)) and actor.session_hash in hashes]
    send_away(clients)


def send_away(clients: list[Client]) -> None:
    """Lead open pages of an ended session to the sign-in form; from now on their events do nothing."""
    for client in clients:
        client.storage['guard_is_ended'] = True
        client.run_javascript('location.replace("/my/index?ended=1")')
