"""The tracker: nothing about the person before the code, five steps after it."""

from datetime import date, timedelta

import pytest
import time_machine

from models.application import Application, ApplicationEvent, ApplicationStatus
from models.user import Role
from models.visit import Visit, VisitStatus
from services.applications import tracker
from services.applications.applying import tracker_hash
from services.applications.tracker import Stage
from services.clock import now
from services.errors import InvalidField, NotFound, TooManyRequests
from tests.factories import make_application, make_user, make_visit

TOKEN = 'a-secret-of-32-characters-long-00'
ADDRESS = '192.0.2.11'
S = ApplicationStatus


def application(**fields):
    return make_application(tracker_hash=tracker_hash(TOKEN), phone='+375291234567', **fields)


def opened():
    return tracker.view(TOKEN, tracker.unlock(TOKEN, '4567', address=ADDRESS))


@pytest.mark.parametrize('token', ['', 'unknown', 'x' * 10_000, None, '\x00', '😀'])
def test_an_unknown_link_is_not_found(db, token):
    application()
    for ask in (
        tracker.number_of,
        lambda t: tracker.view(t, None),
        lambda t: tracker.unlock(t, '4567', address=ADDRESS),
    ):
        with pytest.raises(NotFound):
            ask(token)


def test_before_the_code_only_the_number_is_told(db):
    made = application()
    assert tracker.number_of(TOKEN) == made.number
    for given in (None, '', 'x', '9999999999.' + 'a' * 64, '1' * 500, '²³.x', 'я.я'):
        assert tracker.view(TOKEN, given) is None


@pytest.mark.parametrize('code', ['', '0000', '45 68', 'abcd', '4' * 10_000, None, {'a': 1}, '４５６７'])
def test_wrong_digits_open_nothing(db, code):
    application()
    with pytest.raises(InvalidField):
        tracker.unlock(TOKEN, code, address=ADDRESS)


def test_five_wrong_tries_and_it_waits(db):
    application()
    for _ in range(5):
        with pytest.raises(InvalidField):
            tracker.unlock(TOKEN, '0000', address=ADDRESS)
    with pytest.raises(TooManyRequests):
        tracker.unlock(TOKEN, '4567', address='192.0.2.12')


def test_a_pass_ends_and_fits_one_application(db):
    application()
    given = tracker.unlock(TOKEN, '4567', address=ADDRESS)
    make_application(tracker_hash=tracker_hash('another'), phone='+375291234567')
    assert tracker.view('another', given) is None
    with time_machine.travel(now() + timedelta(hours=2, seconds=1), tick=False):
        assert tracker.view(TOKEN, given) is None


@pytest.mark.parametrize(
    ('status', 'present'),
    [
        (S.NEW, Stage.AGREED),
        (S.NO_ANSWER, Stage.AGREED),
        (S.CONFIRMED, Stage.SCHEDULED),
        (S.SCHEDULED, Stage.SCHEDULED),
        (S.EN_ROUTE, Stage.VISIT),
        (S.CONTRACT_SIGNING, Stage.VISIT),
        (S.ACTIVATED, None),
        (S.REJECTED, None),
    ],
)
def test_each_state_is_one_of_five_steps(db, status, present):
    application(status=status)
    stages = opened().stages
    assert [row.stage for row in stages if row.is_present] == ([present] if present else [])
    done = [row.stage for row in stages if row.done_at]
    expected = list(Stage)[: list(Stage).index(present)] if present else list(Stage) if status == S.ACTIVATED else []
    assert done == (expected or [Stage.RECEIVED])


def test_every_status_has_a_step_or_is_closed(db):
    assert set(S) - set(tracker.PRESENT) == {S.REJECTED, S.CANCELLED}


def test_the_visit_and_the_operator_are_shown(db):
    olga = make_user(Role.OPERATOR, first_name='Ольга')
    made = application(status=S.SCHEDULED, operator=olga)
    make_visit(
        made, make_user(Role.TECHNICIAN, name='Тарас Техник', first_name='Тарас'), day=date(2026, 12, 1), hour=13
    )
    shown = opened()
    assert shown.technician == 'Тарас'
    assert (shown.operator, shown.visit_day, shown.visit_hour) == ('Ольга', date(2026, 12, 1), 13)


def test_the_mark_changes_when_the_page_would(db):
    made = application()
    before = opened().state
    assert opened().state == before
    Application.update(status=S.IN_REVIEW, updated_at=now()).where(Application.id == made.id).execute()
    ApplicationEvent.create(application=made, kind='status', to_status=S.IN_REVIEW, at=now())
    assert opened().state != before


@pytest.mark.parametrize('change', [{'hour': 15}, {'day': date(2026, 12, 2)}, {'status': VisitStatus.EN_ROUTE}])
def test_the_mark_changes_with_the_visit_alone(db, change):
    made = application(status=S.SCHEDULED)
    make_visit(made, make_user(Role.TECHNICIAN), day=date(2026, 12, 1), hour=13)
    before = opened().state

    Visit.update(**change).execute()

    assert opened().state != before


def test_a_reason_is_told_to_whom_we_refused_alone(db):
    made = application(status=S.REJECTED, reason='Дом сносят')
    assert opened().reason == 'Дом сносят'
    Application.update(status=S.CANCELLED).where(Application.id == made.id).execute()
    assert opened().reason == ''


def test_the_right_digits_forget_the_wrong_ones(db):
    application()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(InvalidField):
                tracker.unlock(TOKEN, '0000', address=ADDRESS)
        assert tracker.unlock(TOKEN, '4567', address=ADDRESS)


def test_a_pass_ends_when_the_phone_changes(db):
    made = application()
    given = tracker.unlock(TOKEN, '4567', address=ADDRESS)
    Application.update(phone='+375297654567').where(Application.id == made.id).execute()
    assert tracker.view(TOKEN, given) is None
