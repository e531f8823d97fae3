"""Trust credit: a fee a month, and the wallet may go below zero; it ends with a slow tariff and is left without debt."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from playhouse import migrations

from models.base import database
from models.contract import ConnectedAddOn, PromisedPayment, TariffChange
from models.rule import RuleChange
from models.user import Role
from services import migration
from services.accounts import (
    add_on_refusals,
    add_ons,
    billing,
    debt_blocks,
    ledger,
    overview,
    planned_tariffs,
    promised_payments,
    subscriptions,
    tariff_changes,
)
from services.accounts.overview import ServiceState
from services.clock import MINSK, midnight, now
from services.money import ZERO
from services.quotes import add_on as quotes
from services.quotes.monthly import Item, LineKind
from services.quotes.quote import outlook
from services.quotes.subscription import Limit, PlannedTariff, Subscription, TariffTerms
from tests import factories
from tests.cast import contract_of

CREDIT = Item(LineKind.ADD_ON, 'F-CRED', 'Кредит доверия', Decimal('1.00'))
LIMIT = Limit(Decimal('80.00'), code='F-CRED', least_kbit=200_000)
FAST = TariffTerms('I-200', 'Драйв', Decimal('36.90'), down_kbit=200_000)
SLOW = TariffTerms('I-100', 'Комфорт', Decimal('29.90'), down_kbit=100_000)
PLAIN = Subscription('100001', date(2026, 1, 1), FAST)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(TODAY).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


@pytest.fixture
def nina(db):
    return someone(Decimal('10.00'))


def someone(balance, tariff='I-200', **fields):
    user = factories.make_user()
    contract = factories.make_contract(user=user, tariff=tariff, balance=balance, **fields)
    return factories.actor(user, Role.SUBSCRIBER, contract)


def change_rule(name, value, actor):
    RuleChange.create(name=name, value=value, starts_on=TODAY, reason='проба', set_by=actor.user_id, set_at=now())


def connect(actor, key='key-credit'):
    return add_ons.connect(add_ons.quote('F-CRED', actor=actor).id, key, actor=actor)


def charge(contract, amount):
    factories.top_up(contract, -Decimal(amount))
    debt_blocks.review(contract)


def offer(actor):
    return next(view for view in add_ons.board(actor=actor).monthly if view.code == 'F-CRED')


def credit_quote(balance='10.00', after=PLAIN):
    return quotes.quote_monthly(after, CREDIT, balance=Decimal(balance), today=TODAY, limit=LIMIT)


def test_the_fee_is_paid_for_the_rest_of_the_month_and_then_whole():
    quote = credit_quote()

    assert quote.due == Decimal('0.30')  # 1,00 × 9 из 30
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-37.90')] * 3


def test_the_limit_moves_the_first_day_without_internet():
    without = outlook('add_on', PLAIN, balance=Decimal('10.00'), today=TODAY)

    assert without.stops_on == date(2026, 12, 1)
    assert credit_quote().stops_on == date(2027, 2, 1)  # 9,70 − 3 × 37,90 = −104,00


@pytest.mark.parametrize(('on', 'stops_on'), [(date(2026, 12, 1), date(2026, 12, 1)), (None, date(2027, 2, 1))])
def test_a_slower_tariff_ends_the_credit_with_its_fee(on, stops_on):
    planned = PlannedTariff(SLOW, on) if on else None

    quote = credit_quote(after=replace(PLAIN, planned=planned))

    assert quote.stops_on == stops_on
    assert quote.next_step.sum == (Decimal('-29.90') if on else Decimal('-37.90'))


def test_who_connects_it_may_go_below_zero_to_the_limit(nina):
    contract = contract_of(nina)
    connect(nina)

    charge(contract, '89.70')
    assert ledger.balance(contract) == Decimal('-80.00')
    assert debt_blocks.open_block(contract) is None
    charge(contract, '0.01')
    assert debt_blocks.open_block(contract) is not None
    factories.top_up(contract, Decimal('0.01'))
    debt_blocks.review(contract)
    assert debt_blocks.open_block(contract) is None


def test_the_overview_says_that_the_credit_keeps_it_on(nina):
    connect(nina)
    charge(contract_of(nina), '30.00')

    view = overview.get_overview(actor=nina)

    assert (view.state, view.debt, view.credit_limit) == (ServiceState.CREDIT, Decimal('20.30'), Decimal('80.00'))
    assert view.until == date(2026, 12, 31)  # −20,30 − 37,90 = −58,20; one more month is too much


def test_a_repeat_of_the_click_connects_once(nina):
    shown = add_ons.quote('F-CRED', actor=nina)
    for _ in range(2):
        add_ons.connect(shown.id, 'key-1', actor=nina)

    assert ConnectedAddOn.select().count() == 1
    assert ledger.balance(contract_of(nina)) == Decimal('9.70')


def test_the_limit_agreed_stays_when_the_rules_change(nina, ada):
    connect(nina)
    change_rule('credit_limit', '20.00', ada)

    assert debt_blocks.limit_without_promise(contract_of(nina)) == Decimal('80.00')
    assert offer(nina).limit == Decimal('80.00')


def test_a_slow_tariff_has_none_and_says_from_which_speed(db):
    boris = someone(Decimal('50.00'), tariff='I-100')

    assert offer(boris).refusal.facts == {'mbit': 200}
    with pytest.raises(add_on_refusals.CreditForFasterTariffs):
        add_ons.quote('F-CRED', actor=boris)


def test_in_debt_it_is_refused_with_the_sum(db):
    new = someone(Decimal('-2.40'), active_on=TODAY)

    with pytest.raises(add_on_refusals.CreditAfterDebt) as refusal:
        add_ons.quote('F-CRED', actor=new)
    assert refusal.value.facts == {'debt': Decimal('2.40')}
    assert isinstance(offer(new).refusal, add_on_refusals.CreditAfterDebt)


@pytest.mark.parametrize(('days_ago', 'is_refused'), [(29, True), (31, False)])
def test_after_a_broken_promise_it_waits_and_says_until_when(nina, days_ago, is_refused):
    lapsed = now() - timedelta(days=days_ago)
    PromisedPayment.create(
        contract=contract_of(nina),
        amount=Decimal('20.00'),
        promised_at=lapsed - timedelta(days=5),
        due_at=lapsed,
        lapsed_at=lapsed,
        form_key='key-broken',
    )

    refusal = offer(nina).refusal

    assert (refusal is not None) is is_refused
    if is_refused:
        assert refusal.facts == {'on': lapsed + timedelta(days=30)}


def test_with_a_slower_tariff_planned_it_is_refused_with_that_day(nina):
    shown = tariff_changes.quote('I-100', 'next', actor=nina)
    tariff_changes.execute(shown.id, 'key-plan', actor=nina)

    with pytest.raises(add_on_refusals.CreditWouldEnd) as refusal:
        add_ons.quote('F-CRED', actor=nina)
    assert refusal.value.facts['on'] == date(2026, 12, 1)


def test_leaving_it_in_debt_is_refused_with_the_sum_to_pay(nina):
    connect(nina)
    charge(contract_of(nina), '30.00')

    with pytest.raises(add_on_refusals.CreditOwed) as refusal:
        add_ons.disconnect('F-CRED', actor=nina)
    assert refusal.value.facts == {'debt': Decimal('20.30')}
    assert ConnectedAddOn.get().ends_at is None


def test_left_without_debt_it_holds_to_the_end_of_the_paid_month(nina, at_noon):
    contract = contract_of(nina)
    connect(nina)
    add_ons.disconnect('F-CRED', actor=nina)

    assert subscriptions.load(contract).limit_on(date(2026, 11, 30)) == Decimal('80.00')
    assert subscriptions.load(contract).limit_on(date(2026, 12, 1)) == ZERO
    at_noon.move_to(midnight(date(2026, 12, 1)))
    billing.charge_month(contract, date(2026, 12, 1))
    assert ledger.balance(contract) == Decimal('-27.20')
    assert debt_blocks.open_block(contract) is not None


def test_it_ends_with_the_month_of_a_slower_tariff_and_the_debt_blocks(nina, at_noon):
    contract = contract_of(nina)
    connect(nina)
    tariff_changes.execute(tariff_changes.quote('I-100', 'next', actor=nina).id, 'key-plan', actor=nina)
    charge(contract, '30.00')

    at_noon.move_to(midnight(date(2026, 12, 1)))
    billing.charge_month(contract, date(2026, 12, 1))

    assert ConnectedAddOn.get().ends_at == now()
    assert ledger.balance(contract) == Decimal('-53.50')  # −20,30 − 29,90 − 3,30, and no fee of the credit
    assert debt_blocks.open_block(contract) is not None


def test_it_ends_on_the_day_of_a_slower_tariff_inside_a_month(nina, ada, at_noon):
    contract = contract_of(nina)
    change_rule('down_fee', '0.00', ada)
    connect(nina)
    charge(contract, '30.00')
    TariffChange.create(
        contract=contract,
        old_tariff=contract.tariff,
        new_tariff=factories.make_tariff('I-100'),
        effective_on=date(2026, 11, 25),
        state='planned',
        form_key='key-plan',
        created_at=now(),
    )

    at_noon.move_to(midnight(date(2026, 11, 25)))
    planned_tariffs.apply(contract)

    assert subscriptions.open_credit(contract) is None
    assert debt_blocks.open_block(contract) is not None


def test_a_promise_is_not_needed_within_the_credit_and_adds_to_it_above(nina):
    contract = contract_of(nina)
    connect(nina)
    charge(contract, '30.00')
    assert isinstance(promised_payments.view(actor=nina).refusal, promised_payments.CoveredAnyway)

    charge(contract, '70.00')
    promised_payments.promise('key-promise', actor=nina)

    assert ledger.balance(contract) == Decimal('-90.30')
    assert debt_blocks.open_block(contract) is None


def test_the_migration_goes_down_and_up_again(empty_db):
    with database.connection_context():
        runner = migrations.Runner(database.obj, str(migration.DIRECTORY))
        assert '0015_more_quotes' in runner.down('0015_more_quotes')
        assert 'credit_limit' not in {column.name for column in database.get_columns('connected_add_on')}
    migration.migrate()

    with database.connection_context():
        assert 'credit_limit' in {column.name for column in database.get_columns('connected_add_on')}
