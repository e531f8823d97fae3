"""The end of a contract in figures: charges up to the last day, returns for paid days after it. Sums by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes import termination as quotes
from services.quotes.monthly import Item, Line, LineKind, PromoEffect
from services.quotes.quote import Quote, Step
from services.quotes.subscription import (
    AddOnTerms,
    DatedFee,
    DiscountTerms,
    Limit,
    Pause,
    PlannedTariff,
    Subscription,
    TariffTerms,
)

RENT = Item(LineKind.RENT, 'R-AC', 'Роутер', Decimal('4.50'))
TV = Item(LineKind.TV, 'T-1', 'Телевидение', Decimal('9.90'))
IP = AddOnTerms(Item(LineKind.ADD_ON, 'A-IP', 'Статический IP', Decimal('6.00')))
COMFORT = TariffTerms('I-100', 'Комфорт', Decimal('29.90'))
DRIVE = TariffTerms('I-200', 'Драйв', Decimal('36.90'))
PLAIN = Subscription('100001', date(2026, 1, 1), COMFORT, rents=(RENT,), limits=(Limit(ZERO),))
TODAY = date(2026, 11, 22)


def quote(last_day, subscription=PLAIN, balance='45.10', today=TODAY):
    return quotes.quote_termination(subscription, balance=Decimal(balance), today=today, last_day=last_day)


def sums(shown):
    return [(step.on.isoformat(), str(step.sum), str(step.after)) for step in shown.steps]


def test_in_the_middle_of_a_paid_month_the_rest_of_it_comes_back_line_by_line():
    shown = quote(date(2026, 11, 25))

    assert shown.charges == ()
    assert [(line.code, line.sum) for line in shown.steps[-1].lines] == [
        ('I-100', Decimal('-4.98')),  # 29.90 × 5 / 30 = 4.9833…
        ('R-AC', Decimal('-0.75')),  # 4.50 × 5 / 30
    ]
    assert sums(shown) == [('2026-11-22', '0.00', '45.10'), ('2026-11-26', '5.73', '50.83')]
    assert shown.stops_on is None


def test_the_last_day_of_a_month_returns_nothing_and_the_next_month_is_not_charged():
    shown = quote(date(2026, 11, 30))

    assert sums(shown) == [('2026-11-22', '0.00', '45.10'), ('2026-12-01', '0.00', '45.10')]


def test_a_month_that_is_still_to_be_charged_is_charged_and_its_rest_returned():
    shown = quote(date(2026, 12, 10))

    assert sums(shown) == [
        ('2026-11-22', '0.00', '45.10'),
        ('2026-12-01', '-34.40', '10.70'),
        ('2026-12-11', '23.30', '34.00'),  # 29.90 × 21 / 31 = 20.2548…, 4.50 × 21 / 31 = 3.0483…
    ]


def test_the_first_day_of_a_month_may_be_the_last_one():
    shown = quote(date(2026, 12, 1), today=date(2026, 11, 30))

    assert shown.steps[1].sum == Decimal('-34.40')
    assert shown.steps[-1].sum == Decimal(
        '33.29'
    )  # 29.90 × 30 / 31 = 28.9354… → 28.94, 4.50 × 30 / 31 = 4.3548… → 4.35


def test_television_bundle_and_add_ons_come_back_as_they_were_paid():
    rich = replace(PLAIN, tv=TV, add_ons=(IP,), bundles=(('I-100', Decimal('35.80')),), rents=())

    lines = quotes.return_lines(rich, date(2026, 11, 20))

    assert [(line.kind, line.sum) for line in lines] == [
        ('tariff', Decimal('-9.97')),  # 29.90 / 3
        ('tv', Decimal('-3.30')),
        ('add_on', Decimal('-2.00')),
        ('bundle', Decimal('1.33')),  # (29.90 + 9.90 − 35.80) / 3: the discount of these days goes as well
    ]


def test_a_discount_is_returned_as_it_was_paid():
    percent = PromoEffect('OSEN3', 'months_percent', '−30 %', percent=30)
    month = date(2026, 11, 1)
    cheap = replace(PLAIN, rents=(), discounts=(DiscountTerms(percent, month, month),))

    (line,) = quotes.return_lines(cheap, date(2026, 11, 20))

    assert line.sum == Decimal('-6.98')  # 29.90 × 0.7 = 20.93; × 10 / 30 = 6.9766…


def test_paused_days_were_returned_before_and_the_rent_goes_on():
    paused = replace(PLAIN, pauses=(Pause(date(2026, 11, 24), date(2026, 12, 8)),))

    lines = quotes.return_lines(paused, date(2026, 11, 25))

    assert [(line.code, line.sum) for line in lines] == [('R-AC', Decimal('-0.75'))]


def test_a_pause_that_is_still_to_come_leaves_the_days_before_it():
    paused = replace(PLAIN, rents=(), pauses=(Pause(date(2026, 11, 29), date(2026, 12, 8)),))

    (line,) = quotes.return_lines(paused, date(2026, 11, 25))

    assert line.sum == Decimal('-2.99')  # 26, 27, 28 November: 29.90 × 3 / 30


def test_a_tariff_planned_for_later_falls_away():
    later = replace(PLAIN, planned=PlannedTariff(DRIVE, date(2026, 12, 1)))

    assert quote(date(2026, 11, 25), later) == quote(date(2026, 11, 25))


def test_a_tariff_that_comes_before_the_end_is_counted_with_its_price():
    before = replace(PLAIN, rents=(), planned=PlannedTariff(DRIVE, date(2026, 11, 24)))

    shown = quote(date(2026, 11, 27), before)

    assert [step.sum for step in shown.steps] == [
        ZERO,
        Decimal('-1.63'),  # (36.90 − 29.90) × 7 / 30 = 1.6333…
        Decimal('3.69'),  # 36.90 × 3 / 30
    ]


def test_a_tariff_that_comes_on_the_last_day_itself_is_counted_for_the_days_after_it():
    same_day = replace(PLAIN, rents=(), planned=PlannedTariff(DRIVE, date(2026, 11, 25)))

    shown = quote(date(2026, 11, 25), same_day)

    assert sums(shown) == [
        ('2026-11-22', '0.00', '45.10'),
        ('2026-11-25', '-1.40', '43.70'),  # (36.90 − 29.90) × 6 / 30
        ('2026-11-26', '6.15', '49.85'),  # 36.90 × 5 / 30
    ]
    assert [line.code for line in shown.steps[-1].lines] == ['I-200']
    assert [line.sum for line in shown.steps[1].lines] == [Decimal('1.40')]


def test_a_discount_ends_with_the_tariff_it_was_given_on_and_the_new_price_is_returned():
    percent, month = PromoEffect('OSEN3', 'months_percent', '−30 %', percent=30), date(2026, 11, 1)
    discounts = (DiscountTerms(percent, month, month),)
    changed = replace(PLAIN, rents=(), discounts=discounts, planned=PlannedTariff(DRIVE, date(2026, 11, 24)))

    (line,) = quotes.return_lines(changed, date(2026, 11, 27))

    assert line.sum == Decimal('-3.69')  # 36.90 × 3 / 30, without the 30 %


def test_every_line_that_comes_back_says_what_it_is_how_it_was_reckoned_and_why():
    tariff, rent = quotes.return_lines(PLAIN, date(2026, 11, 25))

    assert tariff == Line(
        on=date(2026, 11, 26),
        kind=LineKind.TARIFF,
        code='I-100',
        title='Возврат за дни после расторжения: Интернет «Комфорт»',
        sum=Decimal('-4.98'),
        formula='29,90 р. × 5 из 30 дней',
        basis='Возврат за дни после расторжения: с 26.11.2026 до конца оплаченного месяца.',
    )
    assert rent == Line(
        on=date(2026, 11, 26),
        kind=LineKind.RENT,
        code='R-AC',
        title='Возврат за дни после расторжения: Роутер',
        sum=Decimal('-0.75'),
        formula='4,50 р. × 5 из 30 дней',
        basis='Возврат за дни после расторжения: с 26.11.2026 до конца оплаченного месяца.',
    )


def test_the_price_of_its_own_month_is_returned():
    fees = (DatedFee(date(2026, 1, 1), Decimal('29.90')), DatedFee(date(2026, 12, 1), Decimal('31.00')))
    dearer = replace(PLAIN, rents=(), tariff=replace(COMFORT, fees=fees))

    shown = quote(date(2026, 12, 21), dearer)

    assert [step.sum for step in shown.steps[1:]] == [Decimal('-31.00'), Decimal('10.00')]


def test_in_debt_what_comes_back_makes_the_debt_smaller():
    shown = quote(date(2026, 11, 25), balance='-12.40')

    assert shown.steps[-1].after == Decimal('-6.67')


def test_a_charge_the_wallet_does_not_hold_is_told_with_its_day():
    shown = quote(date(2026, 12, 10), balance='10.00')

    assert shown.stops_on == date(2026, 12, 1)
    assert shown.steps[-1].after == Decimal('-1.10')


@pytest.mark.parametrize(
    ('today', 'last_day', 'returned'),
    [
        (date(2027, 2, 1), date(2027, 2, 14), '17.20'),  # 14 of 28 days: 14.95 + 2.25
        (date(2028, 2, 1), date(2028, 2, 14), '17.80'),  # 15 of 29 days: 15.4655… + 2.3275… → 15.47 + 2.33
        (date(2026, 12, 1), date(2026, 12, 30), '1.11'),  # 1 of 31 days: 0.9645… + 0.1451… → 0.96 + 0.15
    ],
)
def test_the_length_of_the_month_counts(today, last_day, returned):
    assert quote(last_day, today=today).steps[-1].sum == Decimal(returned)


def test_what_is_booked_is_what_was_shown():
    shown = quote(date(2026, 11, 25))
    end = quotes.quote_end(PLAIN, balance=Decimal('45.10'), today=date(2026, 11, 26), last_day=date(2026, 11, 25))

    assert end == Quote(
        'terminate',
        shown.steps[-1].lines,
        (Step(date(2026, 11, 26), Decimal('5.73'), Decimal('50.83'), shown.steps[-1].lines),),
        None,
    )
    assert end.due == Decimal('-5.73')


def test_a_device_that_is_kept_costs_the_price_of_the_catalogue():
    line = quotes.kept_line(Item(LineKind.EQUIPMENT, 'R-AC', 'Роутер', Decimal('119.00'), 20), TODAY)

    assert line == Line(
        on=TODAY,
        kind=LineKind.EQUIPMENT,
        code='R-AC',
        title='Не возвращено: Роутер',
        sum=Decimal('119.00'),
        formula='119,00 р.',
        basis='Оборудование после расторжения не вернули: цена по каталогу.',
    )
