"""What connecting costs, against sums computed by hand from the price list (DOMAIN §6, §7)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs

import pytest

from models.region import HouseKind
from models.rule import RuleChange
from services.clock import now, today
from services.offers.catalogue import VatRates, read_catalogue
from services.offers.packages import Device, Way, choose
from services.offers.promo_codes import PromoPlace, check
from services.quotes.connection import quote_connection
from services.quotes.monthly import PromoEffect

ON = date(2026, 11, 22)
D = Decimal


def quoted(query, region='minsk'):
    catalogue = read_catalogue()
    package = choose(parse_qs(query), catalogue, region).package
    place = PromoPlace(region, catalogue.find_tariff(package.tariff))
    promo = check(package.promo, place, address='192.0.2.1') if package.promo else None
    return quote_connection(package, catalogue, promo=promo, on=ON)


@pytest.mark.parametrize(
    ('query', 'region', 'monthly', 'later', 'once'),
    [
        ('', 'minsk', '29.90', '29.90', '0.00'),
        ('internet=I-50', 'minsk', '22.90', '22.90', '15.00'),
        ('internet=I-100&tv=T-BASE', 'minsk', '38.90', '38.90', '0.00'),
        ('internet=I-200&tv=T-PLUS', 'minsk', '49.90', '49.90', '0.00'),
        ('internet=I-500&tv=T-MAX', 'minsk', '66.90', '66.90', '0.00'),
        ('internet=I-50&tv=T-BASE', 'minsk', '35.80', '35.80', '15.00'),
        ('equipment=rent', 'minsk', '34.40', '34.40', '0.00'),
        ('equipment=R-AX:rent', 'minsk', '37.40', '37.40', '0.00'),
        ('equipment=buy', 'minsk', '29.90', '29.90', '89.00'),
        ('tv=T-BASE&equipment=rent', 'minsk', '48.90', '48.90', '0.00'),
        ('tv=T-BASE&equipment=buy&receiver=STB:buy', 'minsk', '38.90', '38.90', '218.00'),
        ('addons=A-IP&addons=A-AV', 'minsk', '38.59', '38.59', '0.00'),
        ('tv=T-BASE&addons=TV-KINO,TV-KIDS', 'minsk', '50.70', '50.70', '0.00'),
        ('house=private&internet=I-HOME', 'minsk', '39.90', '39.90', '150.00'),
        ('house=private&internet=I-HOME&tv=T-SAT', 'zaslavl', '66.70', '66.70', '210.00'),
        ('house=village&tv=T-SAT', 'borisov', '54.70', '54.70', '150.00'),
        ('house=village&tv=T-SAT&receiver=SAT:buy', 'borisov', '44.80', '44.80', '369.00'),
        ('house=village&tv=T-SAT&receiver=own', 'borisov', '44.80', '44.80', '90.00'),
        ('internet=I-50&promo=DOM50', 'minsk', '22.90', '22.90', '7.50'),
        ('house=private&internet=I-HOME&promo=DOM50', 'minsk', '39.90', '39.90', '75.00'),
        ('promo=OSEN3', 'minsk', '20.93', '29.90', '0.00'),
        ('tv=T-BASE&promo=OSEN3', 'minsk', '29.93', '38.90', '0.00'),
        ('promo=START1', 'minsk', '1.00', '29.90', '0.00'),
        ('tv=T-BASE&promo=START1', 'minsk', '10.00', '38.90', '0.00'),
        ('internet=I-50&promo=TURBO6', 'minsk', '22.90', '22.90', '15.00'),
        ('internet=I-10G&promo=GIGA20', 'minsk', '10.90', '10.90', '15.00'),
        ('house=village&promo=GIGA20', 'soligorsk', '27.90', '27.90', '90.00'),
    ],
)
def test_sums_by_hand(db, query, region, monthly, later, once):
    quote = quoted(query, region)
    assert (quote.monthly, quote.monthly_later, quote.once) == (D(monthly), D(later), D(once))
    assert sum(line.sum for line in quote.lines) == quote.monthly
    assert sum(line.sum for line in quote.once_lines) == quote.once


def test_vat_is_inside_by_rate(db):
    assert [(part.rate, part.sum) for part in quoted('').vat] == [(25, D('5.98'))]
    bought = quoted('house=village&tv=T-SAT&receiver=SAT:buy', 'borisov')
    assert [(part.rate, part.sum) for part in bought.vat] == [(25, D('8.96'))]
    assert [(part.rate, part.sum) for part in bought.vat_once] == [(20, D('36.50')), (25, D('30.00'))]


def test_vat_of_goods_and_services_is_the_rule_of_the_day(db, ada):
    for name, rate in (('vat_goods', '10'), ('vat_services', '20')):
        RuleChange.create(name=name, value=rate, starts_on=today(), reason='Закон', set_by=ada.user_id, set_at=now())
    bought = quoted('house=village&tv=T-SAT&receiver=SAT:buy', 'borisov')
    assert [(part.rate, part.sum) for part in bought.vat_once] == [(10, D('19.91')), (20, D('25.00'))]
    rented = quoted('equipment=R-AC:rent')
    assert [(part.rate, part.sum) for part in rented.vat] == [(20, D('0.75')), (25, D('5.98'))]


def test_a_discount_on_months_is_shown_month_by_month(db):
    quote = quoted('promo=OSEN3')
    assert [(row.first, row.last, row.sum) for row in quote.months] == [
        (1, 1, D('20.93')),
        (2, 2, D('20.93')),
        (3, 3, D('20.93')),
        (4, None, D('29.90')),
    ]
    assert quote.saved == D('26.91')
    assert quote.lines[0].formula == '29,90 р. − 30 %'


def test_a_code_that_leaves_the_price_alone_has_no_table(db):
    turbo, giga = quoted('internet=I-50&promo=TURBO6'), quoted('internet=I-10G&promo=GIGA20')
    assert (turbo.months, turbo.down_kbit, turbo.promo_months) == ((), 75_000, 6)
    assert (giga.months, giga.extra_gb, giga.promo_months) == ((), 20, 3)


def test_a_bundle_is_named_with_its_discount(db):
    quote = quoted('internet=I-100&tv=T-BASE')
    assert quote.bundle_discount == D('3.90')
    assert [(line.title, line.sum) for line in quote.lines][-1] == ('Скидка пакета', D('-3.90'))


def test_an_application_keeps_the_quote_as_it_was_shown(db):
    kept = quoted('house=village&tv=T-SAT&receiver=SAT:buy&equipment=R-AC:buy&promo=DOM50', 'borisov').as_snapshot()

    assert kept == {
        'monthly': '44.80',
        'monthly_later': '44.80',
        'once': '413.00',
        'promo_months': 0,
        'months': [],
        'lines': [
            {'kind': 'tariff', 'code': 'I-AIR', 'title': 'Загородный', 'sum': '27.90', 'formula': '27,90 р.'},
            {'kind': 'tv', 'code': 'T-SAT', 'title': 'Спутник', 'sum': '16.90', 'formula': '16,90 р.'},
        ],
        'once_lines': [
            {
                'kind': 'connection',
                'code': 'I-AIR',
                'title': 'Подключение',
                'sum': '45.00',
                'formula': '90,00 р. − 50 %',
            },
            {'kind': 'equipment', 'code': 'R-AC', 'title': 'Роутер Wi-Fi 5 AC1200', 'sum': '89.00', 'formula': ''},
            {'kind': 'equipment', 'code': 'SAT', 'title': 'Спутниковый комплект', 'sum': '219.00', 'formula': ''},
            {'kind': 'fee', 'code': 'SAT', 'title': 'Установка', 'sum': '60.00', 'formula': 'Спутниковый комплект'},
        ],
    }
    assert quoted('promo=START1').as_snapshot()['months'] == [
        {'first': 1, 'last': 1, 'sum': '1.00'},
        {'first': 2, 'last': None, 'sum': '29.90'},
    ]


def test_a_half_off_the_connection_is_what_the_code_saves(db):
    half, full = quoted('internet=I-50&promo=DOM50'), quoted('internet=I-50')

    assert (half.once, half.saved, half.usual_once, half.promo.code) == (D('7.50'), D('7.50'), D('15.00'), 'DOM50')
    assert (full.once, full.saved, full.usual_once, full.promo) == (D('15.00'), D('0.00'), D('15.00'), None)
    monthly = quoted('house=private&internet=I-HOME&promo=OSEN3')
    assert (monthly.usual_once, monthly.saved, monthly.promo_months) == (D('150.00'), D('35.91'), 3)  # 11.97 × 3
    assert [line.formula for line in full.once_lines] == ['']
    assert (full.months, full.down_kbit, full.extra_gb, full.promo_months) == ((), 50_000, 0, 0)


@pytest.mark.parametrize(('percent', 'once', 'formula'), [(100, '0.00', '15,00 р. − 100 %'), (None, '15.00', '')])
def test_a_connection_is_given_away_but_never_paid_for(db, percent, once, formula):
    promo = PromoEffect('P', 'connection_percent', 'Подключение', percent=percent)
    catalogue = read_catalogue()
    package = choose(parse_qs('internet=I-50'), catalogue, 'minsk').package
    quote = quote_connection(package, catalogue, promo=promo, on=ON)

    assert [(line.sum, line.formula) for line in quote.once_lines] == [(D(once), formula)]
    assert quote.usual_once == D('15.00')


def test_rented_things_stand_in_the_month_by_their_names_from_the_first_to_its_end(db):
    lines = quoted('tv=T-BASE&equipment=rent&receiver=STB:rent&addons=A-IP').lines

    assert [(str(line.kind), line.code, line.sum) for line in lines] == [
        ('tariff', 'I-100', D('29.90')),
        ('tv', 'T-BASE', D('12.90')),
        ('rent', 'R-AC', D('4.50')),
        ('rent', 'STB', D('5.50')),
        ('add_on', 'A-IP', D('6.00')),
        ('bundle', '', D('-3.90')),
    ]
    assert {line.on for line in lines} == {date(2026, 11, 1)}
    assert [line.title for line in lines][2:5] == ['Роутер Wi-Fi 5 AC1200', 'ТВ-приставка', 'Статический IP-адрес']


def test_each_part_has_the_vat_of_its_own_card_and_rent_that_of_services(db):
    found = read_catalogue()
    catalogue = replace(
        found,
        tariffs=tuple(replace(card, vat_rate=5) for card in found.tariffs),
        tv=tuple(replace(card, vat_rate=10) for card in found.tv),
        add_ons=tuple(replace(card, vat_rate=15) for card in found.add_ons),
        equipment=tuple(replace(card, rent_fee=D('1.20')) if card.code == 'ONT' else card for card in found.equipment),
        vat=VatRates(services=20, goods=30),
    )
    package = choose(parse_qs('internet=I-200&tv=T-BASE&addons=A-IP&equipment=R-AC:buy'), catalogue, 'minsk').package
    quote = quote_connection(package, catalogue, promo=None, on=ON)

    assert [(str(line.kind), line.title, line.sum) for line in quote.lines] == [
        ('tariff', 'Драйв', D('36.90')),
        ('tv', 'Базовый', D('12.90')),
        ('rent', 'Оптический терминал GPON', D('1.20')),
        ('add_on', 'Статический IP-адрес', D('6.00')),
    ]
    assert [(part.rate, part.sum) for part in quote.vat] == [
        (5, D('1.76')),  # 36.90 × 5 / 105 = 1.7571…
        (10, D('1.17')),  # 12.90 × 10 / 110 = 1.1727…
        (15, D('0.78')),  # 6.00 × 15 / 115 = 0.7826…
        (20, D('0.20')),
    ]
    assert [(part.rate, part.sum) for part in quote.vat_once] == [
        (30, D('50.31'))
    ]  # (89.00 + 129.00) × 30 / 130 = 50.3076…


def test_what_is_paid_once_stands_on_the_first_like_the_month(db):
    quote = quoted('house=village&tv=T-SAT&receiver=SAT:buy', 'borisov')

    assert [line.on for line in quote.once_lines] == [date(2026, 11, 1)] * 3


@pytest.mark.parametrize(('percent', 'speed'), [(150, 75_000), (None, 50_000)])
def test_a_code_for_speed_gives_whole_kilobits(db, percent, speed):
    catalogue = read_catalogue()
    package = choose(parse_qs('internet=I-50'), catalogue, 'minsk').package
    quote = quote_connection(package, catalogue, promo=PromoEffect('P', 'speed', '', percent=percent), on=ON)

    assert repr(quote.down_kbit) == str(speed)
    assert (quote.extra_gb, quote.promo_months, quote.saved) == (0, 0, D('0.00'))


@pytest.mark.parametrize(
    ('change', 'words'),
    [
        ({'tariff': 'I-NONE'}, 'no tariff I-NONE'),
        ({'router': Device('X', Way.RENT)}, 'X is not rented'),
        ({'router': Device('X', Way.BUY)}, 'X is not sold'),
        ({'receiver': Device('ONT', Way.BUY)}, 'ONT is not sold'),
        ({'add_ons': ('A-NONE',)}, 'no add-on A-NONE'),
    ],
)
def test_what_the_catalogue_does_not_have_has_no_price(db, change, words):
    catalogue = read_catalogue()
    package = replace(choose(parse_qs('internet=I-50'), catalogue, 'minsk').package, **change)

    with pytest.raises(ValueError) as refusal:
        quote_connection(package, catalogue, promo=None, on=ON)
    assert str(refusal.value) == words


def test_the_terminal_is_free_where_the_line_is_fibre_only(db):
    assert ('ONT', D('0.00')) in [(line.code, line.sum) for line in quoted('internet=I-200').lines]
    assert 'ONT' not in [line.code for line in quoted('internet=I-50').lines]


@pytest.mark.parametrize(
    ('query', 'region', 'expected', 'changed'),
    [
        ('', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ()),
        ('internet=I-500', 'soligorsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('internet',)),
        (
            'house=village&internet=I-100',
            'borisov',
            'house=village&internet=I-AIR&tv=none&equipment=own',
            ('internet',),
        ),
        ('house=village&tv=T-BASE', 'minsk', 'house=village&internet=I-AIR&tv=none&equipment=own', ('tv',)),
        ('tv=T-SAT', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('tv',)),
        ('house=castle', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('house',)),
        ('equipment=R-AC:steal', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('equipment',)),
        ('addons=TV-KINO', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('addons',)),
        ('addons=A-B1', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('addons',)),
        ('internet=' + 'x' * 10_000, 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('internet',)),
        ('internet=%00%F0%9F%98%80<b>', 'minsk', 'house=flat&internet=I-100&tv=none&equipment=own', ('internet',)),
        ('house=private', 'borisov', 'house=private&internet=I-SOC&tv=none&equipment=own', ()),
        ('tv=digital', 'minsk', 'house=flat&internet=I-100&tv=T-BASE&equipment=own&receiver=own', ()),
    ],
)
def test_what_cannot_be_falls_back_to_what_can(db, query, region, expected, changed):
    chosen = choose(parse_qs(query), read_catalogue(), region)
    assert (chosen.package.query, chosen.changed) == (expected, changed)


def test_a_package_survives_its_own_address(db):
    catalogue = read_catalogue()
    query = 'house=private&internet=I-HOME&tv=T-SAT&equipment=R-AX:buy&receiver=SAT:rent&addons=A-IP&addons=A-FLT&promo=DOM50'
    package = choose(parse_qs(query), catalogue, 'minsk').package
    assert package.query == query
    assert choose(parse_qs(package.query), catalogue, 'minsk').package == package
    assert package.equipment == {'R-AX': 'buy', 'SAT': 'rent'}
    assert package.house == HouseKind.PRIVATE
