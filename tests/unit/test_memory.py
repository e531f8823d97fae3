"""Memory goes back to the machine when a crowd has gone."""

from components.guard import memory as memories
from models.base import database
from models.user import User


def test_memory_is_given_back_once_when_the_crowd_has_gone(monkeypatch):
    done = []
    monkeypatch.setattr(memories, 'give_back', lambda: done.append('given back'))
    monkeypatch.setattr(memories.gc, 'collect', lambda: done.append('collected'))
    memory = memories.Memory()

    memory.look(0.0, is_crowded=False)
    for moment in (10.0, 11.0, 12.0, 13.0):
        memory.look(moment, is_crowded=True)
    assert done == ['collected'] * 4
    for moment in (20.0, 13.0 + memories.AFTER_A_CROWD + 1, 100.0):
        memory.look(moment, is_crowded=False)
    assert done[4:] == ['given back']


def test_connections_nobody_uses_are_closed_with_it(committed_db):
    with database.connection_context():
        User.select().count()
    assert database._connections

    memories.give_back()

    assert not database._connections
