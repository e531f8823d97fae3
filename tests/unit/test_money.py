"""Rubles and kopecks: one rounding, no fractions, no floats."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import Tariff
from services.money import kopecks, round_money, vat_inside
from tests import factories


@pytest.mark.parametrize(
    ('exact', 'rounded'),
    [('0.004', '0.00'), ('0.005', '0.01'), ('0.015', '0.02'), ('2.675', '2.68'), ('-0.005', '-0.01'), ('7', '7.00')],
)
def test_half_a_kopeck_is_rounded_up(exact, rounded):
    assert str(round_money(Decimal(exact))) == rounded


@given(st.decimals(min_value=-1_000_000, max_value=1_000_000, places=4))
def test_rounding_moves_a_sum_by_half_a_kopeck_at_most(amount):
    rounded = round_money(amount)

    assert abs(rounded - amount) <= Decimal('0.005')
    assert round_money(rounded) == rounded


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_kopecks_come_back_whole(number):
    assert kopecks(Decimal(number) / 100) == number


def test_a_sum_somebody_forgot_to_round_is_no_kopecks():
    with pytest.raises(ValueError, match=r'29\.905 has a fraction'):
        kopecks(Decimal('29.905'))


def test_vat_is_inside_the_price():
    assert vat_inside(Decimal('29.90'), 25) == Decimal('5.98')
    assert vat_inside(Decimal('29.90'), 0) == Decimal('0.00')


def test_money_comes_from_the_database_as_it_went_in(db):
    factories.make_tariff('I-TEN', monthly_fee=Decimal('0.10'))

    fee = Tariff.get(Tariff.code == 'I-TEN').monthly_fee

    assert (fee, fee * 3) == (Decimal('0.10'), Decimal('0.30'))


@pytest.mark.parametrize('wrong', [0.1, 10, '0.10'])
def test_the_database_takes_only_decimals_for_money(db, wrong):
    with pytest.raises(TypeError, match='Money is Decimal'):
        factories.make_tariff('I-BAD', monthly_fee=wrong)


def test_the_database_takes_no_fraction_of_a_kopeck(db):
    with pytest.raises(ValueError, match='fraction of a kopeck'):
        factories.make_tariff('I-BAD', monthly_fee=Decimal('0.105'))
