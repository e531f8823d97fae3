"""A list of cards that follows events: head, rows with their buttons, foot; drawn anew when something happens."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from nicegui import ui

from components.action import tell
from components.live import on_event
from services.events import Event


@dataclass(frozen=True)
class Drawn:
    """What the list shows now: HTML of our own templates above and below, and for each row what draws it."""

    head: str
    rows: Iterable[Callable[[], None]]
    foot: str = ''


class FollowingList(ABC):
    """One list on one open page; `follows` are the events after which it is read again, `dialogs` where they open."""

    follows: ClassVar[tuple[type[Event], ...]]

    async def open(self) -> None:
        """Draw the list and follow it."""
        with ui.element('div').classes('desk dense'):
            self._head = ui.html(sanitize=False)
            self._rows = ui.element('div').classes('stack')
            self._foot = ui.html(sanitize=False)
        self.dialogs = ui.element('div').classes('desk__place')
        await self.reread()
        for kind in self.follows:
            on_event(kind, self._hear)

    async def reread(self) -> None:
        """Read what there is and draw it anew; an open dialog stays."""
        drawn = await self._read()
        self._head.set_content(drawn.head)
        self._foot.set_content(drawn.foot)
        self._rows.clear()
        with self._rows:
            for draw in drawn.rows:
                draw()

    async def done(self, words: str) -> None:
        """Say what was done and draw the list anew."""
        await self.reread()
        tell(words)

    @abstractmethod
    async def _read(self) -> Drawn:
        """Return what the list shows now."""

    async def _hear(self, _event: Event) -> None:
        await self.reread()
