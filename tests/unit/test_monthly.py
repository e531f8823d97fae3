"""What a month costs: whole months, parts of months, bundle and promo. Sums are written out by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.quotes.monthly import DatedFee, Item, LineKind, PromoEffect, Services, monthly_lines

TARIFF = Item(LineKind.TARIFF, 'I-100', 'Комфорт', Decimal('29.90'))
TV = Item(LineKind.TV, 'T-BASE', 'Базовый', Decimal('12.90'))
RENT = Item(LineKind.RENT, 'R-AC', 'Роутер', Decimal('4.50'))
FIRST = date(2026, 11, 1)


def sums(services, **kwargs):
    return [line.sum for line in monthly_lines(services, **kwargs)]


def sum_of(services, **kwargs):
    return sum(sums(services, **kwargs), Decimal(0))


def promo(kind, **fields):
    return PromoEffect('CODE', kind, 'Скидка', **fields)


def test_a_whole_month_is_the_sum_of_its_fees():
    services = Services((TARIFF, RENT))

    assert sums(services, first_day=FIRST) == [Decimal('29.90'), Decimal('4.50')]
    assert sum_of(services, first_day=FIRST) == Decimal('34.40')
    assert [line.formula for line in monthly_lines(services, first_day=FIRST)] == ['29,90 р.', '4,50 р.']


def test_the_month_of_activation_is_paid_from_its_day():
    line = monthly_lines(Services((TARIFF,)), first_day=date(2026, 11, 21))[0]

    assert line.sum == Decimal('9.97')  # 29.90 × 10 / 30 = 9.9666…
    assert line.formula == '29,90 р. × 10 из 30 дней'
    assert line.on == date(2026, 11, 21)


@pytest.mark.parametrize(
    ('day', 'expected'),
    [
        (date(2026, 11, 30), '1.00'),  # 29.90 / 30 = 0.9966…
        (date(2026, 2, 28), '1.07'),  # 29.90 / 28 = 1.0678…
        (date(2028, 2, 29), '1.03'),  # 29.90 / 29 = 1.0310…
        (date(2026, 12, 31), '0.96'),  # 29.90 / 31 = 0.9645…
    ],
)
def test_the_last_day_of_a_month_costs_one_day(day, expected):
    assert sums(Services((TARIFF,)), first_day=day) == [Decimal(expected)]


def test_days_that_are_not_paid_are_not_charged():
    assert sums(Services((TARIFF,)), first_day=FIRST, paid_days=15) == [Decimal('14.95')]
    assert sums(Services((TARIFF,)), first_day=FIRST, paid_days=0) == [Decimal('0.00')]


def test_a_bundle_is_a_line_of_its_own():
    services = Services((TARIFF, TV), bundle_discount=Decimal('3.90'), bundle_name='Скидка пакета')

    assert sums(services, first_day=FIRST) == [Decimal('29.90'), Decimal('12.90'), Decimal('-3.90')]
    assert sum_of(services, first_day=FIRST) == Decimal('38.90')


def test_a_percent_off_is_off_the_tariff_only():
    services = Services((TARIFF, TV), promo=promo('months_percent', percent=30))

    lines = monthly_lines(services, first_day=FIRST)

    assert [line.sum for line in lines] == [Decimal('20.93'), Decimal('12.90')]
    assert lines[0].formula == '29,90 р. − 30 %'


@pytest.mark.parametrize(('fixed', 'expected'), [('1.00', '1.00'), ('99.00', '29.90')])
def test_a_fixed_first_month_is_never_dearer_than_the_tariff(fixed, expected):
    services = Services((TARIFF,), promo=promo('first_months_fixed', amount=Decimal(fixed), months=1))

    assert sum_of(services, first_day=FIRST) == Decimal(expected)


@pytest.mark.parametrize('kind', ['speed', 'traffic', 'connection_percent'])
def test_other_promos_do_not_change_the_month(kind):
    services = Services((TARIFF,), promo=promo(kind, percent=50, amount=Decimal('1.00')))

    assert sum_of(services, first_day=FIRST) == Decimal('29.90')


@pytest.mark.parametrize('kind', ['months_percent', 'first_months_fixed'])
def test_a_promo_without_its_figure_takes_nothing_off(kind):
    assert sums(Services((TARIFF,), promo=promo(kind)), first_day=FIRST) == [Decimal('29.90')]


@given(
    st.decimals(min_value=0, max_value=1000, places=2),
    st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31)),
)
def test_a_part_of_a_month_never_costs_more_than_the_month(fee, day):
    services = Services((Item(LineKind.TARIFF, 'I', 'Любой', fee),))

    part = sums(services, first_day=day)[0]

    assert Decimal(0) <= part <= fee
    assert part == part.quantize(Decimal('0.01'))


def test_a_price_from_the_beginning_has_no_first_day():
    prices = (DatedFee(date.min, Decimal('4.50')), DatedFee(date(2026, 12, 1), Decimal('5.00'), 20))
    rent = Item(LineKind.RENT, 'R-AC', 'Роутер', Decimal('4.50'), fees=prices)

    assert rent.on(date(2026, 11, 30)) == rent
    assert rent.on(date(2026, 12, 1)) == replace(rent, fee=Decimal('5.00'), vat_rate=20, since=date(2026, 12, 1))
