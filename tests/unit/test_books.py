"""Books that do not agree stop whatever takes money; payments go on; a clean check or an administrator ends it."""

import logging
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from typer.testing import CliRunner

import main
from models.account import Account, ChargingStop, OperationKind
from models.outbox import Channel, OutgoingMessage
from models.user import AuditEvent
from services import jobs
from services.accounts import add_ons, billing, billing_run, books, invariants, ledger, planned_tariffs, tariff_changes
from services.accounts.books import ChargingStopped, StillWrong
from services.accounts.ledger import Posting
from services.clock import midnight, now
from services.errors import InvalidField, NotAllowed, SignInRequired
from services.identity.step_up import StepUpRequired
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.factories import key
from tests.factors import make_stale

BROKEN = pytest.mark.broken_books


def spoil(contract, kopecks=1):
    wallet = ledger.wallet_of(contract)
    Account.update(balance=wallet.balance + Decimal(kopecks).scaleb(-2)).where(Account.id == wallet.id).execute()


def actions():
    lines = AuditEvent.select().where(AuditEvent.action.startswith('books.')).order_by(AuditEvent.id)
    return [line.action for line in lines]


def letters():
    return list(OutgoingMessage.select().where(OutgoingMessage.key.startswith('books:stop')))


@BROKEN
def test_a_failed_check_stops_charging_and_tells_everybody(db, anna, caplog):
    spoil(contract_of(anna))

    with caplog.at_level(logging.ERROR):
        faults = books.check()

    assert books.is_stopped()
    assert [line.split(':')[0] for line in faults] == ['I3', 'I11']
    assert caplog.text.count('The books do not agree: I3: account') == 1
    assert actions() == ['books.stop']
    assert ChargingStop.get().faults == faults
    (letter,) = letters()
    assert letter.subject == 'Расчёты остановлены: книги не сходятся'
    assert faults[0] in letter.text
    assert letter.recipient == 'info@amigo.by'


@BROKEN
def test_every_hour_again_it_is_one_stop_and_one_letter_a_day(db, anna):
    spoil(contract_of(anna))
    for _ in range(3):
        books.check()
    assert (ChargingStop.select().count(), len(letters())) == (1, 1)

    with time_machine.travel(now() + timedelta(days=1)):
        books.check()
    assert (ChargingStop.select().count(), len(letters()), actions()) == (1, 2, ['books.stop'])


@BROKEN
@pytest.mark.at('2026-12-01 00:05')
def test_nothing_is_charged_while_it_is_stopped(db, anna):
    contract = factories.make_contract(active_on=date(2026, 11, 1))
    fresh = factories.make_contract(active_on=date(2026, 12, 1))
    quote = add_ons.quote('A-IP', actor=anna)
    spoil(contract_of(anna))
    books.check()
    before = ledger.balance(contract_of(anna))

    for charge in (
        lambda: billing_run.run_month(date(2026, 12, 1)),
        lambda: billing.charge_month(contract, date(2026, 12, 1)),
        lambda: billing.charge_activation(fresh, actor_id=None),
        lambda: add_ons.connect(quote.id, key(), actor=anna),
    ):
        with pytest.raises(ChargingStopped, match='Расчёты остановлены до проверки'):
            charge()
    assert billing_run.run_due() == 0
    assert (ledger.balance(contract), ledger.balance(contract_of(anna))) == (0, before)


@BROKEN
def test_a_planned_tariff_waits_while_it_is_stopped(db, anna):
    with time_machine.travel(midnight(date(2026, 11, 22)), tick=False) as clock:
        tariff_changes.execute(tariff_changes.quote('I-200', '2026-11-26', actor=anna).id, key(), actor=anna)
        contract = contract_of(anna)
        spoil(contract)
        books.check()
        before = ledger.balance(contract)

        clock.move_to(midnight(date(2026, 11, 26)))
        with pytest.raises(ChargingStopped):
            planned_tariffs.apply(contract)
        assert planned_tariffs.run_due() == 0
        assert (contract_of(anna).tariff.code, ledger.balance(contract)) == ('I-100', before)

        books.resume_here('Копейка найдена')
        assert planned_tariffs.run_due() == 1


@BROKEN
def test_what_was_charged_before_does_not_ask(db):
    contract = factories.make_contract(active_on=date(2026, 9, 1), balance=Decimal('100.00'))
    billing.catch_up(contract)
    spoil(contract)
    books.check()

    billing.catch_up(contract)
    assert books.is_stopped()


def test_letters_that_do_not_leave_are_told_and_stop_nothing(db, anna, caplog):
    facts = {'channel': Channel.EMAIL, 'recipient': 'a@example.by', 'text': '', 'message_id': '1'}
    OutgoingMessage.create(key='late', next_at=now() - timedelta(days=2), created_at=now(), **facts)

    with caplog.at_level(logging.ERROR):
        (line,) = books.check()

    assert line in caplog.text
    assert not books.is_stopped()
    assert (actions(), letters()) == ([], [])


@BROKEN
def test_a_clean_check_lets_it_go_on(db, anna):
    spoil(contract_of(anna))
    books.check()
    assert books.is_stopped()

    spoil(contract_of(anna), -1)
    assert books.check() == []
    assert not books.is_stopped()
    assert actions() == ['books.stop', 'books.resume']
    assert books.check() == []
    assert actions() == ['books.stop', 'books.resume']


@BROKEN
def test_what_only_a_thorough_check_finds_is_not_forgotten_by_a_quick_one(db, anna, monkeypatch):
    asked = []
    check = invariants.self_check
    monkeypatch.setattr(
        invariants, 'self_check', lambda *, thorough: asked.append(thorough) or check(thorough=thorough)
    )

    books.check()
    books.check()
    spoil(contract_of(anna))
    books.check()
    books.check()

    assert asked == [True, False, False, True]


@BROKEN
def test_whoever_has_the_machine_lets_it_go_on_until_something_else_is_found(db, anna):
    spoil(contract_of(anna))
    first = books.check()
    books.resume_here('Копейка найдена, исправим завтра')
    assert not books.is_stopped()
    assert AuditEvent.get(AuditEvent.action == 'books.resume').facts['reason'] == 'Копейка найдена, исправим завтра'

    with time_machine.travel(now() + timedelta(days=1)):
        assert set(first) < set(books.check()), 'and letters are late'
        assert not books.is_stopped(), 'he knows that'
        other = factories.make_contract(balance=Decimal('7.00'))
        spoil(other)
        books.check()
        assert books.is_stopped()


@BROKEN
def test_the_button_lets_nothing_go_on_while_the_check_finds_something(db, anna, ada):
    spoil(contract_of(anna))
    books.check()

    with pytest.raises(StillWrong) as refusal:
        books.resume('Разобрались', actor=ada)
    assert refusal.value.facts == {'count': 2}
    assert books.is_stopped()

    spoil(contract_of(anna), -1)
    books.resume('Копейка найдена', actor=ada)
    assert not books.is_stopped()
    line = AuditEvent.get(AuditEvent.action == 'books.resume')
    assert (line.actor_id, line.facts['reason']) == (ada.user_id, 'Копейка найдена')
    assert ChargingStop.get().lifted_by_id == ada.user_id


@BROKEN
def test_a_stop_knows_what_is_wrong_now_and_since_when_it_lasts(db, anna):
    spoil(contract_of(anna))
    books.check()
    since = ChargingStop.get().stopped_at

    with time_machine.travel(now() + timedelta(hours=1)):
        spoil(factories.make_contract(balance=Decimal('7.00')))
        faults = books.check()
    assert (ChargingStop.get().faults, ChargingStop.get().stopped_at) == (faults, since)


@BROKEN
def test_only_an_administrator_who_showed_that_it_is_he_may_and_only_with_a_reason(db, anna, olga, ada):
    spoil(contract_of(anna))
    books.check()
    spoil(contract_of(anna), -1)

    for actor, refusal in ((anna, NotAllowed), (olga, NotAllowed), (None, SignInRequired)):
        with pytest.raises(refusal):
            books.resume('Просто так', actor=actor)
    with pytest.raises(InvalidField):
        books.resume('  ', actor=ada)
    make_stale(ada)
    with pytest.raises(StepUpRequired):
        books.resume('Просто так', actor=ada)
    assert books.is_stopped()


def test_it_is_in_the_timetable_every_hour():
    assert [(job.work, job.seconds) for job in jobs.timetable() if job.work is books.check] == [(books.check, 3600)]


def run(*arguments):
    return CliRunner().invoke(main.command, arguments)


@BROKEN
def test_the_commands_tell_and_their_exit_codes_too(committed_db, anna, monkeypatch, tmp_path):
    monkeypatch.setattr(main, 'create', lambda: None)  # the fixture has opened the database
    good = run('self-check')
    assert good.exit_code == 0
    assert good.output.startswith('The books agree: 1 operations, the end is 1:')
    end = good.output.split()[-1]
    assert run('self-check', '--head', end).exit_code == 0
    assert run('self-check', '--head', f'2:{"0" * 64}').exit_code == 1
    assert run('self-check', '--head', 'nonsense').exit_code == 2

    with_connection(spoil)(contract_of(anna))
    with_connection(books.check)()
    bad = run('self-check')
    assert bad.exit_code == 1
    assert 'I3: account' in bad.output
    assert 'The books do NOT agree.' in bad.output
    assert 'Расчёты остановлены' in run('charge').output
    assert run('charge').exit_code == 1
    assert run('resume-charging', '').exit_code == 1
    assert run('resume-charging', 'Разобрались').exit_code == 0
    assert run('charge').exit_code == 0
    assert run('export-ledger', str(tmp_path / 'books.journal')).output.endswith('books.journal: 1 operations\n')


def test_two_checks_at_once_do_not_disturb_bookings(committed_db, anna):
    """What is read while others book is one instant: no check stops charging for a transaction that is half seen."""
    found = []
    done = threading.Event()

    def watch():
        while not done.is_set():
            found.extend(with_connection(invariants.self_check)(thorough=True))

    watcher = threading.Thread(target=watch)
    watcher.start()
    contract = contract_of(anna)
    for number in range(30):
        with_connection(ledger.post)(
            contract, Posting(f'adjust:{number}', OperationKind.ADJUSTMENT, Decimal('1.00'), 'Проба')
        )
    done.set()
    watcher.join()

    assert found == []
