"""Facts that happened: recorded inside a transaction, delivered after its commit.

A message is a hint, not the truth: whoever receives it re-reads the database.
"""

import contextvars
import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """A fact with the ids needed to re-read it."""


@dataclass(frozen=True)
class ApplicationChanged(Event):
    """An application was submitted or moved on."""

    application_id: int


@dataclass(frozen=True)
class VisitChanged(Event):
    """A visit was scheduled, moved, started, finished or called off."""

    visit_id: int
    technician_id: int


@dataclass(frozen=True)
class ContractChanged(Event):
    """Money or services of a contract changed."""

    contract_id: int


@dataclass(frozen=True)
class BillingRunChanged(Event):
    """The charge of a month was ordered, went on or ended."""

    run_id: int


@dataclass(frozen=True)
class LinesChanged(Event):
    """An engineer ticked a line off, or took a tick back."""


@dataclass(frozen=True)
class WaitingChanged(Event):
    """Somebody joined the waiting list, was called, or was told that his house is connected."""


@dataclass(frozen=True)
class BooksChanged(Event):
    """Charging was stopped or goes on, or a check found something else than the one before."""


@dataclass(frozen=True)
class BooksChecked(Event):
    """A check of the books that somebody waits for went on: so many parts of so many are done."""

    done: int
    parts: int


@dataclass(frozen=True)
class CorrectionChanged(Event):
    """Somebody asked for a correction of a wallet, or a second employee decided."""

    correction_id: int
    contract_id: int


@dataclass(frozen=True)
class TerminationChanged(Event):
    """The end of a contract was asked for, taken back, booked; a device came back, money went out."""

    contract_id: int


@dataclass(frozen=True)
class EquipmentChanged(Event):
    """A device was ordered, handed over, bought out, announced or brought back."""

    contract_id: int


@dataclass(frozen=True)
class PaymentChanged(Event):
    """A payment went on: sent to the bank, paid, refused, put aside."""

    payment_id: int
    contract_id: int


@dataclass(frozen=True)
class ChatChanged(Event):
    """A message was written or read in the talk of a contract."""

    thread_id: int
    contract_id: int


@dataclass(frozen=True)
class ChatTyping(Event):
    """Somebody is typing; `by_operator` tells which side. Never stored."""

    thread_id: int
    contract_id: int
    by_operator: bool


@dataclass(frozen=True)
class OwnDataChanged(Event):
    """A person's copy of his data is ready, or his request about them moved on."""

    user_id: int


@dataclass(frozen=True)
class PrivacyRequestsChanged(Event):
    """The register of requests about personal data has another row or answer."""


@dataclass(frozen=True)
class MailQueued(Event):
    """The outbox has something to send."""


@dataclass(frozen=True)
class CatalogueChanged(Event):
    """Towns, offices, tariffs or prices changed: whatever was drawn from them and kept is out of date."""


@dataclass(frozen=True)
class SessionEnded(Event):
    """Sessions were ended; open pages that live by them must leave."""

    session_hashes: tuple[str, ...]


class _Box(list[Event]):
    """What was recorded, in its order, each fact once; a billing run records thousands."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[Event] = set()

    def add(self, event: Event) -> None:
        if event not in self._known:
            self._known.add(event)
            self.append(event)

    def clear(self) -> None:
        super().clear()
        self._known.clear()


_pending: contextvars.ContextVar[_Box | None] = contextvars.ContextVar('pending_events', default=None)
_subscribers: list[Callable[[Event], None]] = []


def subscribe(receiver: Callable[[Event], None]) -> None:
    """Add a process-wide receiver; it is called in whatever thread delivers, so it must only hand over."""
    if receiver not in _subscribers:
        _subscribers.append(receiver)


def unsubscribe(receiver: Callable[[Event], None]) -> None:
    """Take a receiver out again; harmless when it is not there."""
    if receiver in _subscribers:
        _subscribers.remove(receiver)


def record(event: Event) -> None:
    """Remember a fact until the surrounding transaction commits; outside one it is delivered at once."""
    pending = _pending.get()
    if pending is None:
        deliver([event])
    else:
        pending.add(event)


def begin() -> contextvars.Token[_Box | None]:
    """Open a box for events; the runner calls this around the outermost transaction."""
    return _pending.set(_Box())


def collect(token: contextvars.Token[_Box | None]) -> list[Event]:
    """Close the box and return what was recorded."""
    events = list(_pending.get() or [])
    _pending.reset(token)
    return events


def recorded() -> int:
    """Return how many facts wait for the commit."""
    return len(_pending.get() or ())


def forget_after(number: int) -> None:
    """Forget what was recorded beyond so many facts: the part of the transaction it belonged to was undone."""
    del (_pending.get() or [])[number:]


def deliver(events: list[Event]) -> None:
    """Hand facts to every receiver; one that fails must not keep the others from hearing."""
    for event in events:
        for receiver in list(_subscribers):
            try:
                receiver(event)
            except Exception:
                log.exception('A receiver of %s failed', type(event).__name__)
