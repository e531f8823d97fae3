"""An operation as it stands in the books for ever: every field of it, whoever booked it and however many at once."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import pytest

from models.account import Account, AccountKind, Entry, Operation, OperationKind, Quote
from services.accounts import booking, ledger, line_postings
from services.accounts.ledger import KeyReused, Posting
from services.clock import now
from services.events import ContractChanged
from services.money import ZERO
from services.quotes.monthly import Line, LineKind
from tests import factories

TEN = Decimal('10.00')
EARLIER = datetime(2026, 11, 20, 9, tzinfo=UTC)
LINE = Line(date(2026, 12, 1), LineKind.RENT, 'R-AC', 'Роутер', Decimal('4.50'), '4,50 р.', 'Своё правило')
pytestmark = pytest.mark.at('2026-11-25 12:00')


@pytest.fixture
def contract(storage):
    return factories.make_contract('300001')


@pytest.fixture
def clerk(storage):
    return factories.make_user('operator')


def charge(key='adjust:1', amount=-TEN, **fields):
    return Posting(**{'key': key, 'kind': OperationKind.FEE, 'amount': amount, 'title': 'Проба', **fields})


def legs(operation):
    """Return where an operation moved money: kind of account and kopecks, in the order of the entries."""
    rows = Entry.select(Entry, Account).join(Account).where(Entry.operation == operation).order_by(Entry.id)
    return [(str(entry.account.kind), entry.amount, entry.balance_after) for entry in rows]


# --- one operation ----------------------------------------------------------------------------------------------


def test_everything_that_is_posted_stands_in_the_books(db, contract, clerk):
    quote = Quote.create(contract=contract, action='fee', request={}, facts='x', lines=[], created_at=now())
    full = charge(
        formula='10,00 р.', basis='Правило', reason='По просьбе', quote=quote, actor_id=clerk.id, booked_at=EARLIER,
        other_side=AccountKind.CASH,
    )  # fmt: skip
    row = Operation.get_by_id(ledger.post(contract, full).id)

    assert (row.key, row.kind, row.contract_id) == ('adjust:1', OperationKind.FEE, contract.id)
    assert (row.title, row.formula, row.basis, row.reason) == ('Проба', '10,00 р.', 'Правило', 'По просьбе')
    assert (row.quote_id, row.actor_id, row.reverses_id, row.booked_at) == (quote.id, clerk.id, None, EARLIER)
    assert row.fingerprint == sha256(f'{contract.id}|fee|-10.00'.encode()).hexdigest()
    assert legs(row) == [('wallet', -TEN, -TEN), ('cash', TEN, TEN)]


def test_what_is_not_told_is_empty_and_the_moment_is_now(db, contract):
    row = Operation.get_by_id(ledger.post(contract, charge()).id)

    assert (row.formula, row.basis, row.reason, row.quote_id, row.actor_id) == ('', '', '', None, None)
    assert row.booked_at == now()


@pytest.mark.parametrize(
    ('kind', 'side'),
    [
        (OperationKind.PAYMENT, 'gateway'),
        (OperationKind.REFUND, 'gateway'),
        (OperationKind.ADJUSTMENT, 'adjustment'),
        (OperationKind.OPENING, 'opening'),
        (OperationKind.MONTH, 'revenue'),
        (OperationKind.EQUIPMENT, 'revenue'),
    ],
)
@pytest.mark.broken_books
def test_each_kind_has_its_other_half(db, contract, kind, side):
    assert legs(ledger.post(contract, charge(kind=kind, amount=TEN))) == [('wallet', TEN, TEN), (side, -TEN, -TEN)]


@pytest.mark.parametrize(
    ('amount', 'words'), [('0.00', '0.00 cannot be booked'), ('-0.005', '-0.005 cannot be booked')]
)
def test_what_cannot_be_booked_is_named(db, contract, amount, words):
    with pytest.raises(ValueError) as refusal:
        ledger.post(contract, charge(amount=Decimal(amount)))
    assert str(refusal.value) == words


def test_a_kopeck_can_be_booked(db, contract):
    ledger.post(contract, charge(amount=Decimal('-0.01')))

    assert ledger.balance(contract) == Decimal('-0.01')


def test_a_key_with_other_content_raises_the_alarm(db, contract, caplog):
    first = ledger.post(contract, charge())

    with pytest.raises(KeyReused):
        ledger.post(contract, charge(amount=TEN))
    assert caplog.messages == [f'Key adjust:1 stands for operation {first.id} already and came with other content']


# --- many -------------------------------------------------------------------------------------------------------


def test_a_thousand_is_the_most_at_once(db, contract):
    postings = [(contract, charge(f'adjust:{n}', Decimal('-0.01'))) for n in range(ledger.MOST_AT_ONCE)]
    assert len(ledger.post_many(postings)) == 1000
    assert ledger.balance(contract) == -TEN

    with pytest.raises(ValueError) as refusal:
        ledger.post_many([*postings, (contract, charge('adjust:more'))])
    assert str(refusal.value) == '1001 postings at once, 1000 is the most'


def test_a_contract_is_told_once_that_it_changed_and_not_at_all_when_nothing_was_booked(db, contract):
    other = factories.make_contract('300002')
    postings = [(contract, charge('adjust:1')), (other, charge('adjust:2')), (contract, charge('adjust:3'))]
    db.events.clear()
    ledger.post_many(postings)
    assert db.events == [ContractChanged(contract.id), ContractChanged(other.id)]

    db.events.clear()
    ledger.post_many(postings)
    assert db.events == []


def test_new_ones_among_old_ones_are_booked_and_answered_in_the_order_given(db, contract):
    ledger.post(contract, charge('adjust:2'))
    booked = ledger.post_many([(contract, charge(f'adjust:{n}')) for n in (3, 2, 1)])

    assert [operation.key for operation in booked] == ['adjust:3', 'adjust:2', 'adjust:1']
    assert ledger.balance(contract) == -TEN * 3
    assert booked[1].id < booked[0].id < booked[2].id


def test_balances_are_asked_for_many_and_a_contract_without_a_wallet_has_nothing(db, contract):
    other, third = (factories.make_contract(f'30000{n}') for n in (2, 3))
    ledger.post_many([(contract, charge('adjust:1')), (other, charge('adjust:2', TEN, kind=OperationKind.PAYMENT))])

    assert ledger.balances([contract, other, third]) == {contract.id: -TEN, other.id: TEN, third.id: ZERO}
    assert ledger.balances([]) == {}
    assert str(ledger.balance(third)) == '0.00'


# --- accounts ---------------------------------------------------------------------------------------------------


def test_a_wallet_is_made_once_at_first_need_with_nothing_in_it(db, contract):
    one = ledger.wallet_of(contract)

    assert (one.kind, one.contract_id, one.balance, one.currency, one.entry_count) == (
        AccountKind.WALLET, contract.id, ZERO, 'BYN', 0,
    )  # fmt: skip
    assert ledger.wallet_of(contract) == one
    assert booking.locked_wallets([contract.id, contract.id]) == {contract.id: one}
    assert booking.locked_wallets([]) == {}
    other = factories.make_contract('300002')
    assert ledger.wallet_of(other).contract_id == other.id


def test_an_account_of_ours_belongs_to_nobody_and_is_there_once(db, contract):
    cash = ledger.own_account(AccountKind.CASH)

    assert (cash.kind, cash.contract_id, cash.balance) == (AccountKind.CASH, None, ZERO)
    assert ledger.own_account(AccountKind.CASH) == cash
    two = booking.own_accounts([AccountKind.REVENUE, AccountKind.CASH, AccountKind.CASH])
    assert sorted(str(account.kind) for account in two) == ['cash', 'revenue']


def test_wallets_that_are_there_and_those_that_are_not_come_together(db, contract):
    there, other = ledger.wallet_of(contract), factories.make_contract('300002')
    found = booking.locked_wallets([other.id, contract.id])

    assert set(found) == {contract.id, other.id}
    assert found[contract.id] == there


def test_an_account_counts_its_entries_and_knows_its_balance_after_each(db, contract):
    booked = ledger.post_many([(contract, charge(f'adjust:{n}', -TEN * n)) for n in (1, 2, 3)])
    ledger.post(contract, charge('adjust:9', TEN, kind=OperationKind.ADJUSTMENT))

    wallet, revenue = Account.get_by_id(ledger.wallet_of(contract).id), ledger.own_account(AccountKind.REVENUE)
    assert (wallet.balance, wallet.entry_count, revenue.balance, revenue.entry_count) == (-TEN * 5, 4, TEN * 6, 3)
    assert [legs(operation) for operation in booked] == [
        [('wallet', -TEN, -TEN), ('revenue', TEN, TEN)],
        [('wallet', -TEN * 2, -TEN * 3), ('revenue', TEN * 2, TEN * 3)],
        [('wallet', -TEN * 3, -TEN * 6), ('revenue', TEN * 3, TEN * 6)],
    ]


# --- reversals --------------------------------------------------------------------------------------------------


def test_a_reversal_has_the_words_of_what_it_takes_back(db, contract, clerk):
    operation = ledger.post(contract, charge(title='П' * 198, basis='Правило', formula='10,00 р.'))
    db.events.clear()
    row = Operation.get_by_id(ledger.reverse(operation, reason='Ошибка', actor_id=clerk.id).id)

    assert (row.key, row.kind, row.contract_id) == ('reverse:adjust:1', OperationKind.FEE, contract.id)
    assert row.title == 'Отмена: ' + 'П' * 192
    assert (row.formula, row.basis, row.reason) == ('', 'Правило', 'Ошибка')
    assert (row.actor_id, row.reverses_id, row.booked_at) == (clerk.id, operation.id, now())
    assert row.fingerprint == sha256(f'reverse:{operation.id}'.encode()).hexdigest()
    assert legs(row) == [('wallet', TEN, ZERO), ('revenue', -TEN, ZERO)]
    assert db.events == [ContractChanged(contract.id)]


def test_a_reversal_takes_back_one_operation_and_no_other(db, contract):
    first, other = (ledger.post(contract, charge(f'adjust:{n}', -TEN * n)) for n in (1, 2))
    row = ledger.reverse(first, reason='Ошибка', actor_id=None)

    assert legs(row) == [('wallet', TEN, -TEN * 2), ('revenue', -TEN, TEN * 2)]
    assert Operation.get_or_none(Operation.reverses == other) is None


def test_a_second_reversal_tells_nobody(db, contract):
    operation = ledger.post(contract, charge())
    first = ledger.reverse(operation, reason='Ошибка', actor_id=None)
    db.events.clear()

    assert ledger.reverse(operation, reason='Другая причина', actor_id=None).id == first.id
    assert db.events == []


@pytest.mark.broken_books
def test_what_is_not_whole_is_named(db, contract):
    operation = Operation.create(
        key='adjust:1', fingerprint='x', kind='fee', contract=contract, title='П', booked_at=now()
    )
    Entry.create(operation=operation, account=ledger.wallet_of(contract), amount=TEN, balance_after=TEN)

    with pytest.raises(ValueError) as refusal:
        ledger.reverse(operation, reason='Ошибка', actor_id=None)
    assert str(refusal.value) == f'operation {operation.id} is not whole'


# --- lines of quotes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('kind', 'expected'),
    [
        ('tariff', 'month'), ('tv', 'month'), ('bundle', 'month'), ('rent', 'equipment'), ('add_on', 'add_on'),
        ('connection', 'connection'), ('equipment', 'equipment'), ('fee', 'fee'),
    ],
)  # fmt: skip
def test_a_line_is_booked_under_the_kind_of_its_operation(kind, expected):
    assert line_postings.posting(replace(LINE, kind=LineKind(kind)), key='k', basis='b').kind == expected


def test_a_line_becomes_a_posting_with_the_opposite_sign(clerk):
    quote = Quote(action='month')
    words = line_postings.posting(LINE, key='adjust:m', basis='Правило', quote=quote, actor_id=7, booked_at=EARLIER)

    assert words == Posting(
        key='adjust:m',
        kind=OperationKind.EQUIPMENT,
        amount=Decimal('-4.50'),
        title='Роутер',
        formula='4,50 р.',
        basis='Правило',
        quote=quote,
        actor_id=7,
        other_side=AccountKind.REVENUE,
        booked_at=EARLIER,
    )


def test_a_line_is_booked_with_everything_it_was_given_and_a_line_of_nothing_is_not(db, contract, clerk):
    quote = Quote.create(contract=contract, action='month', request={}, facts='x', lines=[], created_at=now())
    facts = {'basis': 'Правило', 'quote': quote, 'actor_id': clerk.id, 'booked_at': EARLIER}
    line_postings.book(contract, LINE, key='adjust:r1', **facts)
    line_postings.book(contract, replace(LINE, sum=ZERO), key='adjust:r2', **facts)

    (row,) = Operation.select()
    assert (row.key, row.quote_id, row.actor_id, row.booked_at) == ('adjust:r1', quote.id, clerk.id, EARLIER)
    assert (row.title, row.formula, row.basis) == ('Роутер', '4,50 р.', 'Правило')
    assert legs(row) == [('wallet', Decimal('-4.50'), Decimal('-4.50')), ('revenue', Decimal('4.50'), Decimal('4.50'))]
