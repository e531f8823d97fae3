"""The private names of NiceGUI and Socket.IO the guard lives by: an upgrade that moves one must fail here, loudly."""

import ast
import asyncio
import re
from collections import deque
from inspect import getsource
from pathlib import Path
from types import SimpleNamespace

import nicegui
import pytest
from engineio.packet import MESSAGE, Packet
from nicegui import Client, core
from nicegui.element import Element
from nicegui.outbox import Outbox
from starlette.datastructures import Headers
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol

from components.guard import gate, leaving, slow, sockets
from components.guard.frames import Bucket, final, limited
from components.guard.touching import LARGEST_EVENT, is_event
from services.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
EVENTS = {'connect', 'handshake', 'disconnect', 'event', 'javascript_response', 'ack', 'log'}


def test_nicegui_is_the_version_the_guard_was_written_for():
    assert nicegui.__version__ == '3.18.0'


def test_every_message_a_browser_may_send_is_known():
    assert set(core.sio.handlers) == {'/'}
    assert set(core.sio.handlers['/']) == EVENTS


PRIVATE = {
    '_request': 'Client: the visitor behind a page; None for pages NiceGUI makes for itself',
    '_delete_tasks': 'Client: pages that wait for their browser to come back',
    '_cancel_delete_task': 'Client: stop that waiting',
    '_pinned_tab_id': 'Client: the tab that took the page up',
    '_event_listeners': 'Element: what an element listens to',
    '_tabs': "Storage: NiceGUI's notes on tabs",
}
"""Private names of others, each with what it is; nothing else of that kind may be touched."""

PUBLIC = [
    (Client, ('instances', 'page_routes', 'prune_instances', 'delete', 'has_socket_connection', 'is_deleted', 'ip')),
    (Element, ('ancestors', 'props', 'classes')),
    (Outbox, ('loop', 'stop')),
    (core.sio, ('handlers', 'rooms', 'get_environ', 'environ', 'disconnect', 'emit', 'logger', 'eio', 'manager')),
    (
        core.sio.eio,
        ('transports', 'max_http_buffer_size', 'cors_allowed_origins', 'disconnect', 'logger', 'send_packet'),
    ),
    (core.sio.manager, ('is_connected', 'eio_sid_from_sid', 'get_participants')),
    (core.app.storage, ('max_tab_storage_age', '_tabs')),
    (asyncio.Transport, ('abort', 'get_write_buffer_size', 'get_extra_info')),
]
"""Names that are public, but documented nowhere."""


@pytest.mark.parametrize(('owner', 'names'), PUBLIC)
def test_the_names_the_guard_uses_are_there(owner, names):
    assert [name for name in names if not hasattr(owner, name)] == []


async def test_a_page_has_the_names_the_guard_uses():
    page = Client(nicegui.ui.page('/for-its-names'))
    try:
        kept = ('created', 'elements', 'storage', 'outbox', 'id')
        assert [name for name in (*PRIVATE, *kept) if not hasattr(page, name)] == ['_event_listeners', '_tabs']
        assert hasattr(page.content, '_event_listeners')
        assert {'messages', 'message_history'} <= set(vars(page.outbox))
        assert page.outbox.message_history == page.outbox.messages == deque()
    finally:
        page.delete()


def test_engineio_and_uvicorn_keep_what_the_line_is_built_on():
    assert Packet(MESSAGE, data='x').encode() == f'{slow.MESSAGE}x'
    assert 'self.transport' in getsource(WSProtocol.__init__)
    assert 'await self.writable.wait()' in getsource(WSProtocol.send)
    assert "ws='wsproto'" in getsource(nicegui.ui.run)


def foreign_names(path):
    """Return the private names a file touches on something that is not its own."""
    tree = ast.parse(path.read_text(encoding='utf-8'))
    return {
        (node.attr, ast.unparse(node.value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and re.match(r'_[a-z]', node.attr) and ast.unparse(node.value) != 'self'
    }


def test_no_other_private_name_is_touched():
    touched = {name for path in (ROOT / 'components/guard').glob('*.py') for name, _owner in foreign_names(path)}
    elsewhere = {
        f'{path.relative_to(ROOT)}: {owner}.{name}'
        for folder in ('components', 'pages')
        for path in (ROOT / folder).rglob('*.py')
        if path.parent.name != 'guard' and path.name != 'tuning.py'
        for name, owner in foreign_names(path)
        if owner not in {'database', 'cls'}
    }

    assert touched == set(PRIVATE)
    assert elsewhere == set()


@pytest.mark.parametrize(
    'message',
    [
        None,
        {},
        {'client_id': 'c', 'id': True, 'listener_id': 'l', 'args': []},
        {'client_id': 'c', 'id': 1, 'listener_id': 'l', 'args': ['x' * (LARGEST_EVENT + 1)]},
        {'client_id': 'c', 'id': 1, 'listener_id': 'l', 'args': [1]},
    ],
)
def test_what_is_no_event(message):
    assert not is_event(message)


def test_a_bucket_runs_dry_and_fills_again(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr('components.guard.frames.time.monotonic', lambda: clock[0])
    bucket = Bucket(rate=10, capacity=3)

    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    clock[0] += 0.2
    assert [bucket.take() for _ in range(3)] == [True, True, False]


async def test_a_socket_that_stays_silent_is_closed(monkeypatch):
    monkeypatch.setattr('components.guard.frames.FIRST_WORD', 0.01)

    async def silence():
        await asyncio.Event().wait()

    assert (await limited(silence, lambda: pytest.fail('who is silent may only be slow'))())[
        'type'
    ] == 'websocket.disconnect'


async def test_goodbye_is_the_end_of_a_socket():
    sent = []

    async def send(message):
        sent.append(message['type'])

    guarded = final(send)
    for text in ('42["x"]', '1', '42["y"]'):
        await guarded({'type': 'websocket.send', 'text': text})

    assert sent == ['websocket.send', 'websocket.send', 'websocket.close']


@pytest.mark.parametrize(
    ('url', 'origin', 'host', 'ours'),
    [
        ('https://amigo.by', 'https://amigo.by', 'amigo.by', True),
        ('https://amigo.by', 'http://amigo.by', 'amigo.by', False),
        ('https://amigo.by', 'https://evil.by', 'evil.by', False),
        ('http://127.0.0.1:8080', 'http://localhost:8080', 'localhost:8080', True),
        ('http://127.0.0.1:8080', 'null', 'localhost:8080', False),
        ('http://127.0.0.1:8080', 'null', '', False),
        ('http://127.0.0.1:8080', 'http://127.0.0.1:8080.evil.by', '127.0.0.1:8080', False),
    ],
)
def test_which_origin_is_ours(monkeypatch, url, origin, host, ours):
    monkeypatch.setattr(gate, 'get_settings', lambda: Settings(demo=True, public_url=url))

    assert gate.is_ours(origin, Headers({'host': host})) is ours


@pytest.mark.parametrize(
    ('peer', 'told', 'seen'),
    [
        ('10.0.0.1', '203.0.113.5', '203.0.113.5'),
        ('10.0.0.1', '6.6.6.6, 203.0.113.5', '203.0.113.5'),
        ('10.0.0.1', '203.0.113.5, 10.0.0.2', '203.0.113.5'),
        ('10.0.0.1', 'nonsense', '10.0.0.1'),
        ('203.0.113.9', '6.6.6.6', '203.0.113.9'),
    ],
)
def test_only_the_configured_proxy_names_the_visitor(monkeypatch, peer, told, seen):
    monkeypatch.setattr(gate, 'get_settings', lambda: Settings(demo=True, trusted_proxies='10.0.0.0/8'))
    scope = {'client': (peer, 1), 'headers': [(b'x-forwarded-for', told.encode()), (b'x-forwarded-prefix', b'//evil')]}

    gate._forget_forwarded(scope)

    assert scope['client'][0] == seen
    assert scope['headers'] == []


async def test_events_keep_their_order_while_the_session_is_asked(monkeypatch):
    page = SimpleNamespace(storage={}, is_deleted=False)
    asked = iter([0.05, 0.0])  # the first question takes longer than the second

    async def ask(_service, _session_hash):
        await asyncio.sleep(next(asked, 0))
        return 'still signed in'

    monkeypatch.setattr(sockets, 'Client', SimpleNamespace(instances={'page': page}))
    monkeypatch.setattr(sockets, 'page_actor', lambda _client: SimpleNamespace(session_hash='x'))
    monkeypatch.setattr(sockets, '_is_in_room', lambda _sid, _message: True)
    monkeypatch.setattr(sockets, 'may_touch', lambda *_which: True)
    monkeypatch.setattr(sockets, 'call', ask)
    heard = []
    event = sockets._guard_event(lambda _sid, message: heard.append(message['listener_id']))

    words = [{'client_id': 'page', 'id': 1, 'listener_id': name, 'args': []} for name in ('text', 'enter')]
    await asyncio.gather(*(event('sid', word) for word in words))

    assert heard == ['text', 'enter']


async def test_after_the_last_word_a_page_hears_nothing(monkeypatch):
    page, told = SimpleNamespace(id='page', storage={}, is_deleted=False, _delete_tasks={}), []
    room = {'page': {'s1': 'e1', 's2': 'e2'}}
    monkeypatch.setattr(leaving, 'LAST_WORD', 0)

    async def leave_room(sid, name):
        room[name].pop(sid)

    async def emit(name, message, *, to):
        told.append((to, page.is_deleted, dict(room['page'])))  # what else could be sent now, and to whom

    async def drop(sid):
        told.append(sid)

    page.delete = lambda: setattr(page, 'is_deleted', True)
    manager = SimpleNamespace(get_participants=lambda _space, name: list(room[name].items()))
    monkeypatch.setattr(
        leaving, 'core', SimpleNamespace(sio=SimpleNamespace(manager=manager, emit=emit, leave_room=leave_room))
    )
    monkeypatch.setattr(leaving, 'drop', drop)

    await leaving._leave(page)

    assert told == [('s1', True, {}), ('s2', True, {}), 's1', 's2']
