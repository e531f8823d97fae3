"""How operations get into the tables: a handful of statements for any number of them. Only the ledger calls this.

The wallets are locked by the caller. Our own accounts stand in nearly every operation, so they and the chain come last
in the transaction, behind its head: nobody waits for them longer than a commit takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from models.account import Account, AccountKind, Entry, Operation
from models.base import database, insert_rows, is_postgres, next_ids
from models.contract import Contract
from services.accounts import ledger_chain
from services.accounts.ledger_chain import CHAIN, COLUMNS
from services.money import ZERO, kopecks
from services.runner import before_commit

ENTRY_COLUMNS = ('operation_id', 'account_id', 'amount', 'balance_after')
FIELDS = [Operation.columns()[column] for column in COLUMNS]


@dataclass
class Draft:
    """An operation that is about to be booked: kopecks for wallets, kopecks for accounts of ours; together zero."""

    operation: Operation
    wallets: list[tuple[Account, int]]
    own: list[tuple[AccountKind, int]]
    row: list[Any] = field(default_factory=list)
    entries: list[tuple[int, ...]] = field(default_factory=list)


def book(drafts: Sequence[Draft]) -> None:
    """Write operations and the entries of their wallets now, the rest at the end of the transaction."""
    if not drafts:
        return
    for draft, new_id in zip(drafts, next_ids(Operation, len(drafts)), strict=True):
        draft.operation.id = new_id
        draft.row = [each.db_value(draft.operation.__data__.get(each.name)) for each in FIELDS]
    insert_rows(Operation, COLUMNS, [draft.row for draft in drafts])
    _enter([(draft, account, amount) for draft in drafts for account, amount in draft.wallets])
    before_commit(partial(_finish, drafts))


def _finish(drafts: Sequence[Draft]) -> None:
    """Write the other half and link the operations; from here to the commit the others wait."""
    CHAIN.hold_head()
    own = {account.kind: account for account in own_accounts({kind for draft in drafts for kind, _ in draft.own})}
    _enter([(draft, own[kind], amount) for draft in drafts for kind, amount in draft.own])
    ledger_chain.append([(draft.row, draft.entries) for draft in drafts])


def _enter(legs: Sequence[tuple[Draft, Account, int]]) -> None:
    """Move balances and write entries; an account in several legs is the same object in all of them."""
    after = {account.id: kopecks(account.balance) for _, account, _ in legs}
    moved: dict[int, tuple[int, int]] = {}
    rows = []
    for draft, account, amount in legs:
        after[account.id] += amount
        total, count = moved.get(account.id, (0, 0))
        moved[account.id] = (total + amount, count + 1)
        entry = (account.id, amount, after[account.id])
        draft.entries.append(entry)
        rows.append((draft.operation.id, *entry))
    mark = database.param
    change = f'balance = balance + {mark}, entry_count = entry_count + {mark}'
    move = f'UPDATE account SET {change} WHERE id = {mark}'  # noqa: S608 - marks for values
    database.execute_many(move, [(*moved[account_id], account_id) for account_id in sorted(moved)])
    insert_rows(Entry, ENTRY_COLUMNS, rows)


def locked_wallets(contract_ids: Iterable[int]) -> dict[int, Account]:
    """Return the wallets of contracts, made at first need, held in the order of their ids to the transaction's end."""
    wanted = set(contract_ids)
    query: Any = Account.select().where(Account.contract.in_(wanted) & (Account.kind == AccountKind.WALLET))
    query = query.order_by(Account.id)
    if is_postgres():
        query = query.for_update()
    found = {account.contract_id: account for account in query}
    if missing := wanted - set(found):
        # Two first operations at once: the unique index lets one insert win, both read the same row.
        _open([(contract_id, AccountKind.WALLET) for contract_id in sorted(missing)])
        return locked_wallets(wanted)
    return found


def own_accounts(kinds: Iterable[AccountKind]) -> list[Account]:
    """Return accounts of the house's own, made at first need."""
    wanted = set(kinds)
    found = list(Account.select().where(Account.kind.in_(wanted) & Account.contract.is_null()))
    if missing := wanted - {account.kind for account in found}:
        _open([(None, kind) for kind in sorted(missing)])
        return own_accounts(wanted)
    return found


def wallet(contract: Contract) -> Account:
    """Return the wallet of a contract, made at first need, without holding it."""
    which = (Account.contract == contract) & (Account.kind == AccountKind.WALLET)
    found: Account | None = Account.get_or_none(which)
    if found is None:
        _open([(contract.id, AccountKind.WALLET)])
        return wallet(contract)
    return found


def _open(accounts: Sequence[tuple[int | None, AccountKind]]) -> None:
    rows = [{'contract': contract_id, 'kind': kind, 'balance': ZERO} for contract_id, kind in accounts]
    Account.insert_many(rows).on_conflict_ignore().execute()
