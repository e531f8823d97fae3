"""The queue of applications as an operator reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import JOIN, Case, fn

from models.application import CLOSED, Application, ApplicationStatus
from models.catalogue import Tariff
from models.user import User
from models.visit import Visit, VisitStatus
from services import audit, limits
from services.authority import Actor, require_operator
from services.clock import now
from services.search import matches
from services.visits.visit_slots import OPEN_VISITS
from services.work_calendar import working_minutes

CALL_BACK_WITHIN = 120
"""Working minutes from the form to the first call (DOMAIN §5.2)."""
MOST_ROWS = limits.count('queue_rows')
"""What one person can look through; the search narrows it."""

_S = ApplicationStatus
VISITED = frozenset({_S.SCHEDULED, _S.EN_ROUTE, _S.INSTALLING, _S.CONTRACT_SIGNING})
"""The technician's turn."""


class Queue(StrEnum):
    """Parts of the queue: nobody took it yet, an operator's turn, a technician's turn, everything open."""

    NEW = 'new'
    WORK = 'work'
    VISIT = 'visit'
    ALL = 'all'


@dataclass(frozen=True)
class VisitView:
    """A visit: Minsk day and first hour of its slot."""

    id: int
    day: date
    hour: int
    technician: str
    status: VisitStatus
    reason: str = ''


@dataclass(frozen=True)
class ApplicationRow:
    """One line of the queue. `monthly` is rubles with VAT as the person saw it, with his promo code.

    `waiting_minutes` are working minutes since it was sent (new) or last moved; `sla_left` is the part of the two
    working hours to the first call that is left, in percent, None when somebody has called.
    """

    number: str
    status: ApplicationStatus
    name: str
    phone: str
    address: str
    tariff: str
    monthly: Decimal | None
    created_at: datetime
    waiting_minutes: int
    sla_left: int | None
    operator: str
    visit: VisitView | None


@dataclass(frozen=True)
class ApplicationList:
    """The queue: its rows, how many open applications each part has, and whether rows were left out."""

    rows: tuple[ApplicationRow, ...]
    counts: dict[Queue, int]
    is_cut: bool


def list_open(show: str = Queue.ALL, search: str = '', *, actor: Actor | None) -> ApplicationList:
    """Return open applications: new ones first, the longest waiting on top, then what was moved last.

    Args:
        show: a `Queue`; anything else is everything.
        search: number, name, phone, e-mail or address; with `Queue.ALL` closed ones are found too.
    """
    actor = require_operator(actor)
    audit.note_reading('list:applications', actor=actor)
    part = Queue(show) if isinstance(show, str) and show in set(Queue) else Queue.ALL
    found = matches(search, _WORDS, (Application.phone, Application.number))
    condition = _part(part)
    if found is not None:
        condition = found if part == Queue.ALL else condition & found
    is_new = Application.status == _S.NEW
    query = (
        Application.select(Application, User)
        .join(User, JOIN.LEFT_OUTER)
        .where(condition)
        .order_by(
            Case(None, ((is_new, 0),), 1),
            Case(None, ((is_new, Application.created_at),), None),
            Application.updated_at.desc(),
            Application.id,
        )
        .limit(MOST_ROWS + 1)
    )
    applications = list(query)
    return ApplicationList(rows_of(applications[:MOST_ROWS]), _counts(), len(applications) > MOST_ROWS)


def rows_of(applications: Sequence[Application]) -> tuple[ApplicationRow, ...]:
    """Return the lines of these applications (selected with their operators) with two queries for all of them."""
    codes = {application.package.get('tariff') for application in applications}
    tariffs = {t.code: t.name for t in Tariff.select(Tariff.code, Tariff.name).where(Tariff.code.in_(codes))}
    visits: dict[int, VisitView] = {}
    for visit in find_visits([application.id for application in applications]):
        if visit.status in OPEN_VISITS:
            visits[visit.application_id] = view_of(visit)
    return tuple(_row(application, tariffs, visits.get(application.id)) for application in applications)


def find_visits(application_ids: Sequence[int]) -> list[Any]:
    """Return the visits of these applications with their technicians, the latest last."""
    query = Visit.select(Visit, User).join(User).where(Visit.application.in_(application_ids))
    return list(query.order_by(Visit.created_at, Visit.id))


def view_of(visit: Any) -> VisitView:
    """Return a visit (selected with its technician) as pages show it."""
    return VisitView(visit.id, visit.day, visit.hour, visit.technician.name, visit.status, visit.reason)


_WORDS = (
    Application.number,
    Application.last_name,
    Application.first_name,
    Application.patronymic,
    Application.phone,
    Application.email,
    Application.locality,
    Application.street,
    Application.house,
    Application.flat,
)


def _part(part: Queue) -> Any:
    """Return the condition of a part of the queue."""
    if part == Queue.NEW:
        return Application.status == _S.NEW
    if part == Queue.VISIT:
        return Application.status.in_(VISITED)
    if part == Queue.WORK:
        return Application.status.not_in({_S.NEW, *VISITED, *CLOSED})
    return Application.status.not_in(CLOSED)


def _counts() -> dict[Queue, int]:
    query = Application.select(Application.status, fn.COUNT(Application.id)).group_by(Application.status)
    counts = dict.fromkeys(Queue, 0)
    rows: Any = query.where(_part(Queue.ALL)).tuples()
    for status, count in rows:
        part = Queue.NEW if status == _S.NEW else Queue.VISIT if status in VISITED else Queue.WORK
        counts[part] += count
        counts[Queue.ALL] += count
    return counts


def _row(application: Any, tariffs: dict[str, str], visit: VisitView | None) -> ApplicationRow:
    code = application.package.get('tariff', '')
    is_new = application.status == _S.NEW
    waited = working_minutes(application.created_at if is_new else application.updated_at, now())
    monthly = application.quote.get('monthly')
    return ApplicationRow(
        number=application.number,
        status=application.status,
        name=application.full_name,
        phone=application.phone,
        address=application.address,
        tariff=tariffs.get(code, code),
        monthly=Decimal(monthly) if monthly is not None else None,
        created_at=application.created_at,
        waiting_minutes=waited,
        sla_left=max(0, 100 - waited * 100 // CALL_BACK_WITHIN) if is_new else None,
        operator=application.operator.name if application.operator else '',
        visit=visit,
    )
