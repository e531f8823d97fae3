"""The daily check of the audit log; services/chains/anchors.py does it."""

from models.user import AuditAnchor
from services.audit.chain import CHAIN
from services.chains import anchors
from services.chains.verification import Verdict


def check() -> Verdict:
    """Walk the whole log, keep what was found, and write the letter of the day about it."""
    return anchors.check(CHAIN)


def check_due() -> Verdict | None:
    """Check once a calendar day in Minsk; None when today's check was made already."""
    return anchors.check_due(CHAIN)


def newest_check() -> AuditAnchor | None:
    """Return what the newest check found, if there was one."""
    return anchors.newest_check(CHAIN)
