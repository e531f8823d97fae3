"""Town, street, house: any spelling finds its house, quickly, and says in words what there is."""

import time

import pytest

from models.base import insert_rows
from models.region import Building, CoverageStatus, HouseKind, Region, Technology
from services.errors import NotFound
from services.offers import address_search, houses
from services.offers.address_search import look, suggest
from services.offers.houses import Verdict, find_house
from services.offers.spellings import house_key, house_words, street_words, town_words
from tests.factories import make_building, make_region

COLUMNS = (
    'region_id', 'locality', 'street', 'house', 'house_kind', 'technologies', 'status', 'free_ports', 'has_digital_tv',
)  # fmt: skip
NAMES = ('Садовая', 'Полевая', 'Лесная', 'Озёрная', 'Школьная', 'Цветочная', 'Речная', 'Луговая', 'Новая', 'Мирная')


def fill(count, *, houses_of_street=40):
    """Write so many houses, forty a street, half of the streets in Minsk."""
    regions = [row.id for row in Region.select().order_by(Region.position)]
    rows = []
    for number in range(count):
        street, house = divmod(number, houses_of_street)
        town = 0 if street % 2 == 0 else street % len(regions)
        name = f'ул. {NAMES[street % len(NAMES)]} {street}-я'
        rows.append(
            (regions[town], f'Город {town}', name, str(house + 1), 'flat', '["gpon"]', 'connected', 8, True)
        )  # fmt: skip
    insert_rows(Building, COLUMNS, rows)


@pytest.mark.parametrize(
    'typed',
    ['8к1', '8 к. 1', '8/1', '8 корп. 1', '8-1', 'д. 8/1', 'Дом 8 К 1', '8k1', '008/1'],
)
def test_a_house_with_a_corpus_is_one_house_however_it_is_written(db, typed):
    made = make_building('8к1')
    make_building('8')
    make_building('81')

    assert look('minsk', 'Минск', 'ул. Пробная', typed).house.id == made.id


@pytest.mark.parametrize('typed', ['12А', '12а', '12 а', '12A', '12-а', 'д. 12 A'])
def test_a_letter_of_a_house_may_be_small_apart_or_latin(db, typed):
    assert look('minsk', 'Минск', 'Демонстрационная', typed).house.house == '12А'


@pytest.mark.parametrize(
    'typed',
    ['ул. Ёлочная', 'улица елочная', 'ЁЛОЧНАЯ', 'Eлочнaя', 'ул.Елочная', 'Елочная ул.', 'вул. Ёлочная', '  ёлочная  '],
)
def test_a_street_is_one_street_however_it_is_written(db, typed):
    make_building('1', street='ул. Ёлочная')
    make_building('2', street='ул. Ёлочная Новая')

    assert look('minsk', '', typed, '1').house.street == 'ул. Ёлочная'


@pytest.mark.parametrize('typed', ['Минск', 'г. Минск', 'минск', 'Mинcк', 'город Минск', ''])
def test_a_town_is_one_town_and_none_is_the_main_one(db, typed):
    assert look('minsk', typed).town.locality == 'Минск'


@pytest.mark.parametrize('typed', ['Учебная 3', 'ул. Учебная, 3', 'учебная, д. 3'])
def test_a_house_written_behind_its_street_is_found(db, typed):
    assert look('minsk', '', typed).house.house == '3'


def test_two_of_one_spelling_are_told_apart_only_by_their_own_words(db):
    make_building('1', street='ул. Мира')
    make_building('2', street='Мира')

    assert look('minsk', '', 'Мира', '2').house.street == 'Мира'
    assert look('minsk', '', 'ул. Мира', '1').house.street == 'ул. Мира'
    assert look('minsk', '', 'улица мира').streets == ('Мира', 'ул. Мира')


def test_the_only_house_of_a_street_is_not_taken_for_another(db):
    make_building('7', street='ул. Одинокая')

    found = look('minsk', '', 'ул. Одинокая', '8')

    assert (found.house, found.houses) == (None, ('7',))


def test_a_number_in_the_name_of_a_street_is_no_house(db):
    make_building('3', street='ул. 9 Мая')

    assert look('minsk', '', 'ул. 9 Мая').street == 'ул. 9 Мая'
    assert look('minsk', '', 'ул. 9 Мая, 3').house.house == '3'
    assert look('minsk', '', '9 мая д. 3').house.house == '3'
    make_building('8к1', street='ул. 9 Мая')
    assert look('minsk', '', '9 Мая 8 к. 1').house.house == '8к1'
    assert look('minsk', '', '9 Мая 8 / 1 1 1').house is None


def test_houses_stand_as_they_stand_in_the_street(db):
    for house in ('12А', '8/1', '100', '12', '8', '2'):
        make_building(house, street='ул. Одинокая')

    assert suggest('house', '', region='minsk', street='ул. Одинокая') == ('2', '8', '8/1', '12', '12А', '100')


def test_the_kind_of_a_street_tells_two_of_one_name_apart(db):
    make_building('1', street='ул. Мира')
    make_building('1', street='пр-т Мира')

    assert look('minsk', '', 'пр. Мира', '1').house.street == 'пр-т Мира'
    assert look('minsk', '', 'проспект мира', '1').house.street == 'пр-т Мира'
    assert look('minsk', '', 'ул. Мира', '1').house.street == 'ул. Мира'


def test_a_misspelt_street_is_offered_but_not_taken_when_there_are_two(db):
    assert suggest('street', 'Демонстрацыонная', region='minsk') == ('ул. Демонстрационная',)
    assert suggest('street', 'Совсем другая', region='minsk') == ()


def test_the_beginning_of_any_word_finds_and_the_whole_name_comes_first(db):
    make_building('1', street='ул. Образцовая')

    assert suggest('street', 'образц', region='minsk') == ('ул. Образцовая', 'ул. Новая Образцовая')
    assert suggest('house', '12', region='minsk', town='Минск', street='демонстрационная') == ('12', '12А')
    assert suggest('house', '', region='minsk', street='учебная') == ('1', '3', '5', '7')


def test_towns_of_other_regions_come_with_their_region_and_last(db):
    assert suggest('town', '', region='minsk') == ('Минск', 'аг. Примерный')
    assert suggest('town', 'лугов', region='minsk') == ('д. Луговая, Заславль',)
    assert suggest('town', 'борис', region='minsk') == ('Борисов',)

    found = look('minsk', 'д. Луговая, Заславль', 'Центральная', '7').house
    assert (found.region, found.locality) == ('zaslavl', 'д. Луговая')


def test_towns_of_the_pages_own_region_come_first(db):
    make_building('1', region=make_region('borisov'), locality='Абрамово')
    make_building('1', locality='Абрикосово')

    assert suggest('town', 'абр', region='minsk') == ('Абрикосово', 'Абрамово, Борисов')
    assert suggest('town', 'абр', region='borisov') == ('Абрамово', 'Абрикосово, Минск')


def test_what_is_not_clear_comes_with_its_candidates(db):
    make_building('1', street='ул. Учебная Малая')

    several = look('minsk', 'Минск', 'учеб')
    assert (several.street, several.streets) == ('', ('ул. Учебная', 'ул. Учебная Малая'))
    no_house = look('minsk', 'Минск', 'ул. Учебная', '99')
    assert (no_house.street, no_house.house, no_house.houses) == ('ул. Учебная', None, ('1', '3', '5', '7'))
    assert look('minsk', 'Атлантида').town is None
    with pytest.raises(NotFound):
        look('atlantis', 'Минск')


@pytest.mark.parametrize(
    'typed', [None, 5, [], {'a': 1}, '\0', '%', '_', "' OR 1=1 --", 'ы' * 10_000, '9' * 5000, '\ud800']
)
def test_hostile_text_finds_nothing_and_breaks_nothing(db, typed):
    for part in ('town', 'street', 'house', typed):
        assert isinstance(suggest(part, typed, region='minsk', town=typed, street=typed), tuple)
    assert look('minsk', '', typed, typed).house is None
    assert find_house(typed) is None


@pytest.mark.parametrize(
    ('fields', 'verdict', 'is_nearly_full'),
    [
        ({'free_ports': 3}, Verdict.OPEN, False),
        ({'free_ports': 2}, Verdict.OPEN, True),
        ({'free_ports': 0}, Verdict.FULL, False),
        ({'technologies': []}, Verdict.FULL, False),
        ({'status': CoverageStatus.PLANNED}, Verdict.PLANNED, False),
        ({'status': CoverageStatus.NOT_COVERED}, Verdict.NOT_COVERED, False),
    ],
)
def test_a_house_says_in_words_whether_there_is_room(db, fields, verdict, is_nearly_full):
    found = find_house(str(make_building('77', **fields).id))

    assert (found.verdict, found.is_nearly_full) == (verdict, is_nearly_full)
    assert not hasattr(found, 'free_ports')


def test_a_house_is_found_in_its_own_region_only(db):
    made = make_building('77', technologies=[Technology.ETHERNET, Technology.GPON], house_kind=HouseKind.PRIVATE)

    assert find_house(str(made.id), 'minsk').lines == (Technology.GPON, Technology.ETHERNET)
    assert find_house(str(made.id), 'borisov') is None
    assert find_house('٣') is None


def test_so_many_names_are_offered(db):
    fill((address_search.MOST_FOUND + 5) * 2, houses_of_street=1)

    assert len(suggest('street', 'ул', region='minsk', town='Город 0')) <= address_search.MOST_FOUND
    assert len(suggest('street', '', region='minsk', town='Город 0')) == address_search.MOST_FOUND
    for number in range(address_search.MOST_FOUND + 5):
        make_building(str(number + 1), locality=f'Пригород {number}')
        make_building(str(number + 1))
    assert len(suggest('town', 'пригород', region='minsk')) == address_search.MOST_FOUND
    assert len(suggest('house', '', region='minsk', street='ул. Пробная')) == address_search.MOST_FOUND


def test_so_many_houses_of_a_street_are_listed(db):
    fill(address_search.MOST_HOUSES + 5, houses_of_street=1000)

    assert len(look('minsk', 'Город 0', 'садовая', '9999').houses) == address_search.MOST_HOUSES


def test_ten_thousand_houses_answer_within_a_tenth_of_a_second(db):
    """A search reads the names of one town, so it grows with its streets. The bound is generous; docs has the figures."""
    fill(10_000)
    questions = [
        lambda: suggest('town', 'гор', region='minsk'),
        lambda: suggest('street', 'оз', region='minsk', town='Город 0'),
        lambda: suggest('street', 'озорнаа', region='minsk', town='Город 0'),
        lambda: suggest('house', '1', region='minsk', town='Город 0', street='ул. Садовая 0-я'),
        lambda: look('minsk', 'Город 0', 'садовая 0-я', '7'),
    ]

    for ask in questions:
        took = min(_seconds(ask) for _ in range(5))
        assert took < 0.1, ask
    assert look('minsk', 'Город 0', 'садовая 0-я', '7').house is not None


def _seconds(ask):
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def test_keys_of_spellings():
    assert street_words('пр-т Примерный') == street_words('Примерный проспект') == ('примерный', 'проспект')
    assert street_words('ул') == ('ул',)
    assert street_words('пер. Тупик') == ('тупик', 'переулок')
    assert town_words('аг. Примерный') == ('примерный',)
    assert (house_words('8К'), house_words('8к2'), house_words('')) == ('8к', '8/2', '')
    assert house_key('minsk', 'г. Минск', 'Мира', '8 к. 1') == house_key('minsk', 'Минск', 'ул. МИРА', '8/1')
    assert houses.LITTLE_ROOM == 2
