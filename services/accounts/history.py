"""The history of a contract: pages of all that happened, by month; and its operations as a table for a spreadsheet."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from models.access import Access, AccessGrant
from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract
from services import limits, rate_limits
from services.accounts import proofs, timeline
from services.accounts.proofs import Proof
from services.accounts.timeline import Happening, Wanted
from services.accounts.timeline_events import Kind
from services.authority import Actor, own_contract
from services.clock import local
from services.errors import NotFound
from services.identity import step_up
from services.spreadsheet import Cell, csv_rows

PAGE = limits.count('history_page')
EXPORTED_AT_ONCE = limits.count('history_piece')
COLUMNS = ('Дата', 'Операция', 'Сумма, р.', 'На счёте, р.', 'Формула', 'Основание', 'Кто')


@dataclass(frozen=True)
class HistoryLine:
    """One event: `name` of an operation, a tariff, an add-on or a letter; `sum` changes the wallet or was promised
    (rubles, plus came in), None where there is none; `proof` stands behind what moved money."""

    id: int
    kind: Kind
    at: datetime
    name: str
    sum: Decimal | None
    starts_on: date | None
    ends_on: date | None
    proof: Proof | None


@dataclass(frozen=True)
class HistoryMonth:
    """The events of one month, the newest first; `month` is its 1st."""

    month: date
    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True)
class HistoryPage:
    """A page of the history. `older` goes into the next question, empty at the end; `may_dispute`: the reader may write
    into the talk of the contract."""

    months: tuple[HistoryMonth, ...]
    older: str
    may_dispute: bool


@dataclass(frozen=True)
class ExportPiece:
    """A piece of the history as CSV. `next` goes into the next question, None at the end."""

    content: bytes
    next: int | None
    contract_id: int
    contract_number: str


def list_events(wanted: Wanted | None = None, *, actor: Actor | None) -> HistoryPage:
    """Return forty events of the actor's contract, the newest first: money, changes, and to its owner his letters.

    Four queries for the owner, whatever stands on the page.

    Args:
        wanted: what to look for; everything unless given.

    Raises:
        SignInRequired, NotAllowed, NotFound: see `own_contract`.
    """
    contract = own_contract(actor, need=Access.SEE)
    assert actor is not None  # own_contract has refused a stranger
    is_owner = contract.subscriber.user_id == actor.user_id
    found = timeline.read(contract, wanted or Wanted(), PAGE + 1, with_letters=is_owner)
    shown = found[:PAGE]
    proved = proofs.of_entries(contract, [event.id for event in shown if event.kind == Kind.MONEY])
    lines = [_event(event, proved) for event in shown]
    months = tuple(HistoryMonth(month, tuple(same)) for month, same in groupby(lines, key=lambda line: _month(line.at)))
    may_dispute = is_owner or (actor.access is not None and actor.access.allows(Access.MANAGE))
    return HistoryPage(months, shown[-1].place if len(found) > PAGE else '', may_dispute)


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
    shown = entries[:EXPORTED_AT_ONCE]
    rows = (_row(entry, relatives) for entry in shown)
    return ExportPiece(
        content=csv_rows(rows, columns=() if after else COLUMNS),
        next=shown[-1].id if len(entries) > EXPORTED_AT_ONCE else None,
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
    )


def _relatives(contract: Contract, entries: list[Entry]) -> dict[int, str]:
    """Return who of those that acted here had it opened by the owner, by what name he calls them."""
    acted = {entry.operation.actor_id for entry in entries} - {None, contract.subscriber.user_id}
    if not acted:
        return {}
    given: Any = AccessGrant.select(AccessGrant.user, AccessGrant.name)
    of_them = (AccessGrant.contract == contract) & AccessGrant.user.in_(acted)
    return dict(given.where(of_them).order_by(AccessGrant.id).tuples())


def _row(entry: Entry, relatives: dict[int, str]) -> tuple[Cell, ...]:
    operation = entry.operation
    by = relatives.get(operation.actor_id or 0, '')
    facts = (operation.booked_at, operation.title, entry.amount, entry.balance_after)
    return (*facts, operation.formula, operation.basis, by)


def _event(event: Happening, proved: dict[int, Proof]) -> HistoryLine:
    proof = proved.get(event.id) if event.kind == Kind.MONEY else None
    return HistoryLine(
        id=event.id,
        kind=event.kind,
        at=event.at,
        name=event.name,
        sum=Decimal(event.amount).scaleb(-2) if event.amount else None,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        proof=proof,
    )


def _month(at: datetime) -> date:
    return local(at).date().replace(day=1)
