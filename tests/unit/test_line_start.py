"""The first day of the list of lines on an old database: what was cut before is not to be cut again."""

import pytest

from models.line import LineState, LineTick
from models.user import AuditEvent
from services.network import line_list, line_start, line_ticks
from services.network.lines import Work
from tests import factories, line_cases


def waiting(actor):
    return [(row.number, row.work) for row in line_list.list_lines(actor=actor).rows]


def test_what_was_done_before_leaves_the_list_at_once(db, taras):
    first, second = line_cases.blocked(), line_cases.blocked()
    assert line_start.may_settle(actor=taras)

    assert line_start.settle(actor=taras) == 2

    assert waiting(taras) == []
    assert {(row.contract_id, row.state, row.done_by_id) for row in LineTick.select()} == {
        (contract.id, LineState.OFF, taras.user_id) for contract in (first, second)
    }
    assert AuditEvent.get(AuditEvent.action == 'line.settle').facts == {'lines': 2}


def test_what_happens_afterwards_stands_in_the_list(db, taras):
    old = line_cases.blocked()
    line_start.settle(actor=taras)
    new = line_cases.blocked()
    line_cases.paid(old)

    assert waiting(taras) == [(old.number, Work.RESTORE), (new.number, Work.CUT)]


def test_a_line_with_another_speed_keeps_the_speed_it_has(db, taras):
    line_cases.changed()
    line_start.settle(actor=taras)

    assert (LineTick.get().state, LineTick.get().down_kbit) == (LineState.ON, 100_000)
    assert waiting(taras) == []


def test_it_is_for_the_first_day_only(db, taras):
    contract = line_cases.blocked()
    line_cases.blocked()
    line_ticks.tick(contract.id, 'cut', '', factories.key(), actor=taras)

    assert not line_start.may_settle(actor=taras)
    with pytest.raises(line_start.ListBegan):
        line_start.settle(actor=taras)
    assert LineTick.select().count() == 1


def test_an_empty_list_writes_nothing(db, taras):
    assert line_start.settle(actor=taras) == 0
    assert line_start.may_settle(actor=taras)
