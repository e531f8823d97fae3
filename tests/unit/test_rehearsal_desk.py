"""The page's side of the billing clock: what may be asked for, and how often."""

import io
from datetime import date
from types import SimpleNamespace

import pytest

from services import limits
from services.clock import today
from services.errors import InvalidField, NotFound, TooManyRequests
from services.rehearsal import desk, wire
from services.rehearsal.copies import AlreadyRehearsing
from services.rehearsal.days import Day, last_day
from services.rehearsal.desk import Order
from tests import factories

AT = {'address': '192.0.2.1'}


@pytest.mark.at('2026-11-25 12:00')
@pytest.mark.parametrize(
    ('until', 'step', 'day'),
    [
        ('2026-11-25', 'day', date(2026, 11, 26)),
        ('2026-11-25', 'first', date(2026, 12, 1)),
        ('2026-12-01', 'first', date(2027, 1, 1)),
        ('2027-01-31', 'month', date(2027, 2, 28)),
        ('2020-01-01', 'day', date(2026, 11, 26)),  # a page of long ago
        ('2027-05-05', '', date(2027, 5, 5)),
    ],
)
def test_a_button_moves_the_day_on(db, until, step, day):
    assert desk.order(until, step, '', **AT) == Order(day)


@pytest.mark.at('2026-11-25 12:00')
def test_thirteen_months_ahead_and_no_day_more(db):
    assert limits.count('rehearsal_months') == 13
    assert last_day() == date(2027, 12, 31)
    assert desk.order('2027-12-31', '', '', **AT).until == last_day()
    for until, step in (
        ('2027-12-31', 'day'),
        ('2026-11-25', ''),
        ('9999-12-31', ''),
        ('9999-12-31', 'month'),
        ('никогда', 'day'),
        ('', ''),
    ):
        with pytest.raises(InvalidField):
            desk.order(until, step, '', **AT)


def test_only_a_contract_that_is_there(db):
    contract = factories.make_contract()

    assert desk.order(today().isoformat(), 'day', contract.number, **AT).number == contract.number
    for other in ('999999', '1\0', 'x', '9' * 1000):
        with pytest.raises(NotFound):
            desk.order(today().isoformat(), 'day', other, **AT)


def test_outside_a_demo_there_is_no_clock(db, monkeypatch):
    monkeypatch.setattr(desk, 'get_settings', lambda: SimpleNamespace(demo=False))

    with pytest.raises(NotFound):
        desk.show()
    with pytest.raises(NotFound):
        desk.order(today().isoformat(), 'day', '', **AT)


def test_thirty_rehearsals_in_ten_minutes(db):
    most, _window = limits.rate('rehearsals')
    for _ in range(most):
        desk.order(today().isoformat(), 'day', '', **AT)

    with pytest.raises(TooManyRequests):
        desk.order(today().isoformat(), 'day', '', **AT)
    assert desk.order(today().isoformat(), 'day', '', address='192.0.2.2')


def test_two_hundred_contracts_stand_in_the_list(db, monkeypatch):
    assert limits.count('rehearsal_contracts') == desk.CONTRACTS == 200
    monkeypatch.setattr(desk, 'CONTRACTS', 2)
    numbers = sorted(factories.make_contract().number for _ in range(3))

    assert desk.show().numbers == tuple(numbers[:2])


class Process:
    """A process that has told these lines and ended, or works on."""

    def __init__(self, *lines, works=False):
        self.stdout, self._code = io.StringIO(''.join(lines)), None if works else 0

    def poll(self):
        return self._code

    def kill(self):
        self._code = -9

    wait = poll


@pytest.mark.parametrize('lines', [(), ('{',), (wire.written(Day(date(2026, 12, 1), 5)),)])
def test_a_process_that_breaks_off_is_told_as_broken(db, lines):
    work = desk._Work(Order(date(2026, 12, 1)), Process(*lines), today())

    work.hear()

    assert work.problem == desk.BROKEN
    assert not desk._view(work).is_running


def test_while_one_works_there_is_no_other(db, monkeypatch):
    monkeypatch.setattr(desk, '_present', [desk._Work(Order(today()), Process(works=True), today())])

    with pytest.raises(AlreadyRehearsing):
        desk.order(today().isoformat(), 'day', '', **AT)
    with pytest.raises(AlreadyRehearsing):
        desk.begin(Order(today()))
    assert desk.show().rehearsal.is_running
