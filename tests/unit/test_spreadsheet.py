"""Tables for a spreadsheet: no text runs as a formula, sums stay sums."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.spreadsheet import csv_rows, harmless


def read(content):
    return list(csv.reader(io.StringIO(content.decode('utf-8-sig'), newline=''), delimiter=';'))


@pytest.mark.parametrize(
    'text',
    ['=1+1', '+375291234567', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\xa0=1', '=cmd|"/c calc"!A0', '＝1+1', '-', '−1;=2'],
)  # fmt: skip
def test_a_text_is_never_a_formula(text):
    cell = read(csv_rows([[text]]))[0][0]

    assert cell in {f"'{text}", text}
    assert not cell.lstrip(' \xa0').startswith(('=', '+', '-', '@', '\t', '\r', '\n', '＝'))


@pytest.mark.parametrize('text', ['Абонплата', "O'Neil", 'а=б', '5 + 5', '', 'а-б', '−5,00 р.'])
def test_an_honest_text_stays_as_it_is(text):
    assert harmless(text) == text


@pytest.mark.parametrize(
    ('cell', 'written'),
    [
        (Decimal('-9.97'), '-9,97'),
        (Decimal('0.00'), '0,00'),
        (Decimal('1234567.80'), '1234567,80'),
        (Decimal('0.1') + Decimal('0.2'), '0,30'),
        (-5, '-5'),
        (None, ''),
        (date(2026, 12, 31), '31.12.2026'),
        (datetime(2026, 12, 31, 20, 59, tzinfo=UTC), '31.12.2026 23:59'),
    ],
)
def test_numbers_and_days_are_written_as_the_country_writes_them(cell, written):
    assert read(csv_rows([[cell]])) == [[written]]


@pytest.mark.parametrize('text', ['a;b', 'a"b', 'a\nb', 'a\r\nb', '";=1+1;"'])
def test_a_text_stays_in_its_cell(text):
    assert read(csv_rows([[text, 'next']])) == [[text, 'next']]


def test_only_the_first_piece_has_the_mark_and_the_names():
    first, second = csv_rows([['а']], columns=('Имя',)), csv_rows([['б']])

    assert first.startswith(b'\xef\xbb\xbf')
    assert read(first + second) == [['Имя'], ['а'], ['б']]
    assert b'\xef\xbb\xbf' not in second
