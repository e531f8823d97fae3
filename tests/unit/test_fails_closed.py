"""What fails opens nothing: no page, no click, no half of a change (ASVS 16.5.3)."""

from types import SimpleNamespace

import pytest
from nicegui import Client, core
from starlette.responses import PlainTextResponse

from components.guard import gate, sockets
from models.outbox import OutgoingMessage
from models.user import AuditEvent, Session, User
from services.identity import own_password, sessions, sign_in
from services.messages import letters
from tests import factories
from tests.factors import enter

NEW = 'кони едят овёс'


class Broken(RuntimeError):
    """The database, the disk, the network: something that should be there is not."""


def broken(*_args, **_more):
    raise Broken


async def gone(*_args, **_more):
    raise Broken


async def asked(path):
    """Ask the gate for a page; return (statuses, whether the application was reached)."""
    reached, said = [], []

    async def application(scope, receive, send):
        reached.append(scope['path'])
        await PlainTextResponse('personal')(scope, receive, send)

    async def failure(_request, _error):
        return PlainTextResponse('number', status_code=500)

    async def send(message):
        said.append(message)

    await gate.Gate(application)(
        {
            'type': 'http',
            'method': 'GET',
            'path': path,
            'query_string': b'',
            'headers': [(b'host', b'127.0.0.1'), (b'cookie', b'sid=token')],
            'client': ('127.0.0.1', 1),
            'app': SimpleNamespace(exception_handlers={Exception: failure}),
        },
        None,
        send,
    )
    return [m['status'] for m in said if m['type'] == 'http.response.start'], bool(reached)


async def test_a_person_who_cannot_be_looked_up_is_shown_nothing(monkeypatch):
    assert await asked('/healthz') == ([200], True)
    monkeypatch.setattr(gate, 'call', gone)

    assert await asked('/my/profile') == ([500], False)


async def test_a_click_whose_session_cannot_be_asked_is_not_executed(monkeypatch):
    page = SimpleNamespace(storage={}, is_deleted=False, request=SimpleNamespace(state=SimpleNamespace()))
    page.request.state.actor = SimpleNamespace(session_hash='hash')
    executed = []
    event = sockets._guard_event(lambda *_said: executed.append(1))
    monkeypatch.setattr(Client, 'instances', {'page': page})
    monkeypatch.setattr(core.sio, 'rooms', lambda sid: ['page'])
    monkeypatch.setattr(sockets, 'may_touch', lambda *_asked: True)
    said = {'client_id': 'page', 'id': 1, 'listener_id': 'x', 'args': []}

    monkeypatch.setattr(sockets, 'call', gone)
    with pytest.raises(Broken):
        await event('sid', said)
    assert executed == []

    async def alive(*_asked):
        return object()

    monkeypatch.setattr(sockets, 'call', alive)
    await event('sid', said)
    assert executed == [1]


def test_a_password_whose_letter_cannot_be_written_is_not_changed(db, anna, monkeypatch):
    before = User.get_by_id(anna.user_id).password_hash
    noted = AuditEvent.select().count()
    monkeypatch.setattr(letters, 'password_changed', broken)

    with pytest.raises(Broken):
        own_password.change_password(factories.PASSWORD, NEW, NEW, actor=anna)

    assert User.get_by_id(anna.user_id).password_hash == before
    assert AuditEvent.select().count() == noted
    assert OutgoingMessage.select().count() == 0
    assert sessions.resolve_hash(anna.session_hash)


@pytest.mark.parametrize('part', ['guessing.succeeded', 'audit.note', 'known_devices.issue'])
def test_a_sign_in_that_fails_half_way_leaves_no_session(db, anna, monkeypatch, part):
    module, _, name = part.partition('.')
    before = Session.select().count()
    monkeypatch.setattr(getattr(sign_in, module), name, broken)

    with pytest.raises(Broken):
        enter('100001')

    assert Session.select().count() == before
