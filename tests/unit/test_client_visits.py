"""A client and his visit: chosen, moved and called off by himself, from what the technicians really have free."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine

from models.application import Application, ApplicationEvent
from models.application import ApplicationStatus as S
from models.base import database
from models.outbox import Channel, OutgoingMessage
from models.user import AuditEvent, Role
from models.visit import SLOT_HOURS, Visit, VisitStatus
from services.applications import application_cards, tracker
from services.applications.applying import tracker_hash
from services.applications.tracker import PassNeeded
from services.clock import now
from services.errors import NotFound, WrongTransition
from services.events import ApplicationChanged, VisitChanged
from services.runner import with_connection
from services.visits import client_visits, visit_slots
from services.visits.client_visits import MovedEnough, Refusal, SlotGone, TooLate
from services.visits.visit_slots import SlotNotOffered
from tests.factories import PHONE, key, make_application, make_user, make_visit

pytestmark = pytest.mark.at('2026-11-24 12:00')  # a Tuesday
TODAY, DAY, NEXT = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
TOKEN = 'a-secret-of-32-characters-long-00'


def application(token=TOKEN, **fields):
    return make_application(**{'tracker_hash': tracker_hash(token), 'status': S.CONFIRMED, **fields})


def unlocked(token=TOKEN):
    return token, tracker.unlock(token, PHONE[-4:], address='192.0.2.11')


def choose(day=DAY, hour=13, form_key=None):
    client_visits.choose(*unlocked(), day, hour, form_key or key())


def cancel(form_key=None):
    client_visits.cancel(*unlocked(), form_key or key())


def look():
    return client_visits.look(*unlocked())


def status_of(made):
    return Application.get_by_id(made.id).status


def planned():
    return [(v.day, v.hour) for v in Visit.select().where(Visit.status == VisitStatus.PLANNED).order_by(Visit.id)]


def test_a_slot_is_chosen_told_and_seen_by_the_desk_and_the_car(db, olga, taras):
    made = application(email='nina@example.by')

    choose()

    visit = Visit.get()
    assert (visit.day, visit.hour, visit.technician_id, visit.status) == (DAY, 13, taras.user_id, VisitStatus.PLANNED)
    assert status_of(made) == S.SCHEDULED
    assert {VisitChanged(visit.id, taras.user_id), ApplicationChanged(made.id)} <= set(db.events)
    assert {m.channel for m in OutgoingMessage.select()} == {Channel.EMAIL, Channel.SMS}
    [happening] = [h for h in application_cards.get_card(made.number, actor=olga).history if h.kind == 'own_visit']
    assert (happening.who, happening.note) == ('', '25.11.2026, 13:00–15:00, Тарас')
    written = AuditEvent.get(AuditEvent.action == 'visit.schedule')
    assert (written.actor_id, written.subject) == (None, f'application:{made.number}')
    assert written.facts['by'] == 'client'


@pytest.mark.parametrize('given', [None, '', 'x', '9999999999.' + 'a' * 64])
def test_without_the_digits_of_the_phone_nothing_is_told_or_done(db, taras, given):
    made = application()

    for ask in (
        lambda: client_visits.look(TOKEN, given),
        lambda: client_visits.choose(TOKEN, given, DAY, 13, key()),
        lambda: client_visits.cancel(TOKEN, given, key()),
    ):
        with pytest.raises(PassNeeded):
            ask()

    assert status_of(made) == S.CONFIRMED


def test_the_pass_of_one_application_opens_no_other(db, taras):
    application()
    other = application('another-link')

    with pytest.raises(PassNeeded):
        client_visits.choose('another-link', unlocked()[1], DAY, 13, key())
    with pytest.raises(NotFound):
        client_visits.choose('nobody', unlocked()[1], DAY, 13, key())

    assert status_of(other) == S.CONFIRMED


@pytest.mark.parametrize('status', sorted(S))
def test_it_is_his_only_between_the_agreement_and_the_departure(db, taras, status):
    made = application(status=status)

    if status in {S.CONFIRMED, S.RESCHEDULED, S.SCHEDULED}:
        assert look() is not None
        choose()
        assert status_of(made) == S.SCHEDULED
    else:
        assert look() is None
        with pytest.raises(WrongTransition):
            choose()
        with pytest.raises(WrongTransition):
            cancel()
        assert status_of(made) == status


def test_what_is_offered_is_what_somebody_has_free(db, taras):
    application()
    petr = make_user(Role.TECHNICIAN, login='petr', name='Пётр')
    for hour in (9, 11):
        make_visit(make_application(), taras, day=DAY, hour=hour)
    make_visit(make_application(), petr, day=DAY, hour=9)

    days = {day.day: day.hours for day in look().days}

    assert days[DAY] == SLOT_HOURS[1:]
    assert days[NEXT] == SLOT_HOURS
    assert date(2026, 11, 29) not in days  # a Sunday


@pytest.mark.at('2026-11-24 10:00')
def test_a_slot_in_less_than_four_hours_is_not_offered(db, taras):
    application()

    assert look().days[0].hours == (15, 17, 19)
    with pytest.raises(SlotNotOffered):
        choose(TODAY, 13)
    choose(TODAY, 15)


@pytest.mark.parametrize(
    ('day', 'hour'),
    [(date(2026, 11, 29), 13), (date(2026, 12, 8), 13), (DAY, 10), (DAY, None), ('2026-11-25', 13), (None, None)],
)
def test_what_is_no_slot_is_refused(db, taras, day, hour):
    application()
    with pytest.raises(SlotNotOffered):
        choose(day, hour)


def test_the_least_busy_of_the_free_ones_comes(db, taras):
    petr = make_user(Role.TECHNICIAN, login='petr', name='Пётр')
    make_visit(make_application(), taras, day=DAY, hour=9)
    application()

    choose()

    assert Visit.get(Visit.hour == 13).technician_id == petr.id
    application('another-link')
    client_visits.choose(*unlocked('another-link'), DAY, 15, key())
    assert Visit.get(Visit.hour == 15).technician_id == taras.user_id  # as busy: who is longer with us


def test_where_nobody_is_free_for_two_weeks_it_is_said(db):
    application()
    shown = look()
    assert (shown.refusal, shown.days, shown.can_cancel) == (Refusal.NOTHING_FREE, (), False)


def test_nobody_free_is_told_and_changes_nothing(db, taras):
    made = application()
    make_visit(make_application(), taras, day=DAY, hour=13)

    with pytest.raises(SlotGone):
        choose()

    assert status_of(made) == S.CONFIRMED


def test_a_move_frees_the_old_slot_and_tells_both_days(db, taras):
    made = application()
    choose()

    choose(NEXT, 9)

    old, new = Visit.select().order_by(Visit.id)
    assert (old.status, old.reason) == (VisitStatus.CANCELLED, 'Клиент перенёс визит')
    assert (new.day, new.hour, new.status) == (NEXT, 9, VisitStatus.PLANNED)
    assert status_of(made) == S.SCHEDULED
    assert {VisitChanged(old.id, taras.user_id), VisitChanged(new.id, taras.user_id)} <= set(db.events)
    assert OutgoingMessage.select().where(OutgoingMessage.channel == Channel.SMS).count() == 2


def test_a_refused_move_leaves_the_old_visit_alone(db, taras):
    make_visit(make_application(), taras, day=NEXT, hour=9)
    made = application()
    choose()

    with pytest.raises(SlotGone):
        choose(NEXT, 9)

    assert (DAY, 13) in planned()
    assert status_of(made) == S.SCHEDULED
    assert look().moves_left == 2


def test_two_moves_and_no_third(db, taras):
    application()
    choose(DAY, 9)
    assert look().moves_left == 2
    choose(DAY, 11)
    choose(DAY, 13)

    shown = look()
    assert (shown.moves_left, shown.refusal, shown.days, shown.can_cancel) == (0, Refusal.MOVED_ENOUGH, (), True)
    with pytest.raises(MovedEnough):
        choose(DAY, 15)
    assert planned() == [(DAY, 13)]


def test_to_cancel_and_choose_again_is_a_move(db, taras):
    application()
    for hour in (9, 11, 13):
        choose(DAY, hour)
        cancel()

    assert look().refusal == Refusal.MOVED_ENOUGH
    with pytest.raises(MovedEnough):
        choose(DAY, 15)


def test_what_an_operator_moves_does_not_count(db, olga, taras):
    made = application()
    choose(DAY, 9)
    for hour in (11, 13, 15):
        visit_slots.reschedule(made.number, taras.user_id, DAY, hour, key(), actor=olga)

    assert look().moves_left == 2


def test_the_same_slot_again_is_no_move(db, taras):
    application()
    choose()
    choose()
    assert look().moves_left == 2


def test_a_cancelled_visit_frees_the_slot_and_keeps_the_application(db, olga, taras):
    made, form_key = application(email='nina@example.by'), key()
    choose()
    OutgoingMessage.delete().execute()

    for _ in range(2):
        cancel(form_key)

    assert status_of(made) == S.RESCHEDULED
    assert planned() == []
    assert look().is_planned is False
    written = AuditEvent.get(AuditEvent.action == 'visit.cancel')
    assert (written.actor_id, written.subject, written.facts['by']) == (None, f'application:{made.number}', 'client')
    letter, sms = OutgoingMessage.select().order_by(OutgoingMessage.channel)
    assert letter.subject == 'Визит 25 ноября отменён, как вы просили'
    assert 'отменён' in sms.text
    assert [h.kind for h in application_cards.get_card(made.number, actor=olga).history].count('own_cancel') == 1


@pytest.mark.parametrize(('minutes', 'is_late'), [(0, False), (1, True)])
def test_four_hours_before_it_is_too_late_to_move_or_cancel(db, taras, minutes, is_late):
    application()
    choose(DAY, 13)

    with time_machine.travel(now() + timedelta(hours=21, minutes=minutes), tick=False):  # 13:00 less four
        shown = look()
        assert (shown.refusal == Refusal.TOO_LATE, shown.can_cancel) == (is_late, not is_late)
        if is_late:
            for click in (lambda: choose(NEXT, 9), cancel):
                with pytest.raises(TooLate):
                    click()
            assert planned() == [(DAY, 13)]
        else:
            choose(NEXT, 9)
            cancel()


def test_a_click_twice_is_one_visit(db, taras):
    application()
    form_key = key()
    choose(form_key=form_key)
    choose(form_key=form_key)
    assert Visit.select().count() == 1
    assert OutgoingMessage.select().where(OutgoingMessage.channel == Channel.SMS).count() == 1


def test_one_page_has_one_key_for_several_wishes(db, taras):
    application()
    form_key = key()
    choose(form_key=form_key)
    choose(NEXT, 9, form_key)  # he went back and took another slot
    choose(form_key=form_key)  # the first click once more
    assert planned() == [(NEXT, 9)]
    cancel(form_key)
    assert planned() == []
    for wrong in ('', 'x' * 49, 'я', None):
        with pytest.raises(WrongTransition):
            client_visits.choose(*unlocked(), DAY, 15, wrong)


def test_the_last_free_slot_goes_to_one_of_many_clients(committed_db, taras):
    names = [f'link-{number}' for number in range(4)]
    for name in names:
        application(name)
    make_user(Role.TECHNICIAN, login='petr', name='Пётр')
    together = threading.Barrier(len(names))

    @with_connection
    def click(name):
        link = unlocked(name)
        together.wait()
        try:
            client_visits.choose(*link, DAY, 13, key())
        except SlotGone:
            return 'gone'
        return 'came'

    with ThreadPoolExecutor(len(names)) as pool:
        assert sorted(pool.map(click, names)) == ['came', 'came', 'gone', 'gone']
    with database.connection_context():
        assert len({visit.technician_id for visit in Visit.select()}) == 2


def test_a_client_and_an_operator_at_the_same_moment_leave_one_visit(committed_db, olga, taras):
    with database.connection_context():
        made = application()
        link = unlocked()
    together = threading.Barrier(2)

    @with_connection
    def his(_):
        together.wait()
        client_visits.choose(*link, DAY, 13, key())

    @with_connection
    def hers(_):
        together.wait()
        visit_slots.schedule(made.number, taras.user_id, DAY, 15, key(), actor=olga)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(click, None) for click in (his, hers)]:
            done.result()
    with database.connection_context():
        assert len(planned()) == 1
        assert status_of(made) == S.SCHEDULED


def test_the_history_has_no_name_for_the_client(db, taras):
    application()
    choose()
    assert {event.actor_id for event in ApplicationEvent.select()} == {None}
