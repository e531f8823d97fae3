"""«Открыто до 20:00» is true by the clock of Minsk, on holidays and in the lunch break too."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine

from components.office_words import office_state, structured
from services.clock import MINSK
from services.demo.places import OFFICES
from services.offers.offices import OfficeView
from services.offers.opening_hours import read_hours

HOURS = 'Пн–Пт 9:00–20:00, Сб 10:00–16:00'
WITH_BREAK = 'Пн–Пт 9:00–18:00, обед 13:00–14:00'


def at(day, hour, minute=0):
    return datetime.combine(date.fromisoformat(day), time(hour, minute), tzinfo=MINSK)


@pytest.mark.parametrize(
    ('hours', 'moment', 'words'),
    [
        (HOURS, at('2026-11-26', 8, 59), 'Закрыто, откроется сегодня в 09:00'),
        (HOURS, at('2026-11-26', 9), 'Открыто до 20:00'),
        (HOURS, at('2026-11-26', 19, 59), 'Открыто до 20:00'),
        (HOURS, at('2026-11-26', 20), 'Закрыто, откроется завтра в 09:00'),
        (HOURS, at('2026-11-28', 15), 'Открыто до 16:00'),
        (HOURS, at('2026-11-28', 17), 'Закрыто, откроется 30\u00a0ноября в 09:00'),
        (HOURS, at('2026-12-25', 12), 'Закрыто, откроется завтра в 10:00'),  # a public holiday
        (WITH_BREAK, at('2026-11-26', 12), 'Открыто до 13:00'),
        (WITH_BREAK, at('2026-11-26', 13, 30), 'Перерыв до 14:00'),
        (WITH_BREAK, at('2026-11-26', 14), 'Открыто до 18:00'),
        ('ежедневно 8:00–22:00', at('2026-11-29', 21), 'Открыто до 22:00'),
        ('Вт, Чт 10:00–14:00', at('2026-11-26', 11), 'Открыто до 14:00'),
    ],
)
def test_it_says_whether_one_may_come_now(hours, moment, words):
    with time_machine.travel(moment, tick=False):
        assert office_state(hours).words == words


@pytest.mark.parametrize(
    'hours',
    ['', 'по звонку', 'Пн–Пт', '9:00–18:00', 'Пн–Хх 9:00–18:00', 'Пт–Пн 9:00–18:00', 'Пн 9:00–25:00', 'Пн 18:00–9:00'],
)
def test_what_cannot_be_read_is_not_guessed(hours):
    assert read_hours(hours) is None
    assert office_state(hours) is None


def test_every_office_of_the_demo_is_readable():
    assert all(read_hours(office[3]) for office in OFFICES)


def test_an_office_that_rests_for_weeks_names_no_day():
    with time_machine.travel(at('2026-11-26', 12), tick=False):
        week = read_hours('Пн 9:00–10:00')

    assert week.at(at('2026-12-26', 12)).changes_at == at('2026-12-28', 9)
    assert at('2026-12-28', 9) - at('2026-12-26', 12) < timedelta(days=14)


def test_search_engines_are_told_the_same_hours():
    office = OfficeView(False, 'ул. Образцовая, 12', WITH_BREAK, '+375174200001', 52.788, 27.542, '…', 'soligorsk.svg')

    told = structured(office, city='Солигорск', page='https://example.by/soligorsk/kontakti/')

    weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']
    assert [(part['dayOfWeek'], part['opens'], part['closes']) for part in told['openingHoursSpecification']] == [
        (weekdays, '09:00', '13:00'),
        (weekdays, '14:00', '18:00'),
    ]
    assert told['address']['addressLocality'] == 'Солигорск'
