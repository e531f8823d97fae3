"""The rule of autopay over every day of three years: what it takes, when, and never more than was agreed."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes.autopay import Due, Facts, Terms, coming, due
from services.quotes.subscription import next_month

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
FEE = Decimal('29.90')
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def terms(**changes):
    plain = Terms(3, None, None, Decimal('100.00'), least=Decimal('1.00'), most=Decimal('5000.00'))
    return dataclasses.replace(plain, **changes)


def below(sum_, **changes):
    return terms(days_before=None, below=Decimal(sum_), **changes)


def facts(day, balance, **changes):
    day = date.fromisoformat(day) if isinstance(day, str) else day
    plain = Facts(day, Decimal(balance), next_month(day), FEE)
    return dataclasses.replace(plain, **changes)


def live(own, balance, fee=FEE):
    """Live three years: the 1st charges, autopay pays what the rule says; return payments as (day, sum) and balances
    after each charge."""
    balance, paid, after = Decimal(balance), [], []
    for day in EVERY_DAY:
        if day.day == 1:
            balance -= fee
            after.append(balance)
        spent = sum((sum_ for on, sum_, _ in paid if (on.year, on.month) == (day.year, day.month)), ZERO)
        is_paid_for = any(charge_on == next_month(day) for _, _, charge_on in paid)
        own_facts = Facts(day, balance, next_month(day), fee, spent, is_paid_for)
        owed = due(own, own_facts)
        if owed and not owed.is_over_limit:
            balance += owed.amount
            paid.append((day, owed.amount, owed.charge_on))
    return paid, after


@pytest.mark.parametrize('days', [1, 2, 3, 7, 10])
def test_so_many_days_before_every_charge_what_is_missing_is_taken_once(days):
    paid, after = live(terms(days_before=days), '29.90')

    assert len(paid) == 36
    assert [on for on, _, _ in paid] == [charge - timedelta(days=days) for _, _, charge in paid]
    assert {sum_ for _, sum_, _ in paid} == {FEE}
    assert set(after) == {ZERO}


@pytest.mark.parametrize('days', [1, 3, 10])
def test_a_fixed_sum_is_taken_once_for_each_charge(days):
    paid, _ = live(terms(days_before=days, fixed=Decimal('40.00')), '0.00')

    assert len({charge for _, _, charge in paid}) == len(paid) == 36
    assert {sum_ for _, sum_, _ in paid} == {Decimal('40.00')}


@pytest.mark.parametrize('floor', ['5.00', '29.90', '60.00'])
def test_below_a_balance_brings_it_back_above_and_pays_for_the_next_charge(floor):
    paid, after = live(below(floor), '0.00')

    assert all(day.day == 1 for day, _, _ in paid)
    assert all(left >= ZERO for left in after[1:])


@pytest.mark.parametrize(
    'own', [terms(), below('10.00'), terms(fixed=Decimal('30.00')), below('9.00', fixed=Decimal('8.00'))]
)
@pytest.mark.parametrize('limit', ['10.00', '29.89', '29.90', '50.00', '100.00'])
@pytest.mark.parametrize('balance', ['-50.00', '0.00', '12.34', '500.00'])
def test_the_limit_of_a_month_is_never_passed(own, limit, balance):
    paid, _ = live(dataclasses.replace(own, month_limit=Decimal(limit)), balance)

    months = {}
    for day, sum_, _ in paid:
        months[day.year, day.month] = months.get((day.year, day.month), ZERO) + sum_
    assert all(sum_ <= Decimal(limit) for sum_ in months.values())


def test_with_money_for_years_nothing_is_ever_taken():
    assert live(terms(), '5000.00')[0] == live(below('10.00'), '5000.00')[0] == []


def test_what_is_missing_costs_at_least_the_least_and_at_most_the_most():
    assert due(terms(), facts('2026-11-28', '29.50')) == Due(Decimal('1.00'), date(2026, 12, 1))
    rich = terms(month_limit=Decimal('9000.00'))
    assert due(rich, facts('2026-11-28', '0.00', charge=Decimal('6000.00'))).amount == Decimal('5000.00')


@pytest.mark.parametrize(
    ('day', 'is_due'), [('2026-11-27', False), ('2026-11-28', True), ('2026-11-30', True), ('2026-12-01', False)]
)
def test_three_days_before_begins_three_days_before_and_ends_with_the_charge(day, is_due):
    assert (due(terms(), facts(day, '0.00')) is not None) is is_due


def test_on_the_day_of_the_charge_itself_nothing_is_taken_for_it():
    assert due(terms(), facts('2026-12-01', '0.00', charge_on=date(2026, 12, 1))) is None


@pytest.mark.parametrize(
    ('charge_on', 'foretold', 'is_over_limit'),
    [
        (date(2026, 12, 1), date(2026, 11, 28), True),
        (date(2027, 1, 1), date(2026, 12, 29), False),  # December has a limit of its own
    ],
)
def test_what_was_taken_counts_in_its_own_month(charge_on, foretold, is_over_limit):
    spent = facts('2026-11-20', '0.00', charge_on=charge_on, spent=Decimal('100.00'))

    assert coming(terms(), spent) == (foretold, Due(FEE, charge_on, is_over_limit=is_over_limit))


def test_a_contract_that_is_charged_nothing_pays_nothing():
    assert due(terms(), facts('2026-11-30', '0.00', charge=ZERO)) is None


def test_a_debt_is_part_of_what_is_missing():
    assert due(terms(), facts('2026-11-30', '-10.10')).amount == Decimal('40.00')


def test_beyond_the_limit_is_told_and_not_taken():
    owed = due(terms(), facts('2026-11-30', '0.00', spent=Decimal('70.11')))

    assert owed.is_over_limit
    assert not due(terms(), facts('2026-11-30', '0.00', spent=Decimal('70.10'))).is_over_limit


def test_exactly_the_balance_of_the_floor_is_enough():
    assert due(below('10.00'), facts('2026-11-10', '10.00')) is None
    assert due(below('10.00'), facts('2026-11-10', '9.99')).amount == Decimal('19.91')
    assert due(below('50.00'), facts('2026-11-10', '40.00')).amount == Decimal('10.00')


@pytest.mark.parametrize('day', EVERY_DAY)
def test_what_is_foretold_on_any_day_is_due_on_its_day_and_not_before(day):
    for own in (terms(), terms(days_before=1), below('10.00'), terms(fixed=Decimal('20.00'))):
        foretold = coming(own, facts(day, '5.00'))
        if foretold is None:
            assert next_month(day) - day <= timedelta(days=1)
            continue
        on, owed = foretold
        assert day < on < next_month(day)
        assert due(own, facts(on, '5.00')) == owed
        between = (day + timedelta(days=n) for n in range(1, (on - day).days))
        assert all(due(own, facts(each, '5.00')) is None for each in between)
