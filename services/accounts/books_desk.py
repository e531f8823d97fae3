"""Why nothing is charged, as staff see it: what the check finds, the button that checks again, and may it go on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.account import ChargingStop
from models.user import Role
from services import audit, limits, rate_limits
from services.accounts import books, invariants
from services.authority import Actor, require_operator, require_role
from services.events import BooksChecked, deliver
from services.identity import step_up
from services.runner import transactional


@dataclass(frozen=True)
class Finding:
    """One invariant (SECURITY §2.4) that does not hold: its name, how many lines the check told, and the lines as it
    wrote them; only administrators get the lines."""

    invariant: str
    count: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class BooksDesk:
    """The strip: since when nothing is charged (None: everything is) and what the newest check found."""

    stopped_at: datetime | None
    findings: tuple[Finding, ...]
    may_resume: bool


def show(*, actor: Actor | None) -> BooksDesk:
    """Return whether charging is stopped, and why.

    Raises:
        SignInRequired, NotAllowed: operators and administrators.
    """
    actor = require_operator(actor)
    is_administrator = actor.wears(Role.ADMINISTRATOR)
    row: Any = ChargingStop.select().where(ChargingStop.lifted_at.is_null()).order_by(ChargingStop.id.desc()).first()
    found = _findings(row.faults, in_full=is_administrator) if row else ()
    return BooksDesk(row.stopped_at if row else None, found, is_administrator)


def check(*, actor: Actor | None) -> tuple[Finding, ...]:
    """Check the books thoroughly now; open pages hear how far it is. It stops charging, and never lets it go on.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        TooManyRequests: twenty an hour.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    most, window = limits.rate('books_checks')
    rate_limits.spend('books', str(actor.user_id), most=most, window=window)
    faults = invariants.self_check(thorough=True, tell=lambda done, parts: deliver([BooksChecked(done, parts)]))
    _note(faults, actor)
    return _findings(books.reasons_to_stop(faults), in_full=True)


def may_resume(*, actor: Actor | None) -> None:
    """Tell whether `books.resume` would ask for the password first; a page asks before somebody types a reason.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        StepUpRequired: see `step_up`.
    """
    step_up.require_fresh(require_role(actor, Role.ADMINISTRATOR))


@transactional
def _note(faults: Sequence[str], actor: Actor) -> None:
    wrong = books.reasons_to_stop(faults)
    audit.note('books.check', 'books', actor=actor, faults=len(wrong))
    if wrong:
        books.stop(wrong)
    else:
        books.see([])


def _findings(faults: Sequence[str], *, in_full: bool) -> tuple[Finding, ...]:
    by_name: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        name, _, line = fault.partition(': ')
        by_name[name].append(line)
    return tuple(Finding(name, len(lines), tuple(lines) if in_full else ()) for name, lines in by_name.items())
