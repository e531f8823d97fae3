"""The list of contracts that end: asked for, over with devices still out, over with money to be returned."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import JOIN, fn

from models.account import Account, AccountKind
from models.contract import Contract, EquipmentUnit, Subscriber
from models.correction import CorrectionState
from models.termination import MoneyGoes, Payout, Termination, TerminationState
from services import audit, limits
from services.accounts import equipment_returns
from services.authority import Actor, require_operator
from services.clock import today
from services.money import ZERO

PAGE = limits.count('corrections_page')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')


class Part(StrEnum):
    """What one may look at."""

    REQUESTED = 'requested'
    EQUIPMENT = 'equipment'
    MONEY = 'money'
    ENDED = 'ended'


@dataclass(frozen=True)
class EndRow:
    """One contract: `devices` of ours are still out, `balance` is rubles (minus is debt), `waits` a payout does."""

    number: str
    name: str
    last_day: date
    state: TerminationState
    is_due: bool
    devices: int
    balance: Decimal
    money: MoneyGoes
    waits: bool


@dataclass(frozen=True)
class EndPage:
    """A page of the list, counted from 1; `counts` says how many each part has, in the order of Part."""

    rows: tuple[EndRow, ...]
    page: int
    has_more: bool
    counts: tuple[int, ...]


def list_ends(part: str = Part.REQUESTED, page: int = 1, *, actor: Actor | None) -> EndPage:
    """Return contracts of a part of the list: those asked for by their last day, the others the newest first.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    actor = require_operator(actor)
    audit.note_reading('list:terminations', actor=actor)
    chosen = Part(part) if part in set(Part) else Part.REQUESTED
    wanted = page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1
    order = (Termination.last_day, Termination.id) if chosen == Part.REQUESTED else (Termination.id.desc(),)
    found = _query().where(_where(chosen)).order_by(*order)
    rows = list(found.offset((wanted - 1) * PAGE).limit(PAGE + 1))
    counts = tuple(_query().where(_where(each)).count() for each in Part)
    return EndPage(tuple(_row(row) for row in rows[:PAGE]), wanted, len(rows) > PAGE, counts)


def _query() -> Any:
    wallet = (Account.contract == Contract.id) & (Account.kind == AccountKind.WALLET)
    return (
        Termination.select(Termination, Contract, Subscriber, Account, _out().alias('out'), _waiting().alias('waits'))
        .join(Contract, on=Termination.contract)
        .join(Subscriber)
        .join_from(Contract, Account, JOIN.LEFT_OUTER, on=wallet, attr='wallet')
    )


def _where(part: Part) -> Any:
    is_over = Termination.state == TerminationState.EXECUTED
    if part == Part.REQUESTED:
        return Termination.state == TerminationState.REQUESTED
    if part == Part.EQUIPMENT:
        return is_over & (_out() > 0)
    return is_over & (Account.balance > ZERO) if part == Part.MONEY else is_over


def _out() -> Any:
    """Return how many devices of ours are still at the subscriber's, as SQL."""
    ours = EquipmentUnit.ownership.in_(equipment_returns.OURS) & EquipmentUnit.returned_at.is_null()
    return EquipmentUnit.select(fn.COUNT(EquipmentUnit.id)).where((EquipmentUnit.contract == Contract.id) & ours)


def _waiting() -> Any:
    waits = (Payout.contract == Contract.id) & (Payout.state == CorrectionState.WAITING)
    return Payout.select(fn.COUNT(Payout.id)).where(waits)


def _row(row: Any) -> EndRow:
    contract = row.contract
    return EndRow(
        number=contract.number,
        name=contract.subscriber.full_name,
        last_day=row.last_day,
        state=row.state,
        is_due=row.state == TerminationState.REQUESTED and row.last_day < today(),
        devices=row.out,
        balance=contract.wallet.balance if contract.wallet else ZERO,
        money=row.money,
        waits=bool(row.waits),
    )
