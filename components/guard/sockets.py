"""NiceGUI's socket handlers, wrapped: each message is bound to the page and the session its socket belongs to."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from nicegui import Client, background_tasks, core
from socketio.exceptions import ConnectionRefusedError as Refused

from components.guard.binding import is_of_a_gone_page, page_actor, wanted_page
from components.guard.dropped import drops
from components.guard.frames import Bucket
from components.guard.leaving import ENDED, LAST_WORD, on_session_ended, send_away
from components.guard.slow import line_of, weigh_packets
from components.guard.touching import LARGEST_EVENT, is_event, may_touch
from components.guard.watch import watch
from services import limits
from services.events import subscribe
from services.identity import sessions
from services.runner import call

log = logging.getLogger(__name__)

EVENTS_A_SECOND, EVENTS_AT_ONCE = limits.bucket('events')
SOCKETS_OF_PAGE = limits.count('sockets_of_page')
"""One in use, one the network lost a moment ago."""
RECHECK = 15.0
"""Seconds after which an event asks the database again and counts as a sign of life; the watch hears of ends sooner."""
TAB_MEMORY = 3600.0
"""Seconds NiceGUI keeps its notes on a tab: nothing of ours is in them, and the browser chooses the tab's name."""

_Handler = Callable[..., Any]


def install() -> None:
    """Wrap NiceGUI's socket handlers once, and start the watch with the application."""
    core.app.on_startup(watch)
    core.app.storage.max_tab_storage_age = TAB_MEMORY
    handlers = core.sio.handlers['/']
    if getattr(handlers['event'], 'is_guarded', False):
        return
    core.sio.eio.cors_allowed_origins = '*'  # the gate has asked for the origin, knowing the proxy and the settings
    core.sio.eio.transports = ['websocket']
    core.sio.eio.max_http_buffer_size = LARGEST_EVENT * 2
    core.sio.eio.send_packet = weigh_packets(core.sio.eio.send_packet)
    for logger in (core.sio.logger, core.sio.eio.logger):
        logger.setLevel(logging.CRITICAL)  # a malformed message of 20 bytes would leave a traceback of a thousand
    handlers['connect'] = _guard_connect(handlers['connect'])
    handlers['disconnect'] = _guard_disconnect(handlers['disconnect'])
    handlers['event'] = _guard_event(handlers['event'])
    handlers['javascript_response'] = _guard_room(handlers['javascript_response'], _is_response)
    handlers['ack'] = _guard_room(handlers['ack'], _is_ack)
    handlers['handshake'] = _nothing  # the implicit handshake of `connect` is the only door
    handlers['log'] = _nothing  # a browser writes nothing into our log
    subscribe(on_session_ended)


async def _nothing(*_said: object) -> None:
    return None


def _guard_connect(original: _Handler) -> _Handler:
    async def connect(sid: str, *_said: object) -> object:
        if core.sio.manager.is_connected(sid, '/'):  # a message by this name, with an environment of its own making
            _dropped(sid, 'event')
            return False
        environ = core.sio.get_environ(sid) or {}
        client = wanted_page(environ)
        if client is None or client.storage.get(ENDED) or _crowd(client) >= SOCKETS_OF_PAGE:
            if client is None and not is_of_a_gone_page(environ):
                _dropped(sid, 'page')
            below = core.sio.manager.eio_sid_from_sid(sid, '/')
            background_tasks.create(_drop_soon(below), name='refuse')
            raise Refused('Implicit handshake failed')  # NiceGUI's script loads the page anew at these words
        line_of(environ).page = client
        return await original(sid, environ, None)

    return connect


def _crowd(client: Client) -> int:
    return sum(1 for _ in core.sio.manager.get_participants('/', client.id))


async def _drop_soon(below: str | None) -> None:
    await asyncio.sleep(LAST_WORD)  # the refusal must reach the browser first
    if below is not None:
        await core.sio.eio.disconnect(below)


def _guard_disconnect(original: _Handler) -> _Handler:
    def disconnect(sid: str, *_said: object) -> None:
        if not core.sio.manager.is_connected(sid, '/'):  # else a message by this name, not the end of a socket
            original(sid)

    return disconnect


def _is_in_room(sid: str, message: object) -> bool:
    return isinstance(message, dict) and message.get('client_id') in core.sio.rooms(sid)


def _is_response(message: dict[str, object]) -> bool:
    return isinstance(message.get('request_id'), str)


def _is_ack(message: dict[str, object]) -> bool:
    return type(message.get('next_message_id')) is int


def _guard_room(original: _Handler, is_well_formed: Callable[[dict[str, object]], bool]) -> _Handler:
    def room(sid: str, message: object = None, *_said: object) -> None:
        if isinstance(message, dict) and _is_in_room(sid, message) and is_well_formed(message):
            original(sid, message)
        else:
            _dropped(sid, 'event')

    return room


def _guard_event(original: _Handler) -> _Handler:
    async def event(sid: str, message: object = None, *_said: object) -> None:
        if not is_event(message) or not _is_in_room(sid, message):
            _dropped(sid, 'event')
            return
        client = Client.instances.get(str(message['client_id']))
        if client is None or client.storage.get(ENDED):
            return
        if not _bucket(client).take():
            _dropped(sid, 'rate', client)
            return
        async with _turn(client):
            if not await _is_still_signed_in(client):
                send_away([client])
                return
            # After the wait: what was visible when the event came may be hidden or gone by now.
            if client.is_deleted:
                return
            if not may_touch(client, message['id'], message['listener_id']):  # type: ignore[arg-type]  # is_event looked
                _dropped(sid, 'touch', client)
                return
            _hand_over(original, sid, message)

    event.is_guarded = True  # type: ignore[attr-defined]  # so that install() can be called twice
    return event


def _hand_over(original: _Handler, sid: str, message: dict[str, object]) -> None:
    try:
        original(sid, message)
    except Exception as error:  # noqa: BLE001 - handlers catch their own; this is a value no browser of ours sends
        log.warning('An event was dropped: %s', type(error).__name__)


def _dropped(sid: str, kind: str, client: Client | None = None) -> None:
    """Count what was dropped for the address the socket comes from, as the gate knows it; no page that ends."""
    environ = core.sio.get_environ(sid) or {}
    if environ and (page := line_of(environ).page) is not None and page.storage.get(ENDED):
        return
    peer = environ.get('asgi.scope', {}).get('client') or ('',)
    drops.count(peer[0], kind, page_actor(client) if client is not None else None)


def _turn(client: Client) -> asyncio.Lock:
    """Return what keeps events in their order: without it Enter could overtake the text that was typed before it."""
    turn: asyncio.Lock = client.storage.setdefault('guard_turn', asyncio.Lock())
    return turn


def _bucket(client: Client) -> Bucket:
    bucket: Bucket = client.storage.setdefault('guard_bucket', Bucket(EVENTS_A_SECOND, EVENTS_AT_ONCE))
    return bucket


async def _is_still_signed_in(client: Client) -> bool:
    actor = page_actor(client)
    if actor is None:
        return True
    moment = time.monotonic()
    if moment - client.storage.get('guard_checked_at', 0.0) < RECHECK:
        return True
    if await call(sessions.resolve_hash, actor.session_hash) is None:
        return False
    client.storage['guard_checked_at'] = moment
    return True
