"""The monthly run: batches, a stop after each of them, two at once, one that fails, months that were missed."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playhouse.test_utils import count_queries

from models.account import BillingRun, Entry, Operation, OperationKind, PeriodCharge, Quote
from models.base import database
from models.catalogue import Tariff
from models.contract import Contract, ContractStatus, DebtBlock, Suspension, TariffChange, TariffChangeState
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState
from services.accounts import billing, billing_run, debt_blocks, ledger, snapshots
from services.accounts.ledger import Posting
from services.clock import now
from services.runner import with_connection
from tests import factories

DECEMBER = date(2026, 12, 1)
NOVEMBER = date(2026, 11, 1)


class Killed(BaseException):
    """Whatever ends a process in the middle."""


def BYN(text):  # noqa: N802 - reads like the unit
    return Decimal(text)


@with_connection
def street():
    """Seven contracts, no two alike: money enough and too little, TV, rent, an add-on, a pause, a planned tariff."""
    plain = {'active_on': date(2026, 10, 1)}
    contracts = [
        factories.make_contract(balance=BYN('100.00'), **plain),
        factories.make_contract(tv_package='T-BASE', balance=BYN('60.00'), **plain),
        factories.make_contract(user=factories.make_user(email='debt@example.by'), balance=BYN('5.00'), **plain),
        factories.make_contract(tariff='I-50', balance=BYN('100.00'), **plain),
        factories.make_contract(tariff='I-200', balance=BYN('100.00'), **plain),
        factories.make_contract(balance=BYN('100.00'), **plain),
        factories.make_contract(balance=BYN('29.90'), **plain),
    ]
    factories.make_unit(contracts[1], 'R-AC')
    factories.connect_add_on(contracts[3], 'A-IP')
    plan(contracts[4], 'I-100')
    pause(contracts[5], date(2026, 11, 20), date(2026, 12, 22))
    return contracts


def plan(contract, code, on=DECEMBER):
    TariffChange.create(
        contract=contract,
        old_tariff=contract.tariff,
        new_tariff=Tariff.get(Tariff.code == code),
        effective_on=on,
        state=TariffChangeState.PLANNED,
        form_key=factories.key(),
        created_at=now(),
    )


def pause(contract, starts_on, ends_on):
    dates = {'starts_on': starts_on, 'ends_on': ends_on}
    Suspension.create(contract=contract, form_key=factories.key(), created_at=now(), **dates)


def opened(contract, state, **fields):
    key = factories.key()
    defaults = {'amount': BYN('50.00'), 'gateway': 'bepaid', 'tracking_id': key, 'form_key': key}
    times = {'created_at': now(), 'updated_at': now()}
    return Payment.create(**{'contract': contract, 'state': state, **defaults, **times, **fields})


def content():
    """What the run leaves behind, without ids and instants."""
    entries = Entry.select(Entry, Operation).join(Operation).order_by(Operation.key, Entry.amount)
    return {
        'entries': [
            (
                e.operation.key,
                e.operation.title,
                e.operation.formula,
                e.operation.basis,
                e.amount,
                e.operation.quote_id is None,
            )
            for e in entries
        ],
        'wallets': [(c.number, ledger.balance(c), c.tariff.code) for c in Contract.select().order_by(Contract.number)],
        'quotes': sorted((q.contract.number, q.action, q.facts) for q in Quote.select()),
        'charged': sorted((p.contract.number, p.month) for p in PeriodCharge.select()),
        'blocked': sorted(b.contract.number for b in DebtBlock.select()),
        'letters': sorted((m.recipient, m.subject) for m in OutgoingMessage.select()),
    }


@pytest.mark.at('2026-12-01 00:05')
def test_a_run_stopped_after_any_batch_and_resumed_leaves_what_an_uninterrupted_one_leaves(db, monkeypatch):
    street()
    monkeypatch.setattr(billing_run, 'BATCH', 2)
    with database.atomic() as whole:
        assert billing_run.run_month(DECEMBER) == 7
        expected = content()
        whole.rollback()
    charge_batch = billing_run.charge_batch

    for batches in range(4):
        with database.atomic() as world:
            left = iter(range(batches))

            def charge_some(ids, run, left=left):
                if next(left, None) is None:
                    raise Killed
                return charge_batch(ids, run)

            monkeypatch.setattr(billing_run, 'charge_batch', charge_some)
            with pytest.raises(Killed):
                billing_run.run_month(DECEMBER)
            assert PeriodCharge.select().count() == batches * 2
            monkeypatch.setattr(billing_run, 'charge_batch', charge_batch)

            assert billing_run.run_month(DECEMBER) == 7 - batches * 2
            assert content() == expected
            run = BillingRun.get()
            assert (run.total, run.done, run.blocked, run.ended_at is None) == (7, 7, 1, False)
            world.rollback()


def test_two_runs_at_once_charge_everybody_once(committed_db, monkeypatch):
    month = billing_run.today().replace(day=1)
    contracts = [factories.make_contract(active_on=month - timedelta(days=1), balance=BYN('50.00')) for _ in range(12)]
    monkeypatch.setattr(billing_run, 'BATCH', 3)
    gate, charged = threading.Barrier(2, timeout=30), []

    def run():
        gate.wait()
        charged.append(with_connection(billing_run.run_month)(month))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.connection_context():
        assert sum(charged) == 12
        assert {ledger.balance(contract) for contract in contracts} == {BYN('20.10')}
        run = BillingRun.get()
        assert (run.done, run.set_aside) == (12, {})  # nobody stumbled over what the other had done


@pytest.mark.at('2026-12-01 00:05')
def test_a_key_that_is_taken_sets_one_contract_aside_and_tells_so(db):
    contracts = street()
    taken = f'month:{contracts[2].number}:2026-12:tariff:I-100'
    ledger.post(contracts[2], Posting(taken, OperationKind.MONTH, BYN('-1.00'), 'Чужое'))
    opening = ledger.balance(contracts[2])

    # The first thing I6 would find: this operation has no period. It is what the test is about.
    assert billing_run.run_month(DECEMBER) == 6
    run = BillingRun.get()
    assert (run.done, run.total, run.set_aside) == (6, 7, {contracts[2].number: 'KeyReused'})
    assert ledger.balance(contracts[2]) == opening
    PeriodCharge.create(contract=contracts[2], month=DECEMBER, charged_at=now())


@pytest.mark.at('2026-12-01 00:05')
def test_the_row_of_a_month_counts_on_when_more_is_due(db):
    street()
    billing_run.run_month(DECEMBER)
    factories.make_contract(active_on=NOVEMBER, balance=BYN('50.00'))

    assert billing_run.run_month(DECEMBER) == 1
    run = BillingRun.get()
    assert (run.total, run.done, run.charged) == (8, 8, BYN('234.75'))


@pytest.mark.at('2026-12-01 00:05')
def test_months_that_were_missed_are_made_good_the_oldest_first(db):
    known = factories.make_contract(active_on=date(2026, 9, 20), balance=BYN('200.00'))
    billing.charge_activation(known, actor_id=None)
    stranger = factories.make_contract(active_on=date(2026, 1, 10), balance=BYN('200.00'))

    assert billing_run.run_due() == 5
    months = [[p.month for p in c.period_charges.order_by('id')] for c in (known, stranger)]
    assert months == [[date(2026, 9, 1), date(2026, 10, 1), NOVEMBER, DECEMBER], [NOVEMBER, DECEMBER]]
    assert billing_run.run_due() == 0


@pytest.mark.at('2028-03-01 00:05')
@pytest.mark.parametrize(
    ('active_on', 'paused', 'month', 'sum_'),
    [
        ('2028-01-29', None, '2028-02-01', '29.90'),
        ('2028-01-30', None, '2028-02-01', '29.90'),
        ('2028-01-31', None, '2028-02-01', '29.90'),
        ('2028-01-31', ('2028-02-20', '2028-03-01'), '2028-02-01', '19.59'),  # 29.90 × 19 / 29
        ('2028-01-31', ('2028-02-29', '2028-03-08'), '2028-02-01', '28.87'),  # 29.90 × 28 / 29
        ('2027-01-31', ('2027-02-27', '2027-03-08'), '2027-02-01', '27.76'),  # 29.90 × 26 / 28
        ('2027-01-31', ('2027-12-31', '2028-01-08'), '2028-01-01', '23.15'),  # 29.90 × 24 / 31
        ('2028-02-29', None, '2028-03-01', '29.90'),
    ],
)
def test_the_ends_of_months_and_leap_years(db, active_on, paused, month, sum_):
    contract = factories.make_contract(active_on=date.fromisoformat(active_on), balance=BYN('100.00'))
    PeriodCharge.create(contract=contract, month=contract.active_on.replace(day=1), charged_at=now())
    if paused:
        pause(contract, *(date.fromisoformat(day) for day in paused))

    billing_run.run_month(date.fromisoformat(month))

    assert BYN('100.00') - ledger.balance(contract) == BYN(sum_)


@pytest.mark.at('2026-12-01 00:05')
def test_each_charge_links_to_its_own_stored_quote(db):
    contract = street()[1]

    billing_run.run_month(DECEMBER)

    quote = Quote.get(Quote.contract == contract)
    operations = list(Operation.select().where(Operation.key.startswith(f'month:{contract.number}:')))
    assert {operation.quote for operation in operations} == {quote}
    assert [(line['kind'], line['sum'], line['balance']) for line in quote.lines] == [
        ('tariff', '29.90', '30.10'),
        ('tv', '12.90', '17.20'),
        ('bundle', '-3.90', '21.10'),
        ('rent', '4.50', '16.60'),
    ]
    assert (quote.action, quote.request, quote.executed_at) == ('month', {'month': '2026-12-01'}, now())
    assert ledger.balance(contract) == BYN('16.60')


@pytest.mark.at('2026-12-01 00:05')
def test_a_planned_tariff_keeps_the_quote_it_was_ordered_by(db):
    contract = street()[4]
    ordered = Quote.create(
        contract=contract, action='tariff', request={}, facts='f' * 64, lines=[], created_at=now(), executed_at=now()
    )

    billing_run.run_month(DECEMBER)

    by_kind = {
        o.key.split(':')[3]: o.quote
        for o in Operation.select().where(Operation.key.startswith('month:'))
        if o.contract == contract
    }
    assert by_kind == {'tariff': ordered, 'fee': ordered}
    assert Contract.get_by_id(contract.id).tariff.code == 'I-100'
    assert TariffChange.get().state == TariffChangeState.APPLIED


@pytest.mark.at('2026-12-01 00:05')
@pytest.mark.parametrize(
    ('state', 'minutes', 'is_blocked'),
    [
        (PaymentState.REDIRECTED, 29, False),
        (PaymentState.REDIRECTED, 31, True),
        (PaymentState.PROCESSING, 600, False),
        (PaymentState.QUARANTINED, 600, False),
        (PaymentState.FAILED, 1, True),
        (PaymentState.CANCELLED, 1, True),
    ],
)
def test_nobody_is_blocked_while_his_payment_is_on_its_way(db, state, minutes, is_blocked):
    contract = factories.make_contract(active_on=date(2026, 10, 1), balance=BYN('5.00'))
    opened(contract, state, created_at=now() - timedelta(minutes=minutes))

    billing_run.run_month(DECEMBER)
    assert (debt_blocks.open_block(contract) is not None) == is_blocked

    Payment.update(state=PaymentState.FAILED).execute()
    debt_blocks.review_due()
    assert debt_blocks.open_block(contract) is not None


@pytest.mark.at('2026-12-01 00:05')
def test_debts_are_reviewed_in_batches_each_with_its_letter(db, monkeypatch):
    monkeypatch.setattr(debt_blocks, 'BATCH', 2)
    people = [factories.make_user(email=f'debt-{number}@example.by') for number in range(5)]
    contracts = [factories.make_contract(user=user, active_on=date(2026, 10, 1)) for user in people]
    for contract in contracts:
        ledger.post(contract, Posting(f'adjust:{contract.number}', OperationKind.ADJUSTMENT, BYN('-7.00'), 'Долг'))

    assert debt_blocks.review_due() == 5
    assert DebtBlock.select().where(DebtBlock.ended_at.is_null()).count() == 5
    keys = {f'block:{block.id}' for block in DebtBlock.select()}
    assert {row.key for row in OutgoingMessage.select()} == keys

    ledger.post(contracts[0], Posting('pay:now', OperationKind.PAYMENT, BYN('7.00'), 'Оплата'))
    assert debt_blocks.review_due() == 1
    assert debt_blocks.open_block(contracts[0]) is None
    assert debt_blocks.review_due() == 0


@pytest.mark.at('2026-12-01 00:05')
def test_many_contracts_are_read_with_as_many_queries_as_one(db):
    contracts = [Contract.get_by_id(contract.id) for contract in street()]
    with count_queries() as of_all:
        loaded = snapshots.load_many(contracts)
    with count_queries() as of_one:
        one = snapshots.load_many([Contract.get_by_id(contracts[4].id)])

    assert of_all.count <= 12
    assert of_one.count <= 12
    assert loaded[contracts[4].id] == one[contracts[4].id]


@pytest.mark.at('2026-12-01 00:05')
def test_a_batch_takes_as_many_queries_as_its_statements_whatever_its_size(db):
    counted = []
    for size in (2, 20):
        for _ in range(size):
            factories.make_contract(active_on=NOVEMBER, balance=BYN('50.00'))
        with count_queries() as queries:
            billing_run.run_month(DECEMBER)
        counted.append(queries.count)

    assert counted[1] <= counted[0] + 2


@pytest.mark.at('2026-12-01 00:05')
def test_an_ordered_run_and_one_whose_process_died_are_carried_on(db, monkeypatch):
    street()
    billing_run.open_run(DECEMBER, is_ordered=True)
    assert billing_run.carry_on() == 7
    assert billing_run.carry_on() == 0

    factories.make_contract(active_on=NOVEMBER, balance=BYN('50.00'))
    billing_run.open_run(DECEMBER)  # and its process is killed here
    assert billing_run.carry_on() == 0
    monkeypatch.setattr(billing_run, 'SILENCE', timedelta(seconds=-1))
    assert billing_run.carry_on() == 1


@pytest.mark.at('2026-11-30 23:59')
def test_a_month_that_has_not_begun_is_not_run(db):
    street()

    with pytest.raises(ValueError, match='has not begun'):
        billing_run.run_month(DECEMBER)
    assert billing_run.run_month(NOVEMBER) > 0


@pytest.mark.at('2026-12-01 00:05')
def test_who_is_not_active_is_not_due(db):
    factories.make_contract(status=ContractStatus.TERMINATED, active_on=date(2026, 1, 1))
    factories.make_contract(active_on=DECEMBER)

    assert billing_run.run_month(DECEMBER) == 0
    assert not BillingRun.select().exists()
    assert debt_blocks.review_many([]) == []
