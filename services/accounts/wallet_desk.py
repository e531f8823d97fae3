"""The wallet of a contract as an employee reads it: every operation with its reasons, and what may be put right."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from peewee import JOIN

from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract
from models.user import User
from services import audit, limits, rules
from services.accounts import correction_input, ledger
from services.accounts.correction_list import CorrectionRow, waiting_of
from services.accounts.corrections import why_not_reversible
from services.authority import Actor, require_operator
from services.errors import DomainError, NotFound
from services.identity import step_up

PAGE = limits.count('history_page')


@dataclass(frozen=True)
class WalletLine:
    """One operation: `sum` changes the wallet (rubles, plus came in), `after` is the balance then.

    `by` is who did it, empty when it was the clock; `refusal` is why it is not taken back, None when it may be.
    """

    id: int
    at: datetime
    title: str
    sum: Decimal
    after: Decimal
    formula: str
    basis: str
    reason: str
    by: str
    is_reversed: bool
    refusal: DomainError | None


@dataclass(frozen=True)
class Wallet:
    """A page of a wallet, the newest first. `older` goes into the next question, None at the end; above `limit` rubles
    a correction waits for a second employee; `waiting` is what does. `is_fresh`: the reader may correct without showing
    once more that it is he."""

    contract_id: int
    number: str
    name: str
    balance: Decimal
    lines: tuple[WalletLine, ...]
    older: int | None
    limit: Decimal
    waiting: tuple[CorrectionRow, ...]
    is_own: bool
    is_fresh: bool


def get_wallet(number: str, before: int | None = None, around: int | None = None, *, actor: Actor | None) -> Wallet:
    """Return forty operations of a contract, older than the entry `before`; that they were read is noted.

    Args:
        around: an operation somebody asks about: the page begins with it, unless `before` says otherwise.

    Raises:
        NotFound: no such contract.
    """
    actor = require_operator(actor)
    named = isinstance(number, str) and len(number) <= 16
    contract = correction_input.contract_of(Contract.number == number) if named else None
    if contract is None:
        raise NotFound
    audit.note_reading(f'contract:{contract.number}', actor=actor)
    rows = _entries(contract, before, around)
    return Wallet(
        contract_id=contract.id,
        number=contract.number,
        name=contract.subscriber.full_name,
        balance=ledger.balance(contract),
        lines=tuple(_line(entry) for entry in rows[:PAGE]),
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        limit=rules.current().four_eyes_above,
        waiting=waiting_of(contract, actor.user_id),
        is_own=contract.subscriber.user_id == actor.user_id,
        is_fresh=step_up.is_fresh(actor),
    )


def _entries(contract: Contract, before: object, around: object) -> list[Any]:
    reversal = Operation.alias()
    query: Any = (
        Entry.select(Entry, Operation, User, reversal.id.alias('reversed_by'))
        .join(Account)
        .join_from(Entry, Operation)
        .join(User, JOIN.LEFT_OUTER, on=Operation.actor)
        .join_from(Entry, reversal, JOIN.LEFT_OUTER, on=(reversal.reverses == Operation.id), attr='reversal')
        .where((Account.contract == contract) & (Account.kind == AccountKind.WALLET))
    )
    if _is_id(before):
        query = query.where(Entry.id < before)
    elif _is_id(around):
        query = query.where(Entry.id <= _entry_of(contract, around))
    return list(query.order_by(Entry.id.desc()).limit(PAGE + 1))


def _entry_of(contract: Contract, operation_id: object) -> Any:
    """Return the entry of an operation of this wallet as a subquery; of another's, everything stays in view."""
    own = (Account.contract == contract) & (Account.kind == AccountKind.WALLET)
    found = Entry.select(Entry.id).join(Account).where(own & (Entry.operation == operation_id)).scalar()
    return found or 2**31 - 1


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _line(entry: Any) -> WalletLine:
    operation = entry.operation
    return WalletLine(
        id=operation.id,
        at=operation.booked_at,
        title=operation.title,
        sum=entry.amount,
        after=entry.balance_after,
        formula=operation.formula,
        basis=operation.basis,
        reason=operation.reason,
        by=operation.actor.name if operation.actor_id else '',
        is_reversed=getattr(entry, 'reversal', None) is not None,
        refusal=why_not_reversible(operation),
    )
