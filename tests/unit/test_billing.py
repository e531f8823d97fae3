"""Charging: activation, the 1st of the month, what is not charged twice, and the block for debt. Sums by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, OperationKind, PeriodCharge
from models.catalogue import Tariff
from models.contract import (
    Contract,
    ContractStatus,
    DebtBlock,
    Discount,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.outbox import OutgoingMessage
from services.accounts import (
    billing,
    billing_run,
    debt_blocks,
    invariants,
    ledger,
    month_charges,
    once_charges,
    subscriptions,
)
from services.accounts.ledger import Posting
from services.clock import MINSK, midnight, now, today
from services.money import ZERO
from tests import factories

DECEMBER = date(2026, 12, 1)


def BYN(text):  # noqa: N802 - reads like the unit
    return Decimal(text)


def contract_since(day, **fields):
    return factories.make_contract(active_on=day, **fields)


def pay(contract, amount):
    key = f'pay:{contract.number}:{Operation.select().count()}'
    ledger.post(contract, Posting(key, OperationKind.PAYMENT, BYN(amount), 'Оплата'))
    debt_blocks.review(contract)


def lines(contract):
    rows = Operation.select().where(Operation.contract == contract).order_by(Operation.id)
    return [(row.key.split(':', 3)[-1], row.entries.order_by('id')[0].amount) for row in rows]


@pytest.mark.parametrize(
    ('day', 'sum_', 'formula'),
    [
        ('2027-02-15', '14.95', '29,90 р. × 14 из 28 дней'),
        ('2028-02-10', '20.62', '29,90 р. × 20 из 29 дней'),  # 29.90 × 20 / 29 = 20.6206…
        ('2026-11-21', '9.97', '29,90 р. × 10 из 30 дней'),
        ('2026-12-31', '0.96', '29,90 р. × 1 из 31 дней'),  # 0.9645…
        ('2026-12-01', '29.90', '29,90 р.'),
    ],
)
def test_activation_charges_the_rest_of_the_month(db, day, sum_, formula):
    contract = contract_since(date.fromisoformat(day))

    charged = billing.charge_activation(contract, actor_id=None)

    operation = Operation.get(Operation.contract == contract)
    assert (charged, ledger.balance(contract)) == (BYN(sum_), -BYN(sum_))
    assert (operation.formula, operation.key) == (formula, f'activation:{contract.number}:tariff:I-100')
    assert f'Договор № {contract.number}' in operation.basis


def test_activation_takes_the_once_only_sums_from_the_quote_of_the_application(db):
    once = [
        {'kind': 'connection', 'code': 'I-50', 'title': 'Подключение', 'sum': '7.50', 'formula': '15,00 р. − 50 %'},
        {'kind': 'equipment', 'code': 'R-AC', 'title': 'Роутер', 'sum': '89.00', 'formula': ''},
        {'kind': 'fee', 'code': 'SAT', 'title': 'Установка', 'sum': '60.00', 'formula': ''},
        {'kind': 'connection', 'code': 'I-100', 'title': 'Подключение', 'sum': '0.00', 'formula': ''},
    ]
    application = factories.make_application(quote={'once_lines': once})
    contract = contract_since(date(2026, 12, 1), tariff='I-50', application=application)

    assert billing.charge_activation(contract, actor_id=None) == BYN('179.40')  # 7.50 + 89 + 60 + 22.90
    assert Operation.get(Operation.key.endswith('connection:I-50')).formula == '15,00 р. − 50 %'
    assert [line.sum for line in once_charges.lines_of(contract)] == [BYN('7.50'), BYN('89.00'), BYN('60.00')]


def test_activation_is_charged_once(db):
    contract = contract_since(date(2026, 11, 21))
    billing.charge_activation(contract, actor_id=None)

    assert billing.charge_activation(contract, actor_id=None) == ZERO
    assert ledger.balance(contract) == BYN('-9.97')


def test_a_contract_without_its_first_day_is_not_charged(db):
    contract = factories.make_contract(active_on=None, status=ContractStatus.DRAFT)

    with pytest.raises(ValueError, match='not active'):
        billing.charge_activation(contract, actor_id=None)


@pytest.mark.at('2026-12-01 00:05')
def test_the_month_is_charged_line_by_line_in_the_order_of_debiting(db):
    contract = contract_since(date(2026, 11, 14), tv_package='T-BASE', balance=BYN('100.00'))
    factories.connect_add_on(contract, 'A-IP')
    factories.make_unit(contract, 'R-AC')

    assert billing.charge_month(contract, DECEMBER) == BYN('49.40')  # 29.90 + 12.90 − 3.90 + 4.50 + 6.00
    assert lines(contract)[1:] == [
        ('tariff:I-100', BYN('-29.90')),
        ('tv:T-BASE', BYN('-12.90')),
        ('bundle:', BYN('3.90')),
        ('rent:R-AC', BYN('-4.50')),
        ('add_on:A-IP', BYN('-6.00')),
    ]
    assert invariants.self_check() == []


@pytest.mark.at('2026-12-10 12:00')
def test_a_month_is_charged_once_even_when_the_tariff_has_changed_since(db):
    contract = contract_since(date(2026, 11, 14), balance=BYN('100.00'))
    billing.charge_month(contract, DECEMBER)
    Contract.update(tariff=Tariff.get(Tariff.code == 'I-200')).where(Contract.id == contract.id).execute()

    assert billing.charge_month(contract, DECEMBER) == ZERO
    assert ledger.balance(contract) == BYN('70.10')


@pytest.mark.at('2026-11-30 23:59')
def test_a_month_is_not_charged_before_it_begins_in_minsk(db):
    with pytest.raises(ValueError, match='has not begun'):
        billing.charge_month(contract_since(date(2026, 11, 14)), DECEMBER)


@pytest.mark.at('2026-12-01 00:05')
def test_the_month_of_activation_belongs_to_activation(db):
    assert billing.charge_month(contract_since(DECEMBER), DECEMBER) == ZERO


@pytest.mark.at('2026-12-01 00:05')
def test_paused_days_are_not_charged_and_the_rent_goes_on(db):
    contract = contract_since(date(2026, 11, 1), balance=BYN('100.00'))
    factories.make_unit(contract, 'R-AC')
    Suspension.create(
        contract=contract,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 12, 22),
        form_key=factories.key(),
        created_at=now(),
    )

    billing.charge_month(contract, DECEMBER)

    assert lines(contract)[1:] == [('tariff:I-100', BYN('-9.65')), ('rent:R-AC', BYN('-4.50'))]  # 29.90 × 10 / 31
    formula = Operation.get(Operation.key.endswith('tariff:I-100')).formula
    assert formula == '29,90 р. × 10 из 31 дней'


@pytest.mark.at('2026-12-01 00:05')
def test_a_month_that_is_paused_as_a_whole_is_marked_and_costs_nothing(db):
    contract = contract_since(date(2026, 11, 1), balance=BYN('10.00'))
    dates = {'starts_on': date(2026, 11, 20), 'ends_on': date(2027, 1, 5)}
    Suspension.create(contract=contract, form_key=factories.key(), created_at=now(), **dates)

    assert billing.charge_month(contract, DECEMBER) == ZERO
    assert PeriodCharge.select().where(PeriodCharge.month == DECEMBER).count() == 1


@pytest.mark.at('2026-12-01 00:05')
def test_two_devices_of_one_model_are_one_line(db):
    contract = contract_since(date(2026, 11, 1), balance=BYN('100.00'))
    factories.make_unit(contract, 'STB')
    factories.make_unit(contract, 'STB')

    assert billing.charge_month(contract, DECEMBER) == BYN('40.90')  # 29.90 + 2 × 5.50
    assert Operation.get(Operation.key.endswith('rent:STB')).title == 'Аренда: ТВ-приставка × 2'


@pytest.mark.at('2026-12-01 00:05')
def test_a_planned_tariff_comes_into_force_with_its_fee_and_ends_the_discount(db):
    contract = contract_since(date(2026, 11, 1), tariff='I-200', balance=BYN('100.00'))
    cheaper = Tariff.get(Tariff.code == 'I-100')
    change = TariffChange.create(
        contract=contract,
        old_tariff=contract.tariff,
        new_tariff=cheaper,
        effective_on=DECEMBER,
        state=TariffChangeState.PLANNED,
        form_key=factories.key(),
        created_at=now(),
    )
    discount = Discount.create(
        contract=contract,
        kind='months_percent',
        percent=30,
        first_month=date(2026, 11, 1),
        last_month=date(2027, 2, 1),
    )

    assert billing.charge_month(contract, DECEMBER) == BYN('33.20')  # 29.90 without discount + 3.30
    assert lines(contract)[1:] == [('tariff:I-100', BYN('-29.90')), ('fee:F-DOWN', BYN('-3.30'))]
    assert Contract.get_by_id(contract.id).tariff == cheaper
    assert TariffChange.get_by_id(change.id).state == TariffChangeState.APPLIED
    assert Discount.get_by_id(discount.id).ended_at is not None


@pytest.mark.parametrize(('month', 'sum_'), [('2026-11', '20.93'), ('2027-01', '20.93'), ('2027-02', '29.90')])
def test_a_promo_discount_lasts_its_months(db, month, sum_):
    contract = contract_since(date(2026, 10, 14))
    first, last = date(2026, 10, 1), date(2027, 1, 1)
    Discount.create(contract=contract, kind='months_percent', percent=30, first_month=first, last_month=last)

    services = subscriptions.load(contract).services_in(date.fromisoformat(f'{month}-01'))

    assert billing.subscriptions.load(contract).month_lines(date.fromisoformat(f'{month}-01'))[0].sum == BYN(sum_)
    assert (services.promo is not None) == (sum_ == '20.93')


@pytest.mark.at('2026-12-01 00:05')
def test_the_run_charges_everybody_once_and_goes_on_where_it_stopped(db):
    first = contract_since(date(2026, 11, 1), balance=BYN('50.00'))
    second = contract_since(date(2026, 11, 1), balance=BYN('50.00'))
    contract_since(DECEMBER)
    factories.make_contract(status=ContractStatus.TERMINATED, active_on=date(2026, 1, 1))
    billing.charge_month(first, DECEMBER)

    assert billing_run.run_month(DECEMBER) == 1
    assert billing_run.run_due() == 0
    assert [ledger.balance(c) for c in (first, second)] == [BYN('20.10'), BYN('20.10')]


@pytest.mark.at('2026-12-01 00:05')
def test_one_contract_that_fails_does_not_stop_the_others(db, monkeypatch):
    first, second = (contract_since(date(2026, 11, 1), balance=BYN('50.00')) for _ in range(2))
    compute = month_charges.compute

    def fail_for_first(contracts, month):
        if first in contracts:
            raise RuntimeError('no')
        return compute(contracts, month)

    monkeypatch.setattr(month_charges, 'compute', fail_for_first)

    assert billing_run.run_month(DECEMBER) == 1
    assert not PeriodCharge.select().where(PeriodCharge.contract == first).exists()
    monkeypatch.undo()
    assert billing_run.run_month(DECEMBER) == 1
    assert ledger.balance(second) == ledger.balance(first) == BYN('20.10')


@pytest.mark.at('2026-11-22 12:00')
def test_the_next_charge_says_when_how_much_and_what_for(db):
    contract = contract_since(date(2026, 11, 1), balance=BYN('45.10'))
    factories.make_unit(contract, 'R-AC')

    coming = billing.next_charge(contract)

    assert (coming.on, coming.sum) == (DECEMBER, BYN('34.40'))
    assert [line.title for line in coming.lines] == ['Интернет «Комфорт»', 'Аренда: Роутер Wi-Fi 5 AC1200']


@pytest.mark.at('2026-11-22 12:00')
@pytest.mark.parametrize(
    ('balance', 'until'),
    [
        ('29.89', '2026-11-30'),
        ('29.90', '2026-12-31'),
        ('59.80', '2027-01-31'),
        ('-0.01', None),
        ('9999.00', '2027-11-30'),
    ],
)
def test_the_internet_works_until_the_balance_no_longer_covers_a_month(db, balance, until):
    contract = contract_since(date(2026, 11, 1), balance=BYN(balance))

    assert billing.works_until(contract) == (until and date.fromisoformat(until))


@pytest.mark.at('2026-12-01 00:05')
def test_debt_after_the_charge_blocks_and_is_told(db):
    contract = contract_since(date(2026, 11, 1), balance=BYN('10.00'))
    contract.subscriber.user.email = 'who@example.by'
    contract.subscriber.user.save()

    billing.charge_month(contract, DECEMBER)

    assert debt_blocks.open_block(contract) is not None
    letter = OutgoingMessage.get(OutgoingMessage.recipient == 'who@example.by')
    assert letter.subject == 'Интернет остановлен: на счёте не хватает 19,90 р.'


@pytest.mark.at('2026-12-01 00:05')
def test_a_payment_that_covers_the_debt_unblocks_at_once(db):
    contract = contract_since(date(2026, 11, 1), balance=BYN('10.00'))
    billing.charge_month(contract, DECEMBER)

    pay(contract, '19.89')
    assert debt_blocks.open_block(contract) is not None
    pay(contract, '0.01')
    assert debt_blocks.open_block(contract) is None
    assert DebtBlock.select().where(DebtBlock.contract == contract).count() == 1


@pytest.mark.parametrize(('day', 'is_blocked'), [('2026-11-20', False), ('2026-11-22', False), ('2026-11-23', True)])
def test_the_first_three_days_after_activation_are_for_paying(db, day, is_blocked):
    contract = contract_since(date(2026, 11, 20))
    with time_machine.travel(midnight(date(2026, 11, 20)).astimezone(MINSK), tick=False):
        billing.charge_activation(contract, actor_id=None)

    with time_machine.travel(midnight(date.fromisoformat(day)).astimezone(MINSK), tick=False):
        debt_blocks.review_due()

    assert (debt_blocks.open_block(contract) is not None) == is_blocked


def test_a_suspended_contract_is_not_blocked(db):
    contract = contract_since(today() - timedelta(days=40), balance=BYN('-5.00'))
    dates = {'starts_on': today() - timedelta(days=3), 'ends_on': today() + timedelta(days=9)}
    Suspension.create(contract=contract, form_key=factories.key(), created_at=now(), **dates)

    debt_blocks.review(contract)

    assert debt_blocks.open_block(contract) is None


@pytest.mark.at('2026-11-22 12:00')
def test_a_promise_that_is_due_without_money_lapses_and_the_block_is_back(db):
    contract = contract_since(date(2026, 10, 1), balance=BYN('-12.40'))
    PromisedPayment.create(
        contract=contract,
        amount=BYN('20.00'),
        promised_at=now() - timedelta(days=5),
        due_at=now(),
        form_key=factories.key(),
    )

    assert debt_blocks.review_due() == 1
    assert PromisedPayment.get().lapsed_at == now()
    assert debt_blocks.open_block(contract) is not None
    assert debt_blocks.review_due() == 0


@pytest.mark.at('2026-11-22 12:00')
def test_a_promise_is_fulfilled_by_a_payment_that_covers_the_debt(db):
    contract = contract_since(date(2026, 10, 1), balance=BYN('-12.40'))
    until = {'promised_at': now(), 'due_at': now() + timedelta(days=5)}
    PromisedPayment.create(contract=contract, amount=BYN('20.00'), form_key=factories.key(), **until)

    pay(contract, '12.40')

    assert PromisedPayment.get().fulfilled_at == now()
    assert debt_blocks.open_block(contract) is None
