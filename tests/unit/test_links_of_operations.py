"""The chain of the books piece by piece: its text, its walk, its beginning; and the edges of the self-check."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.account import OperationKind, OperationLink
from models.outbox import Channel, OutgoingMessage
from models.user import AuditEvent
from services.accounts import chain_invariants, invariants, ledger, ledger_chain
from services.accounts.ledger import Posting
from services.accounts.ledger_chain import CHAIN
from services.chains.verification import verify
from services.clock import now
from services.identity.keys import keys_for
from tests import factories
from tests.broken_books import change, unlock

TEN = Decimal('10.00')
pytestmark = pytest.mark.at('2026-11-25 12:00')


@pytest.fixture
def contract(storage):
    return factories.make_contract('300001')


def charge(key='adjust:1', amount=-TEN, **fields):
    return Posting(**{'key': key, 'kind': OperationKind.FEE, 'amount': amount, 'title': 'Проба', **fields})


def test_the_text_an_operation_is_marked_over_never_changes():
    row = (7, 'fee:1', 'f1', 'fee', 3, 'Плата «за всё»', '', 'b', None, 2, '', None, '2026-11-25 09:00:01')
    text = ledger_chain.canonical(row, [(1, -1000, -1000), (2, 1000, 1000)])

    assert text == (
        '[7,"fee:1","f1","fee",3,"Плата «за всё»","","b",null,2,"",null,"2026-11-25 09:00:01",'
        '[[1,-1000,-1000],[2,1000,1000]]]'
    )


def test_the_key_of_the_marks_keeps_its_name_or_no_old_mark_would_fit():
    assert CHAIN.keys() == keys_for('ledger chain') != keys_for('audit chain')


def test_the_walk_begins_behind_a_link_and_goes_on_over_the_end_of_a_chunk(db, contract, monkeypatch):
    booked = [ledger.post(contract, charge(f'adjust:{n}')) for n in range(5)]
    whole = list(ledger_chain.walk())
    links = [link.id for link in OperationLink.select().order_by(OperationLink.id)]
    monkeypatch.setattr(ledger_chain, 'CHUNK', 2)

    assert list(ledger_chain.walk()) == whole
    assert [link.id for link in whole] == [operation.id for operation in booked]
    assert list(ledger_chain.walk(links[1])) == whole[2:]
    assert list(ledger_chain.walk(links[-1])) == []


@pytest.mark.broken_books
def test_an_operation_that_is_lost_has_no_text(db, contract):
    booked = [ledger.post(contract, charge(f'adjust:{n}')) for n in range(3)]
    unlock()
    change('DELETE FROM entry WHERE operation_id = ?', booked[1].id)
    change('PRAGMA defer_foreign_keys = 1') if db.name == 'sqlite' else None
    change('DELETE FROM operation WHERE id = ?', booked[1].id)

    assert [bool(link.text) for link in ledger_chain.walk()] == [True, False, True]


@pytest.mark.broken_books
def test_ten_operations_without_a_mark_are_named_the_oldest_first(db, contract):
    booked = [ledger.post(contract, charge(f'adjust:{n}')) for n in range(12)]
    assert ledger_chain.unlinked() == []

    unlock()
    change('DELETE FROM operation_link')
    assert ledger_chain.unlinked() == [operation.id for operation in booked[:10]]
    assert next(chain_invariants.links()) == f'operation {booked[0].id} has no mark'


@pytest.mark.broken_books
def test_operations_of_an_older_version_are_linked_chunk_by_chunk_and_once(db, contract, monkeypatch):
    for number in range(5):
        ledger.post(contract, charge(f'adjust:{number}'))
    before = list(ledger_chain.walk())
    unlock()
    change('DELETE FROM operation_link')
    monkeypatch.setattr(ledger_chain, 'CHUNK', 2)
    ledger_chain.begin()
    ledger_chain.begin()

    assert [(link.id, link.hash) for link in ledger_chain.walk()] == [(link.id, link.hash) for link in before]
    assert verify(CHAIN).is_whole
    (noted,) = AuditEvent.select().where(AuditEvent.action == 'books.begin')
    assert (noted.subject, noted.actor_id, noted.facts) == ('books', None, {'operations': 5})


def test_empty_books_need_no_beginning(db):
    ledger_chain.begin()

    assert AuditEvent.select().where(AuditEvent.action == 'books.begin').count() == 0


# --- the self-check ---------------------------------------------------------------------------------------------


@pytest.mark.broken_books
def test_an_invariant_may_be_left_out(db, contract):
    ledger.post(contract, charge('fee:1'))
    assert [line.split(':')[0] for line in invariants.self_check()] == ['I7']
    assert invariants.self_check(but=('I7',)) == []


@pytest.mark.broken_books
@pytest.mark.parametrize('fact', ['month', 'activation', 'reverse', 'adjust', 'opening', 'refund', 'block'])
def test_facts_that_may_make_a_debt(db, contract, fact):
    ledger.post(contract, charge(f'{fact}:1', kind=OperationKind.ADJUSTMENT))

    assert [line for line in invariants.self_check() if line.startswith('I7')] == []


@pytest.mark.broken_books
def test_a_letter_is_late_after_a_day_to_the_second(db):
    facts = {'channel': Channel.EMAIL, 'recipient': 'a@example.by', 'text': '', 'created_at': now()}
    message = OutgoingMessage.create(key='k', message_id='1', next_at=now() - timedelta(days=1), **facts)
    assert invariants.self_check() == []

    OutgoingMessage.update(next_at=now() - timedelta(days=1, seconds=1)).execute()
    assert invariants.self_check() == [f'I10: letter {message.id} (k) is due for more than a day']
