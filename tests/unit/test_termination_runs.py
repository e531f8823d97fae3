"""What hangs on a contract ends with it; the end, a billing run, a payment at the same instant. Sums by hand."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, PeriodCharge, Quote
from models.contract import (
    Contract,
    ContractStatus,
    DebtBlock,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.outbox import OutgoingMessage
from models.termination import MoneyGoes, Termination
from services.accounts import (
    add_ons,
    billing,
    billing_run,
    debt_blocks,
    ending,
    history,
    ledger,
    promised_payments,
    suspensions,
    tariff_board,
    tariff_changes,
    termination_runs,
    terminations,
)
from services.accounts.termination_requests import Wish
from services.accounts.timeline_events import Kind
from services.clock import MINSK, midnight, now
from services.identity import sign_in
from services.runner import submit, with_connection
from tests import factories
from tests.cast import contract_of
from tests.ending import ask, balance, let_it_end


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


# --- what hangs on the contract -----------------------------------------------------------------------------------


def test_a_planned_tariff_falls_away(db, anna, at_noon):
    tariff_changes.execute(tariff_changes.quote('I-200', 'next', actor=anna).id, 'key-t', actor=anna)
    ask(anna)

    let_it_end(at_noon)

    assert TariffChange.get().state == TariffChangeState.CANCELLED
    assert balance(anna) == Decimal('50.83')


def test_a_tariff_planned_for_the_day_after_the_end_never_comes(db, anna, at_noon):
    tariff_changes.execute(tariff_changes.quote('I-200', '2026-11-26', actor=anna).id, 'key-t', actor=anna)
    ask(anna)
    at_noon.move_to(midnight(date(2026, 11, 26)))

    billing.catch_up(contract_of(anna))
    assert TariffChange.get().state == TariffChangeState.PLANNED
    termination_runs.run_due()
    assert (TariffChange.get().state, balance(anna)) == (TariffChangeState.CANCELLED, Decimal('50.83'))


def test_a_coming_suspension_is_called_off_and_its_returned_days_are_not_returned_twice(db, anna, at_noon):
    suspensions.suspend(suspensions.quote('2026-11-29', 14, actor=anna).id, 'key-s', actor=anna)
    assert balance(anna) == Decimal('47.09')  # 29.90 × 2 / 30
    ask(anna)

    let_it_end(at_noon)

    assert Suspension.get().resumed_on == date(2026, 11, 29)
    assert balance(anna) == Decimal('50.83')  # 47.09 + 2.99 + 0.75


def test_during_a_suspension_only_the_rent_comes_back(db, vera, at_noon):
    before = balance(vera)
    ask(vera)

    let_it_end(at_noon)

    paid = sum((line.sum for line in terminations.board(actor=vera).current.lines), Decimal(0))
    assert balance(vera) == before + paid
    assert subscription_is_over(vera)


def subscription_is_over(actor):
    return contract_of(actor).status == ContractStatus.TERMINATED and not Suspension.select().where(
        (Suspension.contract == contract_of(actor)) & Suspension.resumed_on.is_null() & (Suspension.ends_on > now())
    )


def test_blocked_for_debt_one_may_leave_and_the_rest_of_the_debt_stays(db, boris, at_noon):
    debt_blocks.review(contract_of(boris))
    before = balance(boris)
    assert DebtBlock.select().where(DebtBlock.ended_at.is_null()).exists()
    ask(boris)

    let_it_end(at_noon)

    returned = sum((line.sum for line in terminations.board(actor=boris).current.lines), Decimal(0))
    assert balance(boris) == before + returned < 0
    assert not DebtBlock.select().where(DebtBlock.ended_at.is_null()).exists()
    told = [line.kind for month in history.list_events(actor=boris).months for line in month.lines]
    assert {Kind.END_ASKED, Kind.ENDED} <= set(told)
    assert Kind.UNBLOCKED not in told
    assert 'Остался долг —' in OutgoingMessage.get(OutgoingMessage.key == 'terminate:key-end:ended').text


def test_an_open_promise_falls_due(db, boris, at_noon):
    debt_blocks.review(contract_of(boris))
    promised_payments.promise('key-p', actor=boris)
    ask(boris, '2026-11-24')

    let_it_end(at_noon, date(2026, 11, 25))

    assert PromisedPayment.get().lapsed_at == now()


def test_a_payment_after_the_end_pays_the_debt_and_costs_no_reconnection(db, boris, at_noon):
    debt_blocks.review(contract_of(boris))
    ask(boris, '2026-12-20')
    let_it_end(at_noon, date(2026, 12, 21))
    owed = -balance(boris)
    assert owed > 0

    factories.top_up(contract_of(boris), owed)
    debt_blocks.review(contract_of(boris))

    assert balance(boris) == 0
    assert not Operation.select().where(Operation.key.startswith('block:')).exists()


def test_after_the_end_nothing_is_changed_and_the_page_says_so(db, anna, at_noon):
    ask(anna)
    at_noon.move_to(midnight(date(2026, 11, 26)))
    for is_booked in (False, True):
        if is_booked:
            termination_runs.run_due()
        for refused in (
            lambda: tariff_changes.quote('I-200', actor=anna),
            lambda: add_ons.quote('A-IP', actor=anna),
            lambda: add_ons.disconnect('A-IP', actor=anna),
            lambda: suspensions.quote('2026-12-01', 14, actor=anna),
            lambda: suspensions.quote_resume(actor=anna),
            lambda: promised_payments.promise('key-p', actor=anna),
            lambda: terminations.quote('2026-12-01', actor=anna),
        ):
            with pytest.raises(ending.ContractEnded):
                refused()
        assert isinstance(tariff_board.read_board(actor=anna).refusal, ending.ContractEnded)
        assert isinstance(suspensions.board(actor=anna).refusal, ending.ContractEnded)


def test_after_the_end_one_signs_in_with_the_number_of_the_contract(db, anna, at_noon):
    ask(anna)
    let_it_end(at_noon)

    assert sign_in._find('100001').contract_id == contract_of(anna).id


def test_the_rest_goes_to_the_other_contract(db, vera, at_noon):
    factories.top_up(contract_of(vera), Decimal('20.00'))
    other = Contract.get(Contract.number == '100004')
    before, elsewhere = balance(vera), ledger.balance(other)
    ask(vera, money='contract', target='100004')

    let_it_end(at_noon)

    returned = sum((line.sum for line in terminations.board(actor=vera).current.lines), Decimal(0))
    assert balance(vera) == 0
    assert ledger.balance(other) == elsewhere + before + returned
    assert Termination.get().money == MoneyGoes.CONTRACT


def test_where_the_other_contract_is_over_as_well_the_rest_waits(db, vera, at_noon):
    factories.top_up(contract_of(vera), Decimal('20.00'))
    ask(vera, money='contract', target='100004')
    Contract.update(status=ContractStatus.TERMINATED).where(Contract.number == '100004').execute()

    let_it_end(at_noon)

    assert balance(vera) > 0


def test_no_contract_ends_while_charging_is_stopped(db, anna, at_noon, monkeypatch):
    ask(anna)
    monkeypatch.setattr(termination_runs.books, 'is_stopped', lambda: True)

    assert let_it_end(at_noon) == 0
    assert contract_of(anna).is_active


# --- at the same instant ------------------------------------------------------------------------------------------


def at_once(*works):
    barrier = threading.Barrier(len(works))

    def meet(work):
        barrier.wait()
        work()

    for future in [submit(meet, work) for work in works]:
        future.result()


@pytest.mark.parametrize('last_day', ['2026-11-30', '2026-12-10'])
def test_the_end_and_a_billing_run_at_the_same_instant_come_to_the_same(committed_db, at_noon, last_day):
    with_connection(_ready)(last_day)
    at_noon.move_to(midnight(date.fromisoformat(last_day) + timedelta(days=1)))
    end, run, pay = termination_runs.run_due, billing_run.run_due, _pay

    at_once(*(with_connection(work) for work in (end, run, end, run, pay)))

    expected = {'2026-11-30': Decimal('65.10'), '2026-12-10': Decimal('54.00')}
    contract = with_connection(Contract.get)(Contract.number == '777')
    assert contract.status == ContractStatus.TERMINATED
    assert with_connection(ledger.balance)(contract) == expected[last_day]


def _ready(last_day):
    user = factories.make_user()
    contract = factories.make_contract('777', user=user, active_on=date(2026, 10, 1), balance=Decimal('45.10'))
    factories.make_unit(contract, 'R-AC')
    PeriodCharge.create(contract=contract, month=date(2026, 11, 1), charged_at=now())
    ask(factories.actor(user, 'subscriber', contract), last_day)


def _pay():
    contract = Contract.get(Contract.number == '777')
    factories.top_up(contract, Decimal('20.00'))


def test_two_clicks_at_the_same_instant_make_one_request(committed_db):
    user = with_connection(factories.make_user)()
    contract = factories.make_contract(user=user, balance=Decimal('45.10'))
    actor = factories.actor(user, 'subscriber', contract)
    shown = with_connection(terminations.quote)('2026-11-25', actor=actor)
    click = with_connection(lambda: terminations.request(shown.id, 'key-1', Wish(), actor=actor))

    at_once(click, click, click)

    assert with_connection(Termination.select().count)() == 1
    assert with_connection(Quote.select().count)() == 1
