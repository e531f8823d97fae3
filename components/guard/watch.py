"""Once a second, as long as the application runs: who has signed out, who never came, who does not read."""

import asyncio
import logging
import time

from nicegui import Client, core

from components.guard.binding import page_session
from components.guard.crowd import crowd, is_waiting
from components.guard.dropped import drops
from components.guard.leaving import end_pages, take_down
from components.guard.memory import Memory, settle
from components.guard.moved import draw_moved_anew
from components.guard.slow import cut_stuck, is_too_full
from services import limits
from services.audit import refusals
from services.identity import sessions
from services.runner import call

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks for sessions that ended by themselves, by a block, or in another process."""
WAITING = limits.span('page_waits').total_seconds()
"""Seconds a quiet house waits for the browser: a slow phone needs ten for NiceGUI's script, and what was typed into a
form by then must not be lost to a reload."""
WAITING_IN_A_CROWD = limits.span('page_waits_in_a_crowd').total_seconds()
"""With the pause, a page nobody came for is gone within five seconds."""
CROWD = limits.count('crowd')
"""So many pages may wait for their socket before the patience with them shrinks."""


async def watch() -> None:
    """Look around once a second; what goes wrong is told and tried again."""
    settle()
    memory = Memory()
    while True:
        await asyncio.sleep(PAUSE)
        try:
            prune()
            forget_tabs()
            cut_stuck()
            crowd.count()
            if dropped := drops.due(time.monotonic()):
                await call(refusals.note_dropped, dropped)
            memory.look(time.monotonic(), is_crowded=crowd.waiting > CROWD)
            hashes = frozenset(found for c in list(Client.instances.values()) if (found := page_session(c)))
            if hashes:
                end_pages(await call(sessions.ended_among, hashes))
                await draw_moved_anew()
        except Exception:
            log.exception('The watch over open pages stumbled')


def prune() -> None:
    """Take down pages whose socket never came; when many wait, sooner. And those for which too much waits."""
    absent = [page for page in Client.instances.values() if not page.has_socket_connection]
    patience = WAITING if sum(map(is_waiting, absent)) <= CROWD else WAITING_IN_A_CROWD
    oldest = time.time() - patience
    for page in absent:
        if is_too_full(page) or (is_waiting(page) and page.created < oldest):
            take_down(page)


def forget_tabs() -> None:
    """Drop NiceGUI's notes on tabs that show no page of ours: nothing of ours is in them, and anybody can name one."""
    shown = {page._pinned_tab_id for page in Client.instances.values()}
    for tab_id in core.app.storage._tabs.keys() - shown:
        del core.app.storage._tabs[tab_id]
