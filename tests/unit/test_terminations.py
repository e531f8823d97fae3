"""Ending a contract: asked for, taken back, done once on the day after the last one, whatever happens beside it."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, PeriodCharge, Quote
from models.contract import (
    ConnectedAddOn,
    Contract,
    ContractStatus,
    DebtBlock,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.outbox import OutgoingMessage
from models.termination import MoneyGoes, Termination, TerminationState
from models.user import Session
from services.accounts import (
    add_ons,
    bank_accounts,
    billing,
    billing_run,
    debt_blocks,
    ending,
    ledger,
    overview,
    promised_payments,
    shown_quotes,
    suspensions,
    tariff_changes,
    termination_runs,
    terminations,
)
from services.accounts.termination_refusals import AlreadyRequested, NothingToWithdraw
from services.accounts.termination_requests import Wish
from services.authority import OwnerOnly
from services.clock import MINSK, midnight, now
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired
from services.identity import sign_in
from services.identity.step_up import StepUpRequired
from services.runner import submit, with_connection
from tests import factories
from tests.cast import contract_of

IBAN = 'BY13NBRB3600900000002Z00AB00'  # the example of the standard


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


def ask(actor, last_day='2026-11-25', key='key-end', **wish):
    shown = terminations.quote(last_day, actor=actor)
    return terminations.request(shown.id, key, Wish(**wish), actor=actor)


def let_it_end(clock, day=date(2026, 11, 26)):
    clock.move_to(midnight(day))
    return termination_runs.run_due()


def balance(actor):
    return ledger.balance(contract_of(actor))


def booked(actor):
    keys = Operation.select(Operation.key).where(Operation.key.startswith('terminate:')).order_by(Operation.id)
    return [row.key for row in keys]


# --- asking -------------------------------------------------------------------------------------------------------


def test_anna_asks_and_nothing_is_booked_until_the_last_day_is_over(db, anna):
    assert ask(anna, reason='moving', words='Переезжаем') == date(2026, 11, 25)

    board = terminations.board(actor=anna)
    assert (board.current.last_day, board.current.state, board.is_over) == (date(2026, 11, 25), 'requested', False)
    assert [(line.on, line.sum) for line in board.current.lines] == [
        (date(2026, 11, 26), Decimal('4.98')),
        (date(2026, 11, 26), Decimal('0.75')),
    ]
    assert balance(anna) == Decimal('45.10')
    letter = OutgoingMessage.get()
    assert letter.subject.replace('\xa0', ' ') == 'Договор 100001: последний день — 25 ноября 2026'
    assert '50,83 р.' in letter.text.replace('\xa0', ' ')
    assert overview.get_overview(actor=anna).last_day == date(2026, 11, 25)


def test_on_the_day_after_it_everything_ends(db, anna, at_noon):
    factories.connect_add_on(contract_of(anna), 'A-IP')
    ask(anna)

    assert let_it_end(at_noon) == 1

    contract = contract_of(anna)
    assert (contract.status, contract.terminated_on) == (ContractStatus.TERMINATED, date(2026, 11, 25))
    assert balance(anna) == Decimal('51.83')  # 45.10 + 4.98 + 1.00 + 0.75
    assert booked(anna) == [
        f'terminate:100001:2026-11-25:{line}' for line in ('tariff:I-100', 'add_on:A-IP', 'rent:R-AC')
    ]
    assert ConnectedAddOn.get().ends_at == now()
    assert overview.get_overview(actor=anna).state == 'ended'
    row = Termination.get()
    assert (row.state, row.was_recounted) == (TerminationState.EXECUTED, False)
    assert {o.quote_id for o in Operation.select().where(Operation.key.startswith('terminate:'))} == {row.quote_id}


def test_a_second_run_and_the_nights_after_change_nothing(db, anna, at_noon):
    ask(anna)
    let_it_end(at_noon)

    assert termination_runs.run_due() == 0
    assert not termination_runs.execute(Termination.get())
    at_noon.move_to(midnight(date(2027, 1, 5)))
    billing_run.run_due()
    assert balance(anna) == Decimal('50.83')
    assert not PeriodCharge.select().where(PeriodCharge.month > date(2026, 11, 1)).exists()


def test_on_its_last_day_it_still_works(db, anna, at_noon):
    ask(anna)
    at_noon.move_to(midnight(date(2026, 11, 26)) - timedelta(seconds=1))

    assert termination_runs.run_due() == 0
    assert contract_of(anna).is_active


def test_the_next_month_is_charged_only_if_its_days_are_used(db, anna, at_noon):
    ask(anna, '2026-11-30')
    at_noon.move_to(midnight(date(2026, 12, 1)))

    assert billing.next_charge(contract_of(anna)).sum == 0
    billing_run.run_due()
    billing.catch_up(contract_of(anna))
    assert balance(anna) == Decimal('45.10')
    assert termination_runs.run_due() == 1
    assert (balance(anna), booked(anna)) == (Decimal('45.10'), [])


def test_a_month_with_days_in_it_is_charged_and_its_rest_comes_back(db, anna, at_noon):
    ask(anna, '2026-12-10')
    at_noon.move_to(midnight(date(2026, 12, 1)))
    billing_run.run_due()
    assert balance(anna) == Decimal('10.70')

    let_it_end(at_noon, date(2026, 12, 11))

    assert balance(anna) == Decimal('34.00')
    assert not Termination.get().was_recounted


def test_a_month_nobody_charged_is_made_good_at_the_end(db, anna, at_noon):
    ask(anna, '2026-12-10')

    let_it_end(at_noon, date(2026, 12, 20))

    assert balance(anna) == Decimal('34.00')


def test_a_changed_contract_is_counted_anew_and_that_is_told(db, anna, at_noon):
    ask(anna)
    shown = Termination.get().quote_id
    add_ons.connect(add_ons.quote('A-IP', actor=anna).id, 'key-ip', actor=anna)

    let_it_end(at_noon)

    row = Termination.get()
    assert row.was_recounted
    assert row.quote_id != shown
    assert [(line['code'], line['sum']) for line in row.quote.lines] == [
        ('I-100', '-4.98'), ('A-IP', '-1.00'), ('R-AC', '-0.75'),
    ]  # fmt: skip
    assert 'услуги изменились' in OutgoingMessage.get(OutgoingMessage.key == 'terminate:key-end:ended').text


def test_a_double_click_asks_once(db, anna):
    shown = terminations.quote('2026-11-25', actor=anna)
    first = terminations.request(shown.id, 'key-1', Wish(), actor=anna)

    assert terminations.request(shown.id, 'key-1', Wish(), actor=anna) == first
    assert Termination.select().count() == OutgoingMessage.select().count() == 1


def test_one_request_at_a_time(db, anna):
    ask(anna)

    with pytest.raises(AlreadyRequested) as refusal:
        terminations.quote('2026-11-30', actor=anna)
    assert refusal.value.facts['day'] == date(2026, 11, 25)


def test_a_stale_quote_is_refused(db, anna):
    shown = terminations.quote('2026-11-25', actor=anna)
    factories.connect_add_on(contract_of(anna), 'A-IP')

    with pytest.raises(shown_quotes.QuoteChanged):
        terminations.request(shown.id, 'key-1', Wish(), actor=anna)
    assert not Termination.select().exists()


@pytest.mark.parametrize(
    'day', ['2026-11-22', '2026-11-01', '2027-02-21', '', 'завтра', None, '2026-13-01', [1], '9' * 9999]
)
def test_the_last_day_is_tomorrow_at_the_earliest(db, anna, day):
    with pytest.raises(InvalidField) as refusal:
        terminations.quote(day, actor=anna)
    assert refusal.value.field == 'last_day'
    assert terminations.quote('2026-11-23', actor=anna)
    assert terminations.quote('2027-02-20', actor=anna)


@pytest.mark.parametrize(
    ('wish', 'field'),
    [
        ({'money': 'account', 'iban': ''}, 'iban'),
        ({'money': 'account', 'iban': 'BY13NBRB3600900000002Z00AB01'}, 'iban'),
        ({'money': 'account', 'iban': 'DE89370400440532013000'}, 'iban'),
        ({'money': 'account', 'iban': None}, 'iban'),
        ({'money': 'contract', 'target': '100002'}, 'target'),
        ({'money': 'contract', 'target': '100001'}, 'target'),
        ({'money': 'cash'}, 'money'),
        ({'reason': 'because'}, 'reason'),
        ({'words': 'a' * 501}, 'words'),
        ({'words': 5}, 'words'),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(db, anna, boris, wish, field):
    with pytest.raises(InvalidForm) as refusal:
        ask(anna, **wish)
    assert list(refusal.value.errors) == [field]
    assert not Termination.select().exists()


def test_the_bank_account_is_sealed_and_shown_in_part(db, anna):
    ask(anna, money='account', iban='by13 nbrb 3600 9000 0000 2z00 ab00')

    row = Termination.get()
    assert IBAN.encode() not in bytes(row.iban)
    assert bank_accounts.kept(row).replace(' ', '') == IBAN
    assert terminations.board(actor=anna).current.account == 'BY13 … AB00'


def test_the_password_is_asked_for_again(db, anna):
    shown = terminations.quote('2026-11-25', actor=anna)
    Session.update(fresh_at=now() - timedelta(days=1)).execute()

    with pytest.raises(StepUpRequired):
        terminations.request(shown.id, 'key-1', Wish(), actor=anna)


# --- taking it back -----------------------------------------------------------------------------------------------


def test_until_the_last_day_and_on_it_the_request_can_be_taken_back(db, anna, at_noon):
    ask(anna)
    at_noon.move_to(midnight(date(2026, 11, 26)) - timedelta(seconds=1))

    terminations.withdraw(Termination.get().id, actor=anna)
    terminations.withdraw(Termination.get().id, actor=anna)

    assert let_it_end(at_noon) == 0
    assert contract_of(anna).is_active
    assert OutgoingMessage.select().count() == 2
    Session.update(fresh_at=now()).execute()
    assert ask(anna, '2026-11-30', 'key-2') == date(2026, 11, 30)


def test_after_it_not_any_more(db, anna, at_noon):
    ask(anna)
    at_noon.move_to(midnight(date(2026, 11, 26)))

    with pytest.raises(NothingToWithdraw):
        terminations.withdraw(Termination.get().id, actor=anna)


def test_somebody_elses_request_and_quote_are_not_found(db, anna, vera):
    shown = terminations.quote('2026-11-25', actor=anna)
    with pytest.raises(NotFound):
        terminations.request(shown.id, 'key-1', Wish(), actor=vera)
    ask(anna)
    for wrong in (Termination.get().id, 2**30, 0, -1, None, 'x', True):
        with pytest.raises(NotFound):
            terminations.withdraw(wrong, actor=vera)
    with pytest.raises(NotFound):
        terminations.request(terminations.quote('2026-11-25', actor=vera).id, 'key-end', Wish(), actor=vera)


def test_only_the_owner_may(db, anna, vera, olga, stranger):
    factories.open_access(contract_of(anna), vera, 'manage')
    relative = factories.working_with(vera, contract_of(anna))

    with pytest.raises(OwnerOnly):
        terminations.quote('2026-11-25', actor=relative)
    with pytest.raises(OwnerOnly):
        terminations.board(actor=relative)
    with pytest.raises(NotAllowed):
        terminations.board(actor=olga)
    with pytest.raises(SignInRequired):
        terminations.quote('2026-11-25', actor=stranger)


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
    assert 'Остался долг' in OutgoingMessage.get(OutgoingMessage.key == 'terminate:key-end:ended').text


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
        assert isinstance(tariff_changes.board(actor=anna).refusal, ending.ContractEnded)
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
