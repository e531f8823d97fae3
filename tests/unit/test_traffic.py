"""The traffic of a month, without a database: which tariffs it had, which quota counts, what the line adds up to."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.demo.catalogue import OVERAGE
from services.quotes.monthly import Line, LineKind
from services.quotes.overage import BYTES_IN_MB, MB_IN_GB, started_mb, steps_of
from services.quotes.traffic import MonthTraffic, Quota, gigabytes, tariffs_in

GB = MB_IN_GB * BYTES_IN_MB
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
TWO_ABOVE = Decimal('5.32')


@pytest.mark.parametrize(
    ('now_', 'changes', 'found'),
    [
        (1, [], [1]),
        (2, [(date(2026, 11, 15), 1)], [2, 1]),
        (2, [(date(2026, 11, 1), 1)], [2]),
        (2, [(date(2026, 12, 1), 1)], [1]),
        (3, [(date(2026, 11, 10), 1), (date(2026, 11, 20), 2)], [3, 2, 1]),
        (3, [(date(2026, 10, 10), 1), (date(2026, 12, 20), 2)], [2]),
        (1, [(date(2026, 11, 10), 1), (date(2026, 11, 20), 2)], [1, 2]),
    ],
)
def test_the_tariffs_of_a_month_follow_from_its_changes(now_, changes, found):
    assert tariffs_in(NOVEMBER, DECEMBER, now_, changes) == found


@given(
    used=st.integers(0, 100 * GB),
    extra=st.integers(0, 30),
    quota=st.integers(1, 50),
)
def test_the_line_is_the_sum_of_its_steps_whatever_is_used(used, extra, quota):
    traffic = MonthTraffic(NOVEMBER, used, DECEMBER, (Quota('X', 'X', quota, steps_of(OVERAGE)),), extra)
    megabytes = started_mb(used, quota + extra)
    by_hand = sum(
        Decimal(price) * max(0, min(megabytes, to) - since)
        for (to, price), since in zip(
            [(1024, '0.0031'), (5120, '0.0021'), (10**12, '0.0010')], (0, 1024, 5120), strict=True
        )
    )
    kopecks = int(by_hand * 100 + Decimal('0.5'))

    assert sum(line.sum for line in traffic.lines(DECEMBER)) * 100 == kopecks
    assert all(line.title.endswith('за ноябрь 2026') for line in traffic.lines(DECEMBER))


def test_of_two_tariffs_the_larger_quota_counts_and_the_words_say_so():
    small, large = Quota('S', 'Малый', 5, steps_of(OVERAGE)), Quota('L', 'Большой', 10, steps_of(OVERAGE))
    (line,) = MonthTraffic(NOVEMBER, 12 * GB, DECEMBER, (small, large)).lines(DECEMBER)

    assert line.sum == TWO_ABOVE
    assert line.code == 'L:overage'
    assert line.basis == (
        'По показанию от 01.12.2026 за ноябрь 2026 — 12,00 ГБ. В тариф «Большой» входит 10 ГБ. '
        'Тариф в этом месяце менялся: считаем по тому, где трафика больше. '
        'Сверх квоты начато 2048 МБ. Каждый начатый мегабайт считается целым.'
    )
    assert MonthTraffic(NOVEMBER, 12 * GB, DECEMBER, (small, Quota('U', 'U', None))).lines(DECEMBER) == []

    none, one = Quota('N', 'Без трафика', 0, steps_of(OVERAGE)), Quota('O', 'Крошечный', 1, steps_of(OVERAGE))
    assert MonthTraffic(NOVEMBER, 3 * GB, DECEMBER, (none, one)).quota == one


@pytest.mark.parametrize(
    ('used', 'shown'), [(0, '0'), (GB - 1, '0.99'), (GB, '1'), (int(7.4 * GB) + 1, '7.4'), (10 * GB + 1, '10')]
)
def test_gigabytes_never_say_more_than_was_used(used, shown):
    assert gigabytes(used) == Decimal(shown)


def test_the_line_says_what_was_used_what_was_allowed_and_what_each_step_costs():
    quota = Quota('I-10', 'Лёгкий', 10, steps_of(OVERAGE))
    (line,) = MonthTraffic(NOVEMBER, 15 * GB, date(2026, 12, 3), (quota,), 3).lines(date(2026, 12, 4))

    assert line == Line(
        on=date(2026, 12, 4),
        kind=LineKind.TARIFF,
        code='I-10:overage',
        title='Трафик сверх тарифа за ноябрь 2026',
        sum=TWO_ABOVE,  # 1024 × 0.0031 + 1024 × 0.0021 = 5.3248
        formula='1024 МБ × 0,0031 р. + 1024 МБ × 0,0021 р.',
        basis=(
            'По показанию от 03.12.2026 за ноябрь 2026 — 15,00 ГБ. В тариф «Лёгкий» входит 10 ГБ и ещё 3 ГБ '
            'по промокоду и пакетам. Сверх квоты начато 2048 МБ. Каждый начатый мегабайт считается целым.'
        ),
    )


@pytest.mark.parametrize(
    ('used', 'allowed', 'above'),
    [
        (10 * GB, 10, 0),
        (10 * GB + 1, 10, 1),  # a megabyte that was begun
        (12 * GB, 11, 1024),
        (500 * GB, None, 0),
    ],
)
def test_what_is_included_is_free_to_the_last_byte(used, allowed, above):
    extra = 1 if allowed == 11 else 0
    quota = Quota('I-10', 'Лёгкий', None if allowed is None else 10)
    traffic = MonthTraffic(NOVEMBER, used, DECEMBER, (quota,), extra)

    assert (traffic.included_gb, traffic.above_mb, traffic.used_gb) == (allowed, above, Decimal(used // GB))
    assert traffic.lines(DECEMBER) == [], 'a tariff without steps becomes slower, not dearer'
