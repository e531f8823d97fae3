"""What an engineer has to do to a line, without a database: how it should be against how he left it."""

from datetime import UTC, date, datetime

import pytest

from models.line import LineState
from services.clock import midnight
from services.network.lines import Done, LineFacts, Reason, Speed, Work, work_of

SLOW, FAST = Speed(50_000, 25_000), Speed(100_000, 50_000)
NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = date(2026, 11, 21)


def facts(**fields):
    return LineFacts(**{'tariff': FAST, 'first': FAST, 'active_on': date(2026, 1, 5), **fields})


def off(at=NOON):
    return Done(LineState.OFF, None, at)


def on(speed=FAST, at=NOON):
    return Done(LineState.ON, speed, at)


def told(todo):
    return todo and (todo.work, todo.reason, todo.since)


def test_a_line_is_as_it_was_connected_until_something_happens():
    assert work_of(facts()) is None


@pytest.mark.parametrize(
    ('fields', 'reason', 'since'),
    [
        ({'blocked_at': LATER}, Reason.DEBT, LATER),
        ({'paused_on': DAY}, Reason.PAUSED, midnight(DAY)),
        ({'is_terminated': True, 'terminated_on': DAY}, Reason.TERMINATED, midnight(DAY)),
        ({'blocked_at': LATER, 'paused_on': DAY}, Reason.DEBT, LATER),
        ({'blocked_at': LATER, 'is_terminated': True, 'terminated_on': DAY}, Reason.TERMINATED, midnight(DAY)),
    ],
)
@pytest.mark.parametrize('left', [None, on(), on(SLOW)])
def test_a_debt_a_pause_and_the_end_of_a_contract_cut_it(fields, reason, since, left):
    todo = work_of(facts(**fields, done=left))

    assert told(todo) == (Work.CUT, reason, since)
    assert todo.speed is None


def test_what_is_cut_already_is_not_cut_again():
    assert work_of(facts(blocked_at=LATER, done=off())) is None
    assert work_of(facts(paused_on=DAY, done=off())) is None
    assert work_of(facts(is_terminated=True, terminated_on=DAY, done=off())) is None


def test_who_paid_before_the_line_was_cut_is_nobodys_work():
    assert work_of(facts(unblocked_at=LATER)) is None
    assert work_of(facts(unblocked_at=LATER, done=on())) is None


@pytest.mark.parametrize(
    ('fields', 'reason', 'since'),
    [
        ({'unblocked_at': LATER}, Reason.PAID, LATER),
        ({'back_on': DAY}, Reason.RESUMED, midnight(DAY)),
        ({'back_on': DAY, 'unblocked_at': LATER}, Reason.PAID, LATER),
        ({'back_on': date(2026, 11, 23), 'unblocked_at': LATER}, Reason.RESUMED, midnight(date(2026, 11, 23))),
        ({}, Reason.PAID, NOON),
    ],
)
def test_what_was_cut_and_may_work_again_is_restored(fields, reason, since):
    todo = work_of(facts(**fields, done=off()))

    assert told(todo) == (Work.RESTORE, reason, since)
    assert (todo.speed, todo.old) == (FAST, None)


def test_it_comes_back_at_the_speed_of_the_tariff_it_has_by_then():
    assert work_of(facts(tariff=SLOW, changed_on=DAY, unblocked_at=LATER, done=off())).speed == SLOW


@pytest.mark.parametrize('left', [None, on(SLOW)])
def test_another_tariff_is_another_speed_once(left):
    todo = work_of(facts(first=SLOW, changed_on=DAY, done=left))

    assert told(todo) == (Work.SPEED, Reason.TARIFF, midnight(DAY))
    assert (todo.old, todo.speed) == (SLOW, FAST)
    assert work_of(facts(first=SLOW, changed_on=DAY, done=on(FAST))) is None


def test_another_tariff_with_the_same_speed_is_no_work():
    assert work_of(facts(first=FAST, changed_on=DAY)) is None


def test_a_boost_is_given_and_taken_back():
    given = work_of(facts(boost=200, boosted_at=LATER))
    taken = work_of(facts(boost_over_at=LATER, done=on(Speed(200_000, 100_000))))

    assert (told(given), given.speed) == ((Work.SPEED, Reason.BOOST, LATER), Speed(200_000, 100_000))
    assert (told(taken), taken.speed) == ((Work.SPEED, Reason.BOOST_OVER, LATER), FAST)
    assert work_of(facts(boost_over_at=LATER)) is None, 'nobody gave it'


def test_the_newest_of_several_changes_is_the_reason():
    fields = {'first': SLOW, 'boost': 200, 'boosted_at': LATER}

    assert work_of(facts(**fields, changed_on=DAY)).reason == Reason.BOOST
    assert work_of(facts(**fields, changed_on=date(2026, 11, 23))).reason == Reason.TARIFF


def test_a_code_for_speed_is_set_when_the_line_is_connected_and_ends():
    assert work_of(facts(promo=150, first_promo=150)) is None
    over = work_of(facts(first_promo=150))
    assert (over.work, over.reason, over.old, over.speed) == (Work.SPEED, Reason.PROMO, Speed(150_000, 50_000), FAST)
    assert work_of(facts(first_promo=150, done=on())) is None


def test_a_boost_on_top_of_a_code_makes_both():
    assert work_of(facts(promo=150, first_promo=150, boost=200, boosted_at=LATER)).speed == Speed(300_000, 100_000)
