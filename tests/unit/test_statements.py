"""The statement of a wallet: it begins with what was there, adds up, and ends with what is there; a real PDF."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from models.account import OperationKind
from models.user import Role
from services import limits
from services.accounts import history, ledger
from services.accounts.ledger import Posting
from services.contracts import statements
from services.errors import InvalidField, NotAllowed, SignInRequired, TooManyRequests
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.cast import contract_of
from tests.factors import make_stale

NOVEMBER = datetime(2026, 10, 31, 21, 0, tzinfo=UTC)  # midnight in Minsk


@pytest.fixture
def owner(storage):
    """Return somebody with operations on both sides of November 2026."""
    user = factories.make_user(name='Анна Примерова', first_name='Анна')
    contract = factories.make_contract('100001', user=user)
    minute, days = timedelta(minutes=1), timedelta(days=30)
    for number, (at, amount) in enumerate(
        (
            (NOVEMBER - minute, '45.10'),
            (NOVEMBER, '-29.90'),
            (NOVEMBER + days - minute, '20.00'),
            (NOVEMBER + days, '-1.00'),
        )
    ):
        kind = OperationKind.FEE if amount[0] == '-' else OperationKind.PAYMENT
        ledger.post(contract, Posting(f'adjust:{number}', kind, Decimal(amount), f'Строка {number}', booked_at=at))
    return factories.actor(user, Role.SUBSCRIBER, contract)


def read(actor, since='2026-11-01', until='2026-11-30'):
    return statements._read(since, until, actor=actor)


def test_it_holds_both_days_of_the_period_and_adds_up(owner):
    statement = read(owner)

    assert (statement.opening, statement.closing) == (Decimal('45.10'), Decimal('35.20'))
    assert [line[1] for line in statement.lines] == ['Строка 1', 'Строка 2']
    assert [line[4] for line in statement.lines] == [Decimal('15.20'), Decimal('35.20')]
    assert statement.opening + statement.came - statement.went == statement.closing
    assert (statement.lines[0][0], statement.lines[1][0]) == (date(2026, 11, 1), date(2026, 11, 30))


def test_the_next_period_begins_with_what_this_one_ended(owner):
    later = read(owner, '2026-12-01', '2026-12-31')

    assert later.opening == read(owner).closing
    assert later.closing == ledger.balance(contract_of(owner))


def test_a_period_without_operations_ends_as_it_began(owner):
    statement = read(owner, '2026-11-02', '2026-11-03')

    assert statement.lines == ()
    assert statement.opening == statement.closing == Decimal('15.20')


def test_it_is_a_paper_with_a_name_and_the_same_facts_give_the_same_bytes(owner, monkeypatch):
    monkeypatch.setattr(statements, 'moment', lambda _at: 'сегодня')
    paper = statements.make_statement('2026-11-01', '2026-11-30', actor=owner)

    assert paper.pdf.startswith(b'%PDF-')
    assert paper.name == 'Выписка 100001, 01.11.2026–30.11.2026.pdf'
    assert statements.make_statement('2026-11-01', '2026-11-30', actor=owner).pdf == paper.pdf


def test_the_paper_says_what_the_books_say(owner):
    facts = statements._as_json(read(owner))

    assert facts['opening'] == '45,10\xa0р.'
    assert facts['lines'][0] == ['01.11.2026', 'Строка 1', '', '−29,90\xa0р.', '15,20\xa0р.']
    assert facts['company']['unp']


@pytest.mark.at('2026-11-25 12:00')
def test_without_days_it_is_this_month_until_today(owner):
    statement = read(owner, '', '')

    assert (statement.first, statement.last) == (date(2026, 11, 1), date(2026, 11, 25))


@pytest.mark.parametrize(
    ('since', 'until'),
    [
        ('2026-11-02', '2026-11-01'),
        ('2025-11-01', '2026-11-30'),
        ('вчера', ''),
        ('2026-02-30', ''),
        ('0001-01-01', '0001-01-02'),
        ('9999-12-31', '9999-12-31'),
        (None, ''),
        ('2026-11-01T00:00', ''),
    ],
)
def test_what_is_no_period_is_refused(owner, since, until):
    with pytest.raises(InvalidField):
        read(owner, since, until)


def test_it_counts_with_the_tables_and_wants_a_fresh_session(owner):
    for _ in range(limits.count('history_exports') - 1):
        history.export_piece(actor=owner)
    read(owner)
    with pytest.raises(TooManyRequests):
        read(owner)
    make_stale(owner)
    with pytest.raises(StepUpRequired):
        read(owner)


def test_only_a_subscriber_gets_it(olga, stranger):
    with pytest.raises(NotAllowed):
        statements.make_statement(actor=olga)
    with pytest.raises(SignInRequired):
        statements.make_statement(actor=stranger)
