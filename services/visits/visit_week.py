"""A week of visits by technician, as an operator sees it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.application import Application
from models.visit import Visit, VisitStatus
from services import audit, limits
from services.authority import Actor, require_operator
from services.clock import today
from services.visits.visit_slots import list_technicians
from services.work_calendar import is_working_day

FARTHEST = limits.span('week_farthest')
"""A week farther away than this is no week anybody asks for."""


@dataclass(frozen=True)
class PlannedVisit:
    """A visit in a cell of the week: first hour of its slot, whose it is and where."""

    number: str
    hour: int
    status: VisitStatus
    name: str
    address: str


@dataclass(frozen=True)
class TechnicianWeek:
    """Seven days of one technician, Monday first; each day's visits by hour."""

    technician_id: int
    name: str
    days: tuple[tuple[PlannedVisit, ...], ...]


@dataclass(frozen=True)
class Week:
    """A week by technician; `days_off` are its Sundays and public holidays."""

    monday: date
    technicians: tuple[TechnicianWeek, ...]
    days_off: frozenset[date]

    @property
    def days(self) -> tuple[date, ...]:
        """The seven dates."""
        return tuple(self.monday + timedelta(days=n) for n in range(7))


def list_week(day: date | None = None, *, actor: Actor | None) -> Week:
    """Return the week `day` lies in, called-off visits left out; a day nobody can mean is today."""
    actor = require_operator(actor)
    audit.note_reading('list:visits', actor=actor)
    wanted = day if type(day) is date and abs(day - today()) <= FARTHEST else today()
    monday = wanted - timedelta(days=wanted.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    rows: Any = (
        Visit.select(Visit, Application)
        .join(Application)
        .where(Visit.day.between(days[0], days[-1]) & (Visit.status != VisitStatus.CANCELLED))
        .order_by(Visit.hour, Visit.id)
    )
    cells: dict[tuple[int, date], list[PlannedVisit]] = {}
    for visit in rows:
        cells.setdefault((visit.technician_id, visit.day), []).append(_planned(visit))
    technicians = tuple(
        TechnicianWeek(t.id, t.name, tuple(tuple(cells.get((t.id, d), ())) for d in days)) for t in list_technicians()
    )
    return Week(monday, technicians, frozenset(d for d in days if not is_working_day(d)))


def _planned(visit: Any) -> PlannedVisit:
    application = visit.application
    return PlannedVisit(application.number, visit.hour, visit.status, application.full_name, application.address)
