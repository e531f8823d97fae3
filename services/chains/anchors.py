"""The daily check of a chain: is it whole, and its end written down here and in a letter.

The letter is the anchor somebody with all rights on the database cannot reach.
"""

import logging

from models.user import AuditAnchor
from services import clock
from services.chains import Chain
from services.chains.verification import Verdict, verify
from services.messages.letters import chains as letters
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)


def check(chain: Chain) -> Verdict:
    """Walk a whole chain, keep what was found, and write the letter of the day about it.

    A broken chain is an alarm: a letter of its own and an error in the system's log, each day until somebody looks.
    """
    verdict = verify(chain)
    if not verdict.is_whole:
        log.error('The %s is broken: %s at line %d of %d', chain.title, verdict.fault, verdict.line, verdict.entries)
    _keep(chain, verdict)
    return verdict


def check_due(chain: Chain) -> Verdict | None:
    """Check once a calendar day in Minsk; None when today's check was made already. Safe to call at any time."""
    newest = newest_check(chain)
    if newest is not None and clock.local(newest.at).date() == clock.today():
        return None
    return check(chain)


@with_connection
def newest_check(chain: Chain) -> AuditAnchor | None:
    """Return what the newest check of this chain found, if there was one."""
    rows = AuditAnchor.select().where(AuditAnchor.chain == chain.name)
    row: AuditAnchor | None = rows.order_by(AuditAnchor.id.desc()).first()
    return row


@with_connection
@transactional
def _keep(chain: Chain, verdict: Verdict) -> None:
    moment = clock.now()
    AuditAnchor.create(
        chain=chain.name,
        at=moment,
        entries=verdict.entries,
        head=verdict.head,
        fault=verdict.fault or '',
        line=verdict.line,
    )
    if verdict.fault is None:
        letters.head(chain.name, at=moment, entries=verdict.entries, head=verdict.head)
    else:
        letters.broken(chain.name, at=moment, fault=verdict.fault, line=verdict.line, entries=verdict.entries)
