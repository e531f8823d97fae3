"""Each invariant of the books (SECURITY §2.4) is broken here once, past the program, and is seen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.account import Account, AccountKind, Entry, Operation, OperationKind, PeriodCharge, Quote
from models.contract import Suspension
from models.outbox import Channel, OutgoingMessage
from models.payment import Payment, PaymentState
from services.accounts import billing, invariants, ledger
from services.accounts.ledger import Posting
from services.clock import midnight, now
from tests import factories
from tests.broken_books import change, unlock

TEN = Decimal('10.00')
NOVEMBER = date(2026, 11, 1)
BROKEN = pytest.mark.broken_books
pytestmark = pytest.mark.at('2026-11-25 12:00')


@pytest.fixture
def contract(storage):
    return factories.make_contract('300001', active_on=date(2026, 9, 14), balance=Decimal('50.00'))


def post(contract, key, amount, kind=OperationKind.ADJUSTMENT, **fields):
    return ledger.post(contract, Posting(key, kind, amount, 'Проба', **fields))


def faults(name):
    return [line for line in invariants.self_check(thorough=True) if line.startswith(f'{name}: ')]


def drop_index(table, *columns):
    """Take a unique index off a table, whatever it is called."""
    from models.base import database

    for index in database.get_indexes(table):
        if index.unique and index.columns == list(columns):
            change(f'DROP INDEX "{index.name}"')


def test_good_books_have_no_faults(db, anna, boris, contract):
    ledger.reverse(post(contract, 'adjust:1', -TEN), reason='Проба', actor_id=None)

    assert invariants.self_check() == invariants.self_check(thorough=True) == []
    assert set(invariants.INVARIANTS) == {*(f'I{n}' for n in range(1, 11)), 'I5 refunds', 'I10 late'}


@BROKEN
def test_i1_an_entry_that_has_no_other_half(db, contract):
    operation = post(contract, 'adjust:1', -TEN)
    unlock()
    change('UPDATE entry SET amount = amount + 5 WHERE operation_id = ? AND amount < 0', operation.id)

    assert faults('I1') == [
        'I1: all entries in BYN sum to 5, not zero',
        f'I1: the entries of operation {operation.id} in BYN sum to 5, not zero',
    ]


@BROKEN
def test_i2_an_operation_without_entries_and_an_entry_without_operation(db, contract):
    operation = post(contract, 'adjust:1', -TEN)
    bare = Operation.create(key='adjust:2', fingerprint='x', kind=OperationKind.FEE, title='Пусто', booked_at=now())
    unlock()
    assert faults('I2') == [f'I2: operation {bare.id} has 0 entries']

    entry = Entry.get(Entry.operation == operation)
    change('PRAGMA defer_foreign_keys = 1') if db.name == 'sqlite' else None
    change('UPDATE entry SET operation_id = 999999 WHERE id = ?', entry.id)
    assert faults('I2') == [
        f'I2: operation {operation.id} has 1 entries',
        f'I2: operation {bare.id} has 0 entries',
        f'I2: entry {entry.id} belongs to no operation',
    ]


@BROKEN
def test_i3_a_balance_that_was_touched(db, contract):
    wallet = ledger.wallet_of(contract)
    Account.update(balance=TEN).where(Account.id == wallet.id).execute()
    assert faults('I3') == [f'I3: account {wallet.id} says 1000 after 1 entries, its 1 entries sum to 5000']

    Account.update(balance=Decimal('50.00'), entry_count=2).where(Account.id == wallet.id).execute()
    assert faults('I3') == [f'I3: account {wallet.id} says 5000 after 2 entries, its 1 entries sum to 5000']


@BROKEN
def test_i3_a_balance_behind_an_entry_that_was_touched(db, contract):
    entry = Entry.get(Entry.account == ledger.wallet_of(contract))
    unlock()
    change('UPDATE entry SET balance_after = 7 WHERE id = ?', entry.id)

    assert faults('I3') == [f'I3: entry {entry.id} says 7 after it, the entries up to it sum to 5000']


@BROKEN
def test_i4_a_key_that_stands_twice(db, contract):
    post(contract, 'adjust:1', -TEN)
    post(contract, 'adjust:2', -TEN)
    unlock()
    drop_index('operation', 'key')
    change("UPDATE operation SET key = 'adjust:1' WHERE key = 'adjust:2'")

    assert faults('I4') == ['I4: 2 operations with the key adjust:1']


def card_payment(contract, amount=TEN, uid='uid-1', **fields):
    times = {'created_at': now(), 'updated_at': now()}
    facts = {'state': PaymentState.SUCCEEDED, 'gateway': 'bepaid', 'tracking_id': uid, 'form_key': uid}
    return Payment.create(contract=contract, amount=amount, gateway_uid=uid, **{**facts, **times, **fields})


def book_card_payment(contract, amount=TEN, uid='uid-1', **fields):
    operation = post(contract, f'pay:bepaid:{uid}', amount, OperationKind.PAYMENT, **fields)
    facts = {'channel': Channel.EMAIL, 'recipient': 'a@example.by', 'text': '', 'message_id': uid}
    OutgoingMessage.create(key=operation.key, next_at=now(), created_at=now(), **facts)
    return operation


def test_a_payment_and_its_operation_agree_and_so_do_two_of_one_page(db, contract):
    card_payment(contract)
    book_card_payment(contract)
    book_card_payment(contract, uid='uid-of-another-card')

    assert invariants.self_check(thorough=True) == []


@BROKEN
def test_i5_a_payment_nobody_booked_and_an_operation_nobody_paid(db, contract):
    payment = card_payment(contract)
    other = factories.make_contract('300002')
    assert faults('I5') == [f'I5: payment {payment.id} of 1000 has succeeded, but no operation booked it']

    operation = book_card_payment(other)
    assert faults('I5') == [
        f'I5: payment {payment.id} of 1000 has succeeded, but no operation booked it',
        f'I5: operation {operation.id} books a payment nobody made',
    ]


@BROKEN
def test_i5_and_i9_a_payment_booked_with_another_sum(db, contract):
    payment = card_payment(contract)
    operation = book_card_payment(contract, TEN + 1)

    assert faults('I5') == [
        f'I5: payment {payment.id} of 1000 has succeeded, but operation {operation.id} booked another sum',
        f'I5: operation {operation.id} books a payment nobody made',
    ]
    assert faults('I9') == [
        "I9: the gateway's register sums to 1000, its payments on the clearing account to 1100",
    ]


@BROKEN
def test_i5_more_back_than_was_paid(db, contract):
    post(contract, 'refund:1', -TEN * 5, OperationKind.REFUND)
    assert faults('I5') == []

    post(contract, 'refund:2', -TEN, OperationKind.REFUND)
    assert faults('I5') == [f'I5: contract {contract.id} got 6000 back and had paid 5000']


@BROKEN
def test_i6_a_month_that_was_charged_twice(db, contract):
    billing.charge_month(contract, NOVEMBER)
    assert faults('I6') == []

    unlock()
    drop_index('period_charge', 'contract_id', 'month')
    PeriodCharge.create(contract=contract, month=NOVEMBER, charged_at=now())
    assert f'I6: contract {contract.id} was charged for 2026-11 2 times' in faults('I6')


@BROKEN
@pytest.mark.parametrize('key', ['month:300001:2026-10:tariff:I-100', 'activation:300001:tariff:I-100'])
def test_i6_a_charge_that_belongs_to_no_month(db, contract, key):
    billing.charge_month(contract, NOVEMBER)
    operation = post(contract, key, -TEN, OperationKind.MONTH)

    assert faults('I6') == [f'I6: operation {operation.id} ({key}) belongs to no charge of its contract and month']


def test_i6_the_first_charge_belongs_to_the_month_of_the_activation(db, contract):
    post(contract, 'activation:300001:tariff:I-100', -TEN, OperationKind.MONTH)
    PeriodCharge.create(contract=contract, month=date(2026, 9, 1), charged_at=now())

    assert faults('I6') == []


def suspend(contract, **days):
    return Suspension.create(contract=contract, form_key='key', created_at=now() - timedelta(days=40), **days)


@BROKEN
def test_i6_a_month_that_is_suspended_as_a_whole(db, contract):
    factories.make_unit(contract, 'R-AC')
    suspend(contract, starts_on=date(2026, 10, 25), ends_on=date(2026, 12, 1))
    billing.charge_month(contract, NOVEMBER)
    assert faults('I6') == [], 'the rent goes on'

    key = 'month:300001:2026-11:tariff:I-100'
    operation = post(contract, key, -TEN, OperationKind.MONTH)
    assert faults('I6') == [f'I6: operation {operation.id} ({key}) charges a month that is suspended as a whole']


@pytest.mark.parametrize('resumed_on', [date(2026, 11, 30), None])
def test_i6_a_month_that_is_suspended_in_part_is_charged(db, contract, resumed_on):
    ends_on = date(2026, 12, 1) if resumed_on else date(2026, 11, 30)
    suspend(contract, starts_on=date(2026, 10, 25), ends_on=ends_on, resumed_on=resumed_on)

    assert billing.charge_month(contract, NOVEMBER) > 0


@BROKEN
def test_i7_what_a_person_orders_leaves_no_debt(db, contract):
    post(contract, 'adjust:1', -TEN * 6)
    assert faults('I7') == [], 'a correction may'

    operation = post(contract, 'fee:1', -TEN)
    assert faults('I7') == [f'I7: operation {operation.id} (fee:1) left a wallet at -2000']


@BROKEN
def test_i7_an_order_is_judged_by_its_last_line(db, contract):
    def order(number, *amounts):
        quote = Quote.create(contract=contract, action='tariff', request={}, facts='x', lines=[], created_at=now())
        for place, amount in enumerate(amounts):
            post(contract, f'tariff:{number}:{place}', amount, OperationKind.TARIFF, quote=quote)
        return quote

    order(1, -TEN * 6, TEN)
    order(2, TEN)
    assert faults('I7') == []

    quote = order(3, TEN, -TEN * 3)
    assert faults('I7') == [f'I7: what was ordered by quote {quote.id} left a wallet at -1000']


@BROKEN
def test_i8_is_there_with_and_without_the_long_walk(db, contract):
    operation = post(contract, 'adjust:1', -TEN)
    unlock()
    Operation.update(title='Другое').where(Operation.id == operation.id).execute()

    line = (
        f'I8: operation {operation.id} or an entry of it was changed, removed, or written by somebody without the key'
    )
    assert invariants.self_check() == [line]
    assert invariants.self_check(thorough=True) == [line, line]


@BROKEN
def test_i9_what_is_no_payment_on_the_clearing_account(db, contract):
    operation = post(contract, 'adjust:1', TEN, other_side=AccountKind.GATEWAY)

    assert faults('I9') == [f'I9: operation {operation.id} of kind adjustment stands on the clearing account']


@BROKEN
def test_i10_a_letter_that_was_promised_and_never_written(db, anna, boris):
    for actor, uid in ((anna, 'uid-1'), (boris, 'uid-2')):
        card_payment(actor.contract_id, uid=uid)
    paid = book_card_payment(factories.Contract.get_by_id(anna.contract_id), uid='uid-1')
    silent = post(factories.Contract.get_by_id(boris.contract_id), 'pay:bepaid:uid-2', TEN, OperationKind.PAYMENT)
    assert paid.id != silent.id
    assert faults('I10') == [f'I10: operation {silent.id} promises a letter that was never written']

    facts = {'channel': Channel.EMAIL, 'recipient': 'b@example.by', 'text': '', 'message_id': 'b'}
    key = f'email:{boris.user_id}:first:x:new'
    OutgoingMessage.create(key=key, next_at=now(), created_at=now() + timedelta(days=1), **facts)
    assert faults('I10') == [], 'he had no address yet'


@BROKEN
def test_i10_a_letter_nobody_sends(db):
    facts = {'channel': Channel.EMAIL, 'recipient': 'a@example.by', 'text': '', 'created_at': now()}
    OutgoingMessage.create(key='fresh', message_id='1', next_at=midnight(date(2026, 11, 25)), **facts)
    assert faults('I10') == []

    late = OutgoingMessage.create(key='late', message_id='2', next_at=midnight(date(2026, 11, 24)), **facts)
    assert faults('I10') == [f'I10: letter {late.id} (late) is due for more than a day']


@BROKEN
def test_i11_an_export_that_does_not_add_up_to_our_balances(db, contract):
    Account.update(balance=TEN).where(Account.id == ledger.wallet_of(contract).id).execute()

    (line,) = faults('I11')
    assert line.startswith(
        'I11: the journal does not add up: wallet:300001 is 5000 kopecks where the journal says 1000'
    )


def test_after_each_part_it_is_told_how_many_are_done_and_of_how_many(db):
    told = []

    assert invariants.self_check(tell=lambda done, of: told.append((done, of)), but=('I1', 'I10 late')) == []
    parts = len(invariants.INVARIANTS) - 2
    assert told == [(done, parts) for done in range(1, parts + 1)]


@BROKEN
def test_a_flood_of_faults_is_told_in_part(db, contract):
    for number in range(30):
        Operation.create(key=f'adjust:{number}', fingerprint='x', kind=OperationKind.FEE, title='П', booked_at=now())

    assert len(faults('I2')) == invariants.MOST_LINES
