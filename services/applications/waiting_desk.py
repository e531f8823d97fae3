"""The waiting list as an operator works it: who waits where, houses with the most people first, whom he has called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Desc, fn

from models.application import Waiting
from models.user import User
from services import audit, limits
from services.authority import Actor, require_operator
from services.clock import now
from services.errors import NotFound
from services.events import WaitingChanged, record
from services.runner import transactional

PAGE = limits.count('waiting_page')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')


@dataclass(frozen=True)
class WaitingRow:
    """One who waits; `of_house` and `of_street` are how many wait there in all. `told_at`: the letter has gone."""

    id: int
    name: str
    phone: str
    email: str
    address: str
    of_house: int
    of_street: int
    asked_at: datetime
    contacted_at: datetime | None
    contacted_by: str
    told_at: datetime | None


@dataclass(frozen=True)
class WaitingPage:
    """A page of the list, counted from 1; `people` wait in `houses`."""

    rows: tuple[WaitingRow, ...]
    page: int
    pages: int
    people: int
    houses: int


def list_waiting(page: int = 1, *, actor: Actor | None) -> WaitingPage:
    """Return who waits, the houses with the most people first; who was told stands last. Four queries.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    actor = require_operator(actor)
    audit.note_reading('list:waiting', actor=actor)
    total = int(Waiting.select().count())
    pages = max(1, -(-total // PAGE))
    wanted = min(page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1, pages)
    still = Waiting.select().where(Waiting.told_at.is_null())
    return WaitingPage(
        rows=tuple(_row(row) for row in _rows(wanted)),
        page=wanted,
        pages=pages,
        people=int(still.count()),
        houses=int(still.select(fn.COUNT(fn.DISTINCT(Waiting.house_key))).scalar() or 0),
    )


@transactional
def mark_contacted(waiting_id: int, *, actor: Actor | None) -> None:
    """Note that somebody on the list was called or written to; a second call changes nothing.

    Raises:
        SignInRequired, NotAllowed: only the console. NotFound: he is not on the list any more.
    """
    actor = require_operator(actor)
    row = Waiting.get_or_none(Waiting.id == waiting_id)
    if row is None:
        raise NotFound
    fresh = Waiting.update(contacted_at=now(), contacted_by=actor.user_id)
    if fresh.where((Waiting.id == waiting_id) & Waiting.contacted_at.is_null()).execute():
        audit.note('waiting.contact', f'waiting:{waiting_id}', actor=actor)
        record(WaitingChanged())


def _rows(page: int) -> Any:
    """Each with the numbers of its house and its street, counted over those who still wait."""
    house, street = Waiting.alias(), Waiting.alias()
    of_house = house.select(fn.COUNT(house.id)).where((house.house_key == Waiting.house_key) & house.told_at.is_null())
    of_street = street.select(fn.COUNT(street.id)).where(
        (street.street_key == Waiting.street_key) & street.told_at.is_null()
    )
    columns = (Waiting, User, of_house.alias('of_house'), of_street.alias('of_street'))
    query: Any = Waiting.select(*columns).join(User, JOIN.LEFT_OUTER)
    return query.order_by(Waiting.told_at.is_null(False), Desc(of_house), Waiting.house_key, Waiting.id).paginate(
        page, PAGE
    )


def _row(row: Any) -> WaitingRow:
    return WaitingRow(
        id=row.id,
        name=row.name,
        phone=row.phone,
        email=row.email,
        address=row.address,
        of_house=row.of_house,
        of_street=row.of_street,
        asked_at=row.created_at,
        contacted_at=row.contacted_at,
        contacted_by=row.contacted_by.name if row.contacted_by_id else '',
        told_at=row.told_at,
    )
