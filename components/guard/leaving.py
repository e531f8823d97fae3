"""Ended sessions: their open pages are led to the door, then lose their socket. And pages nobody came for."""

import asyncio
import logging
import time

from nicegui import Client, background_tasks, core

from components.guard.binding import page_actor
from components.guard.moved import draw_moved_anew
from services.events import Event, SessionEnded
from services.identity import sessions
from services.runner import call

log = logging.getLogger(__name__)

ENDED = 'guard_is_ended'
TO_THE_DOOR = (
    # The tab whose own form ended the session is on its way already: site.js marks it.
    '"leaving" in document.documentElement.dataset || location.replace('
    '"/my/index?ended=1&next=" + encodeURIComponent(location.pathname + location.search))'
)
LAST_WORD = 0.5
"""Seconds between the redirect and the end of the socket."""
WATCH = 1.0
"""Seconds between two looks for sessions that ended by themselves, by a block, or in another process."""
WAITING = 30.0
WAITING_IN_A_CROWD = 5.0
CROWD = 100
"""So many pages may wait for their socket before the patience with them shrinks."""


def on_session_ended(event: Event) -> None:
    """Hear of ended sessions in whatever thread; the pages are led away on the event loop."""
    if isinstance(event, SessionEnded) and core.loop is not None and not core.loop.is_closed():
        core.loop.call_soon_threadsafe(end_pages, frozenset(event.session_hashes))


def end_pages(hashes: frozenset[str]) -> None:
    """Lead away every open page of these sessions."""
    send_away([c for c in Client.instances.values() if (actor := page_actor_of(c)) and actor in hashes])


def page_actor_of(client: Client) -> str | None:
    """Return the session a page lives by, if any."""
    if client._request is None:  # a page NiceGUI makes for itself has no visitor
        return None
    actor = page_actor(client)
    return actor.session_hash if actor else None


def send_away(clients: list[Client]) -> None:
    """Lead open pages to the sign-in form; from now on their events do nothing and nothing more is shown on them."""
    for client in clients:
        if not client.storage.get(ENDED):
            client.storage[ENDED] = True
            background_tasks.create(_leave(client), name='leave')


async def _leave(client: Client) -> None:
    # Past the outbox, which would send what is already waiting there; then the page is taken down at once.
    await core.sio.emit('run_javascript', {'code': TO_THE_DOOR}, room=client.id)
    sockets = [sid for sid, _ in core.sio.manager.get_participants('/', client.id)]
    take_down(client)
    await asyncio.sleep(LAST_WORD)
    for sid in sockets:
        await drop(sid)


def take_down(client: Client) -> None:
    """Delete a page now, even while NiceGUI still waits for its browser to come back: it would delete it again."""
    for document_id in list(client._delete_tasks):
        client._cancel_delete_task(document_id)
    if not client.is_deleted:
        client.delete()


async def drop(sid: str) -> None:
    """End a socket for good: Socket.IO's part of it and the connection below."""
    below = core.sio.manager.eio_sid_from_sid(sid, '/')
    await core.sio.disconnect(sid)
    if below is not None:
        await core.sio.eio.disconnect(below)


async def watch() -> None:
    """Look around once a second, as long as the application runs."""
    while True:
        await asyncio.sleep(WATCH)
        try:
            prune()
            hashes = frozenset(found for c in list(Client.instances.values()) if (found := page_actor_of(c)))
            if hashes:
                end_pages(await call(sessions.ended_among, hashes))
                await draw_moved_anew()
        except Exception:
            log.exception('The watch over open pages stumbled')


def prune() -> None:
    """Take down pages whose socket never came; when many wait, sooner."""
    waiting = [c for c in Client.instances.values() if not c.has_socket_connection and not c._delete_tasks]
    patience = WAITING if len(waiting) <= CROWD else WAITING_IN_A_CROWD
    for client in waiting:
        if client._request is not None and client.created < time.time() - patience:
            take_down(client)
