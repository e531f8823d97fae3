"""Is the audit log whole? services/chains/verification.py walks it."""

from services.audit.chain import CHAIN
from services.chains import verification
from services.chains.verification import Anchor, Fault, Verdict

BREAKS = {
    Fault.EDITED: 'line {line} was changed, or written by somebody without the key',
    Fault.LINK: 'lines before line {line} are missing, were moved or put in between',
    Fault.UNCHAINED: 'line {line} was put in past the program',
    Fault.CUT: 'lines at the end are missing: an anchor knows a longer log',
    Fault.REWRITTEN: 'the end was written anew: an anchor knows another line in its place',
}
"""What `verify-audit` says; `line` is an id in the table audit_event."""


def verify(*, anchor: Anchor | None = None) -> Verdict:
    """Return whether the log is whole: every line, the links between them, and every anchor there is."""
    return verification.verify(CHAIN, anchor=anchor)
