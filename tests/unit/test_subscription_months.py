"""From a snapshot of a contract follows any coming month: who begins, who ends, what is counted. Days and kopecks by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes.monthly import Item, LineKind, PromoEffect, days_in_month
from services.quotes.promo import RunningPromo, down_kbit_in, extra_gb_in, promos_in
from services.quotes.subscription import (
    AddOnTerms,
    DatedFee,
    DiscountTerms,
    Limit,
    Pause,
    PlannedTariff,
    Subscription,
    TariffTerms,
    days_left,
    next_month,
    rubles,
)  # fmt: skip

D = Decimal
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
COMFORT = TariffTerms('I-100', 'Комфорт', D('29.90'), down_kbit=100_000)
DRIVE = TariffTerms('I-200', 'Драйв', D('36.90'), down_kbit=200_000)
TV = Item(LineKind.TV, 'T-BASE', 'Базовый', D('12.90'))
ROUTER = Item(LineKind.RENT, 'R-AC', 'Роутер', D('4.50'))
IP = Item(LineKind.ADD_ON, 'A-IP', 'Статический IP', D('6.00'))
PLAIN = Subscription('100001', date(2026, 1, 1), COMFORT)


def effect(kind, **fields):
    return PromoEffect(kind.upper(), kind, f'Код {kind}', **fields)


def month(what, first_day):
    return [(str(line.kind), line.code, line.sum) for line in what.month_lines(first_day)]


def codes(what, first_day):
    return [code for _, code, _ in month(what, first_day)]


# --- prices and days --------------------------------------------------------------------------------------------


def test_a_tariff_costs_what_it_costs_on_the_day():
    dated = replace(COMFORT, fees=(DatedFee(DECEMBER, D('31.90'), 20), DatedFee(JANUARY, D('33.90'), 10)))

    found = [(dated.on(day).fee, dated.on(day).vat_rate) for day in (date(2026, 11, 30), DECEMBER, JANUARY)]
    assert found == [(D('29.90'), 25), (D('31.90'), 20), (D('33.90'), 10)]
    assert [(item.code, item.fee, item.vat_rate) for item in [dated.on(JANUARY).item]] == [('I-100', D('33.90'), 10)]
    assert month(replace(PLAIN, tariff=dated), DECEMBER) == [('tariff', 'I-100', D('31.90'))]


def test_a_planned_tariff_begins_on_its_day_with_its_price_and_its_fee():
    to = replace(DRIVE, fees=(DatedFee(date(2026, 1, 1), D('36.90')), DatedFee(JANUARY, D('39.90'))))
    what = replace(PLAIN, planned=PlannedTariff(to, JANUARY, D('3.30'), 'F-DOWN'))

    assert month(what, DECEMBER) == [('tariff', 'I-100', D('29.90'))]
    assert month(what, JANUARY) == [('tariff', 'I-200', D('39.90')), ('fee', 'F-DOWN', D('3.30'))]
    assert month(what, date(2027, 2, 1)) == [('tariff', 'I-200', D('39.90'))]
    assert [what.tariff_on(day).code for day in (date(2026, 12, 31), JANUARY)] == ['I-100', 'I-200']


@pytest.mark.parametrize(
    ('day', 'days', 'left', 'following'),
    [
        ('2026-11-01', 30, 30, '2026-12-01'),
        ('2026-11-30', 30, 1, '2026-12-01'),
        ('2026-12-31', 31, 1, '2027-01-01'),
        ('2027-01-31', 31, 1, '2027-02-01'),
        ('2028-02-15', 29, 15, '2028-03-01'),
        ('2027-02-01', 28, 28, '2027-03-01'),
    ],
)
def test_days_of_months(day, days, left, following):
    day = date.fromisoformat(day)

    assert (days_in_month(day), days_left(day), next_month(day)) == (days, left, date.fromisoformat(following))


def test_every_month_follows_the_one_before_for_forty_years():
    day = date(2020, 1, 1)
    for number in range(480):
        assert (day.year, day.month, day.day) == (2020 + number // 12, number % 12 + 1, 1)
        day = next_month(day)


@pytest.mark.parametrize(
    ('amount', 'words'), [('29.9', '29,90 р.'), ('0', '0,00 р.'), ('-1.5', '-1,50 р.'), ('1234.56', '1234,56 р.')]
)
def test_rubles_are_written_with_a_comma_and_two_digits(amount, words):
    assert rubles(D(amount)) == words


# --- pauses -----------------------------------------------------------------------------------------------------


def test_a_paused_day_is_one_from_the_first_to_the_day_before_the_last():
    what = replace(PLAIN, pauses=(Pause(date(2026, 11, 10), date(2026, 11, 20)), Pause(date(2026, 11, 25), DECEMBER)))

    assert what.paid_days(NOVEMBER) == 14  # 1–9 and 20–24
    assert what.paid_days(date(2026, 11, 9)) == 6
    assert what.paid_days(date(2026, 11, 10)) == 5
    assert what.count_days(date(2026, 11, 19), date(2026, 11, 21)) == 1
    assert what.count_days(date(2026, 11, 20), date(2026, 11, 20)) == 0
    assert what.paid_days(DECEMBER) == 31


def test_a_pause_leaves_the_rent_of_the_whole_month_and_charges_the_days_that_work():
    what = replace(PLAIN, rents=(ROUTER,), tv=TV, pauses=(Pause(date(2026, 12, 11), date(2027, 2, 1)),))

    assert month(what, DECEMBER) == [
        ('tariff', 'I-100', D('9.65')),
        ('tv', 'T-BASE', D('4.16')),
        ('rent', 'R-AC', D('4.50')),
    ]
    assert month(what, JANUARY) == [('rent', 'R-AC', D('4.50'))]


def test_days_of_a_month_are_priced_without_rent_and_without_lines_of_nothing():
    what = replace(PLAIN, rents=(ROUTER,), add_ons=(AddOnTerms(replace(IP, fee=ZERO)),))

    assert [(line.code, line.sum, line.on) for line in what.part_lines(date(2026, 11, 21), 3)] == [
        ('I-100', D('2.99'), date(2026, 11, 21))
    ]
    assert what.part_lines(date(2026, 11, 21), 0) == []


# --- TV, add-ons, bundles, order --------------------------------------------------------------------------------


def test_the_lines_stand_in_the_order_of_debiting_and_a_fee_is_last():
    what = replace(
        PLAIN,
        tv=TV,
        rents=(ROUTER,),
        add_ons=(AddOnTerms(IP),),
        bundles=(('I-200', D('45.90')),),
        planned=PlannedTariff(DRIVE, DECEMBER, D('3.30'), 'F-DOWN'),
        debiting_order=('rent', 'add_on'),
    )

    assert month(what, DECEMBER) == [
        ('rent', 'R-AC', D('4.50')),
        ('add_on', 'A-IP', D('6.00')),
        ('tariff', 'I-200', D('36.90')),
        ('tv', 'T-BASE', D('12.90')),
        ('bundle', '', D('-3.90')),
        ('fee', 'F-DOWN', D('3.30')),
    ]
    assert what.month_lines(DECEMBER)[4].title == 'Скидка пакета'
    assert codes(replace(what, debiting_order=()), DECEMBER) == ['I-200', 'T-BASE', '', 'R-AC', 'A-IP', 'F-DOWN']


@pytest.mark.parametrize(
    ('tv', 'bundles', 'discount'),
    [
        (TV, (('I-100', D('38.90')),), '3.90'),
        (TV, (('I-200', D('38.90')),), '0.00'),
        (None, (('I-100', D('9.90')),), '0.00'),
        (TV, (('I-100', D('42.80')),), '0.00'),
        (TV, (('I-100', D('50.00')),), '0.00'),  # a bundle is never a surcharge
    ],
)
def test_a_bundle_takes_off_what_both_cost_apart(tv, bundles, discount):
    assert replace(PLAIN, tv=tv, bundles=bundles).bundle_discount(COMFORT, NOVEMBER) == D(discount)


@pytest.mark.parametrize(
    ('until', 'november', 'december'),
    [(None, True, True), (DECEMBER, True, False), (date(2026, 12, 2), True, True), (NOVEMBER, False, False)],
)
def test_an_add_on_is_paid_in_the_months_it_reaches(until, november, december):
    what = replace(PLAIN, add_ons=(AddOnTerms(IP, until=until),))

    assert ['A-IP' in codes(what, first) for first in (NOVEMBER, DECEMBER)] == [november, december]


@pytest.mark.parametrize(('least', 'stays'), [(0, True), (100_000, True), (100_001, False)])
def test_an_add_on_goes_with_a_tariff_that_is_fast_enough(least, stays):
    what = replace(PLAIN, add_ons=(AddOnTerms(IP, least_kbit=least),))

    assert ('A-IP' in codes(what, NOVEMBER)) is stays


# --- promo codes ------------------------------------------------------------------------------------------------


def promised(*discounts, **fields):
    return replace(PLAIN, discounts=tuple(DiscountTerms(each, NOVEMBER, DECEMBER) for each in discounts), **fields)


def test_a_discount_lasts_from_its_first_month_to_its_last():
    what = promised(effect('months_percent', percent=30))

    firsts = (date(2026, 10, 1), NOVEMBER, DECEMBER, JANUARY)
    assert [what.month_lines(first)[0].sum for first in firsts] == [D('29.90'), D('20.93'), D('20.93'), D('29.90')]
    assert what.month_lines(date(2026, 11, 21))[0].sum == D('6.98'), 'inside a month too: 20.93 / 3'


def test_a_discount_ends_with_the_tariff_it_was_given_on():
    planned = PlannedTariff(DRIVE, DECEMBER)
    what = promised(effect('months_percent', percent=30), planned=planned)

    assert [what.month_lines(first)[0].sum for first in (NOVEMBER, DECEMBER)] == [D('20.93'), D('36.90')]


def test_a_code_for_speed_is_no_discount_and_the_first_discount_counts():
    what = promised(
        effect('speed', percent=150),
        effect('first_months_fixed', amount=D('1.00')),
        effect('months_percent', percent=30),
    )

    assert what.month_lines(NOVEMBER)[0].sum == D('1.00')


def test_what_promo_codes_give_in_a_month():
    what = promised(
        effect('speed', percent=150), effect('speed', percent=200), effect('traffic', traffic_gb=20), effect('traffic')
    )
    days = (date(2026, 10, 31), NOVEMBER, date(2026, 12, 31), JANUARY)

    assert [down_kbit_in(what, 50_000, day) for day in days] == [50_000, 100_000, 100_000, 50_000]
    assert [extra_gb_in(what, day) for day in days] == [0, 20, 20, 0]
    assert [len(promos_in(what, day)) for day in days] == [0, 4, 4, 0]
    assert promos_in(what, NOVEMBER)[0] == RunningPromo('Код speed', date(2026, 12, 31))


def test_a_code_without_a_percent_leaves_the_speed_and_whole_kilobits_are_given():
    assert down_kbit_in(promised(effect('speed')), 50_000, NOVEMBER) == 50_000
    assert down_kbit_in(promised(effect('traffic', percent=200)), 50_000, NOVEMBER) == 50_000
    assert down_kbit_in(promised(effect('speed', percent=150)), 333, NOVEMBER) == 499
    assert extra_gb_in(promised(effect('speed', traffic_gb=5)), NOVEMBER) == 0


def test_what_a_code_gives_ends_on_the_day_of_another_tariff():
    what = promised(effect('traffic', traffic_gb=20), planned=PlannedTariff(DRIVE, date(2026, 11, 15)))

    assert [extra_gb_in(what, date(2026, 11, day)) for day in (14, 15, 16)] == [20, 0, 0]


# --- limits -----------------------------------------------------------------------------------------------------


def test_limits_hold_to_the_day_before_their_end_and_go_with_a_fast_tariff():
    limits = (
        Limit(D('20.00')),
        Limit(D('5.00'), until=date(2026, 11, 25)),
        Limit(D('30.00'), code='A-CR', least_kbit=100_000),
        Limit(D('7.00'), code='A-FAST', least_kbit=100_001),
    )
    what = replace(PLAIN, limits=limits, planned=PlannedTariff(DRIVE, DECEMBER))
    days = (date(2026, 11, 24), date(2026, 11, 25), DECEMBER)

    assert [what.limit_on(day) for day in days] == [D('55.00'), D('50.00'), D('57.00')]
    assert [what.credit_on(day) for day in days] == [D('30.00'), D('30.00'), D('37.00')]
    assert (str(PLAIN.limit_on(DECEMBER)), str(PLAIN.credit_on(DECEMBER))) == ('0.00', '0.00')
