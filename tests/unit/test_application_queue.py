"""The queue of applications and one card, as an operator reads them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playhouse.test_utils import assert_query_count

from models.application import TRANSITIONS
from models.application import ApplicationStatus as S
from models.catalogue import PromoCode
from models.user import AuditEvent
from services.applications import applications
from services.applications.application_queue import Queue
from services.clock import now
from tests import factories
from tests.factories import key, make_application


@pytest.mark.at('2026-11-23 11:00')
def test_the_queue_shows_new_ones_first_with_what_is_left_of_two_working_hours(db, olga):
    make_application(number='000901', status=S.IN_REVIEW, updated_at=now())
    make_application(number='000902', created_at=now() - timedelta(minutes=30))
    make_application(number='000903', created_at=now() - timedelta(minutes=90))
    make_application(number='000904', created_at=now() - timedelta(days=3))
    make_application(number='000905', created_at=now() - timedelta(hours=13))  # at ten in the evening on a Sunday

    rows = applications.list_open(actor=olga).rows

    assert [row.number for row in rows] == ['000904', '000905', '000903', '000902', '000901']
    assert [row.sla_left for row in rows] == [0, 0, 25, 75, None]
    assert rows[3].monthly == Decimal('29.90')
    assert rows[3].tariff == 'Комфорт'


def test_the_parts_of_the_queue_and_their_counts(db, olga):
    for status in S:
        make_application(status=status)

    shown = {part: applications.list_open(part, actor=olga) for part in Queue}

    assert {row.status for row in shown[Queue.NEW].rows} == {S.NEW}
    assert {row.status for row in shown[Queue.VISIT].rows} == {
        S.SCHEDULED,
        S.EN_ROUTE,
        S.INSTALLING,
        S.CONTRACT_SIGNING,
    }
    assert len(shown[Queue.ALL].rows) == len(S) - 3
    assert shown[Queue.ALL].counts == {part: len(shown[part].rows) for part in Queue}


@pytest.mark.parametrize(
    'search',
    ['фёдоров', 'ФЕДОРОВ', 'олег федо', '029 555-44-33', '+375 29 555', '77', 'учебная 77', 'oleg@', '000777'],
)
def test_the_search_finds_by_everything_a_person_says(db, search, olga):
    make_application()
    make_application(
        number='000777', last_name='Фёдоров', first_name='Олег', phone='+375295554433', email='oleg@example.by',
        street='ул. Учебная', house='77',
    )  # fmt: skip

    assert [row.number for row in applications.list_open('all', search, actor=olga).rows] == ['000777']


@pytest.mark.parametrize('search', ['%', '_', '\\', "'", '100%', 'нет такого', '\x00'])
def test_signs_of_patterns_are_ordinary_characters(db, search, olga):
    make_application()

    assert len(applications.list_open('all', search, actor=olga).rows) == (0 if search != '\x00' else 1)


@pytest.mark.parametrize('search', [None, 5, {'a': 1}, 'я' * 10_000])
@pytest.mark.parametrize('show', [None, 'won', {'a': 1}])
def test_a_hostile_filter_harms_nothing(db, show, search, olga):
    applications.list_open(show, search, actor=olga)


def test_the_queue_takes_five_queries_however_long_it_is(db, olga, taras):
    for hour in (9, 11, 13):
        application = make_application(status=S.SCHEDULED, operator=olga.user_id)
        factories.make_visit(application, taras, hour=hour)

    applications.list_open(actor=olga)  # the first look is noted, later ones only ask whether it is

    with assert_query_count(5):
        rows = applications.list_open(actor=olga).rows

    assert {row.visit.technician for row in rows} == {'Тарас'}
    assert {row.operator for row in rows} == {'Ольга'}


def test_the_card_reads_the_application_back(db, olga):
    line = {'kind': 'tariff', 'code': 'I-100', 'title': 'Комфорт', 'sum': '14.95', 'formula': '29,90 р. − 50 %'}
    quote = {
        'monthly': '14.95', 'monthly_later': '29.90', 'once': '0.00', 'lines': [line], 'once_lines': [],
        'promo_months': 3,
    }  # fmt: skip
    application = make_application(
        promo_code=PromoCode.get(PromoCode.code == 'OSEN3'), quote=quote, house='4', street='ул. Демонстрационная'
    )
    applications.take(application.number, key(), actor=olga)

    card = applications.get_card(application.number, actor=olga)

    assert (card.price.monthly, card.price.monthly_later) == (Decimal('14.95'), Decimal('29.90'))
    assert card.price.lines[0].formula == '29,90 р. − 50 %'
    assert card.promo_code == 'OSEN3'
    assert card.building.free_ports == 8
    assert card.row.operator == 'Ольга'
    assert card.steps == TRANSITIONS[S.IN_REVIEW]
    assert [(h.kind, h.who) for h in card.history] == [('status', 'Ольга')]


def test_reading_a_card_is_noted_once_in_a_while(db, olga):
    application = make_application()

    for _ in range(3):
        applications.get_card(application.number, actor=olga)

    notes = AuditEvent.select().where(AuditEvent.subject == f'application:{application.number}')
    assert [note.action for note in notes] == ['read']
