"""The history: grouped by month, paged, one query; the table for a spreadsheet runs no formula."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from models.account import OperationKind
from models.base import database
from models.contract import DebtBlock, PromisedPayment, Suspension, TariffChange
from models.outbox import OutgoingMessage
from models.termination import Termination
from models.user import Role
from services import limits
from services.accounts import history, ledger, tariff_changes, terminations
from services.accounts.ledger import Posting
from services.accounts.proofs import OrderedBy
from services.accounts.termination_requests import Wish
from services.accounts.timeline import Wanted
from services.accounts.timeline_events import Kind, Part
from services.clock import now, today
from services.errors import NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.identity.step_up import StepUpRequired
from services.messages import letters
from tests import factories
from tests.cast import contract_of
from tests.factors import make_stale

START = datetime(2026, 9, 30, 20, 59, tzinfo=UTC)  # one minute to October in Minsk


def post(contract, number, at, amount='-1.00', title='Проба', **fields):
    posting = Posting(
        f'adjust:{contract.number}:{number}', OperationKind.FEE, Decimal(amount), title, booked_at=at, **fields
    )
    ledger.post(contract, posting)


def whole_table(actor):
    piece = history.export_piece(actor=actor)
    content = piece.content
    while piece.next is not None:
        piece = history.export_piece(piece.next, piece.contract_id, actor=actor)
        content += piece.content
    return content.decode('utf-8-sig')


@pytest.fixture
def anna(storage):
    """Анна, whose balance was booked before everything else here."""
    user = factories.make_user(name='Анна Примерова', first_name='Анна', email='anna@example.by')
    contract = factories.make_contract('100001', user=user)
    factories.top_up(contract, Decimal('45.10'), booked_at=START - timedelta(days=60))
    return factories.actor(user, Role.SUBSCRIBER, contract)


@pytest.fixture
def early(anna):
    """Anna's contract."""
    return contract_of(anna)


def events(actor, **wanted):
    page = history.list_events(Wanted(**wanted), actor=actor)
    return [line for month in page.months for line in month.lines]


def test_operations_are_grouped_by_the_month_of_minsk_newest_first(anna, early):
    post(early, 1, START, title='Сентябрь')
    post(early, 2, START + timedelta(minutes=1), '5.00', title='Октябрь', formula='5,00 р.', basis='Правило')

    page = history.list_events(actor=anna)

    assert [month.month for month in page.months[:2]] == [date(2026, 10, 1), date(2026, 9, 1)]
    newest = page.months[0].lines[0]
    assert (newest.name, newest.sum, newest.proof.after) == ('Октябрь', Decimal('5.00'), Decimal('49.10'))
    assert (newest.proof.formula, newest.proof.basis) == ('5,00 р.', 'Правило')


def test_pages_follow_each_other_without_gaps_even_within_one_second(anna, early):
    for number in range(history.PAGE + 5):
        post(early, number, START + timedelta(days=number // 30), amount='-0.10')

    first = history.list_events(actor=anna)
    second = history.list_events(Wanted(before=first.older), actor=anna)

    seen = [line.id for page in (first, second) for month in page.months for line in month.lines]
    assert len(seen) == len(set(seen)) == history.PAGE + 6  # with the opening balance
    assert second.older == ''


@pytest.mark.parametrize('before', ['', 'x', '5', '2026-10-01', '2026-10-01_1', '_1_1', '2026-10-01_99_1', 'n_a_n'])
def test_a_forged_page_is_the_first_page(anna, before):
    assert events(anna, before=before)


def test_a_page_with_everything_is_four_queries(anna, early):
    for number in range(5):
        post(early, number, START, amount='-0.10')
    live(early)
    questions = []
    execute_sql = database.obj.execute_sql
    database.obj.execute_sql = lambda sql, *args: questions.append(sql) or execute_sql(sql, *args)
    try:
        history.list_events(actor=anna)
    finally:
        del database.obj.execute_sql

    assert len(questions) == 4


def live(contract):
    """Let everything happen to a contract once, a day after another."""
    days = [START + timedelta(days=day) for day in range(1, 13)]
    new = factories.make_tariff('I-200')
    change = {'contract': contract, 'old_tariff': contract.tariff, 'new_tariff': new}
    change |= {'effective_on': date(2026, 10, 2)}
    TariffChange.create(**change, state='applied', form_key=factories.key(), created_at=days[0])
    TariffChange.create(**change, state='cancelled', form_key=factories.key(), created_at=days[1])
    factories.connect_add_on(contract, starts_at=days[2], disconnected_at=days[3])
    span = {'starts_on': date(2026, 10, 6), 'ends_on': date(2026, 10, 20), 'resumed_on': date(2026, 10, 7)}
    Suspension.create(contract=contract, **span, form_key=factories.key(), created_at=days[4])
    promised = {'contract': contract, 'amount': Decimal('20.00'), 'promised_at': days[7], 'due_at': days[9]}
    PromisedPayment.create(**promised, fulfilled_at=days[8], lapsed_at=days[9], form_key=factories.key())
    DebtBlock.create(contract=contract, started_at=days[10], ended_at=days[11])
    sent = {'recipient': 'a@example.by', 'text': '', 'state': 'sent', 'next_at': START, 'created_at': START}
    letter = {'channel': 'email', 'message_id': 'm', 'subject': 'Интернет остановлен', **sent}
    OutgoingMessage.create(key='l:1', contract_number=contract.number, sent_at=days[11], **letter)
    OutgoingMessage.create(key='l:2', contract_number='100002', sent_at=days[11], **letter)


def come_to_an_end(actor):
    """Ask for the end, take it back, ask again; the day after the last one it is there."""
    for key in ('end-1', 'end-2'):
        shown = terminations.quote(today() + timedelta(days=5), actor=actor)
        terminations.request(shown.id, key, Wish(), actor=actor)
        asked = Termination.get(Termination.form_key == key)
        if key == 'end-1':
            terminations.withdraw(asked.id, actor=actor)
    Termination.update(state='executed', executed_at=now()).where(Termination.id == asked.id).execute()


def test_everything_that_happened_stands_in_one_line_of_time(anna, early):
    live(early)

    told = [(line.kind, line.name, line.sum) for line in events(anna)]

    assert [kind for kind, _name, _sum in told] == [
        Kind.LETTER, Kind.UNBLOCKED, Kind.BLOCKED, Kind.PROMISE_LAPSED, Kind.PROMISE_KEPT, Kind.PROMISED, Kind.RESUMED,
        Kind.SUSPENDED, Kind.ADD_ON_OFF, Kind.ADD_ON, Kind.TARIFF_CALLED_OFF, Kind.TARIFF, Kind.MONEY,
    ]  # fmt: skip
    assert told[0][1] == 'Интернет остановлен'
    assert told[5][2] == Decimal('20.00')
    assert told[-2][1] == 'Драйв'
    suspended = next(line for line in events(anna) if line.kind == Kind.SUSPENDED)
    assert (suspended.starts_on, suspended.ends_on) == (date(2026, 10, 6), date(2026, 10, 20))


def test_pages_of_mixed_events_have_no_gaps_either(anna, early, monkeypatch):
    live(early)
    monkeypatch.setattr(history, 'PAGE', 1)
    seen, before = [], ''
    while True:
        page = history.list_events(Wanted(before=before), actor=anna)
        seen += [line.kind for month in page.months for line in month.lines]
        before = page.older
        if not before:
            break

    assert len(seen) == len(set(seen)) == 13


@pytest.mark.parametrize(
    ('part', 'kinds'),
    [
        (Part.CHARGES, {Kind.MONEY}),
        (Part.PAYMENTS, {Kind.MONEY}),
        (
            Part.CHANGES,
            {kind for kind in Kind if not kind.startswith(('device_', 'return_'))} - {Kind.MONEY, Kind.LETTER},
        ),
        (Part.LETTERS, {Kind.LETTER}),
    ],
)
def test_one_may_look_at_a_part(anna, early, part, kinds):
    post(early, 1, START)
    live(early)
    come_to_an_end(anna)

    found = events(anna, part=part)

    assert {line.kind for line in found} == kinds
    if kinds == {Kind.MONEY}:
        assert {line.sum < 0 for line in found} == {part == Part.CHARGES}


def test_a_period_holds_both_its_days_in_minsk(anna, early):
    for number, at in enumerate((START, START + timedelta(minutes=1), START + timedelta(days=1, minutes=1))):
        post(early, number, at, title=f'Строка {number}')

    found = events(anna, since=date(2026, 10, 1), until=date(2026, 10, 1))

    assert [line.name for line in found] == ['Строка 1']


@pytest.mark.parametrize(
    ('search', 'kinds'),
    [
        ('смена ТАРИФА', {Kind.TARIFF, Kind.TARIFF_CALLED_OFF}),
        ('драйв отменена', {Kind.TARIFF_CALLED_OFF}),
        ('остановлен', {Kind.LETTER}),
        ('начальный', {Kind.MONEY}),
        ('обещанный платеж', {Kind.PROMISED, Kind.PROMISE_KEPT, Kind.PROMISE_LAPSED}),
        ('%', set()),
        ('такого не было', set()),
    ],
)
def test_events_are_found_by_their_words(anna, early, search, kinds):
    live(early)

    assert {line.kind for line in events(anna, search=search)} == kinds


def test_letters_are_for_the_owner_alone(anna, early, vera):
    live(early)
    factories.open_access(early, vera)
    relative = factories.working_with(vera, early)

    assert Kind.LETTER not in {line.kind for line in events(relative)}
    assert events(relative, part=Part.LETTERS) == []
    assert Kind.BLOCKED in {line.kind for line in events(relative)}


def test_a_letter_that_was_not_sent_does_not_stand_there(anna, early):
    letters.queue('corrected', 'a@example.by', key='l:9', contract='100001', **CORRECTED)

    assert events(anna, part=Part.LETTERS) == []


CORRECTED = {'name': 'Анна', 'amount': Decimal('5.00'), 'reason': 'Проба', 'balance': Decimal('5.00'), 'reversed': ''}


def test_the_proof_names_the_tariff_of_the_day_and_who_ordered_it(anna, early, olga):
    live(early)  # I-200 since 2 October
    people = {1: None, 2: anna.user_id, 3: olga.user_id}
    for number, actor in people.items():
        post(early, number, START + timedelta(days=number - 1, minutes=-1), actor_id=actor)

    lines = [line.proof for line in events(anna, part=Part.CHARGES)]

    assert [proof.tariff for proof in lines] == ['Драйв', early.tariff.name, early.tariff.name]
    assert [proof.ordered_by for proof in lines] == [OrderedBy.EMPLOYEE, OrderedBy.OWNER, OrderedBy.CLOCK]


def test_the_proof_holds_the_quote_that_was_shown_and_executed(anna, early):
    shown = tariff_changes.quote('I-200', actor=anna)
    tariff_changes.execute(shown.id, factories.key(), actor=anna)

    proof = next(line.proof for line in events(anna, part=Part.CHARGES) if line.proof.quote)

    booked = [line for line in proof.quote if line.booked]
    assert sum(line.sum for line in booked) == proof.sum == -shown.quote.due
    assert booked[-1].balance == proof.after
    assert proof.shown_at is not None


def test_the_proof_of_a_connection_names_the_consent_of_the_application(anna, early):
    application = factories.make_application(consent_version='2026-03')
    early.application = application
    early.save()
    basis = f'Договор № 100001. Расчёт к заявке № {application.number}'
    fee = Posting('adjust:c', OperationKind.CONNECTION, Decimal('-10.00'), 'Подключение', basis=basis, booked_at=START)
    ledger.post(early, fee)
    post(early, 1, START)

    found = {line.name: line.proof for line in events(anna, part=Part.CHARGES)}

    assert (found['Подключение'].application, found['Подключение'].consent) == (application.number, '2026-03')
    assert found['Проба'].consent == ''


def test_nobody_sees_what_is_not_his(anna, boris):
    post(contract_of(anna), 1, START, title='Только Анны')

    assert 'Только Анны' not in [line.name for line in events(boris)]
    assert 'Только Анны' not in whole_table(boris)


def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(anna):
    post(contract_of(anna), 1, START, '-9.97', title='=HYPERLINK("http://evil")', formula='+1', basis='@SUM(A1)')

    rows = list(csv.reader(io.StringIO(whole_table(anna)), delimiter=';'))

    assert rows[0] == list(history.COLUMNS)
    assert rows[2] == ['30.09.2026 23:59', '\'=HYPERLINK("http://evil")', '-9,97', '35,13', "'+1", "'@SUM(A1)", '']


def test_the_table_comes_in_pieces_without_gaps_and_adds_up(anna, monkeypatch):
    monkeypatch.setattr(history, 'EXPORTED_AT_ONCE', 3)
    for number in range(10):
        post(contract_of(anna), number, START + timedelta(days=number), f'-{number + 1}.0{number}')

    rows = list(csv.reader(io.StringIO(whole_table(anna)), delimiter=';'))

    sums = [Decimal(row[2].replace(',', '.')) for row in rows[1:]]
    assert len(rows) == 12
    assert rows.count(list(history.COLUMNS)) == 1
    assert sum(sums) == Decimal(rows[-1][3].replace(',', '.')) == anna_balance(anna)


def anna_balance(anna):
    return ledger.balance(contract_of(anna))


def test_a_session_that_has_turned_to_another_contract_gets_no_more_of_this_one(anna, boris):
    piece = history.export_piece(actor=anna)

    with pytest.raises(NotFound):
        history.export_piece(1, piece.contract_id, actor=boris)


def test_the_table_is_given_to_a_fresh_session_only_and_read_to_its_end(anna, monkeypatch):
    monkeypatch.setattr(history, 'EXPORTED_AT_ONCE', 1)
    post(contract_of(anna), 1, START)
    first = history.export_piece(actor=anna)
    make_stale(anna)

    with pytest.raises(StepUpRequired):
        history.export_piece(actor=anna)

    assert history.export_piece(first.next, first.contract_id, actor=anna).content


def test_so_many_tables_an_hour(anna, boris):
    for _ in range(limits.count('history_exports')):
        history.export_piece(actor=anna)

    with pytest.raises(TooManyRequests):
        history.export_piece(actor=anna)
    history.export_piece(actor=boris)


def test_only_a_subscriber_may(olga, stranger):
    with pytest.raises(NotAllowed):
        history.list_events(actor=olga)
    with pytest.raises(SignInRequired):
        history.export_piece(actor=stranger)
