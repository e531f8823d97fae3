"""Visits: which slots are free, scheduling, moving, calling off; one technician is in one place at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from playhouse.test_utils import assert_query_count

from models.application import Application, ApplicationEvent
from models.application import ApplicationStatus as S
from models.outbox import Channel, OutgoingMessage
from models.user import Role, User
from models.visit import SLOT_HOURS, Visit, VisitStatus
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, WrongTransition
from services.events import ApplicationChanged, VisitChanged
from services.runner import with_connection
from services.visits import visit_slots, visit_week
from services.visits.visit_slots import DAYS_AHEAD, NoSlotLeft, SlotNotOffered, SlotTaken
from tests import factories
from tests.factories import key, make_application, make_visit

pytestmark = pytest.mark.at('2026-11-24 12:00')  # a Tuesday
DAY = date(2026, 11, 25)
REASON = 'Клиент в отъезде'


def confirmed(**fields):
    return make_application(**{'status': S.CONFIRMED, **fields})


def status_of(application):
    return Application.get_by_id(application.id).status


def schedule(application, technician, day=DAY, hour=13, form_key=None, *, actor):
    visit_id = visit_slots.schedule(
        application.number, getattr(technician, 'user_id', technician), day, hour, form_key or key(), actor=actor
    )
    return Visit.get_by_id(visit_id)


def free_hours(day, technician, actor):
    slot_day = next(d for d in visit_slots.free_slots(actor=actor) if d.day == day)
    mine = next(t for t in slot_day.technicians if t.technician_id == technician.user_id)
    return [slot.hour for slot in mine.slots if slot.is_free]


@pytest.mark.parametrize(
    'command',
    [
        lambda number, actor: visit_slots.free_slots(actor=actor),
        lambda number, actor: visit_slots.schedule(number, 1, DAY, 13, key(), actor=actor),
        lambda number, actor: visit_slots.cancel_visit(number, REASON, key(), actor=actor),
        lambda number, actor: visit_week.list_week(DAY, actor=actor),
    ],
)
def test_only_operators_plan_visits(db, command, anna, taras):
    for actor in (anna, taras):
        with pytest.raises(NotAllowed):
            command(confirmed().number, actor)
    with pytest.raises(SignInRequired):
        command(confirmed().number, None)


def test_two_weeks_of_slots_without_sundays_holidays_and_the_past(db, olga, taras):
    days = visit_slots.free_slots(actor=olga)

    assert [d.day for d in days] == [date(2026, 11, 24) + timedelta(days=n) for n in range(DAYS_AHEAD)]
    assert free_hours(date(2026, 11, 24), taras, olga) == [13, 15, 17, 19]
    assert free_hours(DAY, taras, olga) == list(SLOT_HOURS)
    assert [d.day.day for d in days if d.is_day_off] == [29, 6]
    assert days[5].free == 0


@pytest.mark.at('2026-12-20 21:00')
def test_nobody_comes_on_christmas(db, olga, taras):
    days = {d.day: d for d in visit_slots.free_slots(actor=olga)}

    assert days[date(2026, 12, 25)].is_day_off
    assert days[date(2027, 1, 1)].is_day_off
    assert not days[date(2026, 12, 24)].is_day_off


def test_slots_take_two_queries_however_many_technicians_there_are(db, olga, taras, ada):
    with assert_query_count(2):
        visit_slots.free_slots(actor=olga)


def test_a_blocked_technician_is_not_offered(db, olga, taras):
    User.update(is_blocked=True).where(User.id == taras.user_id).execute()

    assert not any(d.technicians for d in visit_slots.free_slots(actor=olga))
    with pytest.raises(NotFound):
        schedule(confirmed(), taras, actor=olga)


def test_a_scheduled_visit_is_told_by_letter_and_sms_and_kept_in_the_history(db, olga, taras):
    application = confirmed(phone='+375291110000', email='nina@example.by')

    visit = schedule(application, taras, actor=olga)

    assert status_of(application) == S.SCHEDULED
    assert (visit.day, visit.hour, visit.technician_id) == (DAY, 13, taras.user_id)
    messages = {m.channel: m for m in OutgoingMessage.select()}
    assert messages[Channel.EMAIL].subject == 'Мастер придёт 25 ноября с 13:00 до 15:00'
    assert messages[Channel.SMS].recipient == '+375291110000'
    assert 'мастер придёт 25 ноября с 13:00 до 15:00' in messages[Channel.SMS].text
    events = ApplicationEvent.select().where(ApplicationEvent.application == application)
    assert [e.note for e in events if e.kind == 'visit'] == ['25.11.2026, 13:00–15:00, Тарас']
    assert VisitChanged(visit.id, taras.user_id) in db.events
    assert ApplicationChanged(application.id) in db.events
    assert 13 not in free_hours(DAY, taras, olga)


def test_without_an_email_only_an_sms_goes_out(db, olga, taras):
    schedule(confirmed(email=''), taras, actor=olga)

    assert [m.channel for m in OutgoingMessage.select()] == [Channel.SMS]


def test_the_same_click_twice_schedules_once_and_answers_the_same(db, olga, taras):
    application, form_key = confirmed(), key()

    first = schedule(application, taras, form_key=form_key, actor=olga)
    second = schedule(application, taras, form_key=form_key, actor=olga)

    assert first.id == second.id
    assert Visit.select().count() == 1
    assert OutgoingMessage.select().count() == 2


def test_one_technician_and_slot_twice_is_refused_with_the_next_free_slot(db, olga, taras):
    schedule(confirmed(), taras, hour=13, actor=olga)
    schedule(confirmed(), taras, hour=15, actor=olga)
    application = confirmed()

    with pytest.raises(SlotTaken) as refusal:
        schedule(application, taras, hour=13, actor=olga)

    assert refusal.value.facts == {'technician': 'Тарас', 'day': DAY, 'hours': '17:00–19:00'}
    assert status_of(application) == S.CONFIRMED


def test_a_technician_without_any_free_slot_is_named(db, olga, taras):
    for day in visit_slots.free_slots(actor=olga):
        for slot in day.technicians[0].slots:
            make_visit(confirmed(), taras, day=day.day, hour=slot.hour)

    with pytest.raises(NoSlotLeft):
        schedule(confirmed(), taras, actor=olga)


def test_two_operators_want_one_slot_at_the_same_moment_and_one_gets_it(committed_db, olga, taras):
    numbers = [confirmed().number, confirmed().number]
    together = threading.Barrier(2)

    @with_connection
    def click(number):
        together.wait()
        try:
            visit_slots.schedule(number, taras.user_id, DAY, 13, key(), actor=olga)
        except SlotTaken as refusal:
            return refusal.facts['hours']
        return 'won'

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(click, numbers)) == ['15:00–17:00', 'won']


def test_another_technician_may_come_in_the_same_slot(db, olga, taras, ada):
    schedule(confirmed(), taras, actor=olga)
    schedule(confirmed(), ada, actor=olga)

    assert Visit.select().count() == 2


@pytest.mark.parametrize(
    ('day', 'hour'),
    [
        (date(2026, 11, 24), 11),  # began an hour ago
        (date(2026, 11, 23), 13),  # yesterday
        (date(2026, 11, 29), 13),  # a Sunday
        (date(2026, 12, 8), 13),  # the fifteenth day
        (DAY, 10),
        (DAY, None),
        (DAY, '13'),
        (DAY, True),
        ('2026-11-25', 13),
        (None, 13),
        ({'d': 1}, {'h': 1}),
    ],
)
def test_what_is_not_offered_is_refused(db, day, hour, olga, taras):
    with pytest.raises(SlotNotOffered):
        schedule(confirmed(), taras, day=day, hour=hour, actor=olga)


def test_the_last_slot_of_the_two_weeks_and_the_next_one_today_are_offered(db, olga, taras):
    schedule(confirmed(), taras, day=date(2026, 12, 7), hour=19, actor=olga)
    schedule(confirmed(), taras, day=date(2026, 11, 24), hour=13, actor=olga)


@pytest.mark.parametrize('technician', [None, 0, 'x', {'id': 1}, 10**9])
def test_an_unknown_technician_is_not_found(db, technician, olga):
    with pytest.raises(NotFound):
        schedule(confirmed(), technician, actor=olga)


def test_an_operator_is_not_a_technician(db, olga):
    with pytest.raises(NotFound):
        schedule(confirmed(), olga, actor=olga)


@pytest.mark.parametrize('status', sorted(S))
def test_a_visit_is_scheduled_only_when_everything_is_agreed(db, status, olga, taras):
    application = make_application(status=status)

    if status in {S.CONFIRMED, S.SCHEDULED, S.RESCHEDULED, S.NO_ACCESS, S.FAILED}:
        schedule(application, taras, actor=olga)
        assert status_of(application) == S.SCHEDULED
    else:
        with pytest.raises(WrongTransition):
            schedule(application, taras, actor=olga)
        assert status_of(application) == status


def test_moving_a_visit_frees_the_old_slot_and_takes_the_new_one(db, olga, taras):
    application = confirmed()
    old = schedule(application, taras, hour=9, actor=olga)

    new = visit_slots.reschedule(application.number, taras.user_id, DAY, 17, key(), actor=olga)

    assert Visit.get_by_id(old.id).status == VisitStatus.CANCELLED
    assert Visit.get_by_id(new).status == VisitStatus.PLANNED
    assert free_hours(DAY, taras, olga) == [9, 11, 13, 15, 19]
    steps = ApplicationEvent.select().where(ApplicationEvent.application == application)
    assert [e.to_status for e in steps if e.kind == 'status'] == [S.SCHEDULED, S.RESCHEDULED, S.SCHEDULED]


def test_a_refused_move_leaves_the_old_visit_alone(db, olga, taras):
    schedule(confirmed(), taras, hour=17, actor=olga)
    application = confirmed()
    old = schedule(application, taras, hour=9, actor=olga)

    with pytest.raises(SlotTaken):
        schedule(application, taras, hour=17, actor=olga)

    assert Visit.get_by_id(old.id).status == VisitStatus.PLANNED
    assert status_of(application) == S.SCHEDULED


def test_a_cancelled_visit_waits_for_another_day(db, olga, taras):
    application, form_key = confirmed(), key()
    visit = schedule(application, taras, actor=olga)

    for _ in range(2):
        visit_slots.cancel_visit(application.number, REASON, form_key, actor=olga)

    assert status_of(application) == S.RESCHEDULED
    assert Visit.get_by_id(visit.id).reason == REASON
    assert 13 in free_hours(DAY, taras, olga)


@pytest.mark.parametrize('reason', ['', '  ', None, {'x': 1}, 'я' * 10_000, 'а\x00'])
def test_calling_a_visit_off_needs_a_good_reason(db, reason, olga, taras):
    application = confirmed()
    schedule(application, taras, actor=olga)

    with pytest.raises(InvalidField):
        visit_slots.cancel_visit(application.number, reason, key(), actor=olga)


@pytest.mark.parametrize('status', [S.CONFIRMED, S.EN_ROUTE, S.ACTIVATED])
def test_only_a_planned_visit_is_called_off(db, status, olga):
    with pytest.raises(WrongTransition):
        visit_slots.cancel_visit(make_application(status=status).number, REASON, key(), actor=olga)


def test_the_week_shows_who_goes_where(db, olga, taras):
    petr = factories.make_user(Role.TECHNICIAN, login='petr', name='Пётр')
    for day, hour in ((DAY, 9), (DAY, 15), (date(2026, 11, 30), 9)):
        schedule(confirmed(), taras, day=day, hour=hour, actor=olga)

    visit_week.list_week(DAY, actor=olga)  # writes down that she read it, once in a quarter of an hour

    with assert_query_count(3):  # whether that is written down, visits with their applications, technicians
        week = visit_week.list_week(DAY, actor=olga)

    assert week.monday == date(2026, 11, 23)
    assert [(t.name, [len(day) for day in t.days]) for t in week.technicians] == [
        ('Пётр', [0] * 7),
        ('Тарас', [0, 0, 2, 0, 0, 0, 0]),
    ]
    assert [v.hour for v in week.technicians[1].days[2]] == [9, 15]
    assert petr.id == week.technicians[0].technician_id


@pytest.mark.parametrize('day', [None, '2026-11-25', date.min, date.max, {'x': 1}])
def test_a_hostile_week_is_this_week(db, day, olga):
    assert visit_week.list_week(day, actor=olga).monday == date(2026, 11, 23)
