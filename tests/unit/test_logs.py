"""docs/logs.yml is what is written where; a log of text is no place to write lines of one's own either."""

import ast
import logging

import pytest
import yaml

from components import logs
from tests.test_house_rules import ROOT
from tests.unit.test_keys import calls, trees

DOCUMENT = yaml.safe_load((ROOT / 'docs' / 'logs.yml').read_text(encoding='utf-8'))
WRITERS = ('note', 'note_refusal')
SECURITY = ('session.', 'password.', 'recovery.', 'factor.', 'user.', 'audit.')


def test_whoever_writes_into_the_log_stands_in_the_document():
    found = {file for file, tree in trees() if list(calls(tree, 'getLogger')) and file != 'components/logs.py'}

    assert found == set(DOCUMENT['loggers'])
    assert all(set(s) == {'where', 'holds', 'never', 'kept', 'read_by'} for s in DOCUMENT['streams'].values())


def test_every_security_event_stands_in_the_document():
    written = {
        call.args[0].value
        for _, tree in trees()
        for name in WRITERS
        for call in calls(tree, name)
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    listed = {event for events in DOCUMENT['events'].values() for event in events}

    assert {event for event in written if event.startswith(SECURITY)} <= listed
    assert listed <= written


def test_nothing_else_writes():
    printing = {file for file, tree in trees() if list(calls(tree, 'print'))}
    handlers = {
        file
        for file, tree in trees()
        for name in ('FileHandler', 'SysLogHandler', 'basicConfig')
        if list(calls(tree, name))
    }

    assert printing == handlers == set()


@pytest.fixture
def configured():
    """Let a test configure the log as the site does; put everything back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    yield logs.configure
    root.handlers, root.level = before, level


@pytest.mark.parametrize('as_json', [True, False])
def test_nobody_forges_a_line(configured, capsys, as_json):
    configured(as_json=as_json)

    logging.getLogger('tests').warning('Request %s failed', '/x\r\n2026-01-01 [error] forged\n\x1b[2J\x9b31m\u2028y')

    line = capsys.readouterr().err
    assert line.count('\n') == 1
    assert line.endswith('\n')
    assert '\r' not in line
    assert '\x1b[2J' not in line
