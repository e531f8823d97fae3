"""The books: double entry in whole kopecks, one operation for one business fact, never changed afterwards.

A wallet belongs to a contract: plus is the subscriber's money with us, minus is his debt. Whatever enters or leaves it
has its other half on an account of ours, so all entries of the house always sum to zero.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.account import Account, AccountKind, Entry, Operation, OperationKind, Quote
from models.contract import Contract
from services.accounts import booking
from services.accounts.booking import Draft
from services.clock import now
from services.errors import N_, DomainError
from services.events import ContractChanged, record
from services.money import ZERO, kopecks, round_money
from services.runner import transactional

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""Postings of one call of `post_many`."""


class KeyReused(DomainError):
    """The same business key came with other content: something is wrong, nothing is booked."""

    message = N_('Такая операция уже проведена с другой суммой. Ничего не списано, мы разбираемся.')
    status = 409


OTHER_SIDE = {
    OperationKind.PAYMENT: AccountKind.GATEWAY,
    OperationKind.REFUND: AccountKind.GATEWAY,
    OperationKind.PAYOUT: AccountKind.BANK,
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


def post(contract: Contract, posting: Posting) -> Operation:
    """Book one operation on a contract's wallet; the same key again returns the first one and books nothing.

    Raises:
        KeyReused: this key stands for something else already.
        ValueError: zero, or a fraction of a kopeck.
    """
    (operation,) = post_many([(contract, posting)])
    return operation


@transactional
def post_many(postings: Sequence[tuple[Contract, Posting]]) -> list[Operation]:
    """Book operations on wallets, all or none, in a handful of statements; returns them in the order given.

    The same as `post` for each in turn, a key that is given twice included. The wallets are locked in the order of
    their ids; whoever locks contracts as well does that before.

    Raises:
        KeyReused: a key stands for something else already.
        ValueError: zero, a fraction of a kopeck, or more than MOST_AT_ONCE postings.
    """
    if len(postings) > MOST_AT_ONCE:
        raise ValueError(f'{len(postings)} postings at once, {MOST_AT_ONCE} is the most')
    for _, posting in postings:
        if posting.amount == ZERO or posting.amount != round_money(posting.amount):
            raise ValueError(f'{posting.amount} cannot be booked')
    wallets = booking.locked_wallets(contract.id for contract, _ in postings)
    keys = [posting.key for _, posting in postings]
    booked: dict[str, Operation] = {row.key: row for row in Operation.select().where(Operation.key.in_(keys))}
    drafts, changed = [], {}
    for contract, posting in postings:
        existing = booked.get(posting.key)
        if existing is not None:
            _require_same(existing, contract, posting)
            continue
        draft = _draft(contract, wallets[contract.id], posting)
        booked[posting.key] = draft.operation
        drafts.append(draft)
        changed[contract.id] = ContractChanged(contract.id)
    booking.book(drafts)
    for event in changed.values():
        record(event)
    return [booked[key] for key in keys]


@transactional
def reverse(operation: Operation, *, reason: str, actor_id: int | None) -> Operation:
    """Book the opposite of an operation, once; a second call returns the first reversal.

    Raises:
        ValueError: the operation was booked by this very transaction and is not whole yet.
    """
    entries = list(Entry.select(Entry, Account).join(Account).where(Entry.operation == operation).order_by(Entry.id))
    if sum(entry.amount for entry in entries) != ZERO:
        raise ValueError(f'operation {operation.id} is not whole')
    contract_ids = [entry.account.contract_id for entry in entries if entry.account.contract_id is not None]
    wallets = booking.locked_wallets(contract_ids)  # whoever reverses the same one waits here
    existing = Operation.get_or_none(Operation.reverses == operation)
    if existing is not None:
        return existing
    reversal = Operation(
        key=f'reverse:{operation.key}',
        fingerprint=hashlib.sha256(f'reverse:{operation.id}'.encode()).hexdigest(),
        kind=operation.kind,
        contract=operation.contract_id,
        title=f'Отмена: {operation.title}'[:200],
        basis=operation.basis,
        reason=reason,
        actor=actor_id,
        reverses=operation,
        booked_at=now(),
    )
    opposite = [(entry.account, -kopecks(entry.amount)) for entry in entries]
    own = [(account.kind, amount) for account, amount in opposite if account.contract_id is None]
    theirs = [(wallets[a.contract_id], amount) for a, amount in opposite if a.contract_id is not None]
    booking.book([Draft(reversal, theirs, own)])
    if operation.contract_id:
        record(ContractChanged(operation.contract_id))
    return reversal


def wallet_of(contract: Contract) -> Account:
    """Return the wallet of a contract, made at first need."""
    return booking.wallet(contract)


def own_account(kind: AccountKind) -> Account:
    """Return one of the house's own accounts, made at first need."""
    (account,) = booking.own_accounts([kind])
    return account


def balance(contract: Contract) -> Decimal:
    """Return a contract's balance in rubles; negative is debt."""
    return balances([contract])[contract.id]


def balances(contracts: Sequence[Contract]) -> dict[int, Decimal]:
    """Return the balances of contracts in rubles by their ids; one query."""
    ids = [contract.id for contract in contracts]
    which = Account.contract.in_(ids) & (Account.kind == AccountKind.WALLET)
    rows: Any = Account.select(Account.contract, Account.balance).where(which)
    return dict.fromkeys(ids, ZERO) | dict(rows.tuples())


def _draft(contract: Contract, wallet: Account, posting: Posting) -> Draft:
    operation = Operation(
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
    side = posting.other_side or OTHER_SIDE.get(posting.kind, AccountKind.REVENUE)
    amount = kopecks(posting.amount)
    return Draft(operation, [(wallet, amount)], [(side, -amount)])


def _fingerprint(contract: Contract, posting: Posting) -> str:
    return hashlib.sha256(f'{contract.id}|{posting.kind}|{posting.amount}'.encode()).hexdigest()


def _require_same(existing: Operation, contract: Contract, posting: Posting) -> None:
    if existing.fingerprint != _fingerprint(contract, posting):
        log.error('Key %s stands for operation %s already and came with other content', posting.key, existing.id)
        raise KeyReused
