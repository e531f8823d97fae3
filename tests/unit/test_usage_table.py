"""Tables of readings: what is a line, what is refused and why, what an operator sees before he takes it in."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import main
from models.contract import ContractStatus
from models.usage import TrafficUsage, UsageFile
from models.user import AuditEvent
from services import limits
from services.accounts import usage, usage_desk, usage_table
from services.accounts.usage import Reading, Refused, Taken
from services.accounts.usage_table import TooManyLines
from services.clock import now
from services.errors import NotAllowed, NotFound, SignInRequired
from services.privacy import retention
from services.runner import with_connection
from tests import factories

NOVEMBER = date(2026, 11, 1)
pytestmark = pytest.mark.at('2026-11-26 12:00')


def refused(text):
    return [(line.line, line.why) for line in usage_table.take_text(text).refused]


@pytest.mark.parametrize(
    ('line', 'why'),
    [
        ('', None),
        (';;', None),
        ('100001', Refused.UNREADABLE),
        ('100001;2026-11', Refused.UNREADABLE),
        ('100001;2026-11;5;6', Refused.UNREADABLE),
        ('100001,2026-11,5', Refused.UNREADABLE),
        ('=1+1;2026-11;5', Refused.UNREADABLE),
        ('١٠٠;2026-11;5', Refused.UNREADABLE),
        ('100001;11.2026;5', Refused.MONTH),
        ('100001;2026-13;5', Refused.MONTH),
        ('100001;2026-1;5', Refused.MONTH),
        ('100001;2026-11-01;5', Refused.MONTH),
        ('100001;2026-11;', Refused.BYTES),
        ('100001;2026-11;-5', Refused.BYTES),
        ('100001;2026-11;5,5', Refused.BYTES),
        ('100001;2026-11;1e9', Refused.BYTES),
        ('100001;2026-11;NaN', Refused.BYTES),
        ('100001;2026-11;' + '9' * 40, Refused.BYTES),
        ('999999;2026-11;5', Refused.NO_CONTRACT),
        ('100001;2026-12;5', Refused.TO_COME),
        ('100001;9999-12;5', Refused.TO_COME),
        ('100001;2025-10;5', Refused.TOO_OLD),
        ('100001;0001-01;5', Refused.TOO_OLD),
        ('100001;2026-10;5', Refused.BEFORE),
        ('100001;2026-11;5', None),
        (' "100001" ; 2026-11 ; 5 ', None),
    ],
)
def test_a_line_that_is_no_reading_is_told_with_its_reason(db, line, why):
    factories.make_contract('100001', active_on=date(2026, 11, 14))

    assert refused(f'договор;месяц;байты\n{line}') == ([(2, why)] if why else [])


def test_a_table_from_a_spreadsheet_is_read_with_its_mark_and_line_ends(db):
    factories.make_contract('100001', active_on=NOVEMBER)
    outcome = usage_table.take_text('\ufeffдоговор;месяц;байты\r\n100001;2026-11;5\r\n\r\n100001;2026-11;7\r\n')

    assert [(each.before, each.outcome) for each in outcome.taken] == [(None, Taken.NEW), (5, Taken.GROWN)]
    assert TrafficUsage.get().used_bytes == 7


def test_lines_of_one_table_are_measured_by_each_other_and_the_preview_says_the_same(db):
    factories.make_contract('100001', active_on=NOVEMBER)
    text = '100001;2026-11;5\n100001;2026-11;4\n100001;2026-11;5\n100001;2026-11;9'
    looked, taken = usage_table.look_at(text), usage_table.take_text(text)

    assert looked == taken
    assert [each.outcome for each in taken.taken] == [Taken.NEW, Taken.SAME, Taken.GROWN]
    assert [line.why for line in taken.refused] == [Refused.BACKWARDS]
    assert usage_table.look_at(text).count(Taken.GROWN) == 0


def test_it_does_not_matter_where_a_batch_ends(db, monkeypatch):
    factories.make_contract('100001', active_on=NOVEMBER)
    text = '100001;2026-11;5\n100001;2026-11;4\n100001;2026-11;9'
    monkeypatch.setattr(usage, 'BATCH', 1)
    looked = usage_table.look_at(text)

    assert looked == usage_table.take_text(text)
    assert [line.line for line in looked.refused] == [2]


def test_more_than_a_line_can_carry_is_refused(db):
    factories.make_contract('100001', active_on=NOVEMBER)
    most = limits.count('usage_bytes')

    assert refused(f'100001;2026-11;{most + 1}') == [(1, Refused.BYTES)]
    assert refused(f'100001;2026-11;{most}') == []
    assert TrafficUsage.get().used_bytes == most


def test_a_table_has_so_many_lines():
    most = limits.count('usage_lines')
    assert most == usage_table.MOST_LINES

    assert len(usage_table.read('1;2026-11;1\n' * most).readings) == most
    with pytest.raises(TooManyLines):
        usage_table.read('1;2026-11;1\n' * (most + 1))


@pytest.mark.parametrize('status', [ContractStatus.DRAFT, ContractStatus.VOID, ContractStatus.TERMINATED])
def test_a_contract_that_is_not_in_force_has_no_readings(db, status):
    factories.make_contract('100001', active_on=NOVEMBER, status=status)

    assert refused('100001;2026-11;5') == [(1, Refused.NOT_ACTIVE)]


def test_an_operator_looks_first_and_takes_in_afterwards(db, olga):
    contract = factories.make_contract('100001', active_on=NOVEMBER)
    usage.take([Reading('100001', NOVEMBER, 5)])
    table = usage_desk.send('100001;2026-11;8\n100001;2026-11;6\n999999;2026-11;1', actor=olga)
    preview = usage_desk.show(table, actor=olga).preview

    assert (preview.new, preview.grown, preview.same, preview.refused_count) == (0, 1, 0, 2)
    assert [(row.number, row.before, row.used_bytes) for row in preview.changes] == [('100001', 5, 8)]
    assert [(line.line, line.why) for line in preview.refused] == [(2, Refused.BACKWARDS), (3, Refused.NO_CONTRACT)]
    assert TrafficUsage.get().used_bytes == 5

    assert usage_desk.take(table, actor=olga) == 1
    assert TrafficUsage.get(TrafficUsage.contract == contract).used_bytes == 8
    assert UsageFile.get().text == ''
    event = AuditEvent.get(AuditEvent.action == 'usage.take')
    assert event.facts == {'changed': 1, 'refused': 2}
    for again in (usage_desk.take, usage_desk.show):
        with pytest.raises(NotFound):
            again(table, actor=olga)
    (month,) = usage_desk.show(actor=olga).months
    assert (month.period, month.count, month.settled, month.last_at) == (NOVEMBER, 1, 0, now())


def test_only_staff_of_the_console_brings_readings_in(db, anna, taras):
    for actor, error in ((None, SignInRequired), (anna, NotAllowed), (taras, NotAllowed)):
        with pytest.raises(error):
            usage_desk.send('100001;2026-11;8', actor=actor)


@pytest.mark.parametrize('text', ['', ' \n\n', 'договор;месяц;байты', None, '\0'])
def test_a_file_without_lines_is_refused(db, olga, text):
    with pytest.raises(usage_desk.NoTable):
        usage_desk.send(text, actor=olga)


def test_a_table_nobody_took_in_goes_after_a_day(db, olga):
    usage_desk.send('100001;2026-11;8', actor=olga)
    assert retention.run()['usage tables'] == 0
    UsageFile.update(sent_at=now() - timedelta(days=2)).execute()

    assert retention.run()['usage tables'] == 1
    assert UsageFile.select().count() == 0


def test_the_command_line_takes_a_file_and_tells_what_it_refused(committed_db, tmp_path, monkeypatch):
    monkeypatch.setattr(main, 'create', SimpleNamespace)
    factories.make_contract('100001', active_on=NOVEMBER)
    file = tmp_path / 'usage.csv'
    file.write_text('100001;2026-11;8\n100001;2026-11;7\n', 'utf-8')

    answer = CliRunner().invoke(main.command, ['usage', str(file)])
    assert answer.exit_code == 1
    assert '1 new, 0 grown, 0 the same, 1 refused' in answer.output
    assert 'line 2 (100001;2026-11;7): less than was read before' in answer.output
    assert with_connection(lambda: TrafficUsage.get().used_bytes)() == 8
    file.write_text('100001;2026-11;8\n', 'utf-8')
    assert CliRunner().invoke(main.command, ['usage', str(file)]).exit_code == 0
