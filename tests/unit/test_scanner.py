"""The virus scanner over its real wire: a daemon of our own that knows EICAR."""

import io
import socket
import struct
import threading

import pytest

from services.files import uploads
from services.gateways.scanner import Clamd, Infected, NoScanner, ScannerAway
from tests import pictures


def _exactly(wire, count):
    got = b''
    while len(got) < count:
        piece = wire.recv(count - len(got))
        if not piece:
            return got
        got += piece
    return got


def _answer(wire, verdict):
    with wire:
        assert _exactly(wire, 10) == b'zINSTREAM\0'
        body = b''
        while size := struct.unpack('!L', _exactly(wire, 4))[0]:
            body += _exactly(wire, size)
        wire.sendall(verdict(body))


def knows_eicar(body):
    return b'stream: Eicar-Test-Signature FOUND\0' if pictures.EICAR in body else b'stream: OK\0'


@pytest.fixture
def daemon():
    """Start a daemon on loopback: `daemon(verdict)` returns its address."""
    listening = []

    def start(verdict=knows_eicar):
        door = socket.create_server(('127.0.0.1', 0))
        listening.append(door)

        def serve():
            while True:
                try:
                    wire, _ = door.accept()
                except OSError:
                    return
                _answer(wire, verdict)

        threading.Thread(target=serve, daemon=True).start()
        return f'127.0.0.1:{door.getsockname()[1]}'

    yield start
    for door in listening:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


def test_a_clean_file_passes(daemon):
    Clamd(daemon()).scan(io.BytesIO(b'x' * 300_000))


def test_a_virus_is_named(daemon):
    with pytest.raises(Infected, match='Eicar-Test-Signature'):
        Clamd(daemon()).scan(io.BytesIO(b'x' * 100_000 + pictures.EICAR))


@pytest.mark.parametrize('said', [b'', b'INSTREAM size limit exceeded. ERROR\0', b'stream: OK?\0', b'\xff\xfe'])
def test_whatever_else_it_says_is_no_yes(daemon, said):
    with pytest.raises(ScannerAway):
        Clamd(daemon(lambda _body: said)).scan(io.BytesIO(b'x'))


@pytest.mark.parametrize('address', ['127.0.0.1:1', '/nowhere/clamd.ctl'])
def test_a_scanner_that_is_away_is_no_yes(address):
    with pytest.raises(ScannerAway):
        Clamd(address, seconds=1).scan(io.BytesIO(b'x'))


def test_a_virus_behind_a_picture_is_refused_where_a_scanner_is_set(daemon, db, anna, monkeypatch):
    monkeypatch.setattr(uploads, 'scanner', lambda: Clamd(daemon()))

    with pytest.raises(uploads.UnsafeFile):
        uploads.keep('chat', '', 'x.jpg', io.BytesIO(pictures.TWO_FACED['jpeg with eicar behind it']), actor=anna)
    assert uploads.keep('chat', '', 'x.jpg', io.BytesIO(pictures.picture()), actor=anna).id


def test_without_an_answer_of_the_scanner_nothing_comes_in(db, anna, monkeypatch):
    monkeypatch.setattr(uploads, 'scanner', lambda: Clamd('127.0.0.1:1', seconds=1))

    with pytest.raises(uploads.CannotCheck):
        uploads.keep('chat', '', 'x.jpg', io.BytesIO(pictures.picture()), actor=anna)


def test_none_is_set_by_default(db, anna):
    assert isinstance(uploads.scanner(), NoScanner)
