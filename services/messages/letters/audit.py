"""Letters about the audit log, to the company: its end each day, and the alarm when it is broken."""

from datetime import datetime

from services import clock
from services.messages.letters import queue
from services.settings import get_settings


def head(*, at: datetime, entries: int, head: str) -> None:
    """Tell how long the log is and the mark of its last line: one letter a day."""
    key = f'audit:head:{clock.local(at).date()}'
    queue('audit_head', _recipient(), key=key, at=at, entries=entries, head=head)


def broken(*, at: datetime, fault: str, line: int, entries: int) -> None:
    """Tell that somebody changed the log behind its back: one letter a day for each place."""
    key = f'audit:{fault}:{line}:{clock.local(at).date()}'
    queue('audit_broken', _recipient(), key=key, at=at, fault=fault, line=line, entries=entries)


def _recipient() -> str:
    settings = get_settings()
    return settings.audit_mail or settings.company_mail
