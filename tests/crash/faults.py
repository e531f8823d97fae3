"""Mistakes a programmer could make with money, put into the workers one at a time: the crash test must find each."""

import uuid
from dataclasses import replace
from decimal import Decimal

from models.account import Account, PeriodCharge
from models.base import database, is_postgres
from services import form_keys
from services.accounts import booking, debt_blocks, ledger, month_charges
from tests.crash import calls

_post_many, _enter = ledger.post_many, booking._enter


def _postings(change):
    ledger.post_many = lambda postings: _post_many([change(contract, posting) for contract, posting in postings])


def no_key():
    """Every repeat is a new fact."""
    _postings(lambda contract, posting: (contract, replace(posting, key=f'{posting.key}:{uuid.uuid4().hex[:8]}')))


def wrong_sign():
    _postings(lambda contract, posting: (contract, replace(posting, amount=-posting.amount)))


def rounding_twice():
    """To ten kopecks first."""
    _postings(lambda contract, posting: (contract, replace(posting, amount=posting.amount.quantize(Decimal('0.1')))))


def other_wallet():
    """Everything is booked on the first contract."""
    _postings(lambda _contract, posting: (calls.Contract.get(calls.Contract.number == calls.NUMBERS[0]), posting))


def nothing_done():
    """Some postings, by the last figure of their key, are answered and not made."""
    ledger.post_many = lambda postings: [
        None if posting.key.endswith('3') else _post_many([(contract, posting)])[0] for contract, posting in postings
    ]


def no_other_half():
    booking._enter = lambda legs: _enter([leg for leg in legs if leg[1].contract_id is not None])


def _after_entering(change):
    """Do something to every account that has got its entries."""

    def enter(legs):
        _enter(legs)
        for _draft, account, amount in legs:
            rubles = Decimal(amount).scaleb(-2)
            Account.update(change(rubles)).where(Account.id == account.id).execute()

    booking._enter = enter


def not_cached():
    """The balance of the account is not written."""
    _after_entering(lambda amount: {Account.balance: Account.balance - amount})


def cached_twice():
    _after_entering(lambda amount: {Account.balance: Account.balance + amount})


def not_counted():
    """The number of entries is not written."""
    _after_entering(lambda _amount: {Account.entry_count: Account.entry_count - 1})


def period_not_claimed():
    """A month is charged again and again: nobody looks whether it was, nobody writes that it is."""
    insert_rows = month_charges.insert_rows
    month_charges.due = lambda contracts, _month: list(contracts)
    month_charges.insert_rows = lambda model, *rest: model is PeriodCharge or insert_rows(model, *rest)


def no_form_key():
    """A repeated click is a new one."""
    form_keys.checked = lambda form_key: uuid.uuid4().hex


def answer_before_commit():
    """The worker answers first and works then."""
    calls.answers_first = True


def two_transactions():
    """The first half of a payment is committed before the second is written."""

    def enter(legs):
        _enter(legs)
        database.execute_sql('COMMIT')
        database.execute_sql('BEGIN' if is_postgres() else 'BEGIN IMMEDIATE')

    def pay(contract, call):
        booking._enter = enter
        try:
            ledger.post(contract, calls.posting(call))
        finally:
            booking._enter = _enter
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
