"""The books: one operation for one fact, never changed, always balanced."""

from decimal import Decimal

import peewee
import pytest

from models.account import Account, AccountKind, Entry, Operation, OperationKind
from models.base import database
from services.accounts import invariants, ledger
from services.accounts.ledger import KeyReused, Posting
from services.events import ContractChanged
from tests import factories
from tests.cast import contract_of

TEN = Decimal('10.00')


def charge(amount=-TEN, **fields):
    return Posting(**{'key': 'fact:1', 'kind': OperationKind.FEE, 'amount': amount, 'title': 'Проба', **fields})


@pytest.fixture
def contract(storage):
    return factories.make_contract('300001')


def test_a_charge_lowers_the_wallet_and_raises_our_revenue(db, contract):
    operation = ledger.post(contract, charge(formula='10,00 р.', basis='Правило'))

    assert ledger.balance(contract) == -TEN
    assert ledger.own_account(AccountKind.REVENUE).balance == TEN
    assert [entry.amount for entry in operation.entries.order_by(Entry.id)] == [-TEN, TEN]
    assert [entry.balance_after for entry in operation.entries.order_by(Entry.id)] == [-TEN, TEN]
    assert (operation.formula, operation.basis) == ('10,00 р.', 'Правило')
    assert ContractChanged(contract.id) in db.events


def test_a_payment_comes_from_the_gateway(db, contract):
    ledger.post(contract, charge(TEN, kind=OperationKind.PAYMENT))

    assert ledger.balance(contract) == TEN
    assert ledger.own_account(AccountKind.GATEWAY).balance == -TEN


def test_the_same_fact_is_booked_once(db, contract):
    first = ledger.post(contract, charge())

    assert ledger.post(contract, charge()) == first
    assert ledger.balance(contract) == -TEN
    assert Operation.select().where(Operation.key == 'fact:1').count() == 1


@pytest.mark.parametrize('other', [{'amount': Decimal('-10.01')}, {'kind': OperationKind.TARIFF}])
def test_a_key_with_other_content_is_refused(db, contract, other):
    ledger.post(contract, charge())

    with pytest.raises(KeyReused):
        ledger.post(contract, charge(**other))
    assert ledger.balance(contract) == -TEN


def test_a_key_of_another_contract_is_refused(db, contract):
    ledger.post(contract, charge())

    with pytest.raises(KeyReused):
        ledger.post(factories.make_contract('300002'), charge())


@pytest.mark.parametrize('amount', [Decimal('0.00'), Decimal('0.005')])
def test_nothing_and_fractions_of_a_kopeck_cannot_be_booked(db, contract, amount):
    with pytest.raises(ValueError, match='cannot be booked'):
        ledger.post(contract, charge(amount))


def test_an_operation_is_reversed_once(db, contract):
    operation = ledger.post(contract, charge())

    reversal = ledger.reverse(operation, reason='Ошибка оператора', actor_id=None)
    again = ledger.reverse(operation, reason='Ошибка оператора', actor_id=None)

    assert again == reversal
    assert ledger.balance(contract) == Decimal('0.00')
    assert ledger.own_account(AccountKind.REVENUE).balance == Decimal('0.00')
    assert (reversal.reverses, reversal.reason) == (operation, 'Ошибка оператора')


@pytest.mark.parametrize('table', [Operation, Entry])
def test_the_database_refuses_to_change_or_delete_what_is_booked(db, contract, table):
    ledger.post(contract, charge())
    field = {'title': 'Другое'} if table is Operation else {'amount': TEN}

    for query in (table.update(**field), table.delete()):
        with pytest.raises(peewee.DatabaseError, match='append-only'), database.atomic():
            query.execute()
    assert ledger.balance(contract) == -TEN


def test_good_books_pass_the_self_check(db, anna, boris):
    ledger.reverse(ledger.post(contract_of(anna), charge()), reason='Проба', actor_id=None)

    assert invariants.self_check() == []


def test_the_self_check_finds_a_balance_that_was_touched(db, contract):
    ledger.post(contract, charge())
    wallet = ledger.wallet_of(contract)
    Account.update(balance=TEN).where(Account.id == wallet.id).execute()

    assert invariants.self_check() == [f'I3: account {wallet.id} says 10.00, its 1 entries sum to -1000 kopecks']


def test_the_self_check_finds_an_entry_without_its_other_half(db, contract):
    operation = ledger.post(contract, charge())
    wallet = ledger.wallet_of(contract)
    Entry.create(operation=operation, account=wallet, amount=TEN, balance_after=TEN)

    faults = invariants.self_check()

    assert faults[:2] == [
        'I1: all entries sum to 1000 kopecks, not zero',
        f'I2: operation {operation.id} has 3 entries that sum to 1000 kopecks',
    ]
    assert faults[2].startswith(f'I3: account {wallet.id} ')


def test_the_self_check_finds_an_operation_without_entries(db, contract):
    operation = ledger.post(contract, charge())
    bare = Operation.create(
        key='bare', fingerprint='x', kind=OperationKind.FEE, title='Пусто', booked_at=operation.booked_at
    )

    assert invariants.self_check() == [f'I2: operation {bare.id} has 0 entries that sum to 0 kopecks']
