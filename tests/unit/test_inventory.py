"""`docs/data.yml` is the truth about columns: all of them, no other, each with a class, a purpose and a term."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from peewee import BlobField

from models.tables import ALL
from services import rate_limits
from services.clock import MINSK
from services.privacy import inventory
from services.privacy.inventory import DataClass

REAL = {(model.table_name(), name) for model in ALL for name in model.columns()}
FIELDS = {(model.table_name(), name): field for model in ALL for name, field in model.columns().items()}


def test_every_column_is_listed_once_and_no_other():
    listed = Counter((column.table, column.name) for column in inventory.columns())

    assert set(listed) - REAL == set(), 'listed, but gone'
    assert REAL - set(listed) == set(), 'not listed in docs/data.yml'
    assert [place for place, times in listed.items() if times > 1] == []


def test_every_column_has_a_purpose_and_a_known_term():
    assert [c for c in inventory.columns() if not c.why or c.term not in inventory.terms()] == []


def test_what_differs_for_one_column_is_about_a_column_that_is_there():
    tables = inventory._document()['tables']
    named = {(table, name) for table, entry in tables.items() for name in entry.get('but', {})}

    assert named - REAL == set()


def test_every_class_has_its_rules():
    assert set(inventory.rules()) == set(DataClass)
    for name, rules in inventory.rules().items():
        assert set(rules) == {'means', 'stored', 'logged', 'exported'}, name


@pytest.mark.parametrize(
    'place',
    [
        ('subscriber', 'passport'),
        ('subscriber', 'personal_number'),
        ('subscriber', 'birth_date'),
        ('application', 'address_note'),
        ('document', 'pdf'),
        ('totp_secret', 'sealed'),
        ('totp_secret', 'pending'),
    ],
)
def test_what_must_be_encrypted_is_of_the_sealed_class_and_holds_bytes(place):
    assert place in {(column.table, column.name) for column in inventory.columns_of(DataClass.SEALED)}
    assert isinstance(FIELDS[place], BlobField)


def test_names_of_hashes_are_of_the_secret_class():
    named = {place for place in REAL if place[1].endswith(('_hash', '_index'))}
    fingerprints = {('consent', 'text_hash'), ('audit_event', 'prev_hash'), ('operation_link', 'prev_hash')}

    assert named - fingerprints == {(column.table, column.name) for column in inventory.columns_of(DataClass.SECRET)}


def test_months_are_counted_on_the_calendar():
    moment = datetime(2026, 8, 31, 12, 30, tzinfo=MINSK)

    assert inventory.cutoff('application', moment) == datetime(2026, 2, 28, 12, 30, tzinfo=MINSK)
    assert inventory.cutoff('chat', moment) == datetime(2023, 8, 31, 12, 30, tzinfo=MINSK)
    assert inventory.cutoff('token', moment) == moment - timedelta(days=30)


def test_a_term_without_a_figure_has_no_end():
    with pytest.raises(ValueError, match='audit'):
        inventory.cutoff('audit', datetime(2026, 1, 1, tzinfo=MINSK))


def test_a_term_of_years_from_a_leap_day_ends_on_a_day_there_is():
    assert inventory.kept_until('accounting', date(2024, 2, 29)) == date(2029, 3, 1)
    assert inventory.kept_until('accounting', date(2026, 11, 25)) == date(2031, 11, 25)


@pytest.mark.at('2026-12-23 10:00')
def test_the_law_counts_five_working_days_and_fifteen_calendar_days():
    assert inventory.answer_by('information') == date(2026, 12, 31)  # 25.12 is a holiday, 26 and 27 a week-end
    assert inventory.answer_by('erasure') == date(2027, 1, 7)


def test_tries_are_forgotten_when_the_document_says():
    sweep = rate_limits.sweep.__wrapped__.__defaults__[0]

    assert sweep == timedelta(days=inventory.terms()['attempt']['days'])
