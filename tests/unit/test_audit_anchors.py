"""The daily check: the end of the log leaves the house in a letter, and a broken log raises the alarm."""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from typer.testing import CliRunner

import main
from models.outbox import OutgoingMessage
from models.user import AuditAnchor, AuditEvent
from services import audit, jobs
from services.audit import anchors, verification
from services.chains.verification import Anchor, Fault
from services.clock import now
from services.messages.letters import chains as letter_of
from services.runner import with_connection
from services.settings import get_settings
from tests.unit.test_audit_chain import unlock, write


def letters():
    return list(OutgoingMessage.select().order_by(OutgoingMessage.id))


def test_the_check_of_the_day_sends_the_end_of_the_log_by_letter(db, olga):
    lines = write(3, olga)

    anchors.check_due()

    (letter,) = letters()
    assert letter.recipient == get_settings().company_mail
    assert letter.subject.startswith('Журнал цел: 3 записей')
    given = re.search(r'--head (\S+)', letter.text)[1]
    assert Anchor.read(given) == Anchor(3, lines[-1].hash)
    assert audit.verify(anchor=Anchor.read(given)).is_whole


def test_once_a_day_is_enough(db, olga):
    write(2, olga)

    assert anchors.check_due() is not None
    assert anchors.check_due() is None
    with time_machine.travel(now() + timedelta(days=1)):
        assert anchors.check_due() is not None

    assert AuditAnchor.select().count() == len(letters()) == 2


def test_a_broken_log_raises_the_alarm(db, olga, caplog):
    lines = write(3, olga)
    unlock()
    AuditEvent.update(action='nothing').where(AuditEvent.id == lines[1].id).execute()

    with caplog.at_level(logging.ERROR):
        anchors.check()
        anchors.check()

    (letter,) = letters()
    assert letter.subject == 'Тревога: журнал действий изменён'
    assert f'строка с id {lines[1].id}' in letter.text
    assert 'The audit log is broken: edited' in caplog.text
    assert AuditAnchor.get().fault == Fault.EDITED


@pytest.mark.parametrize('fault', list(Fault))
def test_every_fault_has_its_words(db, fault):
    letter_of.broken('audit', at=now(), fault=fault, line=0, entries=1)

    assert re.search(r'нашла нарушение: [а-я ]{10,}', letters()[0].text)


def test_a_failed_check_is_no_anchor(db, olga):
    write(2, olga)
    AuditAnchor.create(at=now(), entries=99, head='f' * 64, fault='edited')

    assert audit.verify().is_whole


def test_anchors_are_append_only(db, olga):
    anchors.check()

    for query in (AuditAnchor.update(entries=0), AuditAnchor.delete()):
        with pytest.raises(Exception, match='append-only'), audit.chain.database.atomic():
            query.execute()


def test_it_is_in_the_timetable():
    assert anchors.check_due in [job.work for job in jobs.timetable()]


def run(*arguments):
    return CliRunner().invoke(main.command, ['verify-audit', *arguments])


def cut(left):
    unlock()
    lines = list(AuditEvent.select().order_by(AuditEvent.id))
    AuditEvent.delete().where(AuditEvent.id >= lines[left].id).execute()


def test_the_command_tells_and_its_exit_code_too(committed_db, olga, monkeypatch):
    monkeypatch.setattr(main, 'create', lambda: None)  # the fixture has opened the database
    with_connection(write)(3, olga)

    whole = run()
    assert whole.exit_code == 0
    end = re.search(r'is whole: 3 lines, the end is (\S+)', whole.output)[1]

    with_connection(cut)(2)
    assert run().exit_code == 0
    broken = run('--head', end)
    assert broken.exit_code == 1
    assert 'BROKEN: lines at the end are missing' in broken.output
    assert run('--head', 'nonsense').exit_code == 2


def test_every_fault_has_its_words_in_the_command_too():
    assert set(verification.BREAKS) == set(Fault)
