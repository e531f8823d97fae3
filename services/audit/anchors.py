"""The daily check of the audit log: is it whole, and its end written down here and in a letter.

The letter is the anchor somebody with all rights on the database cannot reach.
"""

import logging

from models.user import AuditAnchor
from services import clock
from services.audit.verification import Verdict, verify
from services.messages.letters import audit as letters
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)


def check() -> Verdict:
    """Walk the whole log, keep what was found, and write the letter of the day about it.

    A broken log is an alarm: a letter of its own and an error in the system's log, each day until somebody looks.
    """
    verdict = verify()
    if not verdict.is_whole:
        log.error('The audit log is broken: %s at line %d of %d', verdict.fault, verdict.line, verdict.entries)
    _keep(verdict)
    return verdict


def check_due() -> Verdict | None:
    """Check once a calendar day in Minsk; None when today's check was made already. Safe to call at any time."""
    newest = newest_check()
    if newest is not None and clock.local(newest.at).date() == clock.today():
        return None
    return check()


@with_connection
def newest_check() -> AuditAnchor | None:
    """Return what the newest check found, if there was one."""
    row: AuditAnchor | None = AuditAnchor.select().order_by(AuditAnchor.id.desc()).first()
    return row


@with_connection
@transactional
def _keep(verdict: Verdict) -> None:
    moment = clock.now()
    AuditAnchor.create(
        at=moment, entries=verdict.entries, head=verdict.head, fault=verdict.fault or '', line=verdict.line
    )
    if verdict.fault is None:
        letters.head(at=moment, entries=verdict.entries, head=verdict.head)
    else:
        letters.broken(at=moment, fault=verdict.fault, line=verdict.line, entries=verdict.entries)
