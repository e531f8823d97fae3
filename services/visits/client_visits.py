"""The client's own hand on his visit: he chooses, moves and calls it off on the page of his application.

His authority is the link and the pass for the digits of his phone (`tracker.opened`); there is no actor. Capacity is
that of the technicians: a slot is offered while somebody is free in it, and who is least busy that day comes.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from models.application import Application, ApplicationEvent, ApplicationStatus
from models.user import User
from models.visit import Visit, VisitStatus
from services import audit, field_rules, limits
from services.applications import tracker
from services.applications.application_steps import advance, locked, was_done
from services.clock import now
from services.errors import N_, DomainError, WrongTransition
from services.events import ApplicationChanged, VisitChanged, record
from services.messages.letters import connection
from services.runner import transactional
from services.visits import visit_slots
from services.visits.visit_slots import NoSlotLeft, SlotDay, SlotNotOffered, SlotTaken
from services.work_calendar import instant

NOTICE = limits.span('client_visit_notice')
MOST_MOVES = limits.count('client_visit_moves')
MOVED, CALLED_OFF, CHOSEN = 'own_move', 'own_cancel', 'own_visit'
"""Kinds of the events a client leaves; the first two are what he may do so many times."""
_S = ApplicationStatus
MAY_CHOOSE = frozenset({_S.CONFIRMED, _S.RESCHEDULED, _S.SCHEDULED})
"""Agreed upon and nobody on the way. Whom the technician found not at home talks to an operator first."""


class Refusal(StrEnum):
    """Why the client cannot change his visit himself; the page puts it into words."""

    TOO_LATE = 'too_late'
    MOVED_ENOUGH = 'moved_enough'
    NOTHING_FREE = 'nothing_free'


class TooLate(DomainError):
    """Less than four hours are left."""

    message = N_('До визита меньше {hours} часов, мастер уже собирается. Позвоните нам, решим вместе.')
    status = 409


class MovedEnough(DomainError):
    """He has moved it twice already."""

    message = N_('Вы уже переносили визит {most} раза. Позвоните нам, подберём время вместе.')
    status = 409


class SlotGone(DomainError):
    """Somebody was faster, in every car."""

    message = N_('Это время только что заняли. Выберите другое.')
    status = 409


@dataclass(frozen=True)
class OpenDay:
    """A day on which somebody can come; `hours` are first hours of two, Minsk time."""

    day: date
    hours: tuple[int, ...]


@dataclass(frozen=True)
class VisitDesk:
    """What the client may do about his visit now. `days` are empty when he may not choose, `key` is for one form."""

    is_planned: bool
    can_cancel: bool
    moves_left: int
    refusal: Refusal | None
    days: tuple[OpenDay, ...]
    key: str


def look(token: str, unlocked: str | None) -> VisitDesk | None:
    """Return what the client may do, or None while his application knows no visits: not agreed upon, or over.

    Raises:
        NotFound, PassNeeded: as in `tracker.opened`.
    """
    application = tracker.opened(token, unlocked)
    if application.status not in MAY_CHOOSE:
        return None
    visit, changes = _planned(application), _changes(application)
    is_late = visit is not None and not _is_in_time(visit.day, visit.hour)
    may_choose = not is_late and _may_move(visit, changes)
    days = _open_days() if may_choose else ()
    reasons = {Refusal.TOO_LATE: is_late, Refusal.MOVED_ENOUGH: not may_choose, Refusal.NOTHING_FREE: not days}
    return VisitDesk(
        is_planned=visit is not None,
        can_cancel=visit is not None and not is_late,
        moves_left=max(0, MOST_MOVES - changes),
        refusal=next((reason for reason, holds in reasons.items() if holds), None),
        days=days,
        key=secrets.token_urlsafe(16),
    )


@transactional
def choose(token: str, unlocked: str | None, day: date | None, hour: int | None, form_key: str) -> None:
    """Take a slot, or move the visit to it. A repeat with the same key and slot changes nothing.

    Nor does the slot he has. Who comes back to an old page and takes another slot means that one.

    Raises:
        NotFound, PassNeeded: as in `tracker.opened`.
        WrongTransition: the application is not agreed upon yet, is closed, or the technician is on his way.
        TooLate, MovedEnough: as they say.
        SlotNotOffered: past, a day off, more than two weeks ahead, in less than four hours, or not a slot.
        SlotGone: nobody is free then.
    """
    application, form_key = _own(token, unlocked), _key_of(form_key, f'{day} {hour}')
    if was_done(application, form_key):
        return
    if application.status not in MAY_CHOOSE:
        raise WrongTransition
    visit = _planned(application)
    if not _may_move(visit, _changes(application)):
        raise MovedEnough(most=MOST_MOVES)
    if day is None or hour is None or not visit_slots.is_offered(day, hour) or not _is_in_time(day, hour):
        raise SlotNotOffered
    if visit is not None:
        _require_in_time(visit)
        if (visit.day, visit.hour) == (day, hour):
            return
    if application.status == _S.SCHEDULED:
        visit_slots.call_off_open(application, actor=None, reason='Клиент перенёс визит')
        advance(application.id, _S.RESCHEDULED, actor_id=None)
    _take(application, day, hour, form_key, kind=CHOSEN if visit is None else MOVED)


@transactional
def cancel(token: str, unlocked: str | None, form_key: str) -> None:
    """Call the visit off: the slot is free again, the application and its price wait for another day.

    Raises:
        NotFound, PassNeeded: as in `tracker.opened`.
        WrongTransition: no visit is planned, or the technician is on his way.
        TooLate: less than four hours are left.
    """
    application, form_key = _own(token, unlocked), _key_of(form_key, 'cancel')
    if was_done(application, form_key):
        return
    visit = _planned(application)
    if application.status != _S.SCHEDULED or visit is None:
        raise WrongTransition
    _require_in_time(visit)
    visit_slots.call_off_open(application, actor=None, reason='Клиент отменил визит')
    advance(application.id, _S.RESCHEDULED, actor_id=None, form_key=form_key)
    note = f'{visit.day:%d.%m.%Y}, {visit_slots.hours_of(visit.hour)}'
    ApplicationEvent.create(application=application, kind=CALLED_OFF, note=note, at=now())
    audit.note('visit.cancel', f'application:{application.number}', actor=None, by='client')
    connection.visit_cancelled(visit, application)
    record(ApplicationChanged(application.id))


def _own(token: str, unlocked: str | None) -> Application:
    return locked(tracker.opened(token, unlocked).id)


def _key_of(form_key: object, wish: str) -> str:
    """Return the key of a click: a page that came back from the history has one key for several wishes."""
    if not field_rules.key_of('click_key', form_key):
        raise WrongTransition
    return hashlib.sha256(f'{form_key}|{wish}'.encode(errors='replace')).hexdigest()[:32]


def _planned(application: Application) -> Any:
    return Visit.get_or_none((Visit.application == application) & (Visit.status == VisitStatus.PLANNED))


def _changes(application: Application) -> int:
    mine = (ApplicationEvent.application == application) & ApplicationEvent.kind.in_((MOVED, CALLED_OFF))
    return int(ApplicationEvent.select().where(mine).count())


def _may_move(visit: Any, changes: int) -> bool:
    """To call off and to choose anew is to move: the choice that follows the second change is the last one."""
    return changes < MOST_MOVES if visit is not None else changes <= MOST_MOVES


def _is_in_time(day: date, hour: int) -> bool:
    begins: datetime = instant(day, hour)
    return begins - now() >= NOTICE


def _require_in_time(visit: Visit) -> None:
    if not _is_in_time(visit.day, visit.hour):
        raise TooLate(hours=int(NOTICE.total_seconds() // 3600))


def _open_days() -> tuple[OpenDay, ...]:
    days = (OpenDay(each.day, _open_hours(each)) for each in visit_slots.two_weeks())
    return tuple(day for day in days if day.hours)


def _open_hours(slot_day: SlotDay) -> tuple[int, ...]:
    free = {slot.hour for technician in slot_day.technicians for slot in technician.slots if slot.is_free}
    return tuple(hour for hour in sorted(free) if _is_in_time(slot_day.day, hour))


def _take(application: Application, day: date, hour: int, form_key: str, *, kind: str) -> None:
    """Send whoever is free; the unique index decides between two clients, and the slower one gets the next car."""
    for technician in _by_load(day):
        try:
            visit = visit_slots.occupy(application, technician, day, hour, form_key)
        except (SlotTaken, NoSlotLeft):
            continue
        advance(application.id, _S.SCHEDULED, actor_id=None, form_key=form_key)
        visit_slots.remember(application, visit, technician, None, kind=kind)
        connection.visit_scheduled(visit, application, technician)
        record(VisitChanged(visit.id, technician.id))
        return
    raise SlotGone


def _by_load(day: date) -> list[User]:
    busy = {t.technician_id: -t.free for each in visit_slots.two_weeks() if each.day == day for t in each.technicians}
    return sorted(visit_slots.list_technicians(), key=lambda technician: (busy.get(technician.id, 0), technician.id))
