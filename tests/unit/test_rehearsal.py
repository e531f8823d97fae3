"""The billing clock: what it foretells is what the jobs will do and what a quote shows; the real data never move."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from models.account import Account
from models.contract import Discount, PromisedPayment, Suspension, TariffChange, TariffChangeState
from models.outbox import OutgoingMessage
from models.price import CataloguePrice
from services import clock, jobs, limits
from services.accounts import ledger, subscriptions
from services.clock import MINSK, local, now, today
from services.errors import InvalidField, NotFound
from services.quotes.quote import outlook
from services.rehearsal import copies, desk
from services.rehearsal.days import Bounds, Day, Outcome, RehearsalTooLarge, RehearsalTooLong, State, rehearse
from services.rehearsal.happenings import Happening, What
from services.runner import with_connection
from services.settings import get_settings
from tests import factories
from tests.authz.breaking import Onlooker

ROOT = Path(__file__).resolve().parents[2]
NOON = '2026-11-25 12:00'
WIDE = Bounds(60.0, 10**9, 1000)


@pytest.fixture(autouse=True)
def _own_folder(committed_db, tmp_path, monkeypatch):
    """Copies of each test lie in a folder of its own."""
    monkeypatch.setenv('AMIGO_DATA_DIR', str(tmp_path))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def lived(until, number='', bounds=None):
    """Rehearse and return (happenings, outcome)."""
    told = []
    rehearse(date.fromisoformat(until), number, tell=told.append, bounds=bounds)
    return [each for each in told if isinstance(each, Happening)], next(t for t in told if isinstance(t, Outcome))


def short(happenings, *kinds):
    """Return (day, what, sum, after) of those kinds."""
    return [
        (local(h.at).date().isoformat(), str(h.what), str(h.sum or ''), str(h.after if h.after is not None else ''))
        for h in happenings
        if not kinds or h.what in kinds
    ]


@with_connection
def plan(contract, tariff, on):
    new = factories.make_tariff(tariff)
    TariffChange.create(
        contract=contract,
        old_tariff=contract.tariff_id,
        new_tariff=new,
        effective_on=on,
        state=TariffChangeState.PLANNED,
        form_key=factories.key(),
        created_at=now(),
    )


@with_connection
def add(model, **fields):
    return model.create(**fields)


@pytest.fixture
def contract(committed_db):
    """I-100 for 29,90 a month."""
    owner = factories.make_user(email='proba@example.by', email_confirmed_at=now())
    return factories.make_contract('300001', user=owner, active_on=date(2026, 11, 1), balance=Decimal('80.00'))


@pytest.mark.at(NOON)
def test_every_first_is_charged_and_the_day_without_money_blocks(contract):
    happenings, outcome = lived('2027-03-02')

    assert short(happenings, What.MONEY, What.BLOCKED) == [
        ('2026-12-01', 'money', '-29.90', '50.10'),
        ('2027-01-01', 'money', '-29.90', '20.20'),
        ('2027-02-01', 'money', '-29.90', '-9.70'),
        ('2027-02-01', 'blocked', '', ''),
        ('2027-03-01', 'money', '-29.90', '-39.60'),
    ]
    (end,) = outcome.endings
    assert (end.number, end.balance, end.tariff, end.state) == ('300001', Decimal('-39.60'), 'Комфорт', State.BLOCKED)
    assert outcome.faults == ()


@pytest.mark.at(NOON)
def test_a_charge_says_why_and_a_letter_would_go_out(contract):
    happenings, _ = lived('2027-02-02')

    charge = next(h for h in happenings if h.what == What.MONEY)
    assert 'Договор № 300001' in charge.basis
    assert charge.formula
    assert [h.number for h in happenings if h.what == What.LETTER] == ['300001']


@pytest.mark.at(NOON)
def test_a_promise_that_is_not_kept_lapses_at_its_hour_and_blocks(committed_db):
    contract = factories.make_contract('300001', active_on=date(2026, 11, 1), balance=Decimal('-5.00'))
    due_at = datetime(2026, 11, 28, 14, 37, tzinfo=MINSK)
    fields = {'amount': Decimal('20.00'), 'promised_at': now(), 'form_key': factories.key()}
    add(PromisedPayment, contract=contract, due_at=due_at, **fields)

    happenings, outcome = lived('2026-11-30')

    assert [(h.at, h.what) for h in happenings if h.what != What.LETTER] == [
        (due_at.astimezone(UTC), What.PROMISE_LAPSED),
        (due_at.astimezone(UTC), What.BLOCKED),
    ]
    assert outcome.endings[0].state == State.BLOCKED


@pytest.mark.at(NOON)
@pytest.mark.parametrize(('on', 'sums'), [(date(2026, 12, 1), ['-36.90']), (date(2026, 12, 11), ['-29.90', '-4.74'])])
def test_a_planned_tariff_comes_on_its_day(contract, on, sums):
    plan(contract, 'I-200', on)

    happenings, outcome = lived('2026-12-12')

    assert [str(h.sum) for h in happenings if h.what == What.MONEY] == sums
    assert short(happenings, What.TARIFF) == [(on.isoformat(), 'tariff', '', '')]
    assert [h.name for h in happenings if h.what == What.TARIFF] == [outcome.endings[0].tariff]


@pytest.mark.at(NOON)
def test_a_planned_tariff_without_the_money_is_called_off(committed_db):
    contract = factories.make_contract('300001', active_on=date(2026, 11, 1), balance=Decimal('29.90'))
    plan(contract, 'I-200', date(2026, 12, 11))

    happenings, _ = lived('2026-12-12')

    assert short(happenings, What.TARIFF, What.TARIFF_CALLED_OFF) == [('2026-12-11', 'tariff_called_off', '', '')]


@pytest.mark.at(NOON)
def test_a_discount_ends_after_its_last_month(committed_db):
    contract = factories.make_contract('300001', active_on=date(2026, 11, 1), balance=Decimal('100.00'))
    months = {'first_month': date(2026, 11, 1), 'last_month': date(2026, 12, 1)}
    add(Discount, contract=contract, kind='months_percent', percent=50, **months)

    happenings, _ = lived('2027-01-02')

    assert short(happenings) == [
        ('2026-12-01', 'money', '-14.95', '85.05'),
        ('2027-01-01', 'promo_ended', '', ''),
        ('2027-01-01', 'money', '-29.90', '55.15'),
    ]


@pytest.mark.at(NOON)
def test_a_suspension_begins_and_ends_and_an_add_on_runs_out(committed_db):
    contract = factories.make_contract('300001', active_on=date(2026, 11, 1), balance=Decimal('100.00'))
    facts = {'form_key': factories.key(), 'created_at': now()}
    add(Suspension, contract=contract, starts_on=date(2026, 11, 27), ends_on=date(2026, 12, 6), **facts)
    factories.connect_add_on(contract, ends_at=now() + timedelta(days=1))

    happenings, outcome = lived('2026-11-30')
    later, _ = lived('2026-12-06')

    assert short(happenings) == [('2026-11-27', 'add_on_ended', '', ''), ('2026-11-27', 'suspended', '', '')][::-1]
    assert outcome.endings[0].state == State.PAUSED
    assert short(later, What.RESUMED) == [('2026-12-06', 'resumed', '', '')]


@pytest.mark.at(NOON)
def test_new_prices_begin_for_those_who_have_the_thing(committed_db):
    contract = factories.make_contract(
        '300001', active_on=date(2026, 11, 1), balance=Decimal('100.00'), tv_package='T-BASE'
    )
    connected = factories.connect_add_on(contract)
    package, setter = with_connection(lambda: contract.tv_package)(), factories.make_user()
    device = with_connection(lambda: factories.make_unit(contract).equipment)()
    facts = {'vat_rate': 25, 'announced_at': now(), 'set_by': setter, 'reason': 'Подорожали каналы'}
    january, fee = date(2027, 1, 1), Decimal('33.00')
    things = ({'tariff': contract.tariff}, {'tv_package': package}, {'add_on': connected.add_on}, {'equipment': device})
    for thing in things:
        add(CataloguePrice, starts_on=january, monthly_fee=fee, **thing, **facts)
    add(CataloguePrice, starts_on=january, monthly_fee=fee, add_on=connected.add_on, withdrawn_at=now(), **facts)

    happenings, _ = lived('2027-01-02')

    told = [(local(h.at).date(), h.name, h.sum) for h in happenings if h.what == What.PRICE]
    names = (contract.tariff.name, package.name, connected.add_on.name, device.name)
    assert sorted(told) == sorted((january, name, fee) for name in names)


@pytest.mark.at(NOON)
def test_it_foretells_what_the_quote_shows(committed_db):
    contract = factories.make_contract(
        '300001', active_on=date(2026, 11, 1), balance=Decimal('75.00'), tv_package='T-BASE'
    )
    factories.make_unit(contract)
    plan(contract, 'I-200', date(2027, 1, 1))
    foretold = with_connection(quote)(contract)

    happenings, _ = lived('2027-02-02', '300001')

    after = {local(h.at).date(): h.after for h in happenings if h.what == What.MONEY}
    assert after == {step.on: step.after for step in foretold.steps[1:] if step.on <= date(2027, 2, 2)}
    assert len(after) >= 3
    blocked = [local(h.at).date() for h in happenings if h.what == What.BLOCKED]
    assert blocked == [foretold.stops_on]


def quote(contract):
    return outlook('overview', subscriptions.load(contract), balance=ledger.balance(contract), today=today())


@pytest.mark.at(NOON)
def test_one_contract_is_told_of_and_no_other(contract):
    factories.make_contract('300002', active_on=date(2026, 11, 1), balance=Decimal('1.00'))

    happenings, outcome = lived('2026-12-02', '300001')

    assert {h.number for h in happenings} == {'300001'}
    assert [end.number for end in outcome.endings] == ['300001']


@pytest.mark.at(NOON)
def test_nothing_of_the_real_data_changes_and_no_copy_stays(committed_db, contract, tmp_path):
    onlooker = Onlooker(committed_db.url)
    before = onlooker.look()

    lived('2027-03-02')

    assert onlooker.look() == before
    onlooker.close()
    assert with_connection(OutgoingMessage.select().count)() == 0
    assert [path.name for path in (tmp_path / 'rehearsals').iterdir()] == ['lock']
    assert now() == datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.at(NOON)
def test_the_days_are_counted_while_they_pass(contract):
    told = []

    rehearse(date(2026, 11, 29), tell=told.append)

    days = [each for each in told if isinstance(each, Day)]
    assert [(day.on.day, day.part) for day in days] == [(25, 0), (26, 25), (27, 50), (28, 75), (29, 100)]


@pytest.mark.broken_books
@pytest.mark.at(NOON)
def test_it_says_when_the_books_of_the_copy_do_not_agree(contract):
    with_connection(Account.update(balance=Decimal('81.00')).where(Account.contract == contract).execute)()

    assert any(line.startswith('I3') for line in lived('2026-11-26')[1].faults)


@pytest.mark.at(NOON)
@pytest.mark.parametrize('day', ['2026-11-25', '2020-01-01', '2028-01-01'])
def test_another_day_than_one_to_come_is_refused(contract, day):
    with pytest.raises(InvalidField):
        lived(day)


@pytest.mark.at(NOON)
def test_a_contract_that_is_not_there_is_not_found(contract):
    with pytest.raises(NotFound):
        lived('2026-12-02', '999999')


@pytest.mark.at(NOON)
def test_a_rehearsal_that_takes_too_long_is_ended(contract, tmp_path):
    with pytest.raises(RehearsalTooLong):
        lived('2026-12-02', bounds=Bounds(-1.0, WIDE.size, WIDE.most))

    assert not list((tmp_path / 'rehearsals').glob('copy*'))
    assert desk.bounds().seconds == limits.span('rehearsal_time').total_seconds()


@pytest.mark.at(NOON)
def test_a_large_database_is_not_copied_for_a_page(contract):
    with pytest.raises(RehearsalTooLarge):
        lived('2026-12-02', bounds=Bounds(WIDE.seconds, 1000, WIDE.most))

    assert lived('2026-12-02', bounds=Bounds(WIDE.seconds, desk.bounds().size, WIDE.most))


@pytest.mark.at(NOON)
def test_so_much_is_told_and_the_rest_is_counted(contract):
    whole, _ = lived('2027-02-02', bounds=desk.bounds())
    part, outcome = lived('2027-02-02', bounds=Bounds(WIDE.seconds, WIDE.size, 2))

    assert len(part) == 2
    assert outcome.left_out == len(whole) - 2 > 0


def test_one_at_a_time(contract):
    with copies.the_only_one(), pytest.raises(copies.AlreadyRehearsing):
        lived((today() + timedelta(days=2)).isoformat())


def test_what_a_dead_one_left_is_swept_and_what_a_living_one_needs_is_not(contract):
    with copies.the_only_one() as target:
        target.write_bytes(b'half a copy')
        assert copies.sweep() == 0
        assert target.exists()
        kept = target.read_bytes()
    target.write_bytes(kept)

    assert copies.sweep() == 1
    assert not target.exists()
    assert copies.sweep() == 0


def test_killed_in_the_middle_it_leaves_nothing_after_the_sweep(committed_db, contract, tmp_path):
    until = (today() + timedelta(days=380)).isoformat()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(('PYTEST', 'NICEGUI'))}
    command = (sys.executable, ROOT / 'main.py', 'rehearse', '--until', until, '--for-the-site')
    onlooker = Onlooker(committed_db.url)
    before = onlooker.look()
    with subprocess.Popen(command, env=kept, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdout.readline()  # the first day is over: it works on the copy
        process.send_signal(signal.SIGKILL)
    assert list((tmp_path / 'rehearsals').glob('copy*'))

    assert copies.sweep() > 0
    assert not list((tmp_path / 'rehearsals').glob('copy*'))
    assert onlooker.look() == before
    onlooker.close()


def test_the_clock_is_stopped_for_whoever_rehearses_and_for_nobody_else():
    users = [
        path.name for path in (ROOT / 'services').rglob('*.py') if 'stopped_at(' in path.read_text(encoding='utf-8')
    ]

    assert sorted(users) == ['clock.py', 'days.py']
    with clock.stopped_at(datetime(2030, 1, 1, tzinfo=UTC)):
        assert today() == date(2030, 1, 1)
    assert abs(now().timestamp() - time.time()) < 60


NOT_REHEARSED = {
    'forget old attempts', 'forget spent tokens', 'forget failed sign-ins', 'delete pictures nobody sent',
    'forget questions for passkeys', 'check the audit log', 'check the books', 'write recovery letters',
    'ask about payments', 'ask about refunds', 'compare with the bank', 'open claims in ERIP', 'take claims back from ERIP',
    'charge for autopay', 'forget what is past its term', 'delete copies of broken rehearsals', 'make copies of own data',
}  # fmt: skip
"""Jobs that move no money, delete files or ask somebody else; the books are checked once, at the end."""


def test_every_job_that_moves_money_is_rehearsed():
    assert {job.name for job in jobs.timetable() if not job.is_rehearsed} == NOT_REHEARSED
