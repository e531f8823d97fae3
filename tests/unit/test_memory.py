"""Memory goes back to the machine when a crowd has gone; what the program tells Python and the C library for that."""

from types import SimpleNamespace

from components.guard import memory as memories


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


def test_the_server_begins_anew_with_the_allocator_that_gives_memory_back_once(monkeypatch):
    begun = []
    monkeypatch.delenv(memories.ALLOCATOR, raising=False)
    monkeypatch.setattr(memories.os, 'execv', lambda *command: begun.append(command))
    monkeypatch.setattr(memories.sys, 'orig_argv', ['python', '-X', 'utf8', 'main.py', 'serve'])
    monkeypatch.setattr(memories.ctypes, 'CDLL', lambda _name: SimpleNamespace(malloc_trim=None))

    memories.begin_with_malloc()
    memories.begin_with_malloc()

    assert begun == [(memories.sys.executable, [memories.sys.executable, '-X', 'utf8', 'main.py', 'serve'])]
    assert memories.os.environ[memories.ALLOCATOR] == 'malloc'


def test_where_the_c_library_gives_nothing_back_the_server_stays(monkeypatch):
    monkeypatch.delenv(memories.ALLOCATOR, raising=False)
    monkeypatch.setattr(memories.ctypes, 'CDLL', lambda _name: SimpleNamespace())

    memories.begin_with_malloc()

    assert memories.ALLOCATOR not in memories.os.environ
