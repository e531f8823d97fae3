"""A quote as a whole: the strip of coming charges, the rows that are kept, the mark by which a changed one is known."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.money import ZERO
from services.quotes import month_charge
from services.quotes.monthly import Item, Line, LineKind
from services.quotes.quote import Quote, Step, outlook
from services.quotes.subscription import Limit, PlannedTariff, Subscription, TariffTerms, total

D = Decimal
TODAY = date(2026, 11, 22)
FIRST = date(2026, 12, 1)
DRIVE = TariffTerms('I-200', 'Драйв', D('36.90'))
ROUTER = Item(LineKind.RENT, 'R-AC', 'Роутер', D('4.50'))
PLAIN = Subscription('100001', date(2026, 1, 1), TariffTerms('I-100', 'Комфорт', D('29.90')))


def test_the_stored_rows_have_everything_that_was_shown():
    quote = month_charge.quote_month(replace(PLAIN, rents=(ROUTER,)), balance=D('10.00'), month=FIRST)
    common = {'on': '2026-12-01', 'basis': '', 'booked': True}

    assert quote.rows() == [
        {
            'kind': 'tariff', 'code': 'I-100', 'what': 'Интернет «Комфорт»', 'formula': '29,90 р.', 'sum': '29.90',
            'balance': '-19.90', **common,
        },
        {
            'kind': 'rent', 'code': 'R-AC', 'what': 'Роутер', 'formula': '4,50 р.', 'sum': '4.50',
            'balance': '-24.40', **common,
        },
    ]  # fmt: skip


def test_the_facts_are_a_mark_of_action_rows_and_the_last_day():
    quote = Quote(
        'month', (), (Step(FIRST, D('-1.00'), ZERO, (Line(FIRST, LineKind.FEE, 'F', 'Плата', D('1.00')),)),), FIRST
    )
    shown = (
        '["month", [{"balance": "0.00", "basis": "", "booked": true, "code": "F", "formula": "", "kind": "fee", '
        '"on": "2026-12-01", "sum": "1.00", "what": "Плата"}], "2026-12-01"]'
    )

    assert quote.facts() == hashlib.sha256(shown.encode()).hexdigest()


@pytest.mark.parametrize(
    'other',
    [{'balance': D('45.11')}, {'charges': [Line(TODAY, LineKind.FEE, 'F', 'П', D(1))]}],
    ids=lambda other: next(iter(other)),
)
def test_another_figure_or_day_is_another_quote(other):
    facts = {'balance': D('45.10'), 'today': TODAY}
    one, another = (outlook('overview', PLAIN, **each) for each in (facts, {**facts, **other}))

    assert one.facts() == outlook('overview', PLAIN, **facts).facts()
    assert one.facts() != another.facts()
    assert one.facts() != outlook('resume', PLAIN, **facts).facts()


def test_what_comes_next_is_the_charge_of_the_coming_first_not_a_day_before_it():
    planned = PlannedTariff(DRIVE, date(2026, 11, 25))
    quote = outlook('overview', replace(PLAIN, planned=planned), balance=D('45.10'), today=TODAY)

    assert (quote.next_step.on, quote.next_step.sum) == (FIRST, D('-36.90'))
    assert [line.title for line in quote.next_lines] == ['Интернет «Драйв»']


def test_on_the_first_itself_the_next_charge_is_a_month_away():
    quote = outlook('overview', PLAIN, balance=D('45.10'), today=FIRST)

    assert [step.on for step in quote.steps] == [FIRST, date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)]
    assert quote.next_step.on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ('balance', 'stops'),
    [
        ('29.90', '2027-01-01'),
        ('29.89', '2026-12-01'),
        ('388.69', '2027-12-01'),
        ('388.70', None),
        ('-0.01', '2026-11-22'),
    ],
)
def test_the_money_does_until_the_charge_it_does_not_cover_and_thirteen_months_are_looked_at(balance, stops):
    quote = outlook('overview', PLAIN, balance=D(balance), today=TODAY)

    assert quote.stops_on == (date.fromisoformat(stops) if stops else None)  # 29.90 × 13 = 388.70


@pytest.mark.parametrize(
    ('planned_on', 'last'),
    [
        (date(2026, 12, 10), date(2027, 2, 1)),
        (date(2027, 2, 1), date(2027, 2, 1)),
        (date(2027, 2, 2), date(2027, 3, 1)),
        (date(2027, 5, 1), date(2027, 5, 1)),
    ],
)
def test_the_strip_shows_three_months_and_the_first_whole_month_of_a_new_tariff(planned_on, last):
    quote = outlook('overview', replace(PLAIN, planned=PlannedTariff(DRIVE, planned_on)), balance=ZERO, today=TODAY)

    assert quote.steps[-1].on == last


@pytest.mark.parametrize(
    ('balance', 'until', 'stops'),
    [
        ('-10.00', '2026-11-25', '2026-11-25'),  # before the next charge
        ('-10.00', '2026-11-22', '2026-11-22'),  # today is the first day it does not hold
        ('0.00', '2027-11-15', '2027-11-15'),  # between the last two charges that are looked at
        ('0.00', '2027-12-01', '2027-12-01'),
        ('0.00', '2027-12-15', None),  # later than anybody looks
    ],
)
def test_a_limit_that_runs_out_between_two_charges_stops_the_internet_on_its_day(balance, until, stops):
    what = replace(PLAIN, limits=(Limit(D('400.00'), date.fromisoformat(until)),))
    quote = outlook('overview', what, balance=D(balance), today=TODAY)

    assert quote.stops_on == (date.fromisoformat(stops) if stops else None)


def test_a_move_of_today_is_not_to_come():
    quote = outlook('overview', replace(PLAIN, planned=PlannedTariff(DRIVE, TODAY)), balance=D('45.10'), today=TODAY)

    assert [(step.on, step.sum) for step in quote.steps[:2]] == [(TODAY, ZERO), (FIRST, D('-36.90'))]


def test_nothing_to_pay_is_written_as_money():
    assert (str(outlook('overview', PLAIN, balance=ZERO, today=TODAY).due), str(total([]))) == ('0.00', '0.00')
