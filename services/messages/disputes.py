"""«Оспорить»: which line of his wallet a subscriber writes about."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.access import Access
from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract
from services.authority import Actor, own_contract
from services.errors import NotFound


@dataclass(frozen=True)
class DisputedLine:
    """An operation a message is about: rubles, plus came in."""

    operation_id: int
    title: str
    sum: Decimal
    at: datetime


def get_line(operation_id: int, *, actor: Actor | None) -> DisputedLine:
    """Return an operation of the actor's contract for a message about it.

    Raises:
        SignInRequired, NotAllowed, NotFound: see `own_contract`; not an operation of this contract.
    """
    return line_of(own_contract(actor, need=Access.MANAGE), operation_id)


def line_of(contract: Contract, operation_id: object) -> DisputedLine:
    """Return an operation of a contract's wallet, or raise NotFound."""
    if not isinstance(operation_id, int) or isinstance(operation_id, bool) or not 0 < operation_id < 2**31:
        raise NotFound
    found = lines_of([operation_id], contract)
    if not found:
        raise NotFound
    return found[operation_id]


def lines_of(operation_ids: list[int], contract: Contract) -> dict[int, DisputedLine]:
    """Return those of these operations that stand on a contract's wallet; no query for none."""
    if not operation_ids:
        return {}
    rows: Any = (
        Entry.select(Entry, Operation)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where((Account.contract == contract) & (Account.kind == AccountKind.WALLET) & Operation.id.in_(operation_ids))
    )
    return {row.operation.id: _line(row) for row in rows}


def _line(entry: Any) -> DisputedLine:
    operation = entry.operation
    return DisputedLine(operation.id, operation.title, entry.amount, operation.booked_at)
