"""What a provider sells is shown in the language of the page: names and descriptions of the database go through the
catalogues of words, those of the demo are all there, and what nobody translated stays as the provider wrote it."""

import re
from decimal import Decimal

import pytest
from peewee import CharField, TextField

from components import constructor_view, i18n, offer_comparison, offer_words, told_to_engines
from models.catalogue import Tariff
from services.errors import InvalidField
from services.messages.letters.render import render_letter
from services.offers.constructor import make_offer
from tests import catalogues
from tests.catalogues import OTHERS

NO_WORDS = {'slug', 'code', 'address', 'phone', 'scheme'}
"""Addresses and numbers stay as they are written."""
OFFER = {'internet': ['I-100'], 'tv': ['T-BASE'], 'equipment': ['R-AC:rent'], 'addons': ['A-IP'], 'promo': ['OSEN3']}


@pytest.fixture
def read(request):
    """The page is read in a language; afterwards in Russian again."""
    i18n.begin(getattr(request, 'param', 'en'))
    yield
    i18n.begin('ru')


def said(code):
    return {each.id: each.string for _file, part in catalogues.parts(code) for each in part}


@pytest.mark.parametrize('code', OTHERS)
def test_everything_the_demo_sells_has_a_name_in_each_language(db, code):
    wanted = catalogues.of_database()

    assert {'Комфорт', 'Родительский фильтр', 'Спутниковый комплект', 'Первый месяц за 1 рубль'} <= set(wanted)
    assert catalogues.missing(code, wanted) == {}


@pytest.mark.parametrize('code', OTHERS)
def test_a_tariff_nobody_translated_is_found(db, code):
    Tariff.update(name='Полёт').where(Tariff.code == 'I-100').execute()

    assert catalogues.missing(code, catalogues.of_database()) == {'Полёт': 'tariff.name'}


def test_every_text_of_what_is_sold_is_shown_through_the_catalogues():
    for model, columns in catalogues.OF_DATABASE.items():
        texts = {field.name for field in model._meta.sorted_fields if type(field) in (CharField, TextField)}
        assert texts - NO_WORDS == {column.name for column in columns}, model


def words_of(offer):
    groups = [card for group in constructor_view.groups(offer) for card in (group.legend, group.hint, *group.cards)]
    rows = [*offer_words.readback(offer), *offer_comparison.promo_rows(offer), *offer_words.notes(offer)]
    sold = told_to_engines.offers((*offer.catalogue.tariffs, *offer.catalogue.tv), city='', page='')
    engines = [(each['name'], each['description']) for each in sold]
    return str([groups, rows, offer_words.promo_words(offer), engines])


@pytest.mark.parametrize(
    ('read', 'expected'),
    [
        ('en', ("'Comfort, 100", "'Basic, 75", 'Wi-Fi 5 router AC1200: rent', 'Static IP address', '“Comfort”')),
        ('be', ("'Камфорт, 100", "'Базавы, 75", 'Роўтар Wi-Fi 5 AC1200', 'Статычны IP-адрас', '«Камфорт»')),
    ],
    indirect=['read'],
)
def test_the_constructor_and_the_application_speak_the_language_of_the_page(db, read, expected):
    shown = words_of(make_offer('minsk', OFFER, address='192.0.2.7'))

    for words in expected:
        assert words in shown
    if i18n.language() == 'en':
        assert not re.findall('[А-яЁё]+', shown)
    else:
        assert not re.findall(r'\w*[ищъИЩЪ]\w*', shown)


def test_what_nobody_translated_stays_as_it_was_written(db, read):
    Tariff.update(name='Полёт').where(Tariff.code == 'I-100').execute()

    assert '“Полёт”, 100' in words_of(make_offer('minsk', OFFER, address='192.0.2.7'))


def test_a_refusal_names_the_tariff_in_the_language_of_the_page(read):
    refusal = InvalidField('promo', 'Этот промокод не для тарифа «{tariff}».', tariff='Комфорт')

    assert i18n.error_text(refusal) == 'This promo code is not for “Comfort”.'


@pytest.mark.parametrize(('code', 'name'), [('ru', 'Драйв'), ('be', 'Максімум'), ('en', 'Maximum')])
def test_a_letter_names_the_tariff_in_its_language(code, name):
    tariff = {'ru': 'Драйв'}.get(code, 'Максимум')
    facts = {'name': 'Анна', 'contract': '100001', 'tariff': tariff, 'on': i18n.clock.today()}
    sums = {'fee': Decimal('49.90'), 'charged': Decimal(0)}

    subject, text, _html = render_letter('tariff_changed', {**facts, **sums}, code)

    assert name in subject
    assert name in text
