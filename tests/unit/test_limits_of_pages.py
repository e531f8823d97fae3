"""Pages, sockets, forms and addresses: the limits of docs/limits.yml that have no test elsewhere, and one beyond."""

from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from nicegui import Client
from starlette.requests import Request

from components import form_body, painted, redirect
from components.guard import crowd as crowds
from components.guard import frames, gate
from components.guard.touching import is_event
from pages.api import hooks
from pages.public import constructor
from services import limits
from services.gateways import bepaid_webhook
from services.offers import packages
from services.settings import Settings


@pytest.fixture(autouse=True)
def _limits_as_they_are(monkeypatch):
    monkeypatch.setattr(crowds, 'get_settings', lambda: Settings(demo=True))


@pytest.fixture
def pages(monkeypatch):
    found = {}
    monkeypatch.setattr(Client, 'instances', found)
    return found


def sent(body, size=50_000):
    """Return a request that brings a body in pieces."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b'']
    messages = [
        {'type': 'http.request', 'body': piece, 'more_body': number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]

    async def receive():
        return messages.pop(0)

    return Request({'type': 'http', 'method': 'POST', 'headers': []}, receive)


async def test_a_webhook_is_read_to_the_limit_and_no_further():
    most = limits.count('webhook_bytes')

    assert len(await hooks._body(sent(b'x' * most))) == most
    assert await hooks._body(sent(b'x' * (most + 1))) is None
    assert most == bepaid_webhook.MAX_BODY


async def test_a_form_is_read_to_the_limit_and_no_further():
    most = limits.count('form_bytes')

    assert len((await form_body.read_form(sent(b'a=' + b'x' * (most - 2))))['a']) == most - 2
    assert await form_body.read_form(sent(b'a=' + b'x' * (most - 1))) is None


async def test_a_form_has_so_many_fields():
    most = limits.count('form_fields')

    assert len(await form_body.read_form(sent(urlencode(dict.fromkeys(range(most), 'x')).encode()))) == most
    assert await form_body.read_form(sent(urlencode(dict.fromkeys(range(most + 1), 'x')).encode())) is None


def test_the_state_of_a_form_has_so_many_letters():
    most = limits.count('form_state')

    assert painted._state('a=' + 'x' * (most - 2))[0] == {'a': ['x' * (most - 2)]}
    assert painted._state('a=' + 'x' * (most - 1))[0] is None


def test_an_address_is_read_to_the_limit():
    most = limits.count('query_letters')
    inside, beyond = 'a' * (most - 3) + '&b=', 'a' * (most - 3) + '&b=c'

    assert constructor.query_of(SimpleNamespace(url=SimpleNamespace(query=inside)))['b'] == ['']
    assert constructor.query_of(SimpleNamespace(url=SimpleNamespace(query=beyond)))['b'] == ['']


def test_a_package_reads_so_many_add_ons():
    most = limits.count('package_add_ons')
    catalogue = SimpleNamespace(add_ons=())

    def known(names):
        return packages._add_ons({'addons': [','.join(names)]}, catalogue, None)

    assert known([''] * (most - 1) + ['NO-SUCH']) == ((), False)
    assert known([''] * most + ['NO-SUCH']) == ((), True)  # it was not read


def test_a_page_to_go_back_to_has_so_many_letters():
    most = limits.count('return_address')
    path = '/my/' + 'x' * (most - 4)

    assert redirect.safe_url(path, '/') == path
    assert redirect.safe_url(path + 'x', '/') == '/'


@pytest.mark.parametrize(('more', 'is_read'), [(0, True), (1, False)])
def test_an_event_has_so_many_letters(more, is_read):
    letters = 'x' * (limits.count('event_letters') + more)

    assert is_event({'client_id': 'c', 'id': 1, 'listener_id': 'l', 'args': [letters]}) is is_read


async def frames_taken(text):
    """Return how many frames of this text a new socket takes before it is closed."""

    async def receive():
        return {'type': 'websocket.receive', 'text': text}

    guarded, taken = frames.limited(receive, lambda: None), 0
    while (await guarded())['type'] == 'websocket.receive':
        taken += 1
    return taken


@pytest.fixture
def stopped(monkeypatch):
    monkeypatch.setattr(frames.time, 'monotonic', lambda: 1000.0)


async def test_a_socket_that_shouts_is_closed(stopped):
    assert limits.count('frames') - 2 <= await frames_taken('40') < limits.count('frames') + 1


async def test_a_large_frame_counts_as_several(stopped):
    assert await frames_taken('40' + 'x' * (3 * limits.count('frame_bytes') - 2)) == limits.count('frames') // 4


def page_of(session='', address='10.0.0.1'):
    actor = SimpleNamespace(session_hash=session) if session else None
    request = SimpleNamespace(state=SimpleNamespace(actor=actor))
    return SimpleNamespace(_request=request, request=request, ip=address, has_socket_connection=True, _delete_tasks={})


def test_a_session_has_so_many_pages_open(stopped, pages):
    crowd, most = crowds.Crowd(), limits.count('pages_open_of_session')
    pages |= {n: page_of('thief') for n in range(most - 1)}
    crowd.count()

    assert [crowd.admits_session('thief') for _ in range(2)] == [True, False]
    assert crowd.admits_session('owner')


def test_a_process_has_so_many_pages_open(stopped, pages):
    crowd, most = crowds.Crowd(), limits.count('pages_open')
    pages |= {n: page_of(address=f'10.{n // 250}.0.{n % 250}') for n in range(most - 1)}
    crowd.count()

    assert [crowd.admits_address('192.0.2.1') for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ('name', 'others'),
    [('sockets_of_address', lambda _n: '192.0.2.1'), ('sockets', lambda n: f'10.{n // 250}.0.{n % 250}')],
)
async def test_so_many_sockets_and_the_next_is_closed(monkeypatch, name, others):
    answers, most = [], limits.count(name)
    open_sockets = type(gate._open_sockets)(others(n) for n in range(most - 1))
    monkeypatch.setattr(gate, '_open_sockets', open_sockets)
    monkeypatch.setattr(gate, 'is_known', lambda _scope: True)
    monkeypatch.setattr(gate, 'is_ours', lambda *_args: True)
    monkeypatch.setattr(gate, 'open_line', lambda _send: None)
    monkeypatch.setattr(gate, 'weighed', lambda send, _line: send)

    async def app(_scope, _receive, _send):
        answers.append('let in')

    async def send(message):
        answers.append(message.get('code'))

    for before in (most - 1, most):
        open_sockets['192.0.2.2' if name == 'sockets' else '192.0.2.1'] += before - open_sockets.total()
        scope = {'type': 'websocket', 'path': gate.SOCKET_PATH, 'headers': [], 'client': ('192.0.2.1', 1), 'state': {}}
        await gate.Gate(app)._socket(scope, None, send)

    assert answers == ['let in', 1008]
