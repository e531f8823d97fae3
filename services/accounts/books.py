"""The guard of the books: checks them hourly, and stops whatever takes money when they do not agree.

Stopped is what charges: the run of the 1st, activation, everything a person orders. Payments are booked all the same.
It goes on by itself when a thorough check finds nothing; an administrator may say so and why as soon as one finds
nothing (books_desk.py shows what it finds), and whoever has the machine even before.
"""

import logging
from collections.abc import Sequence
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
from services.events import BooksChanged, record
from services.identity import step_up
from services.input_text import clean_text
from services.messages.letters import chains as letters
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

NO_REASON_TO_STOP = 'I10:'
"""A letter that is missing or late is told in the log and by `main.py self-check`: no sum is wrong, and a post office
that is away must not keep the 1st from being charged."""
BY_THE_CHECK = ''
"""The reason of a stop that ended because a check was clean."""


class StillWrong(DomainError):
    """The check finds something, so charging does not go on by a button."""

    message = N_('Проверка всё ещё находит расхождения: {count}. Начисления возобновить нельзя, пока они есть.')
    status = 409


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
    if wrong := reasons_to_stop(faults):
        stop(wrong)
    else:
        _lift()
    return faults


def reasons_to_stop(faults: Sequence[str]) -> list[str]:
    """Return the faults of a check for which nothing is charged."""
    return [line for line in faults if not line.startswith(NO_REASON_TO_STOP)]


def resume(reason: str, *, actor: Actor | None) -> None:
    """Let charging go on, if a thorough check finds nothing any more.

    Raises:
        SignInRequired, NotAllowed: only administrators.
        StepUpRequired: see `step_up`.
        InvalidField: no reason.
        StillWrong: it finds something.
    """
    actor = step_up.require_fresh(require_role(actor, Role.ADMINISTRATOR))
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    if wrong := reasons_to_stop(invariants.self_check(thorough=True)):
        raise StillWrong(count=len(wrong))
    _resume(why, actor)


@with_connection
@transactional
def resume_here(reason: str) -> None:
    """Let charging go on although the books do not agree: whoever has the machine, on the command line.

    The faults known by now do not stop it again.

    Raises:
        InvalidField: no reason.
    """
    _resume(clean_text('reason', reason, rule='staff_reason', required=True), None)


@transactional
def _resume(why: str, actor: Actor | None) -> None:
    changes = {'lifted_at': now(), 'lifted_by': actor.user_id if actor else None, 'reason': why}
    if ChargingStop.update(changes).where(ChargingStop.lifted_at.is_null()).execute():
        audit.note('books.resume', 'books', actor=actor, reason=why)
        record(BooksChanged())


@with_connection
@transactional
def stop(faults: list[str]) -> None:
    """Stop charging, unless somebody knows these faults; the letter of the day goes out in any case.

    What is stopped already stays so since then, with the faults as they are now.
    """
    letters.charging_stopped(at=now(), faults=faults)
    if see(faults) or set(faults) <= _forgiven():
        return
    ChargingStop.create(stopped_at=now(), faults=faults)
    audit.note('books.stop', 'books', actor=None, faults=faults[:5])
    record(BooksChanged())


@transactional
def see(faults: list[str]) -> bool:
    """Write down what a check finds while charging is stopped; tells whether it is."""
    is_known = bool(ChargingStop.update(faults=faults).where(ChargingStop.lifted_at.is_null()).execute())
    if is_known:
        record(BooksChanged())
    return is_known


@with_connection
@transactional
def _lift() -> None:
    changes = {'lifted_at': now(), 'reason': BY_THE_CHECK}
    if ChargingStop.update(changes).where(ChargingStop.lifted_at.is_null()).execute():
        audit.note('books.resume', 'books', actor=None, reason=BY_THE_CHECK)
        record(BooksChanged())


def _forgiven() -> set[str]:
    """Return the faults with which charging was resumed, if that was the last that happened."""
    newest: Any = ChargingStop.select().order_by(ChargingStop.id.desc()).first()
    return set(newest.faults) if newest is not None and newest.reason != BY_THE_CHECK else set()


def _open_stops() -> Any:
    return ChargingStop.select().where(ChargingStop.lifted_at.is_null())
