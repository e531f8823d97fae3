"""What a promo code changes, line by line, and two tariffs beside each other: both from the calculator."""

from decimal import Decimal
from urllib.parse import parse_qs

import pytest

from models.user import Attempt
from services.offers.comparison import make_offers
from services.quotes.promo_changes import ChangeKind

D = Decimal
ADDRESS = '192.0.2.8'
K = ChangeKind


def asked(query, region='minsk'):
    return make_offers(region, parse_qs(query), address=ADDRESS)


def changes(query, region='minsk'):
    return [(c.kind, c.title, c.before, c.after) for c in asked(query, region).chosen.promo_changes]


@pytest.mark.parametrize(
    ('query', 'region', 'expected'),
    [
        ('internet=I-50&promo=DOM50', 'minsk', [(K.ONCE, 'Подключение', D('15.00'), D('7.50'))]),
        (
            'internet=I-100&tv=T-BASE&promo=OSEN3',
            'minsk',
            [
                (K.MONTHLY, 'Комфорт', D('29.90'), D('20.93')),
                (K.MONTHLY_TOTAL, '', D('38.90'), D('29.93')),
            ],
        ),
        (
            'internet=I-100&promo=START1',
            'minsk',
            [(K.MONTHLY, 'Комфорт', D('29.90'), D('1.00')), (K.MONTHLY_TOTAL, '', D('29.90'), D('1.00'))],
        ),
        ('internet=I-100&promo=TURBO6', 'minsk', [(K.SPEED, '', D(100_000), D(150_000))]),
        ('internet=I-10G&promo=GIGA20', 'minsk', [(K.TRAFFIC, '', D(10), D(30))]),
        ('house=village&promo=GIGA20', 'soligorsk', [(K.TRAFFIC, '', D(200), D(220))]),
        ('internet=I-100&promo=DOM50', 'minsk', []),  # connecting it is free anyway
        ('internet=I-100', 'minsk', []),
        ('internet=I-100&promo=NOTHING', 'minsk', []),
    ],
)
def test_each_kind_of_code_changes_its_own_lines_and_nothing_else(db, query, region, expected):
    assert changes(query, region) == expected


def test_two_tariffs_have_the_same_package_around_them(db):
    offers = asked('internet=I-100&tv=T-BASE&equipment=R-AC:rent&receiver=own&compare=I-200')

    assert (offers.chosen.package.tariff, offers.other.package.tariff) == ('I-100', 'I-200')
    assert (offers.chosen.package.tv, offers.chosen.package.router) == (
        offers.other.package.tv,
        offers.other.package.router,
    )
    assert offers.chosen.quote.monthly == D('38.90') + D('4.50')
    assert offers.other.quote.monthly == D('36.90') + D('12.90') + D('4.50')


def test_the_address_brings_the_comparison_back_and_can_turn_it_round(db):
    offers = asked('internet=I-100&compare=I-200')

    assert asked(offers.query) == offers
    turned = asked(offers.query_of_other)
    assert (turned.chosen.package.tariff, turned.other.package.tariff) == ('I-200', 'I-100')


@pytest.mark.parametrize('name', ['', 'I-100', 'I-HOME', 'nothing', '<script>', 'я' * 5000])
def test_what_cannot_be_compared_is_left_out(db, name):
    offers = make_offers('minsk', {'internet': ['I-100'], 'compare': [name]}, address=ADDRESS)
    assert offers.other is None
    assert 'compare' not in offers.query


def test_a_code_works_for_each_tariff_it_is_for(db):
    offers = asked('internet=I-100&promo=OSEN3&compare=I-50')

    assert offers.chosen.quote.monthly == D('20.93')
    assert offers.other.quote.monthly == D('22.90')
    assert 'от {least} Мбит/с' in offers.other.promo_error.reason


def test_a_wrong_code_is_one_guess_for_both(db):
    asked('internet=I-100&promo=NOTHING&compare=I-50')
    assert Attempt.select().where(Attempt.kind == 'promo').count() == 1
