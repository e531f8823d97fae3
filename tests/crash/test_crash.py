"""Killed at any instant under load: nothing answered is lost, nothing is doubled, the books balance."""

import os
import random
import time

import pytest

from services.accounts import billing_run
from services.clock import today
from services.runner import with_connection
from tests import factories
from tests.crash import harness
from tests.crash.faults import FAULTS

CYCLES = int(os.environ.get('CRASH_CYCLES', '200'))


def _cycles(store, folder, count, fault=''):
    harness.prepare()
    crash = harness.Crash(folder)
    with harness.nursery(store.url, folder, fault) as process:
        for number in range(count):
            try:
                crash.cycle(process)
            except harness.Lost as lost:
                raise harness.Lost(f'cycle {number + 1}: {lost}') from lost
    return crash


def test_ten_kills_lose_and_double_nothing(committed_db, tmp_path):
    crash = _cycles(committed_db, tmp_path, 10)

    assert crash.acknowledged >= 10


@pytest.mark.full
@pytest.mark.timeout(0)
def test_many_kills_lose_and_double_nothing(committed_db, tmp_path, capsys):
    crash = _cycles(committed_db, tmp_path, CYCLES)

    with capsys.disabled():
        print(f'\n{committed_db.name}: {CYCLES} kills, {crash.acknowledged} answers, 0 lost, 0 doubled')


@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.broken_books
@pytest.mark.parametrize('fault', FAULTS)
def test_every_mistake_is_found(committed_db, tmp_path, fault):
    with pytest.raises(harness.Lost) as found:
        _cycles(committed_db, tmp_path, 60, fault)
    print(fault, found.value)


@pytest.mark.broken_books
def test_a_mistake_is_found(committed_db, tmp_path):
    with pytest.raises(harness.Lost):
        _cycles(committed_db, tmp_path, 3, 'no_other_half')


def test_a_billing_run_killed_again_and_again_gives_the_same_books(committed_db, tmp_path):
    month = today().replace(day=1)
    people = _make_people(20, month)
    with harness.nursery(committed_db.url, tmp_path) as process:
        for _ in range(8):
            pid = harness.fork(process, f'bill {month:%Y-%m}')
            time.sleep(random.Random(pid).random() * 0.08)  # noqa: S311 - the random instant
            harness.kill([pid])
    with_connection(billing_run.run_month)(month)
    interrupted = harness.ledger_of_months(people)

    again = _make_people(20, month)
    with_connection(billing_run.run_month)(month)

    assert interrupted == harness.ledger_of_months(again)
    assert len(interrupted) == 20 * 2


@with_connection
def _make_people(count, month):
    people = []
    for _ in range(count):
        contract = factories.make_contract(active_on=(month.replace(year=month.year - 1)), tariff='I-100')
        factories.make_unit(contract, 'R-AC')
        people.append(contract)
    return people
