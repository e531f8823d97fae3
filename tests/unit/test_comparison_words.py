"""The constructor in words: what a code does, what had to be changed, what a card says, two tariffs side by side."""

from urllib.parse import parse_qs

import pytest

from components.constructor_view import groups
from components.offer_comparison import comparison
from components.offer_words import notes, promo_words, readback
from models.catalogue import Tariff
from services.offers.comparison import make_offers
from services.offers.constructor import make_offer

ADDRESS = '192.0.2.8'
DISCOUNT = (
    'На 3 месяца: 20,93 р. в месяц вместо 29,90 р., всего дешевле на 26,91 р. — '
    'и неполный первый месяц тоже со скидкой.'
)


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


def offer(query):
    return make_offer('minsk', parse_qs(query), address=ADDRESS)


@pytest.mark.parametrize(
    ('query', 'words'),
    [
        ('internet=I-50&promo=DOM50', 'Подключение 7,50 р. вместо 15,00 р.: дешевле на 7,50 р.'),
        ('promo=DOM50', 'Подключение этого тарифа и так бесплатное: промокод ничего не меняет.'),
        (
            'promo=OSEN3',
            DISCOUNT,
        ),
        ('promo=TURBO6', '150 Мбит/с вместо 100 Мбит/с на 6 месяцев. Цена не меняется.'),
        ('internet=I-10G&promo=GIGA20', '+20 ГБ в каждый из 3 месяцев подключения. Цена не меняется.'),
        ('', ''),
    ],
)
def test_what_a_code_does_is_said_in_money(db, query, words):
    assert (
        promo_words(offer(f'internet=I-100&{query}' if 'internet' not in query else query)).replace('\xa0', ' ')
        == words
    )


def test_whatever_had_to_be_changed_is_told(db):
    assert notes(offer('internet=NO&tv=T-NO&equipment=zz&addons=qq&house=castle')) == [
        'Показываем то, что подключаем в Минске.',
        'Такого тарифа здесь нет, поэтому выбран «Комфорт».',
        'Это телевидение сюда не провести, поэтому пакет пока без него.',
        'Такого оборудования нет в продаже, поэтому выбрано своё.',
        'Часть дополнительных услуг к этому пакету не подходит, мы их убрали.',
    ]
    assert notes(offer('internet=I-200&tv=T-BASE&equipment=R-AC:rent&addons=A-IP')) == []


def test_a_package_is_read_back_as_it_was_chosen(db):
    told = dict(readback(offer('internet=I-100&tv=T-BASE&equipment=R-AC:rent&receiver=buy&addons=A-IP')))

    assert told['ТВ'].replace('\xa0', ' ') == '«Базовый», 75 каналов'
    assert told['Оборудование'] == 'Роутер Wi-Fi 5 AC1200 (аренда), ТВ-приставка (покупка)'
    assert told['Дополнительно'] == 'Статический IP-адрес'


def test_a_card_says_its_price_for_how_long_and_why_it_cannot_be_had(db):
    shown = {card.value: card for group in groups(offer('internet=I-100&equipment=R-AC:rent')) for card in group.cards}

    rent, bought = shown['R-AC:rent'], shown['R-AC:buy']
    assert (rent.note, rent.price.replace('\xa0', ' '), rent.is_chosen) == ('Цена за месяц.', '4,50 р.', True)
    assert (bought.note, bought.price.replace('\xa0', ' '), bought.is_chosen) == ('Цена один раз.', '89,00 р.', False)
    assert shown['T-BASE'].note.replace('\xa0', ' ').endswith('Вместе с «Комфорт» дешевле на 3,90 р.')
    assert (shown['TV-KINO'].is_possible, shown['TV-KINO'].note) == (False, 'К ТВ-пакету: выберите его выше')
    assert (shown['A-IP'].is_possible, shown['I-50'].note[-17:]) == (True, 'ключение 15,00\xa0р.')
