"""Tie an open page to facts that happen elsewhere; untie it when the page is gone."""

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from nicegui import Event as NiceguiEvent
from nicegui import context, core

from components.action import action
from services import events
from services.events import Event

E = TypeVar('E', bound=Event)

_hub: dict[type[Event], NiceguiEvent[[Event]]] = {}


def install() -> None:
    """Receive the facts that services deliver; call at start-up. Pages of an earlier application hear no more."""
    _hub.clear()
    events.subscribe(_hand_over)


def _hand_over(event: Event) -> None:
    loop = core.loop
    if loop is None or loop.is_closed():
        return
    channel = _hub.get(type(event))
    if channel is not None:
        loop.call_soon_threadsafe(channel.emit, event)


def on_event(
    kind: type[E],
    handler: Callable[[E], Awaitable[None]],
    *,
    when: Callable[[E], bool] | None = None,
) -> None:
    """Call `handler` in this page's context for each fact of this kind that passes `when`; ends with the page.

    The fact is a hint: the handler re-reads what it shows through `act()`, which also asks again whether it may.
    """
    channel = _hub.setdefault(kind, NiceguiEvent[[Event]]())
    guarded, client = action(handler), context.client

    async def receive(event: Event) -> None:
        fact = cast('E', event)  # this channel carries only this kind
        if client.is_deleted:  # the page went while the fact was on its way
            return
        if when is None or when(fact):
            with client:
                await guarded(fact)

    channel.subscribe(receive)
