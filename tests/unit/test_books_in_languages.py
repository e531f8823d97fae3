"""The books are Russian and stay so; a subscriber reads titles, formulas and rules of his charges in his language."""

import re

import pytest
import time_machine

from components.basis_words import basis
from components.formula_words import formula
from components.i18n import record
from models.account import Operation, Quote
from tests import factories, worked
from tests.bank import connect

EXAMPLES = worked.examples()
CYRILLIC = re.compile('[А-яЁё]')


@pytest.fixture
def store(sqlite_store):
    """Words are the same on both databases: one is enough."""
    return sqlite_store


@pytest.mark.parametrize(
    ('russian', 'belarusian', 'english'),
    [
        ('29,90 р. × 10 из 30 дней', '29,90 р. × 10 з 30 дзён', '29.90 BYN × 10 of 30 days'),
        (
            '(29,90 р. − 30 %) × 10 из 31 дней',
            '(29,90 р. − 30 %) × 10 з 31 дзён',
            '(29.90 BYN − 30 %) × 10 of 31 days',
        ),
        ('1,00 р. вместо 29,90 р.', '1,00 р. замест 29,90 р.', '1.00 BYN instead of 29.90 BYN'),
        (
            '1024 МБ × 0,0031 р. + 76 МБ × 0,0021 р.',
            '1024 МБ × 0,0031 р. + 76 МБ × 0,0021 р.',
            '1024 MB × 0.0031 BYN + 76 MB × 0.0021 BYN',
        ),
        ('Спутниковый комплект', 'Спадарожнікавы камплект', 'Satellite kit'),
        ('по договорённости, 5 МБ', 'по договорённости, 5 МБ', 'по договорённости, 5 MB'),
        ('', '', ''),
    ],
)
def test_a_formula_is_said_in_a_language(russian, belarusian, english):
    assert formula(russian, into='ru') == russian
    assert formula(russian, into='be') == belarusian
    assert formula(russian, into='en') == english


@pytest.mark.parametrize(
    ('russian', 'belarusian', 'english'),
    [
        ('Аренда: Роутер Wi-Fi 5 AC1200 × 2', 'Арэнда: Роўтар Wi-Fi 5 AC1200 × 2', 'Rental: Wi-Fi 5 router AC1200 × 2'),
        ('Статический IP-адрес: до конца месяца', 'Статычны IP-адрас: да канца месяца', None),
        ('Возврат за дни приостановки: Интернет «Комфорт»', None, 'Refund for suspended days: Internet “Comfort”'),
        ('Отмена: Оплата картой Visa •• 0000', None, 'Cancelled: Payment by card Visa •• 0000'),
        ('Трафик сверх тарифа за ноябрь 2026', 'Трафік звыш тарыфу за лістапад 2026', None),
        ('Бонус от директора', 'Бонус от директора', 'Бонус от директора'),
    ],
)
def test_a_title_is_said_in_a_language(russian, belarusian, english):
    assert record(russian, into='ru') == russian
    assert belarusian in (None, record(russian, into='be'))
    assert english in (None, record(russian, into='en'))


@pytest.mark.parametrize(
    ('russian', 'english'),
    [
        (
            'Абонплата за декабрь 2026: списываем 1-го числа за месяц вперёд. Цена 31,90 р. действует с 01.12.2026.',
            (
                'Monthly fee for December 2026: charged on the 1st for the month ahead. '
                'The price of 31.90 BYN is valid from 1 Dec 2026.'
            ),
        ),
        ('Договор № 100001. Расчёт к заявке № 000042.', 'Contract No. 100001. Calculation for application No. 000042.'),
        (
            'Договор № 100001. Так решили. Покупка оборудования: оплачивается один раз.',
            'Contract No. 100001. Так решили. Equipment purchase: paid for once.',
        ),
        ('Реестр № 7, документ 12/3 от 31.02.2026', 'Register No. 7, document 12/3 of 31.02.2026'),
        ('Решение № 5, без точки в конце', 'Решение № 5, без точки в конце'),
    ],
)
def test_a_rule_is_said_sentence_by_sentence(russian, english):
    assert basis(russian, into='ru') == russian
    assert basis(russian, into='en') == english


def test_a_rule_in_belarusian_is_of_its_own_words():
    told = basis('Возврат за дни приостановки: 10.12.2026 — 20.12.2026, 11 дн. Так решили.', into='be')

    assert told == 'Вяртанне за дні прыпынення: 10.12.2026 — 20.12.2026, 11 дн. Так решили.'


@pytest.mark.parametrize('number', EXAMPLES)
def test_everything_the_services_book_is_said_in_english(db, monkeypatch, number):
    connect(monkeypatch, worked.Bank())
    rows = EXAMPLES[number]
    with time_machine.travel(worked.noon(rows[0].day), tick=False) as clock:
        example = worked.Example(rows[0], factories.actor(factories.make_user('administrator'), 'administrator'))
        for row in rows:
            clock.move_to(worked.noon(row.day))
            if worked.computed(row.event) is None:
                example.happens(row.event)

    booked = [(each.title, each.formula, each.basis) for each in Operation.select()]
    shown = [(each['what'], each['formula'], each['basis']) for quote in Quote.select() for each in quote.lines]
    for title, counted, rule in [*booked, *shown]:
        told = record(title, into='en'), formula(counted, into='en'), basis(rule, into='en')
        assert not [words for words in told if CYRILLIC.search(words)], told
        assert re.findall(r'\d+', told[1]) == re.findall(r'\d+', counted)
