"""The constructor at a chosen house: only what is sold there, the rest with its reason, the address in the form."""

import pytest

from components.constructor_view import groups
from components.house_words import place_words, refusal_words
from models.catalogue import Tariff
from models.region import Building, CoverageStatus, HouseKind, Technology
from services.offers.comparison import comparable, make_offers
from services.offers.constructor import make_offer
from tests.factories import make_building

ADDRESS = '192.0.2.9'


def offer(place, **query):
    asked = {name: [value] for name, value in query.items()} | {'building': [str(getattr(place, 'id', place))]}
    return make_offer('minsk', asked, address=ADDRESS)


def cards(made, name):
    return {card.value: card for group in groups(made) if group.name == name for card in group.cards}


def optics():
    return Building.get((Building.street == 'пр-т Примерный') & (Building.house == '25'))


def test_only_what_comes_over_its_lines_is_sold_and_the_rest_says_why(db):
    tariffs = cards(offer(optics()), 'internet')

    assert (tariffs['I-100'].is_possible, tariffs['I-200'].is_possible) == (True, True)
    assert not tariffs['I-50'].is_possible
    assert tariffs['I-50'].note == 'В вашем доме не подключить: нужна линия «кабель до квартиры»'


def test_a_tariff_that_is_not_sold_there_is_replaced_and_that_is_told(db):
    made = offer(optics(), internet='I-50')

    assert (made.package.tariff, made.chosen.changed) == ('I-100', ('internet',))


def test_the_kind_of_the_house_is_that_of_the_house(db):
    garden = Building.get(Building.street == 'ул. Садовая')

    made = offer(garden, house='flat', internet='I-100')

    assert (made.package.house, made.package.tariff) == (HouseKind.PRIVATE, 'I-HOME')
    kinds = cards(made, 'house')
    assert [kind for kind, card in kinds.items() if card.is_possible] == ['private']
    assert kinds['flat'].note == 'По вашему адресу — другой дом'


def test_a_house_without_digital_tv_has_none(db):
    house = make_building('77', has_digital_tv=False)

    made = offer(house, tv='T-BASE')

    assert (made.package.tv, made.chosen.changed) == (None, ('tv',))
    assert cards(made, 'tv')['T-BASE'].note == 'В вашем доме цифрового ТВ пока нет'
    assert not cards(made, 'tv')['T-BASE'].is_possible


def test_a_dish_needs_no_line_of_ours(db):
    house = make_building('77', house_kind=HouseKind.PRIVATE, has_digital_tv=False)

    made = offer(house, tv='T-SAT')

    assert (made.package.tv, made.chosen.changed) == ('T-SAT', ())
    assert cards(made, 'tv')['T-SAT'].is_possible


def test_the_house_stays_in_the_address_and_goes_without_it(db):
    made = offer(optics(), internet='I-200')

    assert made.package.query.endswith(f'&building={optics().id}')
    assert 'building' not in place_words(made).without
    assert 'building' not in made.package.as_snapshot()


@pytest.mark.parametrize('hostile', ['', '0', '-1', '999999', '9' * 30, '٣', 'x', '1;2', '\0'])
def test_a_house_nobody_knows_is_no_house(db, hostile):
    made = offer(hostile)

    assert made.place is None
    assert place_words(made) is None
    assert made.package.tariff == 'I-100'


def test_a_house_of_another_region_is_no_house_here(db):
    there = Building.get(Building.street == 'ул. Полевая')

    assert offer(there).place is None


def test_nothing_of_ours_fits_a_house_with_a_dish_only(db):
    made = offer(make_building('77', technologies=[Technology.SATELLITE]))

    assert (made.place, made.package.tariff) == (None, 'I-100')


def test_a_planned_house_leads_to_the_waiting_list(db):
    house = make_building('77', status=CoverageStatus.PLANNED, technologies=[])

    words = place_words(offer(house))

    assert words.verdict.word == 'Подключим позже'
    assert words.waiting.startswith('/minsk/address/?town=')


@pytest.mark.parametrize(
    ('fields', 'words'),
    [
        ({'technologies': [Technology.SATELLITE]}, 'Линия здесь — «спутниковая антенна», а тарифа для неё у нас нет.'),
        ({'house_kind': HouseKind.VILLAGE}, 'Для таких домов тарифов в Минске у нас пока нет.'),
    ],
)
def test_a_house_nothing_of_ours_fits_is_named_with_the_reason(db, fields, words):
    if fields.get('house_kind'):
        Tariff.update(regions=['borisov']).where(Tariff.code == 'I-AIR').execute()
    made = offer(make_building('77', **fields))

    assert (made.place, made.refused.house, made.package.building) == (None, '77', None)
    assert refusal_words(made) == words


def test_a_house_that_is_served_is_refused_nothing(db):
    assert (offer(optics()).refused, refusal_words(offer(optics()))) == (None, '')


def test_only_what_the_house_can_have_is_compared(db):
    made = offer(optics(), internet='I-200', compare='I-50')

    assert 'I-50' not in [tariff.code for tariff in comparable(made)]
    assert make_offers('minsk', {'building': [str(optics().id)], 'compare': ['I-50']}, address=ADDRESS).other is None
    assert make_offers('minsk', {'building': [str(optics().id)], 'compare': ['I-200']}, address=ADDRESS).other
