"""What devices cost: sums worked out by hand, to the kopeck, on the days where months end and begin."""

from datetime import date
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes import equipment as quotes
from services.quotes.equipment import HAND_OVER, ORDER, Rented, paid_rent
from services.quotes.monthly import Item, Line, LineKind
from services.quotes.subscription import Pause, Subscription, TariffTerms

ROUTER = Item(LineKind.RENT, 'R-AC', 'Аренда: Wi-Fi 5 AC1200', Decimal('4.50'))
BETTER = Item(LineKind.RENT, 'R-AX', 'Аренда: Wi-Fi 6 AX1800', Decimal('7.50'))
PLAIN = Subscription('100001', date(2026, 1, 1), TariffTerms('I-100', 'Комфорт', Decimal('29.90')), rents=(ROUTER,))
MONEY = Decimal('100.00')


def sums(quote):
    return [line.sum for line in quote.charges]


@pytest.mark.parametrize(
    ('day', 'sum_', 'formula'),
    [
        ('2026-11-01', '7.50', '7,50 р.'),
        ('2026-11-22', '2.25', '7,50 р. × 9 из 30 дней'),
        ('2026-11-30', '0.25', '7,50 р. × 1 из 30 дней'),
        ('2026-12-31', '0.24', '7,50 р. × 1 из 31 дней'),  # 0.2419…
        ('2027-02-20', '2.41', '7,50 р. × 9 из 28 дней'),  # 2.4107…
        ('2028-02-20', '2.59', '7,50 р. × 10 из 29 дней'),  # 2.5862…
    ],
)
def test_a_further_rented_device_is_paid_from_today_to_the_end_of_the_month(day, sum_, formula):
    quote = quotes.quote_rent(ORDER, PLAIN, BETTER, balance=MONEY, today=date.fromisoformat(day))

    assert sums(quote) == [Decimal(sum_)]
    assert quote.charges[0].formula == formula
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-41.90')] * 3  # 29.90 + 4.50 + 7.50


def test_a_bought_device_costs_its_price_once_and_no_month_more():
    item = Item(LineKind.EQUIPMENT, 'R-AX', 'Покупка: Wi-Fi 6 AX1800', Decimal('159.00'))
    quote = quotes.quote_buy(HAND_OVER, PLAIN, item, balance=MONEY, today=date(2026, 11, 22))

    assert (quote.action, sums(quote)) == ('equipment_hand_over', [Decimal('159.00')])
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-34.40')] * 3
    assert quote.steps[0].after == Decimal('-59.00')


@pytest.mark.parametrize(
    ('day', 'back'),
    [
        ('2026-11-01', '4.35'),  # the day of the return itself is paid: 29 of 30
        ('2026-11-22', '1.20'),  # 8 of 30
        ('2026-11-29', '0.15'),
        ('2026-12-24', '1.02'),  # 7 of 31: 1.0161…
        ('2028-02-28', '0.16'),  # 1 of 29: 0.1551…
    ],
)
def test_a_returned_device_brings_back_the_days_after_today(day, back):
    device = Rented(ROUTER, date(2026, 3, 1))
    quote = quotes.quote_return(PLAIN, device, (), balance=MONEY, today=date.fromisoformat(day))

    assert sums(quote) == [-Decimal(back)]
    assert quote.steps[0].after == MONEY + Decimal(back)
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-29.90')] * 3


@pytest.mark.parametrize('day', ['2026-11-30', '2028-02-29'])
def test_on_the_last_day_of_a_month_nothing_comes_back(day):
    quote = quotes.quote_return(
        PLAIN, Rented(ROUTER, date(2026, 3, 1)), (), balance=MONEY, today=date.fromisoformat(day)
    )

    assert (quote.charges, quote.due) == ((), ZERO)


def test_a_device_that_is_lent_for_nothing_is_no_line():
    free = Item(LineKind.RENT, 'R-AC', 'Роутер', ZERO)
    quote = quotes.quote_rent(ORDER, PLAIN, free, balance=MONEY, today=date(2026, 11, 22))

    assert (quote.action, quote.charges, quote.steps[0].lines) == ('equipment_order', (), ())


def test_every_line_says_what_it_is_how_it_was_reckoned_and_why():
    day, sold = date(2026, 11, 22), Item(LineKind.EQUIPMENT, 'R-AX', 'Wi-Fi 6 AX1800', Decimal('159.00'))
    rent = quotes.quote_rent(ORDER, PLAIN, BETTER, balance=MONEY, today=day)
    buy = quotes.quote_buy(ORDER, PLAIN, sold, balance=MONEY, today=day)

    assert rent.charges == (
        Line(
            on=day,
            kind=LineKind.RENT,
            code='R-AX',
            title='Аренда: Wi-Fi 6 AX1800: до конца месяца',
            sum=Decimal('2.25'),
            formula='7,50 р. × 9 из 30 дней',
            basis='Аренда оплачивается с сегодняшнего дня, дальше — 1-го числа вместе с абонплатой.',
        ),
    )
    assert buy.charges == (
        Line(
            on=day,
            kind=LineKind.EQUIPMENT,
            code='R-AX',
            title='Wi-Fi 6 AX1800',
            sum=Decimal('159.00'),
            formula='159,00 р.',
            basis='Покупка оборудования: оплачивается один раз.',
        ),
    )


def test_every_line_of_a_device_that_is_kept_says_what_it_is_how_it_was_reckoned_and_why():
    device, day = Rented(ROUTER, date(2026, 8, 27), Decimal('89.00')), date(2026, 11, 22)
    quote = quotes.quote_buy_out(PLAIN, device, (), balance=MONEY, today=day, counted_percent=50)
    back = quotes.quote_return(PLAIN, device, (), balance=MONEY, today=day)

    price, share, rest = quote.charges
    assert (quote.action, back.action) == ('equipment_buy_out', 'equipment_return')
    assert price == Line(
        on=day,
        kind=LineKind.EQUIPMENT,
        code='R-AC',
        title='Выкуп: Аренда: Wi-Fi 5 AC1200',
        sum=Decimal('89.00'),
        formula='89,00 р.',
        basis='Выкуп арендованного устройства по цене каталога.',
    )
    assert share == Line(
        on=day,
        kind=LineKind.EQUIPMENT,
        code='R-AC:share',
        title='Засчитываем уплаченную аренду',
        sum=Decimal('-6.52'),
        formula='13,03 р. × 50 / 100',
        basis='При выкупе засчитывается 50 % аренды с 27.08.2026 по сегодняшний день.',
    )
    assert (rest,) == back.charges
    assert rest == Line(
        on=day,
        kind=LineKind.RENT,
        code='R-AC',
        title='Возврат аренды: Аренда: Wi-Fi 5 AC1200',
        sum=Decimal('-1.20'),
        formula='4,50 р. × 8 из 30 дней',
        basis='Месяц аренды оплачен вперёд: возвращаем дни после сегодняшнего.',
    )


def test_a_pause_does_not_stop_the_rent():
    paused = Subscription(
        PLAIN.number,
        PLAIN.active_on,
        PLAIN.tariff,
        rents=(ROUTER,),
        pauses=(Pause(date(2026, 11, 10), date(2027, 1, 20)),),
    )
    rent = quotes.quote_rent(ORDER, paused, BETTER, balance=MONEY, today=date(2026, 11, 22))
    back = quotes.quote_return(paused, Rented(ROUTER, date(2026, 3, 1)), (), balance=MONEY, today=date(2026, 11, 22))

    assert (rent.due, back.due) == (Decimal('2.25'), Decimal('-1.20'))
    assert rent.next_step.sum == Decimal('-12.00')  # December is paused whole: rent only


@pytest.mark.parametrize(
    ('percent', 'charged'),
    [
        (0, ['89.00', '-1.20']),
        (50, ['89.00', '-6.52', '-1.20']),  # half of 13.03 is 6.515
        (100, ['89.00', '-13.03', '-1.20']),
    ],
)
def test_keeping_a_device_costs_its_price_less_a_share_of_the_rent_and_the_days_left(percent, charged):
    device, day = Rented(ROUTER, date(2026, 8, 27), Decimal('89.00')), date(2026, 11, 22)
    quote = quotes.quote_buy_out(PLAIN, device, (), balance=MONEY, today=day, counted_percent=percent)

    # 5 of 31 days of August 0.73, two whole months, 22 of 30 days of November 3.30
    assert paid_rent(ROUTER, date(2026, 8, 27), day) == Decimal('13.03')
    assert sums(quote) == [Decimal(each) for each in charged]
    assert [step.sum for step in quote.steps[1:]] == [Decimal('-29.90')] * 3


def test_the_rent_that_counts_is_never_more_than_the_price():
    device = Rented(ROUTER, date(2024, 1, 1), Decimal('89.00'))
    quote = quotes.quote_buy_out(PLAIN, device, (), balance=MONEY, today=date(2026, 11, 30), counted_percent=100)

    assert sums(quote) == [Decimal('89.00'), Decimal('-89.00')]
    assert quote.due == ZERO


def test_the_first_day_and_the_day_of_the_purchase_both_count():
    assert paid_rent(ROUTER, date(2026, 11, 22), date(2026, 11, 22)) == Decimal('0.15')
    assert paid_rent(ROUTER, date(2026, 11, 1), date(2026, 11, 30)) == Decimal('4.50')
    assert paid_rent(ROUTER, date(2026, 11, 30), date(2026, 12, 1)) == Decimal('0.30')  # 0.15 + 0.1451…


def test_what_is_not_enough_names_the_first_day_without_service():
    quote = quotes.quote_rent(ORDER, PLAIN, BETTER, balance=Decimal('30.00'), today=date(2026, 11, 22))

    assert (quote.due, quote.stops_on) == (Decimal('2.25'), date(2026, 12, 1))
