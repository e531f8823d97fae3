"""The history of a wallet: pages of operations grouped by month, and the same as a table for a spreadsheet."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from models.access import Access, AccessGrant
from models.account import Account, AccountKind, Entry, Operation, OperationKind
from models.contract import Contract
from services import limits, rate_limits
from services.authority import Actor, own_contract
from services.clock import local
from services.errors import NotFound
from services.identity import step_up
from services.spreadsheet import csv_rows

PAGE = limits.count('history_page')
EXPORTED_AT_ONCE = limits.count('history_piece')
COLUMNS = ('Дата', 'Операция', 'Сумма, р.', 'На счёте, р.', 'Формула', 'Основание', 'Кто')


@dataclass(frozen=True)
class HistoryLine:
    """One operation: `sum` changes the wallet (rubles, plus came in), `after` is the balance then; `by` is the
    relative who did it, as the owner calls him, empty otherwise."""

    id: int
    at: datetime
    kind: OperationKind
    title: str
    sum: Decimal
    after: Decimal
    formula: str
    basis: str
    reason: str
    by: str


@dataclass(frozen=True)
class HistoryMonth:
    """The operations of one month, the newest first; `month` is its 1st."""

    month: date
    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True)
class HistoryPage:
    """A page of the history. `older` goes into the next question, None at the end."""

    months: tuple[HistoryMonth, ...]
    older: int | None


@dataclass(frozen=True)
class ExportPiece:
    """A piece of the history as CSV. `next` goes into the next question, None at the end."""

    content: bytes
    next: int | None
    contract_id: int
    contract_number: str


def list_operations(before: int | None = None, *, actor: Actor | None) -> HistoryPage:
    """Return forty operations of the actor's contract, the newest first, older than the entry `before`.

    One query beside the question whose contract it is, and one for names when other people than the owner acted.
    """
    contract = own_contract(actor, need=Access.SEE)
    query = _entries(contract)
    if isinstance(before, int) and 0 < before < 2**31:
        query = query.where(Entry.id < before)
    rows = list(query.limit(PAGE + 1))
    relatives = _relatives(contract, rows)
    lines = [_line(entry, relatives) for entry in rows[:PAGE]]
    months = tuple(HistoryMonth(month, tuple(same)) for month, same in groupby(lines, key=lambda line: _month(line.at)))
    return HistoryPage(months, lines[-1].id if len(rows) > PAGE else None)


def export_piece(after: int = 0, contract_id: int | None = None, *, actor: Actor | None) -> ExportPiece:
    """Return the next 500 operations as CSV, the oldest first; the first piece carries the names of the columns.

    Args:
        after: `next` of the piece before.
        contract_id: of the piece before: a session that has chosen another contract meanwhile gets no more of this one.

    Raises:
        SignInRequired, NotAllowed, NotFound: see `own_contract`; asked for every piece.
        StepUpRequired: see `step_up`. TooManyRequests: ten tables an hour. Both before the first piece only.
    """
    contract = own_contract(actor, need=Access.SEE)
    if not after:
        _begin_export(actor)
    if contract_id not in (None, contract.id):
        raise NotFound
    query = _entries(contract).where(Entry.id > after).order_by(Entry.id)
    entries = list(query.limit(EXPORTED_AT_ONCE + 1))
    relatives = _relatives(contract, entries)
    lines = [_line(entry, relatives) for entry in entries[:EXPORTED_AT_ONCE]]
    rows = ((line.at, line.title, line.sum, line.after, line.formula, line.basis, line.by) for line in lines)
    return ExportPiece(
        content=csv_rows(rows, columns=() if after else COLUMNS),
        next=lines[-1].id if len(entries) > EXPORTED_AT_ONCE else None,
        contract_id=contract.id,
        contract_number=contract.number,
    )


def _begin_export(actor: Actor | None) -> None:
    user_id = step_up.require_fresh(actor).user_id
    most, window = limits.rate('history_exports')
    rate_limits.spend('export', str(user_id), most=most, window=window)


def _entries(contract: Contract) -> Any:
    return (
        Entry.select(Entry, Operation)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where((Account.contract == contract) & (Account.kind == AccountKind.WALLET))
        .order_by(Entry.id.desc())
    )


def _relatives(contract: Contract, entries: list[Entry]) -> dict[int, str]:
    """Return who of those that acted here had it opened by the owner, by what name he calls them."""
    acted = {entry.operation.actor_id for entry in entries} - {None, contract.subscriber.user_id}
    if not acted:
        return {}
    given: Any = AccessGrant.select(AccessGrant.user, AccessGrant.name)
    of_them = (AccessGrant.contract == contract) & AccessGrant.user.in_(acted)
    return dict(given.where(of_them).order_by(AccessGrant.id).tuples())


def _line(entry: Entry, relatives: dict[int, str]) -> HistoryLine:
    operation = entry.operation
    return HistoryLine(
        id=entry.id,
        at=operation.booked_at,
        kind=operation.kind,
        title=operation.title,
        sum=entry.amount,
        after=entry.balance_after,
        formula=operation.formula,
        basis=operation.basis,
        reason=operation.reason,
        by=relatives.get(operation.actor_id or 0, ''),
    )


def _month(at: datetime) -> date:
    return local(at).date().replace(day=1)
