"""Traffic above the quota in the month's money: charged once, by a whole reading, by the largest quota of its month."""

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from playhouse.test_utils import count_queries

from models.account import Entry, Operation, PeriodCharge
from models.catalogue import Tariff
from models.contract import Contract, Discount, TariffChange, TariffChangeState
from models.usage import TrafficUsage
from services.accounts import (
    billing,
    billing_desk,
    billing_run,
    invariants,
    ledger,
    month_charges,
    overages,
    proofs,
    termination_runs,
    usage,
)
from services.accounts.usage import Reading, Refused, Taken
from services.clock import MINSK, now
from services.money import ZERO
from services.quotes.overage import BYTES_IN_MB, MB_IN_GB
from services.runner import with_connection
from tests import factories
from tests.broken_books import change
from tests.ending import ask

GB = MB_IN_GB * BYTES_IN_MB
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
TWO_ABOVE = Decimal('5.32')
"""12 GB of 10: 1024 × 0,0031 + 1024 × 0,0021 = 3,1744 + 2,1504."""


def at(minute):
    return time_machine.travel(datetime.fromisoformat(minute).replace(tzinfo=MINSK), tick=False)


@with_connection
def contract_on(tariff='I-10G', **fields):
    defaults = {'active_on': date(2026, 10, 1), 'balance': Decimal('100.00')}
    return factories.make_contract(tariff=tariff, **{**defaults, **fields})


def read(contract, gigabytes, period=NOVEMBER, more=0):
    (judged,) = usage.take([Reading(contract.number, period, gigabytes * GB + more)])
    return judged.outcome


def above(contract):
    """Return key and sum of what was charged for traffic."""
    rows = Entry.select(Entry, Operation).join(Operation).order_by(Entry.id)
    mine = rows.where((Operation.contract == contract) & Operation.key.startswith('overage:') & (Entry.amount < ZERO))
    return [(row.operation.key, -row.amount) for row in mine]


def test_what_is_above_the_quota_is_a_line_of_its_own_in_the_next_charge(db):
    contract = contract_on()
    with at('2026-12-01 00:02'):
        read(contract, 12)
        billing.charge_month(contract, DECEMBER)

    assert above(contract) == [(f'overage:{contract.number}:2026-11', TWO_ABOVE)]
    assert ledger.balance(contract) == Decimal('100.00') - Decimal('10.90') - TWO_ABOVE
    operation = Operation.get(Operation.key.startswith('overage:'))
    assert operation.title == 'Трафик сверх тарифа за ноябрь 2026'
    assert operation.formula == '1024 МБ × 0,0031 р. + 1024 МБ × 0,0021 р.'
    assert operation.basis == (
        f'Договор № {contract.number}. По показанию от 01.12.2026 за ноябрь 2026 — 12,00 ГБ. '
        f'В тариф «{contract.tariff.name}» входит 10 ГБ. Сверх квоты начато 2048 МБ. '
        'Каждый начатый мегабайт считается целым.'
    )
    entry = Entry.get((Entry.operation == operation) & (Entry.amount < ZERO))
    proof = proofs.of_entries(contract, [entry.id])[entry.id]
    assert (proof.formula, proof.sum) == (operation.formula, -TWO_ABOVE)
    assert [line.what for line in proof.quote] == [f'Интернет «{contract.tariff.name}»', operation.title]


def test_it_is_charged_once_whatever_is_run_again(db):
    contract = contract_on()
    with at('2026-12-01 00:02'):
        read(contract, 12)
        for _again in range(2):
            billing_run.run_month(DECEMBER)
            billing_run.run_due()
    with at('2027-01-01 00:05'):
        billing_run.run_month(JANUARY)

    assert above(contract) == [(f'overage:{contract.number}:2026-11', TWO_ABOVE)]


def test_a_reading_that_came_late_is_charged_with_the_next_run(db):
    contract = contract_on()
    with at('2026-12-01 00:05'):
        billing_run.run_month(DECEMBER)
    with at('2026-12-03 12:00'):
        assert read(contract, 12) == Taken.NEW
        billing_run.run_due()
        assert above(contract) == []
    with at('2027-01-01 00:05'):
        read(contract, 11, DECEMBER)
        billing_run.run_month(JANUARY)

    number = contract.number
    eleven = Decimal('3.17')
    assert above(contract) == [(f'overage:{number}:2026-11', TWO_ABOVE), (f'overage:{number}:2026-12', eleven)]


def test_a_reading_from_within_the_month_waits_for_the_whole_one(db):
    contract = contract_on()
    with at('2026-11-28 12:00'):
        read(contract, 12)
    with at('2026-12-01 00:05'):
        billing_run.run_month(DECEMBER)
        assert above(contract) == []
        assert TrafficUsage.get().settled_at is None
        assert read(contract, 12) == Taken.SAME
    with at('2027-01-01 00:05'):
        billing_run.run_month(JANUARY)

    assert above(contract) == [(f'overage:{contract.number}:2026-11', TWO_ABOVE)]


@pytest.mark.at('2026-12-01 00:02')
def test_a_meter_that_went_backwards_is_refused_and_the_same_again_is_harmless(db):
    contract = contract_on()

    assert [read(contract, gb) for gb in (8, 12, 12, 11)] == [Taken.NEW, Taken.GROWN, Taken.SAME, Refused.BACKWARDS]
    assert TrafficUsage.get().used_bytes == 12 * GB


@pytest.mark.at('2026-12-01 00:02')
@pytest.mark.parametrize('gigabytes', [5, 12])
def test_a_month_that_was_charged_is_closed_be_it_for_nothing(db, gigabytes):
    contract = contract_on()
    read(contract, gigabytes)
    billing_run.run_month(DECEMBER)
    row = TrafficUsage.get()

    assert [read(contract, gb) for gb in (gigabytes, 20, 1)] == [Taken.SAME, Refused.SETTLED, Refused.SETTLED]
    assert row.settled_at == now()
    assert TrafficUsage.get() == row
    assert TrafficUsage.get().used_bytes == gigabytes * GB


@pytest.mark.at('2026-12-01 00:02')
@pytest.mark.parametrize('tariff', ['I-100', 'I-AIR'])
def test_unlimited_traffic_and_traffic_that_gets_slower_cost_nothing(db, tariff):
    contract = contract_on(tariff)
    read(contract, 900)
    billing_run.run_month(DECEMBER)

    assert above(contract) == []
    assert TrafficUsage.get().settled_at is not None


def moved(contract, old, new, on):
    """The contract came from one tariff to another on a day; its row has the last one."""
    rows = {code: Tariff.get(Tariff.code == code) for code in (old, new)}
    TariffChange.create(
        contract=contract, old_tariff=rows[old], new_tariff=rows[new], effective_on=on,
        state=TariffChangeState.APPLIED, form_key=factories.key(), created_at=now(),
    )  # fmt: skip
    Contract.update(tariff=rows[new]).where(Contract.id == contract.id).execute()


@pytest.mark.parametrize(
    ('old', 'new', 'on', 'sums'),
    [
        ('I-100', 'I-10G', date(2026, 11, 29), []),  # unlimited for a part of the month
        ('I-10G', 'I-100', date(2026, 11, 2), []),
        ('I-100', 'I-10G', date(2026, 11, 1), [TWO_ABOVE]),  # from its first day
        ('I-10G', 'I-100', date(2026, 12, 1), [TWO_ABOVE]),  # only after it
        ('I-10G', 'I-100', date(2026, 12, 20), [TWO_ABOVE]),
    ],
)
def test_a_change_of_tariff_within_the_month_makes_nothing_dearer(db, old, new, on, sums):
    contract = contract_on(old)
    moved(contract, old, new, on)
    with at('2027-01-01 00:05'):
        read(contract, 12)
        billing_run.run_month(JANUARY)

    assert [amount for _, amount in above(contract)] == sums


@pytest.mark.at('2026-12-01 00:05')
def test_a_tariff_planned_for_the_day_of_the_charge_does_not_change_the_month_before(db):
    contract = contract_on()
    read(contract, 12)
    TariffChange.create(
        contract=contract, old_tariff=contract.tariff, new_tariff=Tariff.get(Tariff.code == 'I-100'),
        effective_on=DECEMBER, state=TariffChangeState.PLANNED, form_key=factories.key(), created_at=now(),
    )  # fmt: skip
    billing_run.run_month(DECEMBER)

    assert above(contract) == [(f'overage:{contract.number}:2026-11', TWO_ABOVE)]
    assert Contract.get_by_id(contract.id).tariff.code == 'I-100'


@pytest.mark.parametrize(('bought', 'sums'), [('2026-11-10 12:00', []), ('2026-10-31 23:59', [TWO_ABOVE])])
def test_a_package_of_traffic_counts_in_the_month_it_was_bought(db, bought, sums):
    contract = contract_on()
    with at(bought):
        factories.connect_add_on(contract, 'A-T5')
    with at('2026-12-01 00:02'):
        read(contract, 12)
        billing_run.run_month(DECEMBER)

    assert [amount for _, amount in above(contract)] == sums


@pytest.mark.parametrize(('ended', 'sums'), [(None, []), ('2026-11-20 12:00', []), ('2026-11-01 12:00', [TWO_ABOVE])])
@pytest.mark.at('2026-12-01 00:02')
def test_a_promo_code_for_traffic_counts_while_it_lasts(db, ended, sums):
    contract = contract_on()
    Discount.create(
        contract=contract, kind='traffic', traffic_gb=20, first_month=date(2026, 10, 1), last_month=NOVEMBER,
        ended_at=datetime.fromisoformat(ended).replace(tzinfo=MINSK) if ended else None,
    )  # fmt: skip
    read(contract, 12)
    billing_run.run_month(DECEMBER)

    assert [amount for _, amount in above(contract)] == sums


@pytest.mark.at('2026-12-01 00:02')
def test_a_run_killed_and_resumed_charges_everybody_once(db, monkeypatch):
    contracts = [contract_on() for _ in range(3)]
    for contract in contracts:
        read(contract, 12)
    monkeypatch.setattr(billing_run, 'BATCH', 1)
    charge_batch, left = billing_run.charge_batch, iter(range(1))

    def charge_some(ids, run):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return charge_batch(ids, run)

    monkeypatch.setattr(billing_run, 'charge_batch', charge_some)
    with pytest.raises(KeyboardInterrupt):
        billing_run.run_month(DECEMBER)
    assert PeriodCharge.select().count() == 1
    monkeypatch.setattr(billing_run, 'charge_batch', charge_batch)
    billing_run.run_month(DECEMBER)

    assert [above(contract) for contract in contracts] == [
        [(f'overage:{contract.number}:2026-11', TWO_ABOVE)] for contract in contracts
    ]


@pytest.mark.at('2026-12-01 00:02')
def test_the_preview_says_what_the_run_does(db, olga):
    contracts = [contract_on(), contract_on('I-100'), contract_on()]
    for contract, gb in zip(contracts, (12, 900, 9), strict=True):
        read(contract, gb)
    preview = billing_desk.preview('2026-12', actor=olga)
    billing_run.run_month(DECEMBER)

    assert preview.sum == Decimal('10.90') * 2 + Decimal('29.90') + TWO_ABOVE
    assert {row.number: row.after for row in preview.charges} == {c.number: ledger.balance(c) for c in contracts}


@pytest.mark.at('2026-11-26 12:00')
def test_the_next_charge_tells_what_is_above_so_far(db):
    contract = contract_on()
    read(contract, 12)
    coming = billing.next_charge(contract)

    assert coming.sum == Decimal('10.90') + TWO_ABOVE
    assert [line.code for line in coming.lines] == ['I-10G', 'I-10G:overage']


@pytest.mark.at('2026-11-26 12:00')
@pytest.mark.parametrize(
    ('balance', 'gigabytes', 'until'),
    [
        ('16.22', 12, date(2026, 12, 31)),
        ('16.21', 12, date(2026, 11, 30)),  # the charge of the 1st is 5,32 more
        ('16.21', 10, date(2026, 12, 31)),
        ('22.00', 12, date(2026, 12, 31)),  # would do for January without it
        ('5.00', 12, date(2026, 11, 30)),
    ],
)
def test_the_day_the_money_lasts_to_knows_what_is_above(db, balance, gigabytes, until):
    contract = contract_on(balance=Decimal(balance))
    read(contract, gigabytes)

    assert billing.works_until(contract) == until


@pytest.mark.at('2026-12-01 00:02')
def test_the_queries_of_a_batch_do_not_grow_with_it(db):
    contracts = [contract_on() for _ in range(6)]
    for contract in contracts:
        read(contract, 12)

    counts = []
    month_charges.book([contracts[0].id], DECEMBER)  # our own accounts are made at first need
    for some in (contracts[1:2], contracts[2:]):
        with count_queries() as counted:
            month_charges.book([contract.id for contract in some], DECEMBER)
        counts.append(counted.count)
    assert counts[0] == counts[1]
    with count_queries(only_select=True) as counted:
        assert overages.due(contracts, DECEMBER) == {}
    assert counted.count == 1


@pytest.mark.at('2026-12-01 00:02')
def test_a_debt_for_traffic_alone_leaves_the_books_in_order(db):
    contract = contract_on(balance=Decimal('10.90'))
    read(contract, 12)
    billing_run.run_month(DECEMBER)

    assert ledger.balance(contract) == -TWO_ABOVE
    assert invariants.self_check() == []


@pytest.mark.broken_books
@pytest.mark.at('2026-12-01 00:02')
def test_i6_a_charge_of_traffic_whose_month_is_open(db):
    contract = contract_on()
    read(contract, 12)
    billing_run.run_month(DECEMBER)
    operation = Operation.get(Operation.key.startswith('overage:'))
    change('UPDATE traffic_usage SET settled_at = NULL WHERE contract_id = ?', contract.id)

    assert [line for line in invariants.self_check() if line.startswith('I6')] == [
        f'I6: operation {operation.id} ({operation.key}) belongs to no reading of a settled month'
    ]


def test_the_last_reading_is_charged_with_the_end_of_the_contract(db):
    user = factories.make_user(email='quota@example.by')
    contract = contract_on(user=user)
    with at('2026-11-20 12:00'):
        ask(factories.actor(user, 'subscriber', contract))
    with at('2026-11-25 23:00'):
        read(contract, 12)
    with at('2026-11-26 00:05'):
        termination_runs.run_due()
        assert above(contract) == [(f'overage:{contract.number}:2026-11', TWO_ABOVE)]
        assert ledger.balance(contract) == Decimal('89.10') - TWO_ABOVE + Decimal('1.82')  # 10,90 × 5 of 30 days
        assert read(contract, 13) == Refused.NOT_ACTIVE
        billing_run.run_due()
        assert len(above(contract)) == 1
