"""Ending a contract: asked for, taken back, done once on the day after the last one. Sums by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.account import Operation, PeriodCharge
from models.contract import (
    ConnectedAddOn,
    ContractStatus,
)
from models.outbox import OutgoingMessage
from models.termination import Termination, TerminationState
from models.user import Session
from services.accounts import (
    add_ons,
    bank_accounts,
    billing,
    billing_run,
    overview,
    shown_quotes,
    termination_runs,
    terminations,
)
from services.accounts.termination_refusals import AlreadyRequested, NothingToWithdraw
from services.accounts.termination_requests import Wish
from services.authority import OwnerOnly
from services.clock import MINSK, midnight, now
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.cast import contract_of
from tests.ending import ask, balance, booked, let_it_end

IBAN = 'BY13NBRB3600900000002Z00AB00'  # the example of the standard


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(midnight(date(2026, 11, 22)).astimezone(MINSK) + timedelta(hours=12), tick=False) as clock:
        yield clock


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
    assert booked() == [f'terminate:100001:2026-11-25:{line}' for line in ('tariff:I-100', 'add_on:A-IP', 'rent:R-AC')]
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
    assert not termination_runs.execute(Termination.get())
    assert contract_of(anna).is_active


def test_the_next_month_is_charged_only_if_its_days_are_used(db, anna, at_noon):
    ask(anna, '2026-11-30')
    at_noon.move_to(midnight(date(2026, 12, 1)))

    assert billing.next_charge(contract_of(anna)).sum == 0
    assert not billing_run.due(date(2026, 12, 1)).exists()
    billing_run.run_due()
    billing.catch_up(contract_of(anna))
    assert balance(anna) == Decimal('45.10')
    assert termination_runs.run_due() == 1
    assert (balance(anna), booked()) == (Decimal('45.10'), [])


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
