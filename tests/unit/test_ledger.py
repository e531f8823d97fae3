"""The books: one operation for one fact, never changed, always balanced."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import peewee
import pytest

from models.account import Account, AccountKind, Entry, Operation, OperationKind
from models.base import database
from services.accounts import booking, ledger
from services.accounts.ledger import KeyReused, Posting
from services.events import ContractChanged
from services.runner import transactional, with_connection
from tests import factories

TEN = Decimal('10.00')


def charge(amount=-TEN, **fields):
    return Posting(**{'key': 'adjust:1', 'kind': OperationKind.FEE, 'amount': amount, 'title': 'Проба', **fields})


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
    assert Operation.select().where(Operation.key == 'adjust:1').count() == 1


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


def test_an_operation_is_reversed_once_by_two_at_once(committed_db, contract, monkeypatch):
    operation = with_connection(ledger.post)(contract, charge())
    start = threading.Barrier(2)
    lock = booking.locked_wallets
    if committed_db.name == 'postgres':  # both are inside before one of them holds the wallet; SQLite lets in one
        monkeypatch.setattr(booking, 'locked_wallets', lambda ids: start.wait() < 2 and lock(ids))

    def reverse(_):
        return with_connection(ledger.reverse)(operation, reason='Ошибка оператора', actor_id=None)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(reverse, range(2))

    assert one == other
    with database.connection_context():
        assert Operation.select().where(Operation.reverses == operation).count() == 1
        assert ledger.balance(contract) == Decimal('0.00')


def test_what_is_not_whole_yet_is_not_reversed(db, contract):
    @transactional
    def post_and_reverse():
        ledger.reverse(ledger.post(contract, charge()), reason='Ошибка', actor_id=None)

    with pytest.raises(ValueError, match='not whole'):
        post_and_reverse()


# --- many at once -----------------------------------------------------------------------------------------------


def batch():
    """Forty postings on three wallets in no order, on several accounts of ours, one of them given twice."""
    contracts = [factories.make_contract(str(300_010 + n), balance=TEN) for n in range(3)]
    kinds = (OperationKind.MONTH, OperationKind.ADJUSTMENT, OperationKind.OPENING)
    postings = [
        (contracts[n % 3], charge(TEN if n % 4 else -TEN / 4, key=f'adjust:{n}', kind=kinds[n * 7 % 3], title=f'№ {n}'))
        for n in range(40)
    ]
    return [*postings, postings[5]]


def entries():
    rows = Entry.select(Operation.key, Account.kind, Account.contract, Entry.amount, Entry.balance_after)
    return list(rows.join(Operation).switch(Entry).join(Account).order_by(Operation.id, Entry.id).tuples())


def test_many_at_once_are_booked_as_one_by_one(db):
    postings = batch()
    with database.atomic() as one_by_one:
        expected = [ledger.post(contract, posting).key for contract, posting in postings]
        wanted = entries()
        one_by_one.rollback()

    booked = ledger.post_many(postings)

    assert [operation.key for operation in booked] == expected
    assert booked[-1] is booked[5]
    assert entries() == wanted
    assert len({row[0] for row in wanted if row[0].startswith('adjust')}) == 40


def test_a_second_run_of_many_books_nothing(db):
    postings = batch()
    first = ledger.post_many(postings)

    assert ledger.post_many(postings) == first
    assert Operation.select().count() == 43


def test_one_that_is_refused_takes_the_others_with_it(db, contract):
    ledger.post(contract, charge())
    before = entries()

    for wrong, refusal in ((charge(TEN), KeyReused), (charge(Decimal('0.005'), key='adjust:3'), ValueError)):
        with pytest.raises(refusal):
            ledger.post_many([(contract, charge(key='adjust:2')), (contract, wrong)])
    with pytest.raises(KeyReused):
        ledger.post_many([(contract, charge(key='adjust:4')), (contract, charge(TEN, key='adjust:4'))])
    with pytest.raises(ValueError, match='at once'):
        ledger.post_many([(contract, charge())] * (ledger.MOST_AT_ONCE + 1))
    assert entries() == before


def test_nothing_at_all_is_fine(db):
    assert ledger.post_many([]) == []


def test_a_batch_takes_as_many_statements_as_one(db, contract, monkeypatch):
    seen = []
    pool = database.obj
    for name in ('execute_sql', 'execute_many'):
        run = getattr(pool, name)
        monkeypatch.setattr(pool, name, lambda sql, *rest, run=run: seen.append(sql) or run(sql, *rest))
    ledger.post(contract, charge(key='adjust:first'))
    seen.clear()

    ledger.post(contract, charge(key='adjust:one'))
    one = len(seen)
    seen.clear()
    ledger.post_many([(contract, charge(key=f'adjust:{n}')) for n in range(500)])

    assert len(seen) == one < 16


def test_batches_of_the_same_wallets_in_any_order_wait_and_go_on(committed_db):
    with database.connection_context():
        contracts = [factories.make_contract(str(300_020 + n)) for n in range(6)]
    start = threading.Barrier(4)

    def work(number):
        ordered = contracts if number % 2 else contracts[::-1]
        start.wait()
        for turn in range(5):
            postings = [(c, charge(key=f'adjust:{number}:{turn}:{c.number}')) for c in ordered]
            with_connection(ledger.post_many)(postings)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))

    with database.connection_context():
        assert {ledger.balance(contract) for contract in contracts} == {-TEN * 20}
        assert ledger.own_account(AccountKind.REVENUE).balance == TEN * 120
