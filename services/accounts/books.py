"""The guard of the books: checks them hourly, and stops whatever takes money when they do not agree.

Stopped is what charges: the run of the 1st, activation, everything a person orders. Payments are booked all the same.
It goes on by itself when a thorough check finds nothing, or when an administrator says so and why.
"""

import logging
from typing import Any

from models.account import ChargingStop
from models.user import Role
from services import audit
from services.accounts import invariants
from services.accounts.ledger_chain import CHAIN
from services.authority import Actor, require_role
from services.chains import anchors
from services.clock import now
from services.errors import N_, DomainError
from services.input_text import clean_text
from services.messages.letters import chains as letters
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

NO_REASON_TO_STOP = 'I10:'
"""A letter that is missing or late is told in the log and by `main.py self-check`: no sum is wrong, and a post office
that is away must not keep the 1st from being charged."""
BY_THE_CHECK = ''
"""The reason of a stop that ended because a check was clean."""


class ChargingStopped(DomainError):
    """The books do not agree, so nothing is charged until somebody knows why."""

    message = N_('Расчёты остановлены до проверки. Деньги на счёте целы, платежи зачисляются. Попробуйте позже.')
    status = 503


def require_open() -> None:
    """Refuse to charge while charging is stopped; whatever takes money asks here first.

    Raises:
        ChargingStopped: it is.
    """
    if is_stopped():
        raise ChargingStopped


def is_stopped() -> bool:
    """Tell whether charging is stopped."""
    return bool(_open_stops().exists())


def check() -> list[str]:
    """Check the books and stop or resume charging by what is found; returns the faults.

    The first check of a day is a thorough one and anchors the chain; so is every check while charging is stopped.
    """
    is_first_today = anchors.check_due(CHAIN) is not None
    faults = invariants.self_check(thorough=is_first_today or with_connection(is_stopped)())
    for line in faults:
        log.error('The books do not agree: %s', line)
    if wrong := [line for line in faults if not line.startswith(NO_REASON_TO_STOP)]:
        _stop(wrong)
    else:
        _lift()
    return faults


@transactional
def resume(reason: str, *, actor: Actor | None) -> None:
    """Let charging go on although the books do not agree; the faults known by now do not stop it again.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        InvalidField: no reason.
    """
    actor = require_role(actor, Role.ADMINISTRATOR)
    _resume(reason, actor)


@with_connection
@transactional
def resume_here(reason: str) -> None:
    """Do the same on the command line: whoever has the machine.

    Raises:
        InvalidField: no reason.
    """
    _resume(reason, None)


def _resume(reason: str, actor: Actor | None) -> None:
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    changes = {'lifted_at': now(), 'lifted_by': actor.user_id if actor else None, 'reason': why}
    if ChargingStop.update(changes).where(ChargingStop.lifted_at.is_null()).execute():
        audit.note('books.resume', 'books', actor=actor, reason=why)


@with_connection
@transactional
def _stop(faults: list[str]) -> None:
    """Stop charging, unless an administrator knows these faults; the letter of the day goes out in any case."""
    letters.charging_stopped(at=now(), faults=faults)
    if is_stopped() or set(faults) <= _forgiven():
        return
    ChargingStop.create(stopped_at=now(), faults=faults)
    audit.note('books.stop', 'books', actor=None, faults=faults[:5])


@with_connection
@transactional
def _lift() -> None:
    changes = {'lifted_at': now(), 'reason': BY_THE_CHECK}
    if ChargingStop.update(changes).where(ChargingStop.lifted_at.is_null()).execute():
        audit.note('books.resume', 'books', actor=None, reason=BY_THE_CHECK)


def _forgiven() -> set[str]:
    """Return the faults with which charging was resumed, if that was the last that happened."""
    newest: Any = ChargingStop.select().order_by(ChargingStop.id.desc()).first()
    return set(newest.faults) if newest is not None and newest.reason != BY_THE_CHECK else set()


def _open_stops() -> Any:
    return ChargingStop.select().where(ChargingStop.lifted_at.is_null())
