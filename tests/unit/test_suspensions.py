"""Suspending and coming back: what is returned, what is charged again, the limits. Sums by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, Quote
from models.contract import Suspension
from models.outbox import OutgoingMessage
from models.rule import RuleChange
from services.accounts import billing, billing_run, invariants, ledger, shown_quotes, suspension_refusals, suspensions
from services.clock import MINSK, midnight, now
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired
from services.money import ZERO
from services.quotes import suspension as quotes
from services.quotes.monthly import Item, LineKind, PromoEffect
from services.quotes.subscription import AddOnTerms, DiscountTerms, Pause, Subscription, TariffTerms
from tests import factories
from tests.cast import contract_of

RENT = Item(LineKind.RENT, 'R-AC', 'Роутер', Decimal('4.50'))
PLAIN = Subscription('100001', date(2026, 1, 1), TariffTerms('I-100', 'Комфорт', Decimal('29.90')), rents=(RENT,))


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


def suspend(actor, starts_on='2026-11-23', days=14, key='key-suspend'):
    return suspensions.suspend(suspensions.quote(starts_on, days, actor=actor).id, key, actor=actor)


def resume(actor, key='key-resume'):
    return suspensions.resume(suspensions.quote_resume(actor=actor).id, key, actor=actor)


def quote(today, starts_on, days, **fields):
    facts = {'balance': Decimal('45.10'), 'today': today, 'starts_on': starts_on, 'days': days}
    return quotes.quote_suspension(PLAIN, **{**facts, **fields})


@pytest.mark.parametrize(
    ('starts_on', 'days', 'returned', 'december', 'january'),
    [
        ('2026-11-23', 8, '-7.97', '34.40', '34.40'),  # 29.90 × 8 / 30, back on 1 December
        ('2026-11-23', 14, '-7.97', '28.61', '34.40'),  # December: 29.90 × 25 / 31 = 24.11 + 4.50
        ('2026-11-23', 60, '-7.97', '4.50', '14.15'),  # January: back on the 22nd, 29.90 × 10 / 31 = 9.65
        ('2026-12-05', 10, '0.00', '24.75', '34.40'),  # not charged yet: 29.90 × 21 / 31 = 20.25
        ('2026-11-24', 7, '-6.98', '34.40', '34.40'),  # 29.90 × 7 / 30 = 6.9766…
    ],
)
def test_paid_days_are_returned_and_coming_days_are_not_charged(starts_on, days, returned, december, january):
    shown = quote(date(2026, 11, 22), date.fromisoformat(starts_on), days)

    assert shown.due == Decimal(returned)
    assert [step.sum for step in shown.steps[1:3]] == [-Decimal(december), -Decimal(january)]
    assert shown.steps[0].after == Decimal('45.10') - Decimal(returned)


@pytest.mark.parametrize(
    ('today', 'returned'),
    [('2027-02-14', '-14.95'), ('2028-02-14', '-15.47'), ('2026-12-17', '-13.50'), ('2026-11-16', '-13.95')],
)
def test_the_length_of_the_month_counts(today, returned):
    day = date.fromisoformat(today)

    assert quote(day, day + timedelta(days=1), 30).due == Decimal(returned)


def test_add_ons_follow_the_internet_and_a_discount_is_returned_as_it_was_paid():
    percent = PromoEffect('OSEN3', 'months_percent', '−30 %', percent=30)
    add_on = AddOnTerms(Item(LineKind.ADD_ON, 'A-IP', 'Статический IP', Decimal('6.00')))
    rich = Subscription(
        '100001',
        date(2026, 1, 1),
        TariffTerms('I-100', 'Комфорт', Decimal('29.90')),
        add_ons=(add_on,),
        discounts=(DiscountTerms(percent, date(2026, 11, 1), date(2026, 11, 1)),),
    )
    lines = quotes.credit_lines(rich, date(2026, 11, 21), date(2026, 12, 5), charged_until=date(2026, 12, 1))

    assert [line.sum for line in lines] == [Decimal('-6.98'), Decimal('-2.00')]  # 20.93 / 3 = 6.9766…, 6 / 3


def test_coming_back_costs_the_days_that_work_again():
    pause = Pause(date(2026, 11, 12), date(2026, 12, 22))
    paused = Subscription('100003', date(2026, 1, 1), TariffTerms('I-200', 'Драйв', Decimal('36.90')), pauses=(pause,))
    shown = quotes.quote_return(paused, balance=Decimal('20.00'), today=date(2026, 11, 22), pause=pause)

    assert shown.due == Decimal('11.07')  # 36.90 × 9 / 30
    assert [step.sum for step in shown.steps[1:]] == [Decimal('-36.90')] * 3


def test_the_fee_of_the_rules_is_a_line_of_its_own():
    shown = quote(date(2026, 11, 22), date(2026, 11, 23), 8, fee=Decimal('2.00'))

    assert [(line.code, line.sum) for line in shown.charges][1:] == [('F-PAUSE', Decimal('2.00'))]
    assert shown.due == Decimal('-5.97')


def test_with_a_fee_anna_gets_the_days_back_and_pays_it_once(anna, ada):
    set_fee('2.00', ada)

    suspend(anna)
    suspend_again = suspensions.suspend(Quote.get().id, 'key-suspend', actor=anna)

    assert ledger.balance(contract_of(anna)) == Decimal('51.07')
    assert Operation.select().where(Operation.key == 'suspend:key-suspend:fee:F-PAUSE').count() == 1
    assert suspend_again.ends_on == date(2026, 12, 7)
    letter = OutgoingMessage.get().text.replace('\xa0', ' ')
    assert 'На счёт вернули 7,97 р.' in letter
    assert 'Плата за приостановку — 2,00 р.' in letter


@pytest.mark.parametrize('starts_on', ['2026-11-23', '2026-12-05'])
def test_calling_it_off_before_its_first_day_gives_the_fee_back(anna, ada, starts_on):
    set_fee('2.00', ada)
    suspend(anna, starts_on)
    before = ledger.balance(contract_of(anna))

    resume(anna)
    suspensions.resume(Quote.get(Quote.action == 'resume').id, 'key-resume', actor=anna)  # a double click

    assert before != Decimal('45.10') == ledger.balance(contract_of(anna))
    back = Operation.get(Operation.key == 'resume:key-resume:fee:F-PAUSE')
    assert (back.title, back.formula) == ('Возврат платы за приостановку', '2,00 р.')
    assert back.basis == 'Договор № 100001. Приостановка отменена до первого дня.'
    letter = OutgoingMessage.get(OutgoingMessage.key == 'resume:key-suspend').text.replace('\xa0', ' ')
    assert 'Плату за приостановку, 2,00 р., вернули на счёт.' in letter
    assert ('списали 7,97 р.' in letter) == (starts_on == '2026-11-23')
    assert invariants.self_check() == []


def test_the_fee_comes_back_as_it_was_paid_whatever_the_rules_say_by_then(anna, ada):
    set_fee('2.00', ada)
    suspend(anna)
    set_fee('5.00', ada, date(2026, 11, 22))

    assert suspensions.quote_resume(actor=anna).quote.due == Decimal('5.97')  # 7,97 − 2,00


def test_on_its_first_day_the_fee_is_spent(anna, ada, at_noon):
    set_fee('2.00', ada)
    suspend(anna)
    at_noon.shift(timedelta(days=1))

    resume(anna)

    assert ledger.balance(contract_of(anna)) == Decimal('43.10')


def test_a_fee_that_was_taken_back_already_does_not_come_back_twice(anna, ada):
    set_fee('2.00', ada)
    suspend(anna)
    ledger.reverse(Operation.get(Operation.key == 'suspend:key-suspend:fee:F-PAUSE'), reason='проба', actor_id=None)

    assert suspensions.quote_resume(actor=anna).quote.due == Decimal('7.97')


def test_a_fee_without_the_money_is_refused(anna, ada):
    set_fee('20.00', ada)
    factories.top_up(contract_of(anna), Decimal('-40.00'))

    with pytest.raises(shown_quotes.NotEnoughMoney) as refusal:
        suspend(anna)
    assert refusal.value.facts == {'missing': Decimal('6.93')}  # 20,00 − 7,97 − 5,10


def set_fee(value, actor, day=date(2026, 11, 1)):
    RuleChange.create(
        name='suspension_fee', value=value, starts_on=day, reason='проба', set_by=actor.user_id, set_at=now()
    )


def test_anna_suspends_and_gets_the_days_back(anna):
    view = suspend(anna)
    contract = contract_of(anna)

    assert (view.starts_on, view.ends_on, view.is_running) == (date(2026, 11, 23), date(2026, 12, 7), False)
    assert ledger.balance(contract) == Decimal('53.07')
    operation = Operation.select().order_by(Operation.id.desc()).first()
    assert operation.key == 'suspend:key-suspend:tariff:I-100'
    assert (operation.formula, operation.quote.action) == ('29,90 р. × 8 из 30 дней', 'suspend')
    assert OutgoingMessage.get().subject.replace('\xa0', ' ') == 'Интернет приостановлен с 23 ноября 2026'
    assert invariants.self_check() == []


def test_a_repeat_of_the_click_suspends_once(anna):
    shown = suspensions.quote('2026-11-23', 14, actor=anna)
    first = suspensions.suspend(shown.id, 'key-1', actor=anna)

    assert suspensions.suspend(shown.id, 'key-1', actor=anna) == first
    assert ledger.balance(contract_of(anna)) == Decimal('53.07')
    assert Suspension.select().count() == OutgoingMessage.select().count() == 1


def test_suspending_and_coming_back_on_the_first_day_leaves_the_money_as_it_was(anna, at_noon):
    suspend(anna)
    at_noon.shift(timedelta(days=1))

    assert resume(anna) == date(2026, 11, 23)
    assert ledger.balance(contract_of(anna)) == Decimal('45.10')
    assert billing.next_charge(contract_of(anna)).sum == Decimal('34.40')


def test_calling_it_off_before_it_begins_takes_the_return_back_and_does_not_count(anna):
    suspend(anna)

    assert resume(anna) == date(2026, 11, 23)
    assert ledger.balance(contract_of(anna)) == Decimal('45.10')
    assert suspensions.board(actor=anna).left_this_year == 2


def test_coming_back_in_the_next_month_charges_to_the_planned_day(anna, at_noon):
    suspend(anna)  # back on 7 December
    at_noon.move_to(midnight(date(2026, 12, 4)))
    billing_run.run_due()
    before = ledger.balance(contract_of(anna))

    resume(anna)

    assert ledger.balance(contract_of(anna)) - before == Decimal('-2.89')  # 29.90 × 3 / 31 = 2.8935…
    assert ledger.balance(contract_of(anna)) == Decimal('21.57')  # 53.07 − 24.11 (25 days of December) − 4.50 − 2.89


def test_a_repeat_of_coming_back_charges_once(anna):
    suspend(anna)
    shown = suspensions.quote_resume(actor=anna)

    assert suspensions.resume(shown.id, 'key-1', actor=anna) == suspensions.resume(shown.id, 'key-1', actor=anna)
    assert ledger.balance(contract_of(anna)) == Decimal('45.10')


def test_coming_back_needs_the_money_for_it(anna, at_noon):
    suspend(anna)
    at_noon.shift(timedelta(days=1))
    factories.top_up(contract_of(anna), Decimal('-53.07'))

    with pytest.raises(shown_quotes.NotEnoughMoney) as refusal:
        resume(anna)
    assert refusal.value.facts['missing'] == Decimal('7.97')
    assert suspensions.board(actor=anna).current.is_running


def test_it_ends_by_itself(anna, at_noon):
    suspend(anna)
    at_noon.move_to(midnight(date(2026, 12, 7)))

    assert suspensions.board(actor=anna).current is None
    with pytest.raises(suspension_refusals.NotSuspended):
        suspensions.quote_resume(actor=anna)


@pytest.mark.parametrize('days', [6, 91, 0, -7, '', 'много', None, '14.5', '٧', {'a': 1}, '9' * 100])
def test_the_length_has_limits(anna, days):
    with pytest.raises(InvalidField) as refusal:
        suspensions.quote('2026-11-23', days, actor=anna)
    assert refusal.value.field == 'days'


@pytest.mark.parametrize(
    'day', ['2026-11-22', '2026-11-01', '2027-02-21', '', 'завтра', None, '2026-13-01', [1], '9' * 9999]
)
def test_it_starts_tomorrow_at_the_earliest(anna, day):
    with pytest.raises(InvalidField) as refusal:
        suspensions.quote(day, 14, actor=anna)
    assert refusal.value.field == 'starts_on'


@pytest.mark.parametrize(('day', 'days'), [('2026-11-23', 7), ('2026-11-23', 90), ('2027-02-20', '30')])
def test_the_limits_themselves_are_possible(anna, day, days):
    assert suspensions.quote(day, days, actor=anna).quote.action == 'suspend'


def test_twice_a_calendar_year(anna):
    for month in (2, 6):
        dates = {'starts_on': date(2026, month, 1), 'ends_on': date(2026, month, 20)}
        row = {'contract': contract_of(anna), 'form_key': factories.key(), 'created_at': midnight(dates['starts_on'])}
        Suspension.create(**row, **dates)

    with pytest.raises(suspension_refusals.TooManyThisYear):
        suspensions.quote('2026-12-31', 14, actor=anna)
    assert suspensions.quote('2027-01-01', 14, actor=anna)


def test_not_in_debt_not_blocked_and_one_at_a_time(anna, boris, vera):
    with pytest.raises(suspension_refusals.InDebt) as refusal:
        suspensions.quote('2026-11-23', 14, actor=boris)
    assert refusal.value.facts['debt'] == Decimal('12.40')
    with pytest.raises(suspension_refusals.AlreadySuspended):
        suspensions.quote('2026-11-23', 14, actor=vera)
    factories.top_up(contract_of(anna), Decimal('-45.10'))
    assert suspensions.quote('2026-11-23', 14, actor=anna).missing == ZERO


def test_a_quote_whose_facts_changed_is_refused(anna):
    shown = suspensions.quote('2026-11-23', 14, actor=anna)
    factories.connect_add_on(contract_of(anna), 'A-IP')

    with pytest.raises(shown_quotes.QuoteChanged):
        suspensions.suspend(shown.id, 'key-1', actor=anna)
    assert not Suspension.select().exists()


def test_somebody_elses_quote_is_not_found(anna, vera):
    shown = suspensions.quote('2026-11-23', 14, actor=anna)

    with pytest.raises(NotFound):
        suspensions.suspend(shown.id, 'key-1', actor=vera)
    back = suspensions.quote_resume(actor=vera)
    with pytest.raises(NotFound):
        suspensions.resume(back.id, 'key-2', actor=anna)


def test_only_a_subscriber_may(olga, stranger):
    with pytest.raises(NotAllowed):
        suspensions.quote('2026-11-23', 14, actor=olga)
    with pytest.raises(SignInRequired):
        suspensions.quote_resume(actor=stranger)
    with pytest.raises(NotAllowed):
        suspensions.board(actor=olga)
