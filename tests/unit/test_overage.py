"""Traffic above the quota: by started megabyte, in steps, one rounding. Sums by hand."""

from datetime import date
from decimal import Decimal

import pytest

from services.demo.catalogue import OVERAGE
from services.quotes.monthly import LineKind
from services.quotes.overage import BYTES_IN_MB, overage_lines, started_mb, steps_of

STEPS = steps_of(OVERAGE)
TEN_GB = 10 * 1024 * BYTES_IN_MB
ON = date(2026, 12, 1)


def price(megabytes, steps=STEPS):
    return [line.sum for line in overage_lines(steps, megabytes=megabytes, code='I-10G', on=ON)]


@pytest.mark.parametrize(
    ('used', 'megabytes'),
    [
        (0, 0),
        (TEN_GB, 0),
        (TEN_GB + 1, 1),
        (TEN_GB + BYTES_IN_MB, 1),
        (TEN_GB + BYTES_IN_MB + 1, 2),
        (TEN_GB + 6144 * BYTES_IN_MB, 6144),
    ],
)
def test_a_started_megabyte_counts_whole(used, megabytes):
    assert started_mb(used, 10) == megabytes


@pytest.mark.parametrize(
    ('megabytes', 'sums'),
    [
        (0, []),
        (1, []),  # 0,0031 is no kopeck
        (2, ['0.01']),  # 0,0062
        (3, ['0.01']),  # 0,0093
        (1024, ['3.17']),  # 3,1744
        (1025, ['3.18']),  # 3,1744 + 0,0021 = 3,1765
        (5120, ['11.78']),  # 3,1744 + 4096 × 0,0021 = 11,7760
        (5121, ['11.78']),  # + 0,0010 = 11,7770
        (6144, ['12.80']),  # 11,7760 + 1,0240
    ],
)
def test_each_step_has_its_price_and_the_sum_is_rounded_once(megabytes, sums):
    assert price(megabytes) == [Decimal(sum_) for sum_ in sums]


def test_half_a_kopeck_goes_up():
    assert price(5, steps_of([[None, '0.0010']])) == [Decimal('0.01')]
    assert price(4, steps_of([[None, '0.0010']])) == []


def test_the_formula_can_be_counted_again_by_hand():
    (line,) = overage_lines(STEPS, megabytes=6144, code='I-10G', on=ON)

    assert line.formula == '1024 МБ × 0,0031 р. + 4096 МБ × 0,0021 р. + 1024 МБ × 0,0010 р.'
    assert (line.on, line.kind, line.code) == (ON, LineKind.TARIFF, 'I-10G:overage')
    assert line.basis == 'Сверх квоты начато 6144 МБ. Каждый начатый мегабайт считается целым.'


@pytest.mark.parametrize(
    ('megabytes', 'formula'),
    [
        (1024, '1024 МБ × 0,0031 р.'),
        (1025, '1024 МБ × 0,0031 р. + 1 МБ × 0,0021 р.'),
        (5120, '1024 МБ × 0,0031 р. + 4096 МБ × 0,0021 р.'),
    ],
)
def test_a_step_nothing_fell_into_is_not_in_the_formula(megabytes, formula):
    (line,) = overage_lines(STEPS, megabytes=megabytes, code='I-10G', on=ON)

    assert (line.formula, line.title) == (formula, 'Трафик сверх тарифа')


@pytest.mark.parametrize(
    'overage',
    [
        [],
        [[1024, '0.0031']],
        [[None, '0.0031'], [1024, '0.0021']],
        [[None, '0.0031'], [None, '0.0021']],
        [[5120, '0.0031'], [1024, '0.0021'], [None, '0.0010']],
        [[1024, '0.0031'], [1024, '0.0021'], [None, '0.0010']],
        [[0, '0.0031'], [None, '0.0010']],
        [[-5, '0.0031'], [None, '0.0010']],
        [[True, '0.0031'], [None, '0.0010']],
        [[1024.5, '0.0031'], [None, '0.0010']],
        [[None, '-0.0031']],
        [[None, 'NaN']],
        [[None, 'dear']],
        [[None, '']],
        [[None, 'Infinity']],
        [[None, 0.0031]],
    ],
)
def test_steps_that_cannot_be_are_refused(overage):
    with pytest.raises(ValueError):
        steps_of(overage)


def test_less_than_nothing_cannot_be_used():
    with pytest.raises(ValueError, match='cannot be used'):
        started_mb(-1, 10)
