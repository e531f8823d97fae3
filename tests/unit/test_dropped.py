"""What the guard drops is counted in memory and told once a minute: a line for an address, never a write for an event."""

import pytest

from components.guard.dropped import MOST_LINES, MOST_PEOPLE, MOST_PLACES, PAUSE, Drops
from components.guard.frames import limited
from models.user import AuditEvent
from services.audit import refusals
from services.audit.refusals import AGAIN, Dropped

HERE, THERE = '192.0.2.7', '198.51.100.9'


def test_a_flood_is_one_line_with_its_sums(db, anna):
    drops = Drops()
    for _ in range(10_000):
        drops.count(HERE, 'rate', anna)
    drops.count(HERE, 'touch', anna)
    drops.count(HERE, 'event')

    refusals.note_dropped(drops.due(0.0))

    (line,) = AuditEvent.select()
    assert (line.action, line.subject, line.address) == ('guard.refuse', 'guard', HERE)
    assert line.facts == {'rate': 10_000, 'touch': 1, 'event': 1, 'people': [anna.user_id]}


def test_counting_asks_no_database(monkeypatch):
    monkeypatch.setattr('peewee.Database.execute_sql', lambda *_: pytest.fail('the database was asked'))
    drops = Drops()

    drops.count(HERE, 'event')

    assert drops.due(0.0) == [Dropped(HERE, {'event': 1})]


def test_what_comes_within_the_minute_waits_for_the_next_line():
    drops = Drops()
    drops.count(HERE, 'event')
    assert len(drops.due(100.0)) == 1

    drops.count(HERE, 'event')
    drops.count(THERE, 'origin')
    assert drops.due(101.0) == drops.due(100.0 + PAUSE - 0.1) == []
    drops.count(HERE, 'event')

    assert drops.due(100.0 + PAUSE) == [Dropped(HERE, {'event': 2}), Dropped(THERE, {'origin': 1})]
    assert drops.due(100.0 + 2 * PAUSE) == []


def test_the_pause_is_longer_than_the_memory_of_the_log():
    assert AGAIN.total_seconds() < PAUSE


def test_many_addresses_get_few_lines_the_loudest_their_own():
    drops = Drops()
    for number in range(MOST_PLACES + 50):
        drops.count(f'10.0.{number // 256}.{number % 256}', 'origin')
    for _ in range(5):
        drops.count(HERE, 'host')  # remembered too late to be told apart

    told = drops.due(0.0)

    assert len(told) == MOST_LINES + 1
    assert sum(sum(each.kinds.values()) for each in told) == MOST_PLACES + 55
    assert (told[-1].address, told[-1].kinds['host']) == ('', 5)


def test_the_loudest_comes_first():
    drops = Drops()
    for number in range(MOST_LINES + 5):
        drops.count(f'10.0.0.{number}', 'origin')
    for _ in range(3):
        drops.count(HERE, 'host')

    assert drops.due(0.0)[0] == Dropped(HERE, {'host': 3})


def test_neighbours_of_one_network_are_one_place():
    drops = Drops()
    for last in range(5):
        drops.count(f'2001:db8:1:2::{last}', 'event')

    assert drops.due(0.0) == [Dropped('2001:db8:1:2::/64', {'event': 5})]


def test_of_many_people_some_are_named(cast_of_many):
    drops = Drops()
    for actor in cast_of_many:
        drops.count(HERE, 'touch', actor)

    assert drops.due(0.0) == [Dropped(HERE, {'touch': len(cast_of_many)}, tuple(range(MOST_PEOPLE)))]


@pytest.fixture
def cast_of_many():
    from services.authority import Actor

    return [
        Actor(user_id=n, name='', role='operator', roles=frozenset(), contract_id=None, contract_number='')
        for n in range(MOST_PEOPLE + 5)
    ]


@pytest.mark.parametrize('said', ['no Engine.IO at all', '45', None])
async def test_a_frame_nobody_of_ours_sends_is_counted(said):
    seen = []

    async def receive():
        return {'type': 'websocket.receive', 'text': said}

    assert (await limited(receive, lambda: seen.append(1))())['type'] == 'websocket.disconnect'
    assert seen == [1]
