"""What the guard drops leaves a line in the audit log: who touched what is out of reach, from where, how often."""

import json
import sqlite3
import time

import pytest

HERE = '127.0.0.1'
PATIENCE = 10.0


@pytest.fixture
def told(server):
    """Return the lines of the guard, once there are as many as wanted."""

    def read():
        with sqlite3.connect(f'file:{server.folder / "amigo.db"}?mode=ro', uri=True) as base:
            rows = base.execute("SELECT subject, address, facts FROM audit_event WHERE action = 'guard.refuse'")
            return [(subject, address, json.loads(facts)) for subject, address, facts in rows]

    return read


def wait_for(lines, wire):
    until = time.monotonic() + PATIENCE
    while not (found := lines()) and time.monotonic() < until:
        wire.hear(0.2)
    return found


def test_events_that_were_dropped_are_one_line_of_their_address(browse, told):
    anna = browse('100001')
    opened = anna.open('/probe-open')
    with opened.socket() as wire:
        for _ in range(30):
            wire.emit('event', opened.event('hidden card'))
            wire.emit('event', {'client_id': 'somebody-elses', 'id': 1, 'listener_id': 'x', 'args': []})
        found = wait_for(told, wire)
        anna.post('/auth/role', data={'role': 'operator'}, headers={'Origin': 'https://evil.example'})
        wire.hear(1.5)  # the guard looks around once a second

    (line,) = told()
    assert [line] == found, 'what comes within the same minute waits for the next line'
    subject, address, facts = line
    assert (subject, address) == ('guard', HERE)
    assert set(facts) <= {'touch', 'event', 'people'}
    assert 1 <= facts['event'] <= 30
    assert len(facts['people']) == 1
