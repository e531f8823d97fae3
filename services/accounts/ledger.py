"""The books: double entry in whole kopecks, one operation for one business fact, never changed afterwards.

A wallet belongs to a contract: plus is the subscriber's money with us, minus is his debt. Whatever enters or leaves it
has its other half on an account of ours, so all entries of the house always sum to zero.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from peewee import JOIN, Expression, fn

from models.account import Account, AccountKind, Entry, Operation, OperationKind, Quote
from models.base import is_postgres
from models.contract import Contract
from services.clock import now
from services.errors import N_, DomainError
from services.events import ContractChanged, record
from services.money import ZERO, kopecks, round_money
from services.runner import transactional


class KeyReused(DomainError):
    """The same business key came with other content: something is wrong, nothing is booked."""

    message = N_('Такая операция уже проведена с другой суммой. Ничего не списано, мы разбираемся.')
    status = 409


OTHER_SIDE = {
    OperationKind.PAYMENT: AccountKind.GATEWAY,
    OperationKind.REFUND: AccountKind.GATEWAY,
    OperationKind.ADJUSTMENT: AccountKind.ADJUSTMENT,
    OperationKind.OPENING: AccountKind.OPENING,
}
"""Where the other half goes; everything not named here is our revenue."""


@dataclass(frozen=True)
class Posting:
    """What is to be booked on a wallet.

    `amount` is rubles: plus tops up, minus charges. `title`, `formula` and `basis` are what «Почему списано?» shows.
    """

    key: str
    kind: OperationKind
    amount: Decimal
    title: str
    formula: str = ''
    basis: str = ''
    reason: str = ''
    quote: Quote | None = None
    actor_id: int | None = None
    other_side: AccountKind | None = None
    booked_at: datetime | None = None


@transactional
def post(contract: Contract, posting: Posting) -> Operation:
    """Book one operation on a contract's wallet; the same key again returns the first one and books nothing.

    Raises:
        KeyReused: this key stands for something else already.
        ValueError: zero, or a fraction of a kopeck.
    """
    if posting.amount == ZERO or posting.amount != round_money(posting.amount):
        raise ValueError(f'{posting.amount} cannot be booked')
    side = posting.other_side or OTHER_SIDE.get(posting.kind, AccountKind.REVENUE)
    wallet, other = wallet_of(contract), own_account(side)
    with _locked(wallet, other):
        existing = Operation.get_or_none(Operation.key == posting.key)
        if existing is not None:
            return _same(existing, contract, posting)
        operation = Operation.create(
            key=posting.key,
            fingerprint=_fingerprint(contract, posting),
            kind=posting.kind,
            contract=contract,
            title=posting.title,
            formula=posting.formula,
            basis=posting.basis,
            quote=posting.quote,
            actor=posting.actor_id,
            reason=posting.reason,
            booked_at=posting.booked_at or now(),
        )
        _enter(operation, wallet, posting.amount)
        _enter(operation, other, -posting.amount)
    record(ContractChanged(contract.id))
    return operation


@transactional
def reverse(operation: Operation, *, reason: str, actor_id: int | None) -> Operation:
    """Book the opposite of an operation, once; a second call returns the first reversal."""
    existing = Operation.get_or_none(Operation.reverses == operation)
    if existing is not None:
        return existing
    entries = list(Entry.select(Entry, Account).join(Account).where(Entry.operation == operation).order_by(Entry.id))
    with _locked(*(entry.account for entry in entries)):
        reversal = Operation.create(
            key=f'reverse:{operation.key}',
            fingerprint=hashlib.sha256(f'reverse:{operation.id}'.encode()).hexdigest(),
            kind=operation.kind,
            contract=operation.contract,
            title=f'Отмена: {operation.title}'[:200],
            basis=operation.basis,
            reason=reason,
            actor=actor_id,
            reverses=operation,
            booked_at=now(),
        )
        for entry in entries:
            _enter(reversal, entry.account, -entry.amount)
    if operation.contract_id:
        record(ContractChanged(operation.contract_id))
    return reversal


def wallet_of(contract: Contract) -> Account:
    """Return the wallet of a contract, made at first need."""
    return _account((Account.contract == contract) & (Account.kind == AccountKind.WALLET), contract, AccountKind.WALLET)


def own_account(kind: AccountKind) -> Account:
    """Return one of the house's own accounts, made at first need."""
    return _account((Account.kind == kind) & Account.contract.is_null(), None, kind)


def _account(which: Expression, contract: Contract | None, kind: AccountKind) -> Account:
    found = Account.get_or_none(which)
    if found is None:
        # Two first operations at once: the unique index lets one insert win, both read the same row.
        Account.insert(contract=contract, kind=kind, balance=ZERO).on_conflict_ignore().execute()
        found = Account.get(which)
    return found


def balance(contract: Contract) -> Decimal:
    """Return a contract's balance in rubles; negative is debt."""
    wallet = Account.get_or_none((Account.contract == contract) & (Account.kind == AccountKind.WALLET))
    return wallet.balance if wallet else ZERO


def self_check() -> list[str]:
    """Return what is wrong with the books, one line a fault; an empty list is the only good answer (SECURITY §2.4)."""
    return [*_unbalanced_operations(), *_wrong_balances()]


def _unbalanced_operations() -> Iterator[str]:
    if total := _kopecks(Entry.select(_SUM).scalar()):
        yield f'I1: all entries sum to {total} kopecks, not zero'
    sums = Operation.select(Operation.id, fn.COUNT(Entry.id), _SUM).join(Entry, JOIN.LEFT_OUTER).group_by(Operation.id)
    rows: Any = sums.having((_SUM != 0) | (fn.COUNT(Entry.id) < 2)).tuples()
    for operation, count, total in rows:
        yield f'I2: operation {operation} has {count} entries that sum to {_kopecks(total)} kopecks'


def _wrong_balances() -> Iterator[str]:
    sums = Account.select(Account.id, Account.balance, Account.entry_count, fn.COUNT(Entry.id), _SUM)
    rows: Any = sums.join(Entry, JOIN.LEFT_OUTER).group_by(Account.id).tuples()
    for account, cached, cached_count, count, total in rows:
        if (kopecks(cached), cached_count) != (_kopecks(total), count):
            yield f'I3: account {account} says {cached}, its {count} entries sum to {_kopecks(total)} kopecks'


_SUM = fn.SUM(Entry.amount).coerce(False)
"""In kopecks, as the database adds them: Peewee would leave an aliased sum unconverted anyway."""


def _kopecks(total: Any) -> int:
    return int(total or 0)


def _enter(operation: Operation, account: Account, amount: Decimal) -> None:
    Account.update(balance=Account.balance + amount, entry_count=Account.entry_count + 1).where(
        Account.id == account.id
    ).execute()
    after = Account.get_by_id(account.id).balance
    Entry.create(operation=operation, account=account, amount=amount, balance_after=after)


@contextmanager
def _locked(*accounts: Account) -> Iterator[None]:
    """Hold the rows of these accounts, in the order of their ids so that two services cannot wait for each other."""
    if is_postgres():
        ids = sorted({account.id for account in accounts})
        list(Account.select(Account.id).where(Account.id.in_(ids)).order_by(Account.id).for_update())
    yield


def _fingerprint(contract: Contract, posting: Posting) -> str:
    return hashlib.sha256(f'{contract.id}|{posting.kind}|{posting.amount}'.encode()).hexdigest()


def _same(existing: Operation, contract: Contract, posting: Posting) -> Operation:
    if existing.fingerprint != _fingerprint(contract, posting):
        raise KeyReused
    return existing
