"""What the run is compared with: the bare insert of the rows it wrote, and charging row by row as people write it first."""

import json
import time

from peewee import fn

from models.account import Account, AccountKind, Entry, Operation, OperationLink, PeriodCharge, Quote
from models.base import database, insert_rows, stream
from models.contract import Contract, DebtBlock
from models.outbox import OutgoingMessage
from services.accounts import ledger, ledger_chain, reconnections, subscriptions
from services.accounts.booking import FIELDS
from services.accounts.ledger_chain import CHAIN
from services.chains import beginning, link
from services.clock import now
from services.messages import letters
from services.money import ZERO, kopecks
from services.quotes.month_charge import quote_month

WRITTEN = (Quote, Operation, Entry, OperationLink, PeriodCharge, DebtBlock, OutgoingMessage)
"""What a run writes, in the order in which foreign keys allow it."""
AT_ONCE = 5000


def marks():
    """Return how far each table is filled."""
    return {model.table_name(): model.select(fn.COALESCE(fn.MAX(model.id), 0)).scalar() for model in WRITTEN}


def take(before):
    """Return the rows that came since `marks`, by table: columns and rows."""
    taken = {}
    for model in WRITTEN:
        table, columns = model.table_name(), list(model.columns())
        names = ', '.join(f'"{column}"' for column in columns)
        rows = f'SELECT {names} FROM "{table}" WHERE id > {before[table]} ORDER BY id'  # noqa: S608 - names of our own
        with database.atomic():
            taken[model] = (columns, [tuple(map(_storable, row)) for row in stream(rows)])
    return taken


def _storable(value):
    """PostgreSQL gives JSON as what it stands for."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def insert_bare(taken):
    """Insert rows by `executemany`, a few thousand in a transaction; returns seconds."""
    begun = time.perf_counter()
    for model, (columns, rows) in taken.items():
        for start in range(0, len(rows), AT_ONCE):
            with database.atomic():
                insert_rows(model, columns, rows[start : start + AT_ONCE])
    return time.perf_counter() - begun


def charge_row_by_row(ids, month):
    """Charge each contract in a transaction of its own with an object and a statement for each row; returns seconds."""
    begun = time.perf_counter()
    for contract_id in ids:
        with database.atomic():
            _charge(Contract.get_by_id(contract_id), month)
    return time.perf_counter() - begun


def _charge(contract, month):
    if PeriodCharge.select().where((PeriodCharge.contract == contract) & (PeriodCharge.month == month)).exists():
        return
    wallet = Account.get((Account.contract == contract) & (Account.kind == AccountKind.WALLET))
    shown = quote_month(subscriptions.load(contract), balance=wallet.balance, month=month)
    moment = now()
    PeriodCharge.create(contract=contract, month=month, charged_at=moment)
    quote = Quote.create(
        contract=contract, action='month', request={}, facts=shown.facts(), lines=shown.rows(), created_at=moment,
        executed_at=moment,
    )  # fmt: skip
    for line in shown.charges:
        _book(contract, wallet, quote, line, month)
    if wallet.balance < ZERO:
        block = DebtBlock.create(contract=contract, started_at=moment)
        facts = {'debt': -wallet.balance, 'name': contract.subscriber.first_name, 'contract': contract.number}
        facts['free_until'] = reconnections.free_until(block)
        letters.queue('debt_blocked', contract.subscriber.email, key=f'block:{block.id}', **facts)


def _book(contract, wallet, quote, line, month):
    operation = Operation.create(
        key=f'month:{contract.number}:{month:%Y-%m}:{line.kind}:{line.code}', fingerprint='f' * 64, kind='month',
        contract=contract, title=line.title, formula=line.formula, basis='', quote=quote, booked_at=now(),
    )  # fmt: skip
    revenue = ledger.own_account(AccountKind.REVENUE)
    entries = []
    for account, amount in ((wallet, -line.sum), (revenue, line.sum)):
        account.balance += amount
        account.entry_count += 1
        account.save()
        entry = Entry.create(operation=operation, account=account, amount=amount, balance_after=account.balance)
        entries.append((account.id, kopecks(amount), kopecks(entry.balance_after)))
    last = OperationLink.select().order_by(OperationLink.id.desc()).first()
    before = last.hash if last else beginning(CHAIN.keys()[0])
    row = [field.db_value(operation.__data__.get(field.name)) for field in FIELDS]
    mark = link(before, ledger_chain.canonical(row, entries), CHAIN.keys()[0])
    OperationLink.create(operation=operation, prev_hash=before, hash=mark)
