"""Ticking lines off: the tick closes the work, a minute takes it back, and two engineers do not do the same thing."""

import threading
from datetime import timedelta

import pytest
import time_machine

from models.line import LineState, LineTick
from models.user import AuditEvent, Role
from services.clock import now
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired
from services.form_keys import BrokenForm
from services.network import line_list, line_ticks
from services.network.line_ticks import NotNeeded, TickedAlready, UndoTooLate
from services.network.lines import Work
from services.runner import with_connection
from tests import factories, line_cases


@pytest.fixture
def semyon(storage):
    """Another technician."""
    return _semyon()


@with_connection
def _semyon():
    return factories.actor(factories.make_user(Role.TECHNICIAN, login='semyon', name='Семён'), Role.TECHNICIAN)


def tick(contract, actor, work='cut', note='', key=None):
    return line_ticks.tick(contract.id, work, note, key or factories.key(), actor=actor)


def waiting(actor):
    return [(row.number, row.work) for row in line_list.list_lines(actor=actor).rows]


def test_a_cut_line_leaves_the_list_and_comes_back_when_its_owner_paid(db, taras):
    contract = line_cases.blocked()

    tick(contract, taras, note='Свитч 3, порт 12')
    assert waiting(taras) == []
    row = LineTick.get()
    assert (row.state, row.down_kbit, row.note, row.done_by_id) == (
        LineState.OFF,
        None,
        'Свитч 3, порт 12',
        taras.user_id,
    )

    line_cases.paid(contract)
    assert waiting(taras) == [(contract.number, Work.RESTORE)]
    tick(contract, taras, 'restore')
    assert waiting(taras) == []
    assert LineTick.select().order_by(LineTick.id.desc()).get().down_kbit == 100_000


def test_another_speed_is_ticked_off_with_the_speed_it_has_then(db, taras):
    contract = line_cases.boosted(line_cases.changed())

    tick(contract, taras, 'speed')

    assert waiting(taras) == []
    assert (LineTick.get().down_kbit, LineTick.get().up_kbit) == (200_000, 200_000)
    with time_machine.travel(now() + timedelta(days=2)):
        assert waiting(taras) == [(contract.number, Work.SPEED)]
        tick(contract, taras, 'speed')
        assert waiting(taras) == []


def test_both_the_tick_and_its_return_stand_in_the_log(db, taras):
    contract = line_cases.blocked()
    line_ticks.undo(tick(contract, taras), actor=taras)

    lines = [(row.action, row.subject, row.facts) for row in AuditEvent.select() if row.action.startswith('line.')]
    subject = f'contract:{contract.number}'
    assert lines == [
        ('line.tick', subject, {'work': 'cut', 'reason': 'debt'}),
        ('line.untick', subject, {'work': 'cut'}),
    ]


def test_a_repeat_of_the_tap_ticks_once(db, taras):
    contract = line_cases.blocked()

    assert tick(contract, taras, key='tap-1') == tick(contract, taras, key='tap-1')
    assert LineTick.select().count() == 1
    other = line_cases.blocked()
    with pytest.raises(NotFound):
        tick(other, taras, key='tap-1')


def test_the_second_engineer_is_told_who_was_faster(db, taras, semyon):
    contract = line_cases.blocked()
    tick(contract, taras)

    with pytest.raises(TickedAlready) as refusal:
        tick(contract, semyon)
    assert refusal.value.facts['name'] == 'Тарас'
    assert LineTick.select().count() == 1


def test_who_paid_meanwhile_is_not_ticked_off(db, taras):
    contract = line_cases.blocked()
    line_cases.paid(contract)

    with pytest.raises(NotNeeded):
        tick(contract, taras)
    assert LineTick.select().count() == 0


def test_who_paid_and_is_off_cannot_be_ticked_as_cut(db, taras):
    contract = line_cases.blocked()
    line_cases.left(contract, taras)
    line_cases.paid(contract)

    with pytest.raises(TickedAlready):
        tick(contract, taras)
    assert waiting(taras) == [(contract.number, Work.RESTORE)]


def test_a_tick_may_be_taken_back_within_a_minute(db, taras, olga):
    contract = line_cases.blocked()
    row = tick(contract, taras)

    with time_machine.travel(now() + timedelta(seconds=58)):
        line_ticks.undo(row, actor=olga)
        line_ticks.undo(row, actor=taras)  # a double tap
        assert waiting(taras) == [(contract.number, Work.CUT)]
        assert [each.is_undone for each in line_list.list_done(actor=taras)] == [True]

    again = tick(contract, taras)
    with time_machine.travel(now() + timedelta(seconds=61)), pytest.raises(UndoTooLate):
        line_ticks.undo(again, actor=taras)
    assert waiting(taras) == []


def test_only_the_newest_tick_of_a_line_is_taken_back(db, taras):
    contract = line_cases.blocked()
    first = tick(contract, taras)
    line_cases.paid(contract)
    tick(contract, taras, 'restore')

    with pytest.raises(UndoTooLate):
        line_ticks.undo(first, actor=taras)


@pytest.mark.parametrize('work', ['', 'burn', 'restore', 'speed', None, 7])
def test_what_is_not_to_be_done_is_not_ticked(db, taras, work):
    contract = line_cases.blocked()

    with pytest.raises((NotFound, NotNeeded)):
        tick(contract, taras, work)


@pytest.mark.parametrize('row', [0, -1, True, None, '1', 2**40, 999])
def test_forged_ids_find_nothing(db, taras, row):
    with pytest.raises(NotFound):
        line_ticks.tick(row, 'cut', '', factories.key(), actor=taras)
    with pytest.raises(NotFound):
        line_ticks.undo(row, actor=taras)


def test_a_form_without_a_key_and_a_note_too_long_are_refused(db, taras):
    contract = line_cases.blocked()

    with pytest.raises(BrokenForm):
        tick(contract, taras, key='?')
    with pytest.raises(InvalidField) as refusal:
        tick(contract, taras, note='я' * 501)
    assert refusal.value.field == 'note'


def test_only_staff_ticks(db, anna, stranger):
    for person, error in ((anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            line_ticks.tick(1, 'cut', '', factories.key(), actor=person)
        with pytest.raises(error):
            line_ticks.undo(1, actor=person)


def test_two_engineers_at_once_make_one_tick(committed_db, taras, semyon):
    contract = line_cases.blocked()
    answers, gate = [], threading.Barrier(2)

    def tap(actor):
        gate.wait()
        try:
            answers.append(with_connection(tick)(contract, actor))
        except TickedAlready as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=tap, args=(actor,)) for actor in (taras, semyon)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(type(answer).__name__ for answer in answers) == ['TickedAlready', 'int']
    assert with_connection(LineTick.select().count)() == 1
