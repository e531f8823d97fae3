"""Должники: contracts below zero, since when, what was promised, and whether the line is blocked or why not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import JOIN, Case, fn

from models.account import Account, AccountKind, Entry, Operation
from models.contract import (
    ConnectedAddOn,
    Contract,
    ContractStatus,
    DebtBlock,
    PromisedPayment,
    Subscriber,
    Suspension,
)
from models.payment import Payment
from services import audit, limits, rate_limits, rules
from services.authority import Actor, require_operator
from services.clock import now, today
from services.identity import step_up
from services.money import ZERO
from services.payments import in_flight
from services.search import matches
from services.spreadsheet import csv_rows

PAGE, EXPORTED_AT_ONCE = limits.count('debts_page'), limits.count('debts_piece')
FARTHEST_PAGE = limits.count('subscribers_farthest_page')
COLUMNS = ('Договор', 'Абонент', 'Телефон', 'Адрес', 'Долг, р.', 'С какого дня', 'Обещано, р.', 'Обещано до', 'Линия')
LINE_WORDS = {
    'blocked': 'заблокирована',
    'promised': 'работает: обещанный платёж',
    'paused': 'приостановлена абонентом',
    'first_days': 'работает: первые дни',
    'allowed': 'работает: долг в пределах правил',
    'credit': 'работает: кредит доверия',
    'paying': 'работает: платёж в пути',
    'terminated': 'договор расторгнут',
    'waiting': 'работает: блокировка при ближайшей проверке',
}


class LineState(StrEnum):
    """What the line of a debtor does, and if it works, why."""

    BLOCKED = 'blocked'
    PROMISED = 'promised'
    PAUSED = 'paused'
    FIRST_DAYS = 'first_days'
    ALLOWED = 'allowed'
    CREDIT = 'credit'
    PAYING = 'paying'  # money is on its way in the bank
    TERMINATED = 'terminated'
    WAITING = 'waiting'  # the next look at debts blocks it


@dataclass(frozen=True)
class DebtRow:
    """One contract below zero: `debt` is rubles above zero, `since` when its balance went below zero last."""

    contract_id: int
    number: str
    name: str
    phone: str
    address: str
    debt: Decimal
    since: datetime
    promised: Decimal | None
    promised_until: datetime | None
    line: LineState


@dataclass(frozen=True)
class DebtPage:
    """A page of the list, the largest debt first; `sum` is all rubles owed by what was found."""

    rows: tuple[DebtRow, ...]
    page: int
    pages: int
    total: int
    sum: Decimal


@dataclass(frozen=True)
class DebtPiece:
    """A piece of the list as CSV. `next` goes into the next question, None at the end."""

    content: bytes
    next: int | None


def list_debts(line: str = '', search: str = '', page: int = 1, *, actor: Actor | None) -> DebtPage:
    """Return contracts below zero whose line is in a state (any for another word) and that match. Three queries.

    Raises:
        SignInRequired, NotAllowed: only the console.
    """
    actor = require_operator(actor)
    audit.note_reading('list:debts', actor=actor)
    found = _debtors(line, search)
    counted: Any = found.select(fn.COUNT(Contract.id), fn.SUM(Account.balance).coerce(False))
    total, owed = next(iter(counted.tuples()))
    pages = max(1, -(-total // PAGE))
    wanted = min(page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1, pages)
    rows = list(found.order_by(Account.balance, Contract.id).paginate(wanted, PAGE))
    return DebtPage(_rows(rows), wanted, pages, total, -Decimal(int(owed or 0)).scaleb(-2))


def export_piece(line: str = '', search: str = '', after: int = 0, *, actor: Actor | None) -> DebtPiece:
    """Return the next 500 rows as CSV, by contract; the first piece carries the names of the columns.

    Raises:
        SignInRequired, NotAllowed: only the console; asked for every piece.
        StepUpRequired: see `step_up`. TooManyRequests: ten tables an hour. Both before the first piece only.
    """
    actor = require_operator(actor)
    if not after:
        _begin_export(actor)
    query = _debtors(line, search).where(Contract.id > after).order_by(Contract.id).limit(EXPORTED_AT_ONCE + 1)
    found = list(query)
    rows = _rows(found[:EXPORTED_AT_ONCE])
    content = csv_rows((_cells(row) for row in rows), columns=() if after else COLUMNS)
    return DebtPiece(content, rows[-1].contract_id if len(found) > EXPORTED_AT_ONCE else None)


def _begin_export(actor: Actor) -> None:
    step_up.require_fresh(actor)
    most, window = limits.rate('debt_exports')
    rate_limits.spend('export', str(actor.user_id), most=most, window=window)
    audit.note_reading('list:debts-table', actor=actor)


def _cells(row: DebtRow) -> tuple[Any, ...]:
    words = LINE_WORDS[row.line]
    return (
        row.number, row.name, row.phone, row.address, row.debt, row.since, row.promised, row.promised_until, words,
    )  # fmt: skip


def _debtors(line: object, search: object) -> Any:
    """Return the query of contracts below zero with their wallet, promise and the state of their line."""
    day, state = today(), _line()
    paused = Suspension.resumed_on.is_null() & (Suspension.starts_on <= day) & (Suspension.ends_on > day)
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    query: Any = (
        Contract.select(Contract, Subscriber, Account, PromisedPayment, state.alias('line'))
        .join(Subscriber)
        .join_from(Contract, Account, on=(Account.contract == Contract.id), attr='wallet')
        .join_from(Contract, PromisedPayment, JOIN.LEFT_OUTER, on=_of(PromisedPayment, is_open), attr='promise')
        .join_from(Contract, DebtBlock, JOIN.LEFT_OUTER, on=_of(DebtBlock, DebtBlock.ended_at.is_null()))
        .join_from(Contract, Suspension, JOIN.LEFT_OUTER, on=_of(Suspension, paused))
        .where((Account.kind == AccountKind.WALLET) & (Account.balance < ZERO))
    )
    if line in set(LineState):
        query = query.where(state == str(line))
    typed = matches(search, _WORDS, (Contract.number,))
    return query if typed is None else query.where(typed)


# No phone: what is looked for stands in the address (ASVS 14.2.1).
_WORDS = (Contract.number, Subscriber.last_name, Subscriber.first_name, Contract.address)


def _of(model: Any, condition: Any) -> Any:
    return (model.contract == Contract.id) & condition


def _line() -> Any:
    """Return the state of a line as SQL: the first that fits, as `debt_blocks.standings` decides for one contract.

    A promise too small for the debt covers nothing.
    """
    terms = rules.current()
    grown_up = today() - timedelta(days=terms.first_days_to_pay)
    allowed, trusted = Account.balance + terms.debt_allowed, _credit()
    paying = Payment.select().where((Payment.contract == Contract.id) & in_flight.sparing(terms.payment_wait))
    states = (
        (Contract.status != ContractStatus.ACTIVE, 'terminated'),
        (DebtBlock.id.is_null(False), 'blocked'),
        (Suspension.id.is_null(False), 'paused'),
        (PromisedPayment.id.is_null(False) & (allowed + trusted + PromisedPayment.amount >= 0), 'promised'),
        (allowed >= 0, 'allowed'),
        (allowed + trusted >= 0, 'credit'),
        (Contract.active_on > grown_up, 'first_days'),
        (fn.EXISTS(paying), 'paying'),
    )
    return Case(None, states, 'waiting')


def _credit() -> Any:
    """Return the limit of the trust credit a contract has now, in kopecks, as SQL; zero without one."""
    is_on = ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > now())
    limit = ConnectedAddOn.select(fn.MAX(ConnectedAddOn.credit_limit))
    return fn.COALESCE(limit.where((ConnectedAddOn.contract == Contract.id) & is_on), 0)


def _rows(contracts: list[Any]) -> tuple[DebtRow, ...]:
    since = _since([contract.wallet.id for contract in contracts])
    return tuple(_row(contract, since) for contract in contracts)


def _row(contract: Any, since: dict[int, datetime]) -> DebtRow:
    owner, promise = contract.subscriber, getattr(contract, 'promise', None)
    return DebtRow(
        contract_id=contract.id,
        number=contract.number,
        name=owner.full_name,
        phone=owner.phone,
        address=contract.address,
        debt=-contract.wallet.balance,
        since=since[contract.wallet.id],
        promised=promise.amount if promise else None,
        promised_until=promise.due_at if promise else None,
        line=LineState(contract.line),
    )


def _since(wallets: list[int]) -> dict[int, datetime]:
    """Return when each of these wallets went below zero last: the first entry after the last one at zero or more."""
    before = Entry.alias()
    last_good = before.select(fn.MAX(before.id)).where(
        (before.account == Entry.account) & (before.balance_after >= ZERO)
    )
    rows: Any = (
        Entry.select(Entry.account, fn.MIN(Operation.booked_at))
        .join(Operation)
        .where(Entry.account.in_(wallets) & (Entry.id > fn.COALESCE(last_good, 0)))
        .group_by(Entry.account)
        .tuples()
    )
    return dict(rows)
