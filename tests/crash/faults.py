"""Mistakes a programmer could make with money, put into the workers one at a time: the crash test must find each."""

import uuid
from dataclasses import replace
from decimal import Decimal

from models.account import Account, Entry
from models.base import database, is_postgres
from services import form_keys
from services.accounts import billing, debt_blocks, ledger
from tests.crash import calls

_post, _enter = ledger.post, ledger._enter


def _posting(change):
    ledger.post = lambda contract, posting: _post(contract, replace(posting, **change(posting)))


def no_key():
    """Every repeat is a new fact."""
    _posting(lambda posting: {'key': f'{posting.key}:{uuid.uuid4().hex[:8]}'})


def wrong_sign():
    _posting(lambda posting: {'amount': -posting.amount})


def rounding_twice():
    """To ten kopecks first."""
    _posting(lambda posting: {'amount': posting.amount.quantize(Decimal('0.1'))})


def other_wallet():
    """Everything is booked on the first contract."""
    first = lambda: calls.Contract.get(calls.Contract.number == calls.NUMBERS[0])  # noqa: E731
    ledger.post = lambda _contract, posting: _post(first(), posting)


def nothing_done():
    """Some postings, by the last figure of their key, are answered and not made."""
    ledger.post = lambda contract, posting: None if posting.key.endswith('3') else _post(contract, posting)


def no_other_half():
    def enter(operation, account, amount):
        if account.contract_id is not None:
            _enter(operation, account, amount)

    ledger._enter = enter


def not_cached():
    """The balance of the account is not written."""
    ledger._enter = lambda operation, account, amount: Entry.create(
        operation=operation, account=account, amount=amount, balance_after=account.balance
    )


def cached_twice():
    def enter(operation, account, amount):
        _enter(operation, account, amount)
        Account.update(balance=Account.balance + amount).where(Account.id == account.id).execute()

    ledger._enter = enter


def not_counted():
    """The number of entries is not written."""

    def enter(operation, account, amount):
        _enter(operation, account, amount)
        Account.update(entry_count=Account.entry_count - 1).where(Account.id == account.id).execute()

    ledger._enter = enter


def period_not_claimed():
    billing._open_period = lambda contract, month: True


def no_form_key():
    """A repeated click is a new one."""
    form_keys.checked = lambda form_key: uuid.uuid4().hex


def answer_before_commit():
    """The worker answers first and works then."""
    calls.answers_first = True


def two_transactions():
    """The first half of a payment is committed before the second is written."""

    def enter(operation, account, amount):
        _enter(operation, account, amount)
        database.execute_sql('COMMIT')
        database.execute_sql('BEGIN' if is_postgres() else 'BEGIN IMMEDIATE')

    def pay(contract, call):
        ledger._enter = enter
        try:
            ledger.post(contract, calls.posting(call))
        finally:
            ledger._enter = _enter
        debt_blocks.review(contract)

    calls._pay = pay


FAULTS = {
    fault.__name__: fault
    for fault in (
        answer_before_commit, two_transactions, no_key, no_form_key, wrong_sign, rounding_twice, other_wallet,
        nothing_done, no_other_half, not_cached, cached_twice, not_counted, period_not_claimed,
    )
}  # fmt: skip


def apply(name):
    """Make one of the mistakes in this process."""
    FAULTS[name]()
