"""Letters about the audit log and the books, to the company: their ends each day, and alarms when they are broken."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from services import clock
from services.messages.letters import queue
from services.settings import get_settings

MOST_LINES = 20


def head(chain: str, *, at: datetime, entries: int, head: str) -> None:
    """Tell how long a chain (`audit`, `books`) is and the mark of its last row: one letter a day."""
    key = f'{chain}:head:{clock.local(at).date()}'
    queue(f'{chain}_head', _recipient(), key=key, at=at, entries=entries, head=head)


def broken(chain: str, *, at: datetime, fault: str, line: int, entries: int) -> None:
    """Tell that somebody changed a chain behind its back: one letter a day for each place."""
    key = f'{chain}:{fault}:{line}:{clock.local(at).date()}'
    queue(f'{chain}_broken', _recipient(), key=key, at=at, fault=fault, line=line, entries=entries)


def charging_stopped(*, at: datetime, faults: Sequence[str]) -> None:
    """Tell what is wrong with the books, and that nothing is charged any more: one letter a day for the same faults."""
    digest = hashlib.sha256('\n'.join(faults).encode()).hexdigest()[:16]
    key = f'books:stop:{digest}:{clock.local(at).date()}'
    shown = [line[:200] for line in faults[:MOST_LINES]]
    queue('books_stopped', _recipient(), key=key, at=at, faults=shown, more=len(faults) - len(shown))


def _recipient() -> str:
    settings = get_settings()
    return settings.audit_mail or settings.company_mail
