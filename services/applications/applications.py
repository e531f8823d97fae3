"""What an operator does with applications: take, call, note, move, reject, cancel, correct.

The queue is read in `application_queue.py`, a card in `application_cards.py`; a visit is scheduled in `visit_slots.py`.
"""

from enum import StrEnum

from models.application import CLOSED, NEEDS_REASON, Application, ApplicationEvent, ApplicationStatus
from models.user import User
from services import audit, limits
from services.applications.application_cards import get_card
from services.applications.application_contacts import Contacts, correct_contacts
from services.applications.application_queue import list_open
from services.applications.application_steps import advance, locked_by_number, was_done
from services.authority import Actor, require_operator
from services.clock import now
from services.contracts import contracts
from services.errors import N_, DomainError, InvalidField, NotAllowed, WrongTransition
from services.events import ApplicationChanged, record
from services.input_text import clean_text
from services.messages.letters import connection
from services.offers import promo_codes
from services.runner import transactional
from services.visits.visit_slots import call_off_open

__all__ = [
    'CallOutcome', 'Contacts', 'add_note', 'cancel', 'correct_contacts', 'get_card', 'list_open', 'move',
    'record_call', 'reject', 'take',
]  # fmt: skip

_S = ApplicationStatus
OPERATOR_STEPS = frozenset(
    {
        _S.IN_REVIEW, _S.NO_ANSWER, _S.FEASIBILITY_CHECK, _S.SURVEY, _S.NOT_FEASIBLE, _S.WAITLIST, _S.CONFIRMED,
        _S.RESCHEDULED, _S.REJECTED, _S.CANCELLED,
    }
)  # fmt: skip
"""Steps an operator makes here. SCHEDULED comes with a visit only; the others are the technician's."""

CALLS_BEFORE_SMS = limits.count('calls_before_sms')
"""Unanswered calls after which the person gets an SMS (DOMAIN §5.2)."""


class CallOutcome(StrEnum):
    """How a call ended; the event that remembers it is of the kind `call_reached` and so on."""

    REACHED = 'reached'
    NO_ANSWER = 'no_answer'
    LATER = 'later'


class AlreadyTaken(DomainError):
    """A colleague was quicker."""

    message = N_('Заявку уже взял другой оператор: {name}.')
    status = 409


class VisitNeeded(DomainError):
    """A visit is scheduled together with its technician and time."""

    message = N_('Выезд назначается вместе с мастером и временем.')


@transactional
def take(number: str, form_key: str, *, actor: Actor | None) -> None:
    """Take a new application: from now on it is mine and under review. Two at once: exactly one wins.

    Raises:
        NotFound: no such application.
        AlreadyTaken: it is a colleague's; the facts name him.
        WrongTransition: it is mine already and further on, or closed.
    """
    actor = require_operator(actor)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return
    _take(application, form_key, actor)


@transactional
def record_call(number: str, outcome: str, note: str, form_key: str, *, actor: Actor | None) -> None:
    """Remember a call. Nobody answered while under review: NO_ANSWER; reached after that: under review again.

    A new application is taken by whoever calls first. The third call without an answer sends one SMS.

    Raises:
        NotFound: no such application.
        AlreadyTaken: it is new no more, a colleague has it.
        WrongTransition: the application is closed.
        InvalidField: unknown outcome, or the note is too long or not text.
    """
    actor = require_operator(actor)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return
    if application.is_closed:
        raise WrongTransition
    ended = _outcome(outcome)
    note = clean_text('note', note, rule='note')
    if application.status == _S.NEW:
        application = _take(application, None, actor)
    ApplicationEvent.create(
        application=application, kind=f'call_{ended}', actor=actor.user_id, note=note, form_key=form_key, at=now()
    )
    _after_call(application, ended, actor)
    audit.note('application.call', _subject(application), actor=actor, outcome=str(ended))
    record(ApplicationChanged(application.id))


@transactional
def add_note(number: str, note: str, form_key: str, *, actor: Actor | None) -> None:
    """Write a note into the history; closed applications take notes too.

    Raises:
        NotFound: no such application.
        InvalidField: the note is empty, too long or not text.
    """
    actor = require_operator(actor)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return
    note = clean_text('note', note, rule='note', required=True)
    ApplicationEvent.create(
        application=application, kind='note', actor=actor.user_id, note=note, form_key=form_key, at=now()
    )
    audit.note('application.note', _subject(application), actor=actor)
    record(ApplicationChanged(application.id))


@transactional
def move(number: str, status: str, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Make one step of the table that is the operator's.

    Leaving a planned visit calls it off; rejecting and cancelling give the promo code back and end the draft of the
    contract; rejecting sends a letter.

    Raises:
        NotFound: no such application.
        NotAllowed: the step is the technician's, or no step at all.
        VisitNeeded: SCHEDULED is reached by `visit_slots.schedule`.
        AlreadyTaken: it is a colleague's application that is not new any more.
        WrongTransition: the table has no such step from here.
        InvalidField: the step needs a reason, or the reason is too long or not text.
    """
    actor = require_operator(actor)
    wanted = _step(status)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return
    note = clean_text('reason', reason, rule='step_reason')
    if wanted == _S.IN_REVIEW and application.status == _S.NEW:
        _take(application, form_key, actor)
        return
    before = application.status
    application = advance(application.id, wanted, actor_id=actor.user_id, note=note, form_key=form_key)
    if before == _S.NEW:
        _own(application, actor)
    if wanted in CLOSED or wanted == _S.RESCHEDULED:
        call_off_open(application, actor=actor, reason=note)
    if wanted in CLOSED:
        promo_codes.release(application.id)
        contracts.void_draft(application, actor=actor)
    if wanted == _S.REJECTED:
        connection.application_rejected(application)
    facts = {'reason': note} if wanted in NEEDS_REASON else {}
    audit.note(f'application.{wanted}', _subject(application), actor=actor, **facts)


def reject(number: str, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Refuse an application: we cannot or will not connect. The reason goes into the letter; see `move`."""
    move(number, _S.REJECTED, reason, form_key, actor=actor)


def cancel(number: str, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Close an application because the person does not want it any more; see `move`."""
    move(number, _S.CANCELLED, reason, form_key, actor=actor)


def _take(application: Application, form_key: str | None, actor: Actor) -> Application:
    if application.operator_id not in {None, actor.user_id}:
        raise AlreadyTaken(name=User.get_by_id(application.operator_id).name)
    taken = advance(application.id, _S.IN_REVIEW, actor_id=actor.user_id, form_key=form_key)
    _own(taken, actor)
    audit.note('application.take', _subject(application), actor=actor)
    return taken


def _own(application: Application, actor: Actor) -> None:
    """Whoever makes the first step answers for the application."""
    Application.update(operator=actor.user_id).where(Application.id == application.id).execute()
    application.operator_id = actor.user_id


def _after_call(application: Application, ended: CallOutcome, actor: Actor) -> None:
    if ended == CallOutcome.REACHED and application.status == _S.NO_ANSWER:
        advance(application.id, _S.IN_REVIEW, actor_id=actor.user_id)
    if ended != CallOutcome.NO_ANSWER:
        return
    if application.can_become(_S.NO_ANSWER):
        advance(application.id, _S.NO_ANSWER, actor_id=actor.user_id)
    unanswered = ApplicationEvent.select().where(
        (ApplicationEvent.application == application) & (ApplicationEvent.kind == f'call_{CallOutcome.NO_ANSWER}')
    )
    if unanswered.count() == CALLS_BEFORE_SMS:
        connection.no_answer(application)


def _outcome(value: object) -> CallOutcome:
    try:
        return CallOutcome(value)  # type: ignore[arg-type]  # whatever a forged event brings
    except ValueError as error:
        raise InvalidField('outcome', N_('Отметьте, чем закончился звонок.')) from error


def _step(value: object) -> ApplicationStatus:
    try:
        status = ApplicationStatus(value)  # type: ignore[arg-type]  # whatever a forged event brings
    except ValueError as error:
        raise NotAllowed from error
    if status == _S.SCHEDULED:
        raise VisitNeeded
    if status not in OPERATOR_STEPS:
        raise NotAllowed
    return status


def _subject(application: Application) -> str:
    return f'application:{application.number}'
