"""What the guard dropped: counted in memory, told to the audit log once a minute, a line for each address.

A flood is dropped thousands of times a second; its trace must cost neither the event loop nor the table anything.
"""

from collections import Counter
from dataclasses import dataclass, field

from services.audit.refusals import Dropped
from services.authority import Actor
from services.rate_limits import network

PAUSE = 61.0
"""Seconds between two tellings: the log takes the same refusal of one place once a minute."""
MOST_LINES = 20
"""Addresses with a line of their own; what all others did stands in one more."""
MOST_PLACES = 1000
"""Addresses remembered until the next telling; those beyond count among the others."""
MOST_PEOPLE = 10
OTHERS = ''


@dataclass
class _Sum:
    kinds: Counter[str] = field(default_factory=Counter)
    people: set[int] = field(default_factory=set)

    def add(self, other: '_Sum') -> None:
        self.kinds += other.kinds
        self.people |= other.people

    def told(self, place: str) -> Dropped:
        people = sorted(self.people)[:MOST_PEOPLE]
        return Dropped(place, dict(self.kinds), tuple(people))


class Drops:
    """How often something was dropped since the last telling, by address and kind."""

    def __init__(self) -> None:
        self._sums: dict[str, _Sum] = {}
        self._told_at = float('-inf')

    def count(self, address: str, kind: str, actor: Actor | None = None) -> None:
        """Count one thing that was dropped.

        Args:
            kind: `host`, `origin`, `closed`, `pages`, `sockets`, `frames`, `page`, `event`, `rate` or `touch`.
            actor: who opened the page, if anybody had signed in.
        """
        place = network(address)
        if place not in self._sums and len(self._sums) >= MOST_PLACES:
            place = OTHERS
        found = self._sums.setdefault(place, _Sum())
        found.kinds[kind] += 1
        if actor is not None and len(found.people) < MOST_PEOPLE:
            found.people.add(actor.user_id)

    def due(self, moment: float) -> list[Dropped]:
        """Return what is to be told now, and begin anew; nothing within a minute after the last time."""
        if not self._sums or moment - self._told_at < PAUSE:
            return []
        self._told_at = moment
        sums, self._sums = self._sums, {}
        others = sums.pop(OTHERS, _Sum())
        loudest = sorted(sums, key=lambda place: sums[place].kinds.total(), reverse=True)
        for place in loudest[MOST_LINES:]:
            others.add(sums[place])
        told = [sums[place].told(place) for place in loudest[:MOST_LINES]]
        return [*told, others.told(OTHERS)] if others.kinds else told


drops = Drops()
