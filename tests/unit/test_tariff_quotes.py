"""What another tariff costs, and how far the money lasts: the calculator alone, sums by hand."""

from datetime import date
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes import tariff_change as quotes
from services.quotes.monthly import Item, LineKind, PromoEffect
from services.quotes.quote import outlook
from services.quotes.subscription import DiscountTerms, Limit, PlannedTariff, Subscription, TariffTerms

OLD = TariffTerms('I-100', 'Комфорт', Decimal('29.90'))
NEW = TariffTerms('I-200', 'Драйв', Decimal('36.90'))
TV = Item(LineKind.TV, 'T-PLUS', 'Телевидение', Decimal('17.90'))
PERCENT = PromoEffect('OSEN3', 'months_percent', '−30 %', percent=30)


def subscription(**fields):
    return Subscription(**{'number': '100001', 'active_on': date(2026, 1, 1), 'tariff': OLD, **fields})


def moved(day, what=None, *, balance=ZERO, to=NEW):
    """Return the quote of a move on this day, made on it."""
    return quotes.quote_now(what or subscription(), PlannedTariff(to, day), balance=balance, today=day)


@pytest.mark.parametrize(
    ('day', 'sum_', 'formula'),
    [
        ('2027-02-28', '0.25', '(36,90 р. − 29,90 р.) × 1 из 28 дней'),
        ('2028-02-15', '3.62', '(36,90 р. − 29,90 р.) × 15 из 29 дней'),  # 3.6206…
        ('2026-11-22', '2.10', '(36,90 р. − 29,90 р.) × 9 из 30 дней'),
        ('2026-12-18', '3.16', '(36,90 р. − 29,90 р.) × 14 из 31 дней'),  # 3.1612…
        ('2026-12-01', '7.00', '(36,90 р. − 29,90 р.) × 31 из 31 дней'),
    ],
)
def test_moving_up_now_costs_the_difference_for_the_days_left(day, sum_, formula):
    quote = moved(date.fromisoformat(day), balance=Decimal('45.10'))

    assert [(line.sum, line.formula) for line in quote.charges] == [(Decimal(sum_), formula)]
    assert quote.steps[0].after == Decimal('45.10') - Decimal(sum_)


def test_the_strip_has_today_and_the_three_coming_charges():
    quote = moved(date(2026, 11, 22), balance=Decimal('45.10'))

    assert [(step.on, step.sum, step.after) for step in quote.steps] == [
        (date(2026, 11, 22), Decimal('-2.10'), Decimal('43.00')),
        (date(2026, 12, 1), Decimal('-36.90'), Decimal('6.10')),
        (date(2027, 1, 1), Decimal('-36.90'), Decimal('-30.80')),
        (date(2027, 2, 1), Decimal('-36.90'), Decimal('-67.70')),
    ]
    assert quote.stops_on == date(2027, 1, 1)


def test_the_discount_stays_with_the_old_tariff():
    discount = DiscountTerms(PERCENT, date(2026, 11, 1), date(2027, 2, 1))
    quote = moved(date(2026, 11, 22), subscription(discounts=(discount,)))

    assert quote.due == Decimal('4.79')  # (36.90 − 20.93) × 9 / 30 = 4.791
    assert quote.steps[1].sum == Decimal('-36.90')


def test_the_bundle_follows_the_tariff():
    with_tv = subscription(tv=TV, bundles=(('I-200', Decimal('49.90')),))
    quote = moved(date(2026, 11, 22), with_tv)

    assert quote.due == Decimal('0.63')  # (36.90 − 4.90) − 29.90 = 2.10; × 9 / 30
    assert quote.steps[1].sum == Decimal('-49.90')


def test_moving_down_costs_its_fee_on_the_first_of_the_month():
    planned = PlannedTariff(OLD, date(2026, 12, 1), Decimal('3.30'), 'F-DOWN')
    quote = quotes.quote_planned(subscription(tariff=NEW), planned, balance=Decimal('50.00'), today=date(2026, 11, 22))

    assert quote.due == ZERO
    assert [step.sum for step in quote.steps] == [ZERO, Decimal('-33.20'), Decimal('-29.90'), Decimal('-29.90')]


def test_moving_down_now_returns_the_rest_of_the_paid_month():
    down = PlannedTariff(OLD, date(2026, 11, 22), Decimal('3.30'), 'F-DOWN')
    quote = quotes.quote_now(subscription(tariff=NEW), down, balance=Decimal('50.00'), today=down.on)

    assert [(line.kind, line.sum) for line in quote.charges] == [
        (LineKind.TARIFF, Decimal('-2.10')),
        (LineKind.FEE, Decimal('3.30')),
    ]
    assert quote.steps[0].after == Decimal('48.80')


def test_a_day_inside_a_month_has_a_step_of_its_own():
    planned = PlannedTariff(NEW, date(2026, 12, 16))
    quote = quotes.quote_planned(subscription(), planned, balance=Decimal('50.00'), today=date(2026, 11, 22))

    assert [(step.on, step.sum, step.after) for step in quote.steps] == [
        (date(2026, 11, 22), ZERO, Decimal('50.00')),
        (date(2026, 12, 1), Decimal('-29.90'), Decimal('20.10')),
        (date(2026, 12, 16), Decimal('-3.61'), Decimal('16.49')),  # 7.00 × 16 / 31 = 3.6129…
        (date(2027, 1, 1), Decimal('-36.90'), Decimal('-20.41')),
        (date(2027, 2, 1), Decimal('-36.90'), Decimal('-57.31')),
    ]


def test_the_strip_reaches_the_first_whole_month_of_the_new_tariff():
    planned = PlannedTariff(NEW, date(2027, 2, 20))
    quote = quotes.quote_planned(subscription(), planned, balance=Decimal('50.00'), today=date(2026, 11, 22))

    assert [step.on for step in quote.steps][-2:] == [date(2027, 2, 20), date(2027, 3, 1)]
    assert quote.steps[-1].sum == Decimal('-36.90')


def test_every_line_of_a_quote_has_the_balance_after_it():
    with_tv = subscription(tv=TV)
    rows = moved(date(2026, 11, 22), with_tv, balance=Decimal('45.10')).rows()

    assert [(row['on'], row['sum'], row['balance'], row['booked']) for row in rows[:3]] == [
        ('2026-11-22', '2.10', '43.00', True),
        ('2026-12-01', '36.90', '6.10', False),
        ('2026-12-01', '17.90', '-11.80', False),
    ]


@pytest.mark.parametrize(
    ('limits', 'grace', 'stops'),
    [
        ((), None, '2026-12-01'),
        ((Limit(Decimal('40.00')),), None, '2027-01-01'),
        ((Limit(Decimal('40.00'), date(2026, 12, 4)),), None, '2026-12-04'),
        ((), date(2026, 12, 3), '2026-12-03'),
        ((Limit(Decimal('400.00')),), None, None),
    ],
)
def test_the_first_day_without_service_knows_the_limits(limits, grace, stops):
    what = subscription(limits=limits, grace_until=grace)
    quote = outlook('overview', what, balance=Decimal('10.00'), today=date(2026, 11, 22))

    assert quote.stops_on == (date.fromisoformat(stops) if stops else None)
