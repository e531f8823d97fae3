"""The list of debtors: since when, what was promised, whether the line is blocked and why not; the same as a table."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models.account import OperationKind
from models.catalogue import AddOn
from models.contract import ConnectedAddOn, ContractStatus, DebtBlock, PromisedPayment, Suspension
from models.payment import Payment, PaymentState
from models.rule import RuleChange
from services import limits
from services.accounts import debts, ledger
from services.accounts.debts import LineState
from services.accounts.ledger import Posting
from services.clock import now, today
from services.errors import NotAllowed, SignInRequired, TooManyRequests
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.factors import make_stale


def debtor(balance='-10.00', **fields):
    subscriber = factories.make_subscriber(**fields.pop('person', {}))
    defaults = {'active_on': today() - timedelta(days=60)}
    return factories.make_contract(subscriber=subscriber, balance=Decimal(balance), **{**defaults, **fields})


def promise(contract, amount):
    due = now() + timedelta(days=3)
    PromisedPayment.create(
        contract=contract, amount=Decimal(amount), promised_at=now(), due_at=due, form_key=factories.key()
    )


def rows(actor, *args):
    return {row.number: row for row in debts.list_debts(*args, actor=actor).rows}


def whole_table(actor, *args):
    piece = debts.export_piece(*args, actor=actor)
    content = piece.content
    while piece.next is not None:
        piece = debts.export_piece(*(args or ('', '')), piece.next, actor=actor)
        content += piece.content
    return list(csv.reader(io.StringIO(content.decode('utf-8-sig')), delimiter=';'))


def test_only_who_owes_stands_in_the_list_the_largest_debt_first(anna, boris, olga):
    more = debtor('-50.00')

    page = debts.list_debts(actor=olga)

    assert [row.number for row in page.rows] == [more.number, '100002']
    assert (page.total, page.sum) == (2, Decimal('62.40'))
    assert page.rows[1].debt == Decimal('12.40')


def test_why_the_line_works_or_not(olga):
    contracts = {state: debtor() for state in LineState if state != LineState.ALLOWED}  # the rules allow none today
    DebtBlock.create(contract=contracts['blocked'], started_at=now())
    promise(contracts['promised'], '20.00')
    fields = {'form_key': factories.key(), 'created_at': now()}
    Suspension.create(contract=contracts['paused'], starts_on=today(), ends_on=today() + timedelta(days=9), **fields)
    credit = AddOn.get(AddOn.code == 'F-CRED')
    ConnectedAddOn.create(
        contract=contracts['credit'], add_on=credit, price=credit.price, credit_limit=Decimal('80.00'),
        starts_at=now(), form_key=factories.key(),
    )  # fmt: skip
    Payment.create(
        contract=contracts['paying'], amount=Decimal('50.00'), state=PaymentState.PROCESSING, gateway='bepaid',
        tracking_id='t-1', form_key=factories.key(), created_at=now(), updated_at=now(),
    )  # fmt: skip
    contracts['first_days'].active_on = today() - timedelta(days=2)
    contracts['first_days'].save()
    contracts['terminated'].status = ContractStatus.TERMINATED
    contracts['terminated'].save()

    found = rows(olga)

    assert {state: found[contract.number].line for state, contract in contracts.items()} == {s: s for s in contracts}
    for state, contract in contracts.items():
        assert set(rows(olga, str(state))) == {contract.number}


def test_the_first_days_are_over_on_their_day(olga):
    fresh, older = debtor(active_on=today() - timedelta(days=2)), debtor(active_on=today() - timedelta(days=3))

    found = rows(olga)

    assert (found[fresh.number].line, found[older.number].line) == (LineState.FIRST_DAYS, LineState.WAITING)


def test_a_promise_smaller_than_the_debt_covers_nothing(olga):
    contract = debtor('-30.00')
    promise(contract, '20.00')

    row = rows(olga)[contract.number]

    assert (row.line, row.promised) == (LineState.WAITING, Decimal('20.00'))


def test_a_debt_within_the_rules_is_not_blocked(olga):
    within, beyond = debtor('-10.00'), debtor('-10.01')
    RuleChange.create(
        name='debt_allowed', value='10.00', starts_on=today(), reason='Проба', set_by=olga.user_id, set_at=now()
    )

    found = rows(olga)

    assert (found[within.number].line, found[beyond.number].line) == (LineState.ALLOWED, LineState.WAITING)


def test_since_when_counts_from_the_last_fall_below_zero(olga):
    contract = debtor('5.00')
    for number, amount in enumerate(('-10.00', '7.00', '-9.00', '-1.00')):
        at = datetime(2026, 10, 1 + number, 9, tzinfo=UTC)
        ledger.post(contract, Posting(f'adjust:{number}', OperationKind.FEE, Decimal(amount), 'Проба', booked_at=at))

    assert rows(olga)[contract.number].since == datetime(2026, 10, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize('search', ['Должникова', 'должникова', 'Кривая'])
def test_a_debtor_is_found_by_name_and_address(olga, boris, search):
    contract = debtor(address='Минск, ул. Кривая, 5', person={'last_name': 'Должникова', 'phone': '+375299876543'})

    assert set(rows(olga, '', search)) == {contract.number}
    assert rows(olga, '', '9876543') == {}, 'a phone would stand in the address'


def test_pages_follow_each_other(olga, monkeypatch):
    monkeypatch.setattr(debts, 'PAGE', 2)
    for number in range(5):
        debtor(f'-{number + 1}.00')

    seen = [row.debt for page in (1, 2, 3) for row in debts.list_debts(page=page, actor=olga).rows]

    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    assert debts.list_debts(page=99, actor=olga).page == 3


def test_the_table_holds_all_in_pieces_and_runs_nothing(olga, monkeypatch):
    monkeypatch.setattr(debts, 'EXPORTED_AT_ONCE', 2)
    for number in range(5):
        debtor(f'-{number + 1}.50', person={'last_name': '=1+1'})

    table = whole_table(olga)

    assert table[0] == list(debts.COLUMNS)
    assert sorted(Decimal(row[4].replace(',', '.')) for row in table[1:]) == [Decimal(f'{n}.50') for n in range(1, 6)]
    assert {row[1][0] for row in table[1:]} == {"'"}
    assert {row[2] for row in table[1:]} == {"'+375291234567"}


def test_the_table_holds_what_was_looked_for(boris, olga):
    debtor()

    assert [row[0] for row in whole_table(olga, 'blocked', '')[1:]] == ['100002']


def test_the_table_is_given_to_a_fresh_session_and_ten_times_an_hour(boris, olga, monkeypatch):
    monkeypatch.setattr(limits, 'rate', lambda _name: (1, timedelta(hours=1)))
    whole_table(olga)

    with pytest.raises(TooManyRequests):
        debts.export_piece(actor=olga)
    make_stale(olga)
    with pytest.raises(StepUpRequired):
        debts.export_piece(actor=olga)


@pytest.mark.parametrize('service', [debts.list_debts, debts.export_piece])
def test_only_the_console_reads_it(service, anna, taras, stranger):
    for person, error in ((anna, NotAllowed), (taras, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(error):
            service(actor=person)
