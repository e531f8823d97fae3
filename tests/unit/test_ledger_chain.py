"""The books are a chain: whatever is done to an operation or an entry behind their back is found and named."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from playhouse import migrations

from models.account import Entry, Operation, OperationKind, OperationLink
from models.base import database, is_postgres
from models.outbox import OutgoingMessage
from models.user import AuditAnchor, AuditEvent
from services import audit, migration
from services.accounts import chain_invariants, invariants, ledger
from services.accounts.ledger import Posting
from services.accounts.ledger_chain import CHAIN
from services.chains import anchors, beginning
from services.chains.verification import Anchor, Fault, verify
from services.clock import now
from services.runner import transactional, with_connection
from tests import factories
from tests.broken_books import change, unlock

TEN = Decimal('10.00')
BROKEN = pytest.mark.broken_books


def book(contract, number, amount=-TEN):
    return ledger.post(contract, Posting(f'adjust:{number}', OperationKind.ADJUSTMENT, amount, f'Проба {number}'))


@pytest.fixture
def operations(db):
    """Five operations, and no triggers on the books any more."""
    contract = factories.make_contract('300001')
    booked = [book(contract, number) for number in range(5)]
    unlock()
    return booked


def test_untouched_books_are_whole(db):
    contract = factories.make_contract('300001')
    operations = [book(contract, number) for number in range(3)]

    links = list(OperationLink.select().order_by(OperationLink.id))

    assert [link.operation_id for link in links] == [operation.id for operation in operations]
    assert [link.prev_hash for link in links] == [beginning(CHAIN.keys()[0]), links[0].hash, links[1].hash]
    assert verify(CHAIN) == verify(CHAIN, anchor=Anchor(3, links[-1].hash))
    assert (verify(CHAIN).is_whole, verify(CHAIN).entries, verify(CHAIN).head) == (True, 3, links[-1].hash)


@BROKEN
@pytest.mark.parametrize(
    'value',
    [
        {'key': 'adjust:x'}, {'fingerprint': 'x'}, {'kind': 'month'}, {'contract': None}, {'title': 'Другое'},
        {'formula': 'x'}, {'basis': 'x'}, {'reason': 'x'}, {'reverses': 1}, {'booked_at': now()},
    ],
    ids=lambda value: next(iter(value)),
)  # fmt: skip
def test_an_edited_operation_is_found(operations, value):
    Operation.update(value).where(Operation.id == operations[2].id).execute()

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, operations[2].id)


@BROKEN
@pytest.mark.parametrize('column', ['account_id', 'amount', 'balance_after', 'operation_id'])
def test_an_edited_entry_is_found(operations, column):
    entry = Entry.get(Entry.operation == operations[2])
    change(f'UPDATE entry SET {column} = {column} + 1 WHERE id = ?', entry.id)  # noqa: S608

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, operations[2].id)


@BROKEN
def test_swapped_entries_and_an_entry_more_are_found(operations):
    first, second = Entry.select().where(Entry.operation == operations[3]).order_by(Entry.id)
    with database.atomic() as swapped:
        for before, after in ((first.id, -1), (second.id, first.id), (-1, second.id)):
            change('UPDATE entry SET id = ? WHERE id = ?', after, before)
        assert verify(CHAIN).line == operations[3].id
        swapped.rollback()
    Entry.create(operation=operations[1], account=first.account, amount=TEN, balance_after=TEN)

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, operations[1].id)


def remove(operation):
    for table, column in (('operation_link', 'operation_id'), ('entry', 'operation_id'), ('operation', 'id')):
        change(f'DELETE FROM {table} WHERE {column} = ?', operation.id)  # noqa: S608


@BROKEN
@pytest.mark.parametrize('place', [0, 2, 3])
def test_a_removed_operation_is_found(operations, place):
    remove(operations[place])

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.LINK, operations[place + 1].id)
    assert any(line.startswith('operations before') for line in chain_invariants.links())


@BROKEN
def test_removed_entries_are_found(operations):
    change('DELETE FROM entry WHERE operation_id = ?', operations[1].id)

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, operations[1].id)


@BROKEN
def test_swapped_operations_are_found(operations):
    one, other = OperationLink.select().where(OperationLink.operation.in_(operations[1:3])).order_by(OperationLink.id)
    for before, after in ((one.id, -1), (other.id, one.id), (-1, other.id)):
        change('UPDATE operation_link SET id = ? WHERE id = ?', after, before)

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.LINK, operations[2].id)


@BROKEN
def test_an_operation_put_in_past_the_program_is_found(operations):
    facts = {'fingerprint': 'x', 'kind': OperationKind.FEE, 'title': 'Чужая', 'booked_at': now()}
    forged = Operation.create(key='adjust:forged', **facts)

    assert list(chain_invariants.links()) == [f'operation {forged.id} has no mark']

    OperationLink.create(operation=forged, prev_hash=OperationLink.select()[-1].hash, hash='f' * 64)
    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, forged.id)
    assert len(list(chain_invariants.links())) == 1


@BROKEN
def test_an_end_that_was_cut_off_or_written_anew_is_found_by_an_anchor(operations):
    anchors.check(CHAIN)
    contract = operations[0].contract
    remove(operations[4])

    assert verify(CHAIN).fault == Fault.CUT
    assert [line.split(':')[0] for line in chain_invariants.links()] == ['operations at the end are missing']

    book(contract, 'another')
    assert verify(CHAIN).fault == Fault.REWRITTEN
    assert [line.split(':')[0] for line in chain_invariants.links()] == ['the end was written anew']


@BROKEN
def test_the_quick_check_computes_marks_from_the_newest_anchor_on_and_the_thorough_one_all(operations):
    anchors.check(CHAIN)
    later = book(operations[0].contract, 'later')
    edited = 'operation {} or an entry of it was changed, removed, or written by somebody without the key'

    Operation.update(title='Другое').where(Operation.id == operations[3].id).execute()
    assert list(chain_invariants.links()) == []
    assert list(chain_invariants.marks(None)) == [edited.format(operations[3].id)]

    Operation.update(title='Другое').where(Operation.id.in_([operations[4].id, later.id])).execute()
    assert list(chain_invariants.links()) == [edited.format(operations[4].id), edited.format(later.id)]


@BROKEN
def test_the_anchor_of_a_letter_finds_what_no_anchor_here_knows(operations):
    told = Anchor(5, verify(CHAIN).head)
    assert invariants.self_check(thorough=True, anchor=told) == []

    remove(operations[4])
    cut = 'I8: operations at the end are missing: an anchor knows longer books'
    assert cut in invariants.self_check(thorough=True, anchor=told)
    assert cut not in invariants.self_check(thorough=True)
    assert cut not in invariants.self_check(anchor=told), 'only the thorough check looks at it'


@BROKEN
def test_what_is_missing_in_the_middle_is_told_with_the_operation_behind_it(operations):
    remove(operations[2])

    assert list(chain_invariants.links()) == [
        f'operations before {operations[3].id} are missing, were moved or put in between'
    ]


@BROKEN
def test_what_is_missing_at_the_beginning_is_told_with_the_operation_behind_it(operations):
    remove(operations[0])

    assert list(chain_invariants.links()) == [
        f'operations before {operations[1].id} are missing, were moved or put in between'
    ]


@BROKEN
@pytest.mark.parametrize('tables', [('entry',), ('operation_link',), ('operation_link', 'entry', 'operation')])
def test_emptied_tables_are_found(operations, tables):
    anchors.check(CHAIN)
    for table in tables:
        change(f'DELETE FROM {table}')  # noqa: S608

    assert not verify(CHAIN).is_whole
    assert any(line.startswith('I8: ') for line in invariants.self_check(thorough=True))


@pytest.mark.parametrize('table', ['operation', 'entry', 'operation_link', 'audit_event', 'audit_anchor'])
def test_the_database_refuses_to_empty_a_table(db, table):
    book(factories.make_contract('300001'), 1)
    verb = f'TRUNCATE {table} CASCADE' if is_postgres() else 'DELETE FROM operation_link'

    with pytest.raises(Exception, match='append-only'), database.atomic():
        database.execute_sql(verb)


def test_links_are_append_only(db):
    book(factories.make_contract('300001'), 1)

    for query in (OperationLink.update(hash='0' * 64), OperationLink.delete()):
        with pytest.raises(Exception, match='append-only'), database.atomic():
            query.execute()


def test_the_audit_log_and_the_books_have_anchors_of_their_own(db, olga):
    contract = factories.make_contract('300001')
    for number in range(2):
        book(contract, number)
    audit.note('application.accept', 'application:000001', actor=olga)

    verdict = anchors.check(CHAIN)

    assert (verdict.entries, audit.verify().entries) == (2, 1)
    assert audit.verify().is_whole
    (letter,) = OutgoingMessage.select()
    assert letter.subject.startswith('Книги целы: 2 операций')
    assert f'--head 2:{verdict.head}' in letter.text


@BROKEN
@pytest.mark.parametrize('fault', list(Fault))
def test_broken_books_raise_the_alarm_in_words(operations, fault):
    anchors._keep(CHAIN, verify(CHAIN).__class__(3, 'f' * 64, fault, 7))

    (letter,) = OutgoingMessage.select()
    assert letter.subject == 'Тревога: книга операций изменена'
    assert 'операция с id 7' in letter.text
    assert AuditAnchor.get().fault == fault
    assert fault in chain_invariants.BREAKS


def test_an_operation_that_is_undone_leaves_no_link(db):
    contract = factories.make_contract('300001')

    @transactional
    def outer():
        book(contract, 1)
        with pytest.raises(RuntimeError):
            inner()

    @transactional
    def inner():
        book(contract, 2)
        raise RuntimeError

    outer()

    assert OperationLink.select().count() == Operation.select().count() == 1


def test_writers_at_once_do_not_fork_the_chain_nor_wait_for_each_other_in_a_circle(committed_db, olga):
    with database.connection_context():
        contracts = [factories.make_contract(str(300_030 + n)) for n in range(4)]
    start = threading.Barrier(4)

    @with_connection
    @transactional
    def work(number, turn):
        if number % 2:
            audit.note('work', f's:{turn}', actor=olga)
        book(contracts[number], f'{number}:{turn}')
        audit.note('work', f's:{turn}', actor=olga)

    def writer(number):
        start.wait()
        for turn in range(8):
            work(number, turn)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(writer, range(4)))

    assert (verify(CHAIN).is_whole, verify(CHAIN).entries) == (True, 32)
    assert (audit.verify().is_whole, audit.verify().entries) == (True, 48)


def test_the_migration_goes_down_and_up_again_and_links_what_stands_there(committed_db):
    with database.connection_context():
        contract = factories.make_contract('300001', balance=TEN)
        book(contract, 1)
        runner = migrations.Runner(database.obj, str(migration.DIRECTORY))
        assert '0011_ledger_chain' in runner.down('0011_ledger_chain')
    migration.migrate()
    migration.migrate()

    with database.connection_context():
        assert (verify(CHAIN).is_whole, verify(CHAIN).entries) == (True, 2)
        assert AuditEvent.select().where(AuditEvent.action == 'books.begin').count() == 1
        assert invariants.self_check(thorough=True) == []
        with pytest.raises(Exception, match='append-only'), database.atomic():
            OperationLink.update(hash='0' * 64).execute()
