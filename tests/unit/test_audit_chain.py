"""The audit log is a chain: whatever is done to a line behind its back is found, and the place is named."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from playhouse import migrations

from models.base import database, is_postgres
from models.user import AuditAnchor, AuditEvent
from services import audit, migration
from services.audit import chain, verification
from services.chains import beginning
from services.chains.verification import Anchor, Fault
from services.clock import now
from services.runner import transactional, with_connection
from tests import factories
from tests.factories import make_application


def unlock():
    """Take the triggers off, as somebody does who holds the database."""
    if is_postgres():
        for table in ('audit_event', 'audit_anchor'):
            database.execute_sql(f'DROP TRIGGER {table}_append_only ON {table}')
        return
    for table in ('audit_event', 'audit_anchor'):
        for verb in ('update', 'delete'):
            database.execute_sql(f'DROP TRIGGER {table}_no_{verb}')


def write(count, actor):
    for number in range(count):
        audit.note('application.accept', f'application:{number:06}', actor=actor, number=number)
    return list(AuditEvent.select().order_by(AuditEvent.id))


def anchored(count):
    lines = list(AuditEvent.select().order_by(AuditEvent.id))
    return Anchor(count, lines[count - 1].hash)


@pytest.fixture
def lines(db, olga):
    """Five lines of the log, and no triggers on it any more."""
    written = write(5, olga)
    unlock()
    return written


def test_an_untouched_log_is_whole(db, olga):
    lines = write(5, olga)

    verdict = audit.verify()

    assert (verdict.is_whole, verdict.entries, verdict.head) == (True, 5, lines[-1].hash)


def test_an_empty_log_is_whole(db):
    assert audit.verify().is_whole


def test_each_line_carries_the_mark_of_the_one_before(db, olga):
    lines = write(3, olga)

    assert [line.prev_hash for line in lines] == [beginning(chain.CHAIN.keys()[0]), lines[0].hash, lines[1].hash]


@pytest.mark.parametrize(
    'change',
    [
        {'at': datetime.fromisoformat('2026-11-01T00:00:00+00:00')},
        {'actor': None},
        {'role': 'administrator'},
        {'action': 'application.reject'},
        {'subject': 'application:999999'},
        {'address': '192.0.2.1'},
        {'facts': {'number': 7}},
        {'hash': 'f' * 64},
        {'prev_hash': 'f' * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_line_is_found(lines, change):
    AuditEvent.update(change).where(AuditEvent.id == lines[2].id).execute()

    verdict = audit.verify()

    assert (verdict.fault, verdict.line) == (Fault.EDITED, lines[2].id)


def test_what_is_no_json_is_found_too(lines):
    if is_postgres():
        pytest.skip('PostgreSQL refuses it itself')
    database.execute_sql('UPDATE audit_event SET facts = ?, at = ? WHERE id = ?', ('{', 'never', lines[2].id))

    assert (audit.verify().fault, audit.verify().line) == (Fault.EDITED, lines[2].id)


@pytest.mark.parametrize('place', [0, 2, 3])
def test_a_deleted_line_is_found(lines, place):
    AuditEvent.delete().where(AuditEvent.id == lines[place].id).execute()

    verdict = audit.verify()

    assert (verdict.fault, verdict.line) == (Fault.LINK, lines[place + 1].id)


def test_swapped_lines_are_found(lines):
    one, other = lines[1].id, lines[2].id
    for before, after in ((one, -1), (other, one), (-1, other)):
        AuditEvent.update(id=after).where(AuditEvent.id == before).execute()

    verdict = audit.verify()

    assert (verdict.fault, verdict.line) == (Fault.LINK, one)


def test_an_inserted_line_is_found(lines):
    AuditEvent.update(id=lines[4].id + 1).where(AuditEvent.id == lines[4].id).execute()
    AuditEvent.create(id=lines[4].id, at=now(), action='a', subject='s', prev_hash='0' * 64, hash='1' * 64)

    verdict = audit.verify()

    assert (verdict.fault, verdict.line) == (Fault.EDITED, lines[4].id)


def test_a_line_inserted_without_a_mark_is_found(lines):
    forged = AuditEvent.create(at=now(), action='a', subject='s')

    assert (audit.verify().fault, audit.verify().line) == (Fault.UNCHAINED, forged.id)


def test_a_copy_of_a_genuine_line_cannot_be_put_behind_the_same_one(lines):
    copy = {**lines[1].__data__, 'id': lines[4].id + 1}

    with pytest.raises(Exception, match=r'(?i)unique'), database.atomic():
        AuditEvent.create(**copy)


@pytest.mark.parametrize('left', [0, 2])
def test_a_tail_cut_off_behind_an_anchor_is_found(lines, left):
    anchor = anchored(4)
    AuditEvent.delete().where(AuditEvent.id > (lines[left - 1].id if left else 0)).execute()

    assert audit.verify().is_whole, 'without an anchor a shorter log looks like a younger one'
    assert audit.verify(anchor=anchor).fault == Fault.CUT


def test_an_anchor_of_the_table_finds_it_as_well(lines):
    AuditAnchor.create(at=now(), entries=5, head=lines[4].hash)
    AuditEvent.delete().where(AuditEvent.id > lines[2].id).execute()

    assert audit.verify().fault == Fault.CUT


def test_a_tail_written_anew_does_not_fit_the_anchor(lines, olga):
    anchor = anchored(5)
    AuditEvent.delete().where(AuditEvent.id >= lines[3].id).execute()
    write(3, olga)

    assert audit.verify().is_whole
    assert audit.verify(anchor=anchor).fault == Fault.REWRITTEN


def test_the_letter_s_anchor_is_found_in_a_log_that_has_grown(lines, olga):
    anchor = anchored(5)
    write(2, olga)

    assert audit.verify(anchor=anchor).is_whole


@pytest.mark.parametrize('text', ['', '5', '5:abc', ':' + 'a' * 64, '٣:' + 'a' * 64, '5:' + 'g' * 64])
def test_a_mistyped_anchor_is_refused(text):
    with pytest.raises(ValueError, match='looks like'):
        Anchor.read(text)


def test_lines_older_than_the_chain_are_sealed_by_the_first_one_behind_them(db, olga):
    old = [AuditEvent.create(at=now(), action='old', subject=f's:{n}', facts={'n': n}) for n in range(3)]
    assert audit.verify().fault == Fault.UNCHAINED

    chain.begin()
    chain.begin()

    assert audit.verify().is_whole
    assert AuditEvent.select().where(AuditEvent.action == 'audit.begin').count() == 1
    unlock()
    AuditEvent.update(subject='other').where(AuditEvent.id == old[1].id).execute()
    assert audit.verify().fault == Fault.LINK


def test_marks_taken_off_the_beginning_are_missed(lines):
    AuditEvent.update(hash=None, prev_hash=None).where(AuditEvent.id <= lines[1].id).execute()
    AuditEvent.update(subject='other').where(AuditEvent.id == lines[0].id).execute()

    assert audit.verify().fault == Fault.LINK


def test_another_key_is_not_ours(lines, monkeypatch):
    monkeypatch.setattr(verification, 'CHAIN', replace(chain.CHAIN, keys=lambda: (b'x' * 32,)))

    assert audit.verify().fault == Fault.EDITED


def test_facts_come_back_as_they_were_hashed(db, olga):
    facts = {
        'words': 'ё\0\ud800',
        'sum': factories.ZERO,
        'when': now(),
        'set': {'b', 'a'},
        'deep': {'a': (1, None, True)},
        'big': 10**12,
        'float': 0.1,
    }
    audit.note('a', 'contract:\0\ud83d' + 'x' * 90, actor=olga, **facts)

    assert audit.verify().is_whole
    assert AuditEvent.get().facts['set'] == ['a', 'b']


def test_a_line_tells_who_in_which_role_and_from_where(db, olga):
    audit.note('application.accept', 'application:000001', actor=olga)
    audit.note('session.begin', 'user:1', actor=None, address='192.0.2.9')

    first, second = AuditEvent.select().order_by(AuditEvent.id)

    assert (first.actor_id, first.role, first.address) == (olga.user_id, 'operator', '127.0.0.1')
    assert (second.actor_id, second.role, second.address) == (None, None, '192.0.2.9')


def test_an_action_that_fails_leaves_no_line(db, olga):
    @transactional
    def outer():
        audit.note('outer', 's', actor=olga)
        with pytest.raises(RuntimeError):
            inner()

    @transactional
    def inner():
        audit.note('inner', 's', actor=olga)
        raise RuntimeError

    outer()

    assert [line.action for line in AuditEvent.select()] == ['outer']


def test_the_line_is_written_in_the_transaction_of_its_action(committed_db, olga):
    @with_connection
    @transactional
    def act():
        audit.note('done', 's', actor=olga)
        make_application()
        assert not AuditEvent.select().where(AuditEvent.action == 'done').exists(), 'it comes last'

    act()

    with database.connection_context():
        assert AuditEvent.select().where(AuditEvent.action == 'done').exists()


def test_two_tabs_that_read_at_once_leave_one_line(db, olga):
    @transactional
    def read():
        audit.note_reading('contract:100001', actor=olga)
        audit.note_reading('contract:100001', actor=olga)

    read()
    assert AuditEvent.select().count() == 1
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        read()
    assert AuditEvent.select().count() == 2


def test_writers_at_once_do_not_fork_the_chain(committed_db, olga):
    start = threading.Barrier(6)
    failed = []

    @with_connection
    @transactional
    def work(name, number):
        audit.note(f'work.{name}', f's:{number}', actor=olga)
        audit.note(f'more.{name}', f's:{number}', actor=olga)

    def writer(name):
        start.wait()
        try:
            for number in range(10):
                work(name, number)
        except Exception as error:  # noqa: BLE001 - whatever it was, the test fails with it
            failed.append(error)

    threads = [threading.Thread(target=writer, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    verdict = audit.verify()
    assert (verdict.is_whole, verdict.entries) == (True, 120)


def test_the_migration_goes_down_and_up_again_and_seals_what_stands_there(empty_db):
    with database.connection_context():
        audit.note('a', 's:1', actor=None)
        runner = migrations.Runner(database.obj, str(migration.DIRECTORY))
        assert '0005_audit_chain' in runner.down('0005_audit_chain')
        with pytest.raises(Exception, match='append-only'), database.atomic():
            database.execute_sql("UPDATE audit_event SET action = 'b'")
    migration.migrate()

    with database.connection_context():
        assert audit.verify().is_whole
        assert [line.action for line in AuditEvent.select().order_by(AuditEvent.id)] == ['a', 'audit.begin']
        with pytest.raises(Exception, match='append-only'), database.atomic():
            AuditEvent.update(action='b').execute()
