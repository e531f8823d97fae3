"""The list of corrections: what waits for a second employee, and what became of the others."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from peewee import JOIN, fn

from models.account import Operation
from models.contract import Contract, Subscriber
from models.correction import Correction, CorrectionState
from models.user import User
from services import audit, limits
from services.authority import Actor, require_operator

PAGE = limits.count('corrections_page')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')


@dataclass(frozen=True)
class CorrectionRow:
    """One correction: rubles, plus is the subscriber's gain; `reversed` is the title of the operation it takes back.

    `may_decide`: it waits, and the reader is not who asked.
    """

    id: int
    contract_number: str
    subscriber: str
    amount: Decimal
    reversed: str
    reason: str
    state: CorrectionState
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    refusal: str
    may_decide: bool


@dataclass(frozen=True)
class CorrectionPage:
    """A page of the list, counted from 1; `waiting` is how many wait in all."""

    rows: tuple[CorrectionRow, ...]
    page: int
    has_more: bool
    waiting: int


def list_corrections(state: str = 'waiting', page: int = 1, *, actor: Actor | None) -> CorrectionPage:
    """Return corrections in a state, or all for another word; those that wait the oldest first, others the newest.

    Two queries.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    actor = require_operator(actor)
    audit.note_reading('list:corrections', actor=actor)
    wanted = page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1
    waits = state == CorrectionState.WAITING
    query = _query().order_by(Correction.id if waits else Correction.id.desc())
    if state in set(CorrectionState):
        query = query.where(Correction.state == state)
    rows = list(query.offset((wanted - 1) * PAGE).limit(PAGE + 1))
    waiting = Correction.select(fn.COUNT(Correction.id)).where(Correction.state == CorrectionState.WAITING).scalar()
    shown = tuple(_row(row, actor.user_id) for row in rows[:PAGE])
    return CorrectionPage(shown, wanted, len(rows) > PAGE, int(waiting or 0))


def waiting_of(contract: Contract, reader_id: int) -> tuple[CorrectionRow, ...]:
    """Return what waits for a second employee on one wallet, the oldest first."""
    waits = (Correction.contract == contract) & (Correction.state == CorrectionState.WAITING)
    return tuple(_row(row, reader_id) for row in _query().where(waits).order_by(Correction.id))


def _query() -> Any:
    asker, decider = User.alias(), User.alias()
    return (
        Correction.select(Correction, Contract, Subscriber, Operation, asker, decider)
        .join(Contract)
        .join(Subscriber)
        .join_from(Correction, Operation, JOIN.LEFT_OUTER, on=Correction.reverses)
        .join_from(Correction, asker, on=(Correction.asked_by == asker.id), attr='asker')
        .join_from(Correction, decider, JOIN.LEFT_OUTER, on=(Correction.decided_by == decider.id), attr='decider')
    )


def _row(row: Any, reader_id: int) -> CorrectionRow:
    owner = row.contract.subscriber
    strange = reader_id not in (row.asked_by_id, owner.user_id)
    return CorrectionRow(
        id=row.id,
        contract_number=row.contract.number,
        subscriber=owner.full_name,
        amount=row.amount,
        reversed=row.reverses.title if row.reverses_id else '',
        reason=row.reason,
        state=row.state,
        asked_by=row.asker.name,
        asked_at=row.asked_at,
        decided_by=row.decider.name if row.decided_by_id else '',
        decided_at=row.decided_at,
        refusal=row.refusal,
        may_decide=strange and row.state == CorrectionState.WAITING,
    )
