"""Ended sessions: their open pages are led to the door, then lose their socket."""

import asyncio

from nicegui import Client, background_tasks, core

from components.guard.binding import page_session
from services.events import Event, SessionEnded

ENDED = 'guard_is_ended'
TO_THE_DOOR = (
    # The tab whose own form ended the session is on its way already: site.js marks it.
    '"leaving" in document.documentElement.dataset || location.replace('
    '"/my/index?ended=1&next=" + encodeURIComponent(location.pathname + location.search))'
)
LAST_WORD = 0.5
"""Seconds between the redirect and the end of the socket."""


def on_session_ended(event: Event) -> None:
    """Hear of ended sessions in whatever thread; the pages are led away on the event loop."""
    if isinstance(event, SessionEnded) and core.loop is not None and not core.loop.is_closed():
        core.loop.call_soon_threadsafe(end_pages, frozenset(event.session_hashes))


def end_pages(hashes: frozenset[str]) -> None:
    """Lead away every open page of these sessions."""
    send_away([c for c in Client.instances.values() if (found := page_session(c)) and found in hashes])


def send_away(clients: list[Client]) -> None:
    """Lead open pages to the sign-in form; from now on their events do nothing and nothing more is shown on them."""
    for client in clients:
        if not client.storage.get(ENDED):
            client.storage[ENDED] = True
            background_tasks.create(_leave(client), name='leave')


async def _leave(client: Client) -> None:
    # Out of the page's room first: whatever its outbox has begun to send reaches nobody after the last word.
    sockets = [sid for sid, _ in core.sio.manager.get_participants('/', client.id)]
    for sid in sockets:
        await core.sio.leave_room(sid, client.id)
    take_down(client)
    for sid in sockets:
        await core.sio.emit('run_javascript', {'code': TO_THE_DOOR}, to=sid)
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
