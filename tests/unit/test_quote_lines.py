"""A line of a quote is read by a person and kept for years: each word, day and kopeck of it, by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes import add_on, month_charge, suspension, tariff_change
from services.quotes.monthly import Item, Line, LineKind, PromoEffect, Services, monthly_lines
from services.quotes.overage import steps_of
from services.quotes.quote import Quote, Step
from services.quotes.reconnection import fee_lines
from services.quotes.subscription import (
    AddOnTerms,
    DiscountTerms,
    Limit,
    Pause,
    PlannedTariff,
    Subscription,
    TariffTerms,
)  # fmt: skip

D = Decimal
TODAY = date(2026, 11, 22)
FIRST = date(2026, 12, 1)
COMFORT = TariffTerms('I-100', 'Комфорт', D('29.90'), down_kbit=100_000)
DRIVE = TariffTerms('I-200', 'Драйв', D('36.90'), down_kbit=200_000)
IP = Item(LineKind.ADD_ON, 'A-IP', 'Статический IP', D('6.00'))
ANTIVIRUS = Item(LineKind.ADD_ON, 'A-AV', 'Антивирус', D('2.69'))
ROUTER = Item(LineKind.RENT, 'R-AC', 'Роутер', D('4.50'))
PLAIN = Subscription('100001', date(2026, 1, 1), COMFORT)
THIRTY_OFF = DiscountTerms(PromoEffect('OSEN3', 'months_percent', '−30 %', percent=30), date(2026, 11, 1), FIRST)


def sums(quote):
    return [step.sum for step in quote.steps[1:]]


# --- add-ons ----------------------------------------------------------------------------------------------------


def connected(what=PLAIN, item=IP, day=TODAY, **fields):
    return add_on.quote_monthly(what, item, balance=D('50.00'), today=day, **fields)


def test_the_rest_of_the_month_of_an_add_on():
    quote = connected()

    assert quote.action == 'add_on'
    assert quote.charges == (
        Line(
            TODAY,
            LineKind.ADD_ON,
            'A-IP',
            'Статический IP: до конца месяца',
            D('1.80'),
            '6,00 р. × 9 из 30 дней',
            'Услуга оплачивается с сегодняшнего дня, дальше — 1-го числа вместе с абонплатой.',
        ),
    )
    assert quote.steps[0] == Step(TODAY, D('-1.80'), D('48.20'), quote.charges)


def test_a_whole_month_of_an_add_on_needs_no_days_in_its_formula():
    assert [(line.sum, line.formula) for line in connected(day=FIRST).charges] == [(D('6.00'), '6,00 р.')]


def test_what_costs_nothing_has_no_line():
    assert connected(item=replace(IP, fee=ZERO)).charges == ()


def test_an_add_on_that_is_paid_to_the_end_of_the_month_goes_on_without_a_charge():
    leaving = replace(PLAIN, add_ons=(AddOnTerms(ANTIVIRUS), AddOnTerms(IP, until=FIRST)))
    quote = connected(leaving)

    assert quote.charges == ()
    assert sums(quote) == [D('-38.59')] * 3, '29,90 + 2,69 + 6,00: the other one stays, this one stands there once'


def test_another_add_on_that_leaves_does_not_pay_for_this_one():
    leaving = replace(PLAIN, add_ons=(AddOnTerms(ANTIVIRUS, until=FIRST), AddOnTerms(IP)))

    assert [line.sum for line in connected(leaving).charges] == [D('1.80')]
    assert sums(connected(leaving)) == [D('-35.90')] * 3


@pytest.mark.parametrize(
    ('balance', 'stops'),
    [('-4.30', date(2027, 1, 1)), ('-4.31', FIRST)],  # 42,00 are allowed in December, 12,00 in January
)
def test_an_add_on_brings_its_limit_in_the_place_of_its_old_one_and_ends_with_a_slow_tariff(balance, stops):
    limits = (Limit(D('20.00'), code='A-IP'), Limit(D('5.00'), code='A-X'), Limit(D('7.00')))
    slow = PlannedTariff(TariffTerms('I-25', 'Старт', D('9.90'), down_kbit=25_000), date(2027, 1, 1))
    own = Limit(D('30.00'), code='A-IP', least_kbit=50_000)
    what = replace(PLAIN, limits=limits, planned=slow)
    quote = add_on.quote_monthly(what, IP, balance=D(balance), today=TODAY, limit=own)

    assert sums(quote)[:2] == [D('-35.90'), D('-9.90')]
    assert quote.stops_on == stops


def test_a_one_off_line():
    quote = add_on.quote_once(
        PLAIN, Item(LineKind.ADD_ON, 'A-B1', 'Ускорение', D('2.95')), balance=D('3.00'), today=TODAY
    )

    basis = 'Разовая услуга: оплачивается один раз, при подключении.'
    assert quote.action == 'add_on'
    assert quote.charges == (Line(TODAY, LineKind.ADD_ON, 'A-B1', 'Ускорение', D('2.95'), '2,95 р.', basis),)
    assert quote.steps[0].after == D('0.05')


# --- suspensions ------------------------------------------------------------------------------------------------


def suspended(what=PLAIN, **fields):
    facts = {'balance': D('45.10'), 'today': TODAY, 'starts_on': date(2026, 11, 24), 'days': 14}
    return suspension.quote_suspension(what, **{**facts, **fields})


def test_the_lines_of_a_suspension():
    quote = suspended(fee=D('2.00'))

    assert quote.action == 'suspend'
    assert quote.charges == (
        Line(
            date(2026, 11, 24),
            LineKind.TARIFF,
            'I-100',
            'Возврат за дни приостановки: Интернет «Комфорт»',
            D('-6.98'),  # 29.90 × 7 / 30 = 6.9766…
            '29,90 р. × 7 из 30 дней',
            'Возврат за дни приостановки: 24.11.2026 — 30.11.2026, 7 дн.',
        ),
        Line(
            TODAY,
            LineKind.FEE,
            'F-PAUSE',
            'Плата за приостановку',
            D('2.00'),
            '2,00 р.',
            'Списывается один раз, в день, когда вы приостанавливаете интернет.',
        ),
    )


def test_a_second_suspension_keeps_the_first_one():
    first = replace(PLAIN, pauses=(Pause(date(2026, 12, 25), date(2027, 1, 1)),))

    assert sums(suspended(first))[0] == D('-16.40')  # 31 − 7 − 7 = 17 days; 29.90 × 17 / 31 = 16.3967…


def test_the_line_of_an_early_return():
    pause = Pause(date(2026, 11, 12), date(2026, 12, 22))
    quote = suspension.quote_return(replace(PLAIN, pauses=(pause,)), balance=D('45.10'), today=TODAY, pause=pause)

    assert quote.action == 'resume'
    assert quote.charges == (
        Line(
            TODAY,
            LineKind.TARIFF,
            'I-100',
            'Возврат из приостановки раньше срока: Интернет «Комфорт»',
            D('8.97'),  # 29.90 × 9 / 30
            '29,90 р. × 9 из 30 дней',
            'Возврат из приостановки раньше срока: 22.11.2026 — 30.11.2026, 9 дн.',
        ),
    )
    assert sums(quote) == [D('-29.90')] * 3


def test_coming_back_from_one_suspension_leaves_the_next_one():
    now, later = Pause(date(2026, 11, 12), date(2026, 11, 26)), Pause(date(2026, 12, 10), date(2026, 12, 20))
    quote = suspension.quote_return(replace(PLAIN, pauses=(now, later)), balance=ZERO, today=TODAY, pause=now)

    assert quote.due == D('3.99')  # from the 22nd to the 25th: 29.90 × 4 / 30 = 3.9866…
    assert sums(quote)[0] == D('-20.25')  # 29.90 × 21 / 31 = 20.2548…


def test_a_suspension_that_has_not_begun_is_called_off_as_a_whole():
    pause = Pause(date(2026, 11, 26), date(2026, 12, 6))
    quote = suspension.quote_return(replace(PLAIN, pauses=(pause,)), balance=ZERO, today=TODAY, pause=pause)

    assert [(line.on, line.sum) for line in quote.charges] == [(date(2026, 11, 26), D('4.98'))]  # 29.90 × 5 / 30
    assert sums(quote) == [D('-29.90')] * 3


def test_a_suspension_that_ends_today_costs_nothing_to_leave():
    pause = Pause(date(2026, 11, 12), TODAY)
    quote = suspension.quote_return(replace(PLAIN, pauses=(pause,)), balance=ZERO, today=TODAY, pause=pause)

    assert quote.charges == ()


def test_the_rent_is_not_returned():
    assert [line.code for line in suspended(replace(PLAIN, rents=(ROUTER,))).charges] == ['I-100']


# --- another tariff ---------------------------------------------------------------------------------------------


def moved(what, to, **fields):
    return tariff_change.quote_now(what, PlannedTariff(to, TODAY, **fields), balance=D('45.10'), today=TODAY)


def test_the_line_of_a_dearer_tariff():
    quote = moved(PLAIN, DRIVE)

    assert quote.action == 'tariff'
    assert quote.charges == (
        Line(
            TODAY,
            LineKind.TARIFF,
            'I-200',
            'Переход на «Драйв»: доплата до конца месяца',
            D('2.10'),
            '(36,90 р. − 29,90 р.) × 9 из 30 дней',
            'Тариф дороже начинает работать сразу. Доплата — за оставшиеся дни месяца, день перехода считается.',
        ),
    )


def test_the_lines_of_a_cheaper_tariff_and_its_fee():
    quote = moved(replace(PLAIN, tariff=DRIVE), COMFORT, fee=D('3.30'), fee_code='F-DOWN')

    assert quote.charges == (
        Line(
            TODAY,
            LineKind.TARIFF,
            'I-100',
            'Переход на «Комфорт»: возврат до конца месяца',
            D('-2.10'),
            '(29,90 р. − 36,90 р.) × 9 из 30 дней',
            'Месяц уже оплачен по прежней цене. Возврат — за оставшиеся дни, день перехода считается.',
        ),
        Line(TODAY, LineKind.FEE, 'F-DOWN', 'Переход на тариф «Комфорт»', D('3.30'), '3,30 р.'),
    )


def test_a_tariff_of_the_same_price_has_no_line():
    assert moved(PLAIN, replace(COMFORT, code='I-101', name='Уют')).charges == ()


def test_a_move_now_calls_off_the_planned_one_and_the_discount_ends():
    later = PlannedTariff(TariffTerms('I-50', 'Старт', D('22.90')), date(2027, 1, 1))
    quote = moved(replace(PLAIN, planned=later, discounts=(THIRTY_OFF,)), DRIVE)

    assert quote.due == D('4.79')  # (36.90 − 20.93) × 9 / 30
    assert sums(quote) == [D('-36.90')] * 3


def test_a_planned_move_that_was_not_carried_out_is_not_what_is_paid():
    late = PlannedTariff(TariffTerms('I-50', 'Старт', D('22.90')), date(2026, 11, 1))

    assert moved(replace(PLAIN, planned=late), DRIVE).due == D('2.10')


@pytest.mark.parametrize('day', [date(2026, 11, 21), date(2026, 11, 23)])
def test_a_move_of_another_day_is_not_quoted_for_today(day):
    with pytest.raises(ValueError, match=rf'^{day} is not today$'):
        tariff_change.quote_now(PLAIN, PlannedTariff(DRIVE, day), balance=ZERO, today=TODAY)


@pytest.mark.parametrize('day', [TODAY, date(2026, 11, 21)])
def test_a_planned_move_needs_a_coming_day(day):
    with pytest.raises(ValueError, match=rf'^{day} is not a coming day$'):
        tariff_change.quote_planned(PLAIN, PlannedTariff(DRIVE, day), balance=ZERO, today=TODAY)


def test_a_planned_move_is_possible_from_tomorrow_on():
    planned = PlannedTariff(DRIVE, date(2026, 11, 23))
    quote = tariff_change.quote_planned(PLAIN, planned, balance=D('45.10'), today=TODAY)

    assert (quote.action, quote.charges) == ('tariff', ())
    assert [(step.on, step.sum) for step in quote.steps[:3]] == [
        (TODAY, ZERO),
        (date(2026, 11, 23), D('-1.87')),  # 7.00 × 8 / 30 = 1.8666…
        (FIRST, D('-36.90')),
    ]


# --- the return after a block, the month, traffic ---------------------------------------------------------------


def test_the_line_of_the_return_after_a_block():
    (line,) = fee_lines(date(2026, 11, 11), today=TODAY, fee=D('3.34'), free_days=10)

    basis = 'Интернет был остановлен за долг 11.11.2026, прошло 11 дн. Первые 10 дн. — бесплатно.'
    assert line == Line(TODAY, LineKind.FEE, 'F-REC', 'Восстановление после блокировки', D('3.34'), '3,34 р.', basis)


def test_the_charge_of_the_first_is_a_quote():
    quote = month_charge.quote_month(replace(PLAIN, rents=(ROUTER,)), balance=D('10.00'), month=FIRST)

    lines = (
        Line(FIRST, LineKind.TARIFF, 'I-100', 'Интернет «Комфорт»', D('29.90'), '29,90 р.'),
        Line(FIRST, LineKind.RENT, 'R-AC', 'Роутер', D('4.50'), '4,50 р.'),
    )
    assert quote == Quote('month', lines, (Step(FIRST, D('-34.40'), D('-24.40'), lines),), None)
    assert quote.due == D('34.40')


@pytest.mark.parametrize(
    ('promo', 'whole', 'part'),
    [
        (PromoEffect('P', 'months_percent', '', percent=30), '29,90 р. − 30 %', '(29,90 р. − 30 %) × 10 из 30 дней'),
        (
            PromoEffect('P', 'first_months_fixed', '', amount=D('1.00')),
            '1,00 р. вместо 29,90 р.',
            '(1,00 р. вместо 29,90 р.) × 10 из 30 дней',
        ),
        (None, '29,90 р.', '29,90 р. × 10 из 30 дней'),
    ],
)
def test_the_formula_of_a_discount_can_be_counted_again(promo, whole, part):
    services = Services((COMFORT.item,), promo=promo)

    assert [line.formula for line in monthly_lines(services, first_day=FIRST)] == [whole]
    assert [line.formula for line in monthly_lines(services, first_day=date(2026, 11, 21))] == [part]


def test_a_bundle_of_a_part_of_a_month():
    services = Services((), D('3.90'), 'Скидка пакета')

    assert monthly_lines(services, first_day=date(2026, 11, 21)) == [
        Line(date(2026, 11, 21), LineKind.BUNDLE, '', 'Скидка пакета', D('-1.30'), '3,90 р. × 10 из 30 дней')
    ]


@pytest.mark.parametrize(
    ('overage', 'words'),
    [
        ([], 'only the last step, and always the last, has no end'),
        ([[1024, '0.0031']], 'only the last step, and always the last, has no end'),
        ([[5, '0.0031'], [4, '0.0021'], [None, '0.0010']], 'step 4 does not come after 5'),
        ([[0, '0.0031'], [None, '0.0010']], 'step 0 does not come after 0'),
        ([['7', '0.0031'], [None, '0.0010']], "'7' is not a number of megabytes"),
        ([[None, '1.0.0']], "'1.0.0' is not a price"),
        ([[None, None]], 'None is not a price'),
        ([[None, '１']], "'１' is not a price"),
    ],
)
def test_steps_of_traffic_that_cannot_be_say_why(overage, words):
    with pytest.raises(ValueError) as refusal:
        steps_of(overage)
    assert str(refusal.value) == words
