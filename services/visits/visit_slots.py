"""When a technician can come: free two-hour slots, scheduling, moving and calling off a visit."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import IntegrityError

from models.application import Application, ApplicationEvent, ApplicationStatus
from models.base import database
from models.user import Role, User, UserRole
from models.visit import OCCUPYING, SLOT_HOURS, Visit, VisitStatus
from services import audit, limits
from services.applications.application_steps import advance, locked_by_number, was_done
from services.authority import Actor, require_operator
from services.clock import now, today
from services.errors import N_, DomainError, NotFound, WrongTransition
from services.events import ApplicationChanged, VisitChanged, record
from services.input_text import clean_text
from services.messages.letters import connection
from services.runner import transactional
from services.work_calendar import instant, is_working_day

DAYS_AHEAD = limits.count('visit_days_ahead')
"""How far ahead a visit may be scheduled, today included."""

OPEN_VISITS = (VisitStatus.PLANNED, VisitStatus.EN_ROUTE, VisitStatus.STARTED)
_S = ApplicationStatus
BEFORE_VISIT = frozenset({_S.CONFIRMED, _S.RESCHEDULED, _S.SCHEDULED, _S.NO_ACCESS, _S.FAILED})
"""Applications for which a visit may be scheduled; all but the first two become RESCHEDULED on the way."""


class SlotTaken(DomainError):
    """The technician is busy then; the facts name the next free slot."""

    message = N_('У мастера {technician} это время уже занято. Ближайшее свободное: {day}, {hours}.')
    status = 409


class NoSlotLeft(DomainError):
    """The technician is busy then, and for two weeks."""

    message = N_('У мастера {technician} это время уже занято, и до {day} свободного нет. Выберите другого мастера.')
    status = 409


class SlotNotOffered(DomainError):
    """The slot is in the past, on a day off, too far ahead, or no slot at all."""

    message = N_('На это время выезд назначить нельзя. Выберите время из сетки.')


@dataclass(frozen=True)
class SlotState:
    """A two-hour slot that begins at `hour` o'clock Minsk time."""

    hour: int
    is_free: bool


@dataclass(frozen=True)
class TechnicianDay:
    """The slots of one technician on one day that have not begun yet."""

    technician_id: int
    name: str
    slots: tuple[SlotState, ...]

    @property
    def free(self) -> int:
        """How many of the slots are free."""
        return sum(slot.is_free for slot in self.slots)


@dataclass(frozen=True)
class SlotDay:
    """A day of the next two weeks; nobody works on a day off."""

    day: date
    is_day_off: bool
    technicians: tuple[TechnicianDay, ...]

    @property
    def free(self) -> int:
        """How many slots are free on this day."""
        return sum(technician.free for technician in self.technicians)


def free_slots(*, actor: Actor | None) -> tuple[SlotDay, ...]:
    """Return the next fourteen days with the slots of every technician; days off and past slots are empty."""
    require_operator(actor)
    return two_weeks()


@transactional
def schedule(  # the facts of a visit, its key and who asks
    number: str, technician_id: int, day: date, hour: int, form_key: str, *, actor: Actor | None
) -> int:
    """Schedule the visit for an application, or move it: then the old visit is called off in the same transaction.

    Tells the client by SMS and letter. Returns the visit's id; a repeat with the same key returns the first one's.

    Raises:
        NotFound: no such application or technician.
        WrongTransition: the application is not agreed upon yet, is closed, or the technician is on his way.
        SlotNotOffered: past, a day off, more than two weeks ahead, or not a slot.
        SlotTaken, NoSlotLeft: the technician has another visit then.
    """
    actor = require_operator(actor)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return int(Visit.get(Visit.form_key == form_key).id)
    if application.status not in BEFORE_VISIT:
        raise WrongTransition
    technician = _technician(technician_id)
    if not is_offered(day, hour):
        raise SlotNotOffered
    if application.status not in {_S.CONFIRMED, _S.RESCHEDULED}:
        call_off_open(application, actor=actor)
        advance(application.id, _S.RESCHEDULED, actor_id=actor.user_id)
    visit = occupy(application, technician, day, hour, form_key)
    advance(application.id, _S.SCHEDULED, actor_id=actor.user_id, form_key=form_key)
    remember(application, visit, technician, actor)
    connection.visit_scheduled(visit, application, technician)
    record(VisitChanged(visit.id, technician.id))
    return int(visit.id)


reschedule = schedule
"""Moving a visit is scheduling it anew: one function, so that the old and the new slot change together."""


@transactional
def cancel_visit(number: str, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Call off the planned visit; the application waits for another day.

    Raises:
        NotFound: no such application.
        WrongTransition: no visit is planned, or the technician is on his way.
        InvalidField: the reason is empty, too long or not text.
    """
    actor = require_operator(actor)
    application = locked_by_number(number)
    if was_done(application, form_key):
        return
    if application.status != _S.SCHEDULED:
        raise WrongTransition
    reason = clean_text('reason', reason, rule='step_reason', required=True)
    call_off_open(application, actor=actor, reason=reason)
    advance(application.id, _S.RESCHEDULED, actor_id=actor.user_id, note=reason, form_key=form_key)
    audit.note('visit.cancel', f'application:{application.number}', actor=actor)


def call_off_open(application: Application, *, actor: Actor | None, reason: str = '') -> None:
    """Cancel the visit of an application that is still open, if there is one; inside the caller's transaction."""
    visit = Visit.get_or_none((Visit.application == application) & Visit.status.in_(OPEN_VISITS))
    if visit is None:
        return
    visit.status, visit.reason = VisitStatus.CANCELLED, reason
    visit.save(only=[Visit.status, Visit.reason])
    audit.note('visit.call_off', f'visit:{visit.id}', actor=actor)
    record(VisitChanged(visit.id, visit.technician_id))


def is_offered(day: object, hour: object) -> bool:
    """Tell whether a visit may begin then: a slot of a working day within two weeks that has not begun."""
    if type(day) is not date or type(hour) is not int or hour not in SLOT_HOURS:
        return False
    within = today() <= day < today() + timedelta(days=DAYS_AHEAD)
    return within and is_working_day(day) and instant(day, hour) > now()


def list_technicians() -> list[User]:
    """Return the technicians who can be sent, by name."""
    held = UserRole.select(UserRole.user).where(UserRole.role == Role.TECHNICIAN)
    return list(User.select().where(User.id.in_(held) & ~User.is_blocked).order_by(User.name, User.id))


def _technician(technician_id: object) -> User:
    found = next((t for t in list_technicians() if t.id == technician_id), None)
    if found is None:
        raise NotFound
    return found


def two_weeks() -> tuple[SlotDay, ...]:
    """Return the next fourteen days with everybody's slots; the caller has asked whether somebody may know."""
    technicians, first = list_technicians(), today()
    days = [first + timedelta(days=n) for n in range(DAYS_AHEAD)]
    rows: Any = (
        Visit.select(Visit.technician_id, Visit.day, Visit.hour)
        .where(Visit.day.between(days[0], days[-1]) & Visit.status.in_(OCCUPYING))
        .tuples()
    )
    busy: set[tuple[int, date, int]] = set(rows)
    return tuple(
        SlotDay(
            day,
            not is_working_day(day),
            tuple(TechnicianDay(t.id, t.name, _slots(t.id, day, busy)) for t in technicians),
        )
        for day in days
    )


def _slots(technician_id: int, day: date, busy: set[tuple[int, date, int]]) -> tuple[SlotState, ...]:
    hours = [hour for hour in SLOT_HOURS if is_offered(day, hour)]
    return tuple(SlotState(hour, (technician_id, day, hour) not in busy) for hour in hours)


def occupy(application: Application, technician: User, day: date, hour: int, form_key: str) -> Visit:
    """Insert the visit; the partial unique index `visit_slot` decides between two operators."""
    try:
        with database.atomic():
            return Visit.create(
                application=application,
                technician=technician,
                day=day,
                hour=hour,
                status=VisitStatus.PLANNED,
                form_key=form_key,
                created_at=now(),
            )
    except IntegrityError as error:
        raise _taken(technician, day, hour) from error


def _taken(technician: User, day: date, hour: int) -> DomainError:
    for slot_day in two_weeks():
        for slots in (t.slots for t in slot_day.technicians if t.technician_id == technician.id):
            for slot in slots:
                if slot.is_free and (slot_day.day, slot.hour) > (day, hour):
                    return SlotTaken(technician=technician.name, day=slot_day.day, hours=hours_of(slot.hour))
    return NoSlotLeft(technician=technician.name, day=today() + timedelta(days=DAYS_AHEAD))


def hours_of(hour: int) -> str:
    """Return a slot as `13:00–15:00`."""
    return f'{hour}:00–{hour + 2}:00'


def remember(
    application: Application, visit: Visit, technician: User, actor: Actor | None, *, kind: str = 'visit'
) -> None:
    """Write the visit into the history of the application and into the audit log; without an actor, as the client's."""
    ApplicationEvent.create(
        application=application,
        kind=kind,
        actor=actor.user_id if actor else None,
        note=f'{visit.day:%d.%m.%Y}, {hours_of(visit.hour)}, {technician.name}',
        at=now(),
    )
    by = {} if actor else {'by': 'client'}
    audit.note('visit.schedule', f'application:{application.number}', actor=actor, visit=visit.id, **by)
    record(ApplicationChanged(application.id))
