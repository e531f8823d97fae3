"""The clock over three years: leap days, ends of months, a clock that is put back and forth in the middle of a run."""

import time
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import PeriodCharge
from services.accounts import billing, billing_run, debt_blocks, invariants, ledger, planned_tariffs
from services.clock import MINSK, midnight
from services.money import kopecks
from tests import factories, wallet_model

BEGIN, END = date(2027, 12, 31), date(2031, 1, 1)
DAYS = [BEGIN + timedelta(days=n) for n in range((END - BEGIN).days)]
EDGES = [day for day in DAYS if day.day in (1, 28, 29, 30, 31) and day.month in (1, 2, 3, 12)]
MONTHS = [day for day in DAYS if day.day == 1]


@pytest.fixture(params=['Europe/Minsk', 'America/New_York'])
def zone(request, monkeypatch):
    """The zone of the server, which must not matter: the other has nights of 23 and of 25 hours."""
    monkeypatch.setenv('TZ', request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def _night():
    billing_run.run_due()
    planned_tariffs.run_due()
    debt_blocks.review_due()


def _night_at(moment, clock, contract, model):
    clock.move_to(moment)
    _night()
    assert kopecks(ledger.balance(contract)) == model.balance, moment


def _charged(contract):
    return PeriodCharge.select().where(PeriodCharge.contract == contract).count()


def _three_years(days):
    """Live through these nights; every one is worked twice, an hour back and then again."""
    with time_machine.travel(midnight(BEGIN), tick=False) as clock:
        contract = factories.make_contract(active_on=BEGIN, balance=Decimal('5000.00'))
        model = wallet_model.Wallet(BEGIN, BEGIN, 500_000)
        billing.charge_activation(contract, actor_id=None)
        model.balance -= wallet_model.part(2990, 1, 31)
        for day in days:
            _night_at(midnight(day) - timedelta(seconds=1), clock, contract, model)
            model.balance -= 2990 if day.day == 1 else 0
            for moment in (midnight(day), midnight(day) - timedelta(hours=1), midnight(day) + timedelta(hours=23)):
                _night_at(moment, clock, contract, model)
        assert _charged(contract) == len(MONTHS) + 1
        assert invariants.self_check(but=('I10 late',)) == []


def _first_charges(days):
    """Activate a contract on each of these days: the rest of its month, by the model."""
    for day in days:
        with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=MINSK), tick=False):
            contract = factories.make_contract(active_on=day)
            billing.charge_activation(contract, actor_id=None)
            left = wallet_model.length(day) - day.day + 1
            assert kopecks(ledger.balance(contract)) == -wallet_model.part(2990, left, wallet_model.length(day)), day
    assert invariants.self_check(but=('I10 late',)) == []


def test_three_years_by_months_whatever_the_zone_of_the_server(db, zone):
    _three_years(MONTHS)


def test_contracts_that_begin_on_the_edges_of_months(db):
    _first_charges(EDGES)


@pytest.mark.parametrize('shift', [timedelta(hours=-1), timedelta(days=1), timedelta(days=-40)])
def test_a_clock_that_jumps_in_the_middle_of_the_run_charges_each_once(db, monkeypatch, shift):
    with time_machine.travel(midnight(date(2028, 2, 10)), tick=False) as clock:
        contracts = [factories.make_contract(active_on=date(2028, 2, 10), balance=Decimal('90.00')) for _ in range(4)]
        clock.move_to(midnight(date(2028, 3, 1)))
        charge_batch = billing_run.charge_batch

        def charge_and_jump(ids, run):
            charged = charge_batch(ids, run)
            if ids == [contracts[1].id]:
                clock.shift(shift)
            return charged

        monkeypatch.setattr(billing_run, 'BATCH', 1)
        monkeypatch.setattr(billing_run, 'charge_batch', charge_and_jump)
        billing_run.run_due()
        monkeypatch.undo()
        clock.move_to(midnight(date(2028, 3, 2)))
        billing_run.run_due()
        billing_run.run_due()

        assert [ledger.balance(contract) for contract in contracts] == [Decimal('60.10')] * 4
        assert [_charged(contract) for contract in contracts] == [1] * 4


def test_a_month_whose_runs_were_all_missed_is_charged_with_the_next(db):
    with time_machine.travel(midnight(date(2028, 2, 10)), tick=False) as clock:
        contract = factories.make_contract(active_on=date(2028, 2, 10), balance=Decimal('90.00'))
        clock.move_to(midnight(date(2028, 4, 1)))
        _night()

        assert (ledger.balance(contract), _charged(contract)) == (Decimal('30.20'), 2)


@pytest.mark.full
@pytest.mark.timeout(0)
def test_every_night_of_three_years(db, zone):
    _three_years(DAYS[1:])


@pytest.mark.full
@pytest.mark.timeout(0)
def test_contracts_that_begin_on_every_day_of_three_years(db):
    _first_charges(DAYS)
