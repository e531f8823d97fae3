"""Changing the tariff: the money before, the change after, and every no in words. Sums by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, Quote
from models.catalogue import Tariff
from models.contract import Contract, DebtBlock, Discount, Suspension, TariffChange, TariffChangeState
from models.outbox import OutgoingMessage
from models.rule import RuleChange
from models.user import AuditEvent
from services.accounts import (
    billing,
    billing_run,
    invariants,
    ledger,
    planned_tariffs,
    shown_quotes,
    suspension_refusals,
    suspensions,
    tariff_board,
    tariff_changes,
)
from services.accounts import tariff_refusals as refusals
from services.clock import MINSK, midnight, now
from services.errors import NotAllowed, NotFound, SignInRequired
from services.events import ContractChanged
from services.form_keys import BrokenForm
from tests import factories
from tests.cast import contract_of


@pytest.fixture
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


def change(actor, to='I-200', when='now', key='key-change'):
    return tariff_changes.execute(tariff_changes.quote(to, when, actor=actor).id, key, actor=actor)


def test_anna_moves_up_now_and_pays_what_she_was_shown(at_noon, db, anna):
    shown = tariff_changes.quote('I-200', 'now', actor=anna)

    tariff_changes.execute(shown.id, 'key-1', actor=anna)

    contract = contract_of(anna)
    operation = Operation.select().order_by(Operation.id.desc()).first()
    assert (shown.quote.due, ledger.balance(contract)) == (Decimal('2.10'), Decimal('43.00'))
    assert contract.tariff.code == 'I-200'
    assert (operation.quote.id, operation.actor.id) == (shown.id, anna.user_id)
    assert operation.key == 'tariff:key-1:tariff:I-200'
    assert AuditEvent.select().where(AuditEvent.action == 'tariff.change').count() == 1
    assert OutgoingMessage.get().recipient == 'anna@example.by'
    assert ContractChanged(contract.id) in db.events
    assert invariants.self_check() == []


def test_a_repeat_of_the_click_changes_once(at_noon, anna):
    shown = tariff_changes.quote('I-200', 'now', actor=anna)
    first = tariff_changes.execute(shown.id, 'key-1', actor=anna)

    assert tariff_changes.execute(shown.id, 'key-1', actor=anna) == first
    assert ledger.balance(contract_of(anna)) == Decimal('43.00')
    assert TariffChange.select().count() == OutgoingMessage.select().count() == 1


def test_a_quote_is_executed_once(at_noon, anna):
    shown = tariff_changes.quote('I-200', 'next', actor=anna)
    tariff_changes.execute(shown.id, 'key-1', actor=anna)
    tariff_changes.cancel_planned(TariffChange.get().id, actor=anna)

    with pytest.raises(shown_quotes.QuoteChanged):
        tariff_changes.execute(shown.id, 'key-2', actor=anna)


def test_next_month_plans_and_the_first_puts_it_into_force(at_noon, anna):
    assert change(anna, when='next') == date(2026, 12, 1)
    contract = contract_of(anna)
    assert (contract.tariff.code, ledger.balance(contract)) == ('I-100', Decimal('45.10'))

    at_noon.move_to(midnight(date(2026, 12, 1)))
    billing_run.run_due()

    operation = Operation.get(Operation.key == 'month:100001:2026-12:tariff:I-200')
    assert contract_of(anna).tariff.code == 'I-200'
    assert operation.quote == Quote.get()


def test_a_day_inside_a_month_is_waited_for_and_then_charged(at_noon, anna):
    assert change(anna, when='2026-11-26') == date(2026, 11, 26)
    assert planned_tariffs.run_due() == 0
    contract = contract_of(anna)
    assert (contract.tariff.code, ledger.balance(contract)) == ('I-100', Decimal('45.10'))

    at_noon.move_to(midnight(date(2026, 11, 26)))
    assert (planned_tariffs.run_due(), planned_tariffs.run_due()) == (1, 0)

    operation = Operation.select().order_by(Operation.id.desc()).first()
    assert (contract_of(anna).tariff.code, ledger.balance(contract)) == ('I-200', Decimal('43.93'))  # 7 × 5 / 30
    assert (operation.key, operation.quote) == ('tariff:key-change:tariff:I-200', Quote.get())
    assert invariants.self_check(but=('I10 late',)) == []


def test_a_change_that_is_due_comes_before_any_other_charge(at_noon, anna):
    change(anna, when='2026-11-26')
    at_noon.move_to(midnight(date(2026, 12, 3)))

    billing.catch_up(contract_of(anna))

    assert ledger.balance(contract_of(anna)) == Decimal('2.53')  # 45.10 − 1.17 − 36.90 − 4.50
    assert contract_of(anna).tariff.code == 'I-200'


def test_without_the_money_on_its_day_the_change_is_called_off(at_noon, anna):
    change(anna, when='2026-11-26')
    factories.top_up(contract_of(anna), Decimal('-45.00'))
    at_noon.move_to(midnight(date(2026, 11, 26)))

    planned_tariffs.run_due()

    assert (TariffChange.get().state, contract_of(anna).tariff.code) == (TariffChangeState.CANCELLED, 'I-100')
    assert ledger.balance(contract_of(anna)) == Decimal('0.10')
    assert OutgoingMessage.select().where(OutgoingMessage.key.endswith(':called_off')).count() == 1


def test_a_suspension_is_not_ordered_over_a_tariff_inside_a_month(at_noon, anna):
    change(anna, when='2026-11-26')

    with pytest.raises(suspension_refusals.TariffPlanned) as refusal:
        suspensions.quote(date(2026, 11, 24), 10, actor=anna)
    assert refusal.value.facts['on'] == date(2026, 11, 26)


@pytest.mark.parametrize('when', ['2026-11-22', '2026-11-21', '2027-02-21', '2026-02-30', 'soon', 7])
def test_a_day_that_cannot_be_is_refused_with_the_last_that_can(at_noon, anna, when):
    with pytest.raises(refusals.WrongDay) as refusal:
        tariff_changes.quote('I-200', when, actor=anna)
    assert refusal.value.facts['last'] == date(2027, 2, 20)


def test_moving_down_inside_a_month_waits_for_the_rule(at_noon, anna, ada):
    for when in ('now', '2026-11-26'):
        with pytest.raises(refusals.OnlyFromNextMonth) as refusal:
            tariff_changes.quote('I-50', when, actor=anna)
        assert refusal.value.facts['on'] == date(2026, 12, 1)

    RuleChange.create(
        name='down_any_day', value='1', starts_on=date(2026, 11, 1), reason='x', set_by=ada.user_id, set_at=now()
    )

    assert tariff_changes.quote('I-50', 'now', actor=anna).quote.due == Decimal('1.20')  # 3.30 − 7.00 × 9 / 30


def test_a_planned_change_is_called_off_for_nothing(at_noon, anna):
    change(anna, when='next')
    planned = tariff_board.read_board(actor=anna).planned

    tariff_changes.cancel_planned(planned.id, actor=anna)
    tariff_changes.cancel_planned(planned.id, actor=anna)

    assert TariffChange.get().state == TariffChangeState.CANCELLED
    assert tariff_board.read_board(actor=anna).planned is None
    assert change(anna, when='next', key='key-again') == date(2026, 12, 1)


def test_a_quote_whose_facts_changed_is_refused_and_nothing_happens(at_noon, anna):
    shown = tariff_changes.quote('I-200', 'now', actor=anna)
    factories.top_up(contract_of(anna), Decimal('5.00'))

    with pytest.raises(shown_quotes.QuoteChanged):
        tariff_changes.execute(shown.id, 'key-1', actor=anna)
    assert ledger.balance(contract_of(anna)) == Decimal('50.10')
    assert tariff_changes.quote('I-200', 'now', actor=anna).id != shown.id


def test_yesterdays_quote_is_asked_again(at_noon, anna):
    shown = tariff_changes.quote('I-200', 'now', actor=anna)
    at_noon.shift(timedelta(days=1))

    with pytest.raises(shown_quotes.QuoteChanged):
        tariff_changes.execute(shown.id, 'key-1', actor=anna)


def test_the_same_quote_shown_twice_is_one_row(at_noon, anna):
    assert tariff_changes.quote('I-200', actor=anna).id == tariff_changes.quote('I-200', actor=anna).id


def test_without_the_money_nothing_changes(at_noon, anna):
    factories.top_up(contract_of(anna), Decimal('-43.10'))
    shown = tariff_changes.quote('I-200', 'now', actor=anna)

    assert shown.missing == Decimal('0.10')
    with pytest.raises(shown_quotes.NotEnoughMoney) as refusal:
        tariff_changes.execute(shown.id, 'key-1', actor=anna)
    assert refusal.value.facts['missing'] == Decimal('0.10')
    assert contract_of(anna).tariff.code == 'I-100'


def test_the_tariffs_offered_are_those_of_the_house(at_noon, anna):
    codes = [offer.code for offer in tariff_board.read_board(actor=anna).offers]

    assert codes == ['I-10G', 'I-50', 'I-200', 'I-500']


def test_a_terminal_in_the_flat_means_glass(at_noon, anna):
    factories.make_unit(contract_of(anna), 'ONT', 'lent')

    assert [offer.code for offer in tariff_board.read_board(actor=anna).offers] == ['I-200', 'I-500']
    with pytest.raises(refusals.OtherLine):
        tariff_changes.quote('I-50', 'next', actor=anna)


def test_a_house_of_the_building_base_has_its_own_lines(at_noon, anna):
    Contract.update(address='Минск, ул. Учебная, 3, кв. 1').where(Contract.number == '100001').execute()

    assert [offer.code for offer in tariff_board.read_board(actor=anna).offers] == ['I-10G', 'I-50']


@pytest.mark.parametrize(
    ('to', 'when', 'refusal'),
    [
        ('I-100', 'now', refusals.SameTariff),
        ('I-50', 'now', refusals.OnlyFromNextMonth),
        ('I-HOME', 'next', refusals.NotForHouse),
        ('I-AIR', 'next', refusals.NotForHouse),
        ('I-SOC', 'next', refusals.NeedsPaper),
        ('I-999', 'now', NotFound),
        ('', 'now', NotFound),
        (['I-200'], 'now', NotFound),
        ('I-200', 'yesterday', refusals.WrongDay),
        ('I-200', None, refusals.WrongDay),
        ('I-200', ['now'], refusals.WrongDay),
    ],
)
def test_every_no_has_its_reason(at_noon, anna, to, when, refusal):
    with pytest.raises(refusal) as answer:
        tariff_changes.quote(to, when, actor=anna)
    assert str(answer.value)


def test_a_tariff_of_another_town_or_not_on_sale_is_refused(at_noon, anna):
    Tariff.update(regions=['borisov']).where(Tariff.code == 'I-200').execute()
    Tariff.update(is_on_sale=False).where(Tariff.code == 'I-500').execute()

    with pytest.raises(refusals.NotInRegion):
        tariff_changes.quote('I-200', actor=anna)
    with pytest.raises(refusals.NotOnSale):
        tariff_changes.quote('I-500', actor=anna)


def test_nothing_changes_while_blocked_suspended_or_planned(at_noon, anna, boris):
    with pytest.raises(refusals.StoppedForDebt):
        tariff_changes.quote('I-100', actor=boris)
    change(anna, when='next')
    with pytest.raises(refusals.ChangePlanned) as planned:
        tariff_changes.quote('I-500', actor=anna)
    assert planned.value.facts['on'] == date(2026, 12, 1)
    DebtBlock.delete().execute()
    factories.top_up(contract_of(boris), Decimal('20.00'))
    dates = {'starts_on': date(2026, 11, 30), 'ends_on': date(2026, 12, 20)}
    Suspension.create(contract=contract_of(boris), form_key='key-s', created_at=now(), **dates)
    with pytest.raises(refusals.Paused):
        tariff_changes.quote('I-100', actor=boris)


@pytest.mark.parametrize(('applied', 'next_time'), [('2026-11-02', '2027-01-01'), ('2026-11-22', '2027-01-01')])
def test_moving_down_is_possible_once_in_thirty_days(at_noon, anna, applied, next_time):
    contract = contract_of(anna)
    old, new = (Tariff.get(Tariff.code == code) for code in ('I-200', 'I-100'))
    TariffChange.create(
        contract=contract,
        old_tariff=old,
        new_tariff=new,
        effective_on=date.fromisoformat(applied),
        state=TariffChangeState.APPLIED,
        form_key='key-before',
        created_at=now(),
    )

    with pytest.raises(refusals.TooOften) as refusal:
        tariff_changes.quote('I-50', 'next', actor=anna)
    assert refusal.value.facts['on'] == date.fromisoformat(next_time)
    assert tariff_changes.quote('I-200', 'now', actor=anna)


def test_a_change_now_ends_the_promo_discount(at_noon, anna):
    contract = contract_of(anna)
    dates = {'first_month': date(2026, 11, 1), 'last_month': date(2027, 1, 1)}
    Discount.create(contract=contract, kind='months_percent', percent=30, **dates)
    assert tariff_board.read_board(actor=anna).ends_discount

    change(anna)

    assert Discount.get().ended_at == now()
    assert billing.next_charge(contract_of(anna)).sum == Decimal('41.40')


def test_somebody_elses_quote_and_change_are_not_found(at_noon, anna, vera):
    Suspension.delete().execute()
    annas = tariff_changes.quote('I-200', 'next', actor=anna)

    with pytest.raises(NotFound):
        tariff_changes.execute(annas.id, 'key-1', actor=vera)
    tariff_changes.execute(annas.id, 'key-1', actor=anna)
    with pytest.raises(NotFound):
        tariff_changes.execute(annas.id, 'key-1', actor=vera)
    with pytest.raises(NotFound):
        tariff_changes.cancel_planned(TariffChange.get().id, actor=vera)


@pytest.mark.parametrize('quote_id', ['1', None, -1, 2**40, True, [1], 999_999])
def test_a_forged_quote_is_not_found(anna, quote_id):
    with pytest.raises(NotFound):
        tariff_changes.execute(quote_id, 'key-1', actor=anna)


@pytest.mark.parametrize('key', ['', 'x' * 100, None, {'a': 1}, 'ключ', 'a b'])
def test_a_forged_form_key_is_refused(anna, key):
    shown = tariff_changes.quote('I-200', 'now', actor=anna)

    with pytest.raises(BrokenForm):
        tariff_changes.execute(shown.id, key, actor=anna)


def test_only_a_subscriber_may(olga, stranger):
    for work in (tariff_board.read_board, lambda actor: tariff_changes.quote('I-200', actor=actor)):
        with pytest.raises(NotAllowed):
            work(actor=olga)
        with pytest.raises(SignInRequired):
            work(actor=stranger)
