"""Четыре глаза: one employee asks, a large sum is decided by another, and each of it happens once.

For tables with the columns of a `Correction`: contract, amount, state, form_key, asked_by and asked_at, decided_by and
decided_at, refusal, operation. What is asked for, what is booked and who is told stays with the service of the table.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from peewee import fn

from models.account import Operation
from models.base import BaseModel
from models.contract import Contract
from models.correction import CorrectionState
from services import rules
from services.accounts import correction_input
from services.accounts.correction_refusals import OwnContract, SecondPersonNeeded
from services.authority import locked
from services.clock import now
from services.errors import DomainError, NotFound

Row = TypeVar('Row', bound=BaseModel)


def refuse_own(contract: Contract, user_id: int) -> None:
    """Refuse an employee who works on a contract of his own: raise OwnContract."""
    if contract.subscriber.user_id == user_id:
        raise OwnContract


def asked_before(table: Any, form_key: str, contract: Contract, amount: Decimal) -> CorrectionState | None:
    """Return what became of the same form sent before, None when it is news.

    Raises:
        NotFound: the key belongs to something else.
    """
    done = table.get_or_none(table.form_key == form_key)
    if done is None:
        return None
    if done.contract_id != contract.id or done.amount != amount:
        raise NotFound
    return CorrectionState(done.state)


def needs_second(row: Any, *, since: datetime | None = None) -> bool:
    """Tell whether this and what the same employee booked alone of this contract, after `since`, is above the limit.

    So a large sum cannot be cut into small ones.
    """
    table = type(row)
    alone = (
        (table.contract == row.contract_id)
        & (table.asked_by == row.asked_by_id)
        & (table.state == CorrectionState.BOOKED)
        & table.decided_by.is_null()
    )
    if since is not None:
        alone &= table.asked_at > since
    kopecks = table.select(fn.SUM(fn.ABS(table.amount)).coerce(False)).where(alone).scalar()
    together = abs(row.amount) + Decimal(int(kopecks or 0)).scaleb(-2)
    return bool(together > rules.current().four_eyes_above)


def to_decide(
    table: type[Row], row_id: object, user_id: int, outcome: CorrectionState, too_late: type[DomainError]
) -> Row | None:
    """Return what waits for this employee, its contract locked; None when it has come to this outcome already.

    Raises:
        NotFound: no such row. SecondPersonNeeded, OwnContract: the wrong person.
        DomainError: `too_late`: a colleague decided otherwise meanwhile.
    """
    columns: Any = table
    asked = columns.select(columns.contract).where(columns.id == correction_input.row_id(row_id))
    contract = correction_input.contract_of(Contract.id.in_(asked))
    if contract is None:
        raise NotFound
    locked(contract)
    row: Any = columns.get_by_id(row_id)
    row.contract = contract
    if row.asked_by_id == user_id:
        raise SecondPersonNeeded
    refuse_own(contract, user_id)
    if row.state == outcome:
        return None
    if row.state != CorrectionState.WAITING:
        raise too_late
    found: Row = row
    return found


def sign(row: Any, user_id: int) -> None:
    """Note who decides; it is kept with what he decides, by `book` or `refuse`."""
    row.decided_by_id, row.decided_at = user_id, now()


def book(row: Any, operation: Operation) -> None:
    """Keep that it is booked, as what, and who agreed, if anybody had to."""
    table = type(row)
    row.operation, row.state = operation, CorrectionState.BOOKED
    row.save(only=[table.operation, table.state, table.decided_by, table.decided_at])


def refuse(row: Any, why: str, user_id: int) -> None:
    """Keep that it is refused, why and by whom."""
    table = type(row)
    sign(row, user_id)
    row.state, row.refusal = CorrectionState.REFUSED, why
    row.save(only=[table.state, table.refusal, table.decided_by, table.decided_at])
