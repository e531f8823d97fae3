"""Is the audit log whole? services/chains/verification.py walks it."""

from services.audit.chain import CHAIN
from services.chains import verification
from services.chains.verification import Anchor, Verdict


def verify(*, anchor: Anchor | None = None) -> Verdict:
    """Return whether the log is whole: every line, the links between them, and every anchor there is."""
    return verification.verify(CHAIN, anchor=anchor)
