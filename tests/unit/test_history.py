"""The history: grouped by month, paged, one query; the table for a spreadsheet runs no formula."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from models.account import OperationKind
from models.base import database
from services import limits
from services.accounts import history, ledger
from services.accounts.ledger import Posting
from services.errors import NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.identity.step_up import StepUpRequired
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


def test_operations_are_grouped_by_the_month_of_minsk_newest_first(anna):
    contract = contract_of(anna)
    post(contract, 1, START, title='Сентябрь')
    post(contract, 2, START + timedelta(minutes=1), '5.00', title='Октябрь', formula='5,00 р.', basis='Правило')

    page = history.list_operations(actor=anna)

    assert [month.month for month in page.months[:2]] == [date(2026, 10, 1), date(2026, 9, 1)]
    newest = page.months[0].lines[0]
    assert (newest.title, newest.sum, newest.after) == ('Октябрь', Decimal('5.00'), Decimal('49.10'))
    assert (newest.formula, newest.basis) == ('5,00 р.', 'Правило')


def test_pages_follow_each_other_without_gaps(anna):
    contract = contract_of(anna)
    for number in range(history.PAGE + 5):
        post(contract, number, START + timedelta(days=number))

    first = history.list_operations(actor=anna)
    second = history.list_operations(first.older, actor=anna)

    seen = [line.id for page in (first, second) for month in page.months for line in month.lines]
    assert len(seen) == len(set(seen)) == history.PAGE + 6  # with the opening balance
    assert seen == sorted(seen, reverse=True)
    assert second.older is None


@pytest.mark.parametrize('before', [-1, 0, '5', 2**40, [1], None])
def test_a_forged_page_is_the_first_page(anna, before):
    assert history.list_operations(before, actor=anna).months


def test_a_page_is_one_query_beside_the_question_whose_it_is(anna):
    post(contract_of(anna), 1, START)
    questions = []
    execute_sql = database.obj.execute_sql
    database.obj.execute_sql = lambda sql, *args: questions.append(sql) or execute_sql(sql, *args)
    try:
        history.list_operations(actor=anna)
    finally:
        del database.obj.execute_sql

    assert len(questions) == 2


def test_nobody_sees_what_is_not_his(anna, boris):
    post(contract_of(anna), 1, START, title='Только Анны')

    titles = [line.title for month in history.list_operations(actor=boris).months for line in month.lines]

    assert 'Только Анны' not in titles
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
    return history.list_operations(actor=anna).months[0].lines[0].after


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
        history.list_operations(actor=olga)
    with pytest.raises(SignInRequired):
        history.export_piece(actor=stranger)
