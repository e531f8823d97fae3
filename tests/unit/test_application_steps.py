"""The state machine of an application: which steps there are, who is remembered, what happens twice."""

import pytest

from models.application import CLOSED, NEEDS_REASON, TRANSITIONS, Application, ApplicationEvent, ApplicationStatus
from services.applications.application_steps import LONGEST_REASON, advance
from services.errors import InvalidField, NotFound, WrongTransition
from services.events import ApplicationChanged
from tests import factories

S = ApplicationStatus


@pytest.fixture
def application(storage):
    return factories.make_application()


def test_a_step_is_made_and_remembered(db, application, olga):
    advance(application.id, S.IN_REVIEW, actor_id=olga.user_id, note='Звоню')

    step = ApplicationEvent.get(ApplicationEvent.application == application)
    assert Application.get_by_id(application.id).status == S.IN_REVIEW
    assert (step.from_status, step.to_status, step.note) == (S.NEW, S.IN_REVIEW, 'Звоню')
    assert step.actor.id == olga.user_id
    assert db.events == [ApplicationChanged(application.id)]


@pytest.mark.parametrize('before', list(S))
def test_every_step_outside_the_table_is_refused(db, before):
    application = factories.make_application(status=before)

    for after in set(S) - TRANSITIONS[before]:
        with pytest.raises(WrongTransition):
            advance(application.id, after, actor_id=None, note='Причина')
    assert Application.get_by_id(application.id).status == before


@pytest.mark.parametrize('before', list(S))
def test_every_step_of_the_table_is_possible(db, before):
    for after in TRANSITIONS[before]:
        application = factories.make_application(status=before)
        assert advance(application.id, after, actor_id=None, note='Причина').status == after


def test_the_same_click_counts_once(db, application):
    advance(application.id, S.IN_REVIEW, actor_id=None, form_key='click')
    advance(application.id, S.NO_ANSWER, actor_id=None, form_key='later')

    again = advance(application.id, S.IN_REVIEW, actor_id=None, form_key='click')

    assert again.status == S.NO_ANSWER
    assert ApplicationEvent.select().where(ApplicationEvent.application == application).count() == 2


@pytest.mark.parametrize('note', ['', '  \n '])
def test_a_refusal_needs_a_reason(db, application, note):
    with pytest.raises(InvalidField) as refused:
        advance(application.id, S.REJECTED, actor_id=None, note=note)

    assert refused.value.field == 'reason'
    assert Application.get_by_id(application.id).status == S.NEW


def test_the_reason_stays_with_the_application(db, application):
    advance(application.id, S.REJECTED, actor_id=None, note='Дом не подключён')

    assert Application.get_by_id(application.id).reason == 'Дом не подключён'


def test_a_reason_is_as_long_as_a_page_and_no_longer(db, application):
    with pytest.raises(InvalidField):
        advance(application.id, S.REJECTED, actor_id=None, note='я' * (LONGEST_REASON + 1))

    assert advance(application.id, S.REJECTED, actor_id=None, note='я' * LONGEST_REASON).status == S.REJECTED


def test_an_application_that_is_not_there_moves_nowhere(db):
    with pytest.raises(NotFound):
        advance(999_999, S.IN_REVIEW, actor_id=None)


def test_what_is_closed_stays_closed():
    assert all(not TRANSITIONS[status] for status in CLOSED)
    assert NEEDS_REASON - {S.NO_ACCESS, S.NOT_FEASIBLE, S.FAILED} <= CLOSED
