"""ASGI layer around the whole application: address, origin, actor, request id, headers, and the weight of sockets."""

import re
import secrets
from collections import Counter
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components import connection_words, languages
from components.guard.binding import VISIT_LENGTH, visit_cookie_name
from components.guard.crowd import RETRY_AFTER, crowd, is_live
from components.guard.dropped import drops
from components.guard.frames import final, limited
from components.guard.slow import lines, open_line, weighed
from components.headers import page_policy, plain_policy, security_headers
from components.hosts import is_here, is_known, is_on_staff_host, may_act_here
from components.problem_page import problem_page
from components.redirect import HOME, see_other
from components.session import token_of
from models.user import Role
from services import limits
from services.identity import sessions
from services.runner import call
from services.settings import get_settings

ANONYMOUS_PATHS = ('/assets/', '/_nicegui/', '/healthz', '/readyz', '/hooks/', '/demo/gateway')
"""Nobody's session is looked up here: these answers are the same for everybody."""
MACHINE_PATHS = ('/hooks/', '/demo/gateway/')
"""Posts from machines: they carry no cookie of ours, and prove themselves otherwise."""
SOCKET_PATH = '/_nicegui_ws/'
CAPTCHA_PATH = '/captcha/'
SEARCH_PATH = '/address/'
SAFE_METHODS = {'GET', 'HEAD', 'OPTIONS'}
SOCKETS_OF_ADDRESS = limits.count('sockets_of_address')
SOCKETS_IN_ALL = limits.count('sockets')
"""A socket costs about 40 kB before it says a word."""
_KINDS = {'Host': 'host', 'Origin': 'origin', 'Sec-Fetch-Site': 'origin'}
"""How a refusal is counted; any other is of a way that is closed here."""

_open_sockets: Counter[str] = Counter()


class Gate:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] not in {'http', 'websocket'}:
            await self.app(scope, receive, send)
            return
        _forget_forwarded(scope)
        state = scope.setdefault('state', {})
        state['request_id'] = secrets.token_hex(8)
        state['actor'] = None
        structlog.contextvars.bind_contextvars(request=state['request_id'])
        _remember_visit(scope)
        languages.settle(scope)
        if scope['type'] == 'websocket':
            await self._socket(scope, receive, send)
            return
        await self._answer(scope, receive, _with_headers(scope, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. A failure is answered here: Starlette's own net hangs outside, where no header is added."""
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            refusal = _refusal(scope)
            if refusal:
                drops.count(_address(scope), _KINDS.get(refusal, 'closed'))
            answer = PlainTextResponse(refusal, status_code=403) if refusal else await self._who(scope)
            await (answer or self.app)(scope, receive, noted)
        except Exception as error:
            if has_begun:
                raise
            failure = await scope['app'].exception_handlers[Exception](Request(scope), error)
            await failure(scope, receive, send)

    async def _who(self, scope: Scope) -> Response | None:
        """Find the actor; return an answer if there is no such page here, or too much was asked for."""
        if not is_here(scope):
            is_root = scope['path'] == '/' and is_on_staff_host(scope)
            return see_other(HOME[Role.OPERATOR]) if is_root else await problem_page(scope, 404)
        is_page = scope['method'] == 'GET' and is_live(scope['path'])
        is_admitted = not is_page or crowd.admits_address(_address(scope))
        if scope['path'].startswith(CAPTCHA_PATH):
            is_admitted = crowd.admits_captcha(_address(scope))
        if SEARCH_PATH in scope['path'] and scope['query_string']:
            is_admitted = crowd.admits_search(_address(scope))
        if is_admitted and not scope['path'].startswith(ANONYMOUS_PATHS):
            await _find_actor(scope)
            languages.settle_person(scope)
            actor = scope['state']['actor']
            is_admitted = not is_page or crowd.admits_session(actor.session_hash if actor else None)
        if is_admitted:
            return None
        drops.count(_address(scope), 'pages', scope['state']['actor'])
        return await problem_page(scope, 429, retry_after=RETRY_AFTER)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket in if it comes from our own pages and there are not too many already."""
        address = _address(scope)
        headers = Headers(scope=scope)
        is_crowded = _open_sockets[address] >= SOCKETS_OF_ADDRESS or _open_sockets.total() >= SOCKETS_IN_ALL
        is_right = scope['path'].startswith(SOCKET_PATH) and is_known(scope) and is_ours(headers.get('origin'), headers)
        if not is_right or is_crowded:
            drops.count(address, 'sockets' if is_right else 'origin')
            await send({'type': 'websocket.close', 'code': 1008})
            return
        await _find_actor(scope)
        _open_sockets[address] += 1
        line = scope['state']['line'] = open_line(send)
        try:
            await self.app(scope, limited(receive, lambda: drops.count(address, 'frames')), final(weighed(send, line)))
        finally:
            lines.discard(line)
            _open_sockets[address] -= 1
            if not _open_sockets[address]:
                del _open_sockets[address]


async def _find_actor(scope: Scope) -> None:
    token = token_of(HTTPConnection(scope))
    actor = await call(sessions.resolve, token) if token else None
    scope['state']['actor'] = actor if may_act_here(actor, scope) else None


def _address(scope: Scope) -> str:
    return scope['client'][0] if scope.get('client') else ''


def _forget_forwarded(scope: Scope) -> None:
    """Drop the headers by which a proxy speaks; only the configured proxy may name the address of the visitor."""
    told = [v.decode('latin-1') for k, v in scope['headers'] if k == b'x-forwarded-for']
    scope['headers'] = [
        (k, v) for k, v in scope['headers'] if not k.startswith((b'x-forwarded', b'forwarded', b'x-real-ip'))
    ]
    if told and scope.get('client') and _is_proxy(scope['client'][0]):
        hops = [hop.strip() for hop in ','.join(told).split(',')]
        # The last name that is not a proxy of ours: what stands before it was written by the visitor himself.
        visitor = next((hop for hop in reversed(hops) if not _is_proxy(hop)), '')
        if _is_address(visitor):
            scope['client'] = (visitor, 0)


def _is_proxy(address: str) -> bool:
    networks = [part.strip() for part in get_settings().trusted_proxies.split(',') if part.strip()]
    return bool(networks) and _is_address(address) and any(ip_address(address) in ip_network(n) for n in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _remember_visit(scope: Scope) -> None:
    """Find the anonymous visitor's cookie or make him one; it is sent with a live page only."""
    sent = HTTPConnection(scope).cookies.get(visit_cookie_name(), '')
    scope['state']['visit'] = sent if len(sent) == VISIT_LENGTH else ''
    scope['state']['given_visit'] = scope['state']['visit'] or secrets.token_hex(VISIT_LENGTH // 2)


def _refusal(scope: Scope) -> str | None:
    """Return why a request from another site is turned away, or None. Cookies are SameSite; this is the second lock."""
    path, headers = scope['path'], Headers(scope=scope)
    if not is_known(scope):
        return 'Host'
    if path.startswith(SOCKET_PATH):
        return 'Polling is off'
    if scope['method'] in SAFE_METHODS or path.startswith(MACHINE_PATHS):
        return None
    if path.startswith('/_nicegui'):
        return 'Uploads are off'
    origin, site = headers.get('origin'), headers.get('sec-fetch-site')
    # A page that sends no referrer sends `null` as its origin too; who it is the browser says in the other header.
    if origin is not None and not (origin == 'null' and site == 'same-origin'):
        return None if is_ours(origin, headers) else 'Origin'
    return None if (site or 'same-origin') in {'same-origin', 'none'} else 'Sec-Fetch-Site'


def is_ours(origin: str | None, headers: Headers) -> bool:
    """Tell whether an Origin header names this site: its configured address, or on plain http the host asked for."""
    if not origin:
        return False
    settings = get_settings()
    named, asked = urlsplit(origin).netloc.lower(), headers.get('host', '').lower()
    if settings.staff_host and (named == settings.staff_host) != (asked == settings.staff_host):
        return False  # from the site to the consoles or back
    if origin in {settings.url, settings.staff_url}:
        return True
    return not settings.is_https and bool(named) and named == asked


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
            languages.stay(scope, message['status'], headers)
            languages.keep_from_address(scope, message['status'], headers)
            if is_page:
                _give_visit(scope, headers)
                start = message
                return
            await send(message)
        elif start is not None:
            held.append(message.get('body', b''))
            if not message.get('more_body'):
                await _send_page(start, b''.join(held), nonce, scope['state']['language'], send)
        else:
            await send(message)

    return guarded


def _give_visit(scope: Scope, headers: MutableHeaders) -> None:
    state = scope['state']
    if state['actor'] is None and not state['visit']:
        secure = '; Secure' if get_settings().is_https else ''
        cookie = f'{visit_cookie_name()}={state["given_visit"]}; Path=/; HttpOnly; SameSite=Lax{secure}'
        headers.append('Set-Cookie', cookie)


_SCRIPT = re.compile(rb'<script(?=[\s>])')


async def _send_page(start: Message, body: bytes, nonce: str, language: str, send: Send) -> None:
    # Text that came from people is escaped in the page, so every literal <script here is NiceGUI's or our own.
    body = _SCRIPT.sub(b'<script nonce="' + nonce.encode() + b'"', body)
    body = connection_words.speak(body)
    body = body.replace(b'<html lang="ru"', f'<html lang="{language}"'.encode(), 1)
    MutableHeaders(scope=start)['Content-Length'] = str(len(body))
    await send(start)
    await send({'type': 'http.response.body', 'body': body})
