"""Ended sessions: their open pages are led to the door, then lose their socket."""

import asyncio

from nicegui import Client, background_tasks, core

from components.guard.binding import page_session
from services.events import Event, SessionEnded

ENDED = 'guard_is_ended'
KEEP_TEXT = 'window.amigoKeepText?.();'
"""What a person was writing when his time ran out is given back after he has signed in again (js/drafts.js)."""
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


def end_pages(hashes: frozenset[str], *, ran_out: frozenset[str] = frozenset()) -> None:
    """Lead away every open page of these sessions; those of `ran_out` keep the text that was being typed."""
    found = [(c, hashed) for c in Client.instances.values() if (hashed := page_session(c)) and hashed in hashes]
    send_away([client for client, hashed in found if hashed in ran_out], keep_text=True)
    send_away([client for client, hashed in found if hashed not in ran_out])


def send_away(clients: list[Client], *, keep_text: bool = False) -> None:
    """Lead open pages to the sign-in form; from now on their events do nothing and nothing more is shown on them."""
    for client in clients:
        if not client.storage.get(ENDED):
            client.storage[ENDED] = True
            background_tasks.create(_leave(client, (KEEP_TEXT if keep_text else '') + TO_THE_DOOR), name='leave')


async def _leave(client: Client, code: str) -> None:
    # Past the outbox, which would send what is already waiting there; then the page is taken down at once.
    await core.sio.emit('run_javascript', {'code': code}, room=client.id)
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
