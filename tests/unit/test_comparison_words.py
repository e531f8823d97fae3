"""Two tariffs side by side in words: each row says what its tariff gives, the sentence which is dearer."""

from urllib.parse import parse_qs

from components.offer_comparison import comparison
from models.catalogue import Tariff
from services.offers.comparison import make_offers

ADDRESS = '192.0.2.8'


def table(query):
    return comparison(make_offers('minsk', parse_qs(query), address=ADDRESS))


def rows(query):
    return {title: (one.replace('\xa0', ' '), two.replace('\xa0', ' ')) for title, one, two in table(query).rows}


def test_each_row_tells_of_its_own_tariff(db):
    told = rows('internet=I-100&compare=I-10G')

    assert table('internet=I-100&compare=I-10G').names == ('Комфорт', 'Эконом 10 ГБ')
    assert told['Скорость к вам'] == ('100 Мбит/с', '50 Мбит/с')
    assert told['Скорость от вас'] == ('100 Мбит/с', '25 Мбит/с')
    assert told['Трафик'] == ('без ограничений', '10 ГБ, дальше по мегабайтам')
    assert told['В месяц, весь пакет'] == ('29,90 р.', '10,90 р.')
    assert 'Промокод' not in told


def test_a_code_is_told_for_each_with_its_months_or_why_not(db):
    told = rows('internet=I-100&promo=OSEN3&compare=I-50')

    assert told['В месяц, весь пакет'] == ('20,93 р., с 4-го месяца 29,90 р.', '22,90 р.')
    assert told['Промокод'][1] == 'Этот промокод — для тарифов от 100 Мбит/с.'
    assert told['Промокод'][0]


def test_extra_traffic_of_a_code_is_in_the_row(db):
    assert rows('internet=I-10G&promo=GIGA20&compare=I-100')['Трафик'][0] == '30 ГБ, дальше по мегабайтам'


def test_equal_prices_are_called_equal(db):
    Tariff.update(monthly_fee=Tariff.get(Tariff.code == 'I-100').monthly_fee).where(Tariff.code == 'I-200').execute()

    assert table('internet=I-100&compare=I-200').words == 'По цене в месяц они одинаковы.'


def test_what_is_dearer_and_by_how_much(db):
    assert table('internet=I-200&compare=I-100').words.replace('\xa0', ' ') == 'С «Комфорт» дешевле на 7,00 р. в месяц.'


def test_of_two_names_the_last_counts(db):
    assert table('internet=I-100&compare=I-50&compare=I-200').value == 'I-200'
