"""How an attacker uploads: as the page does, or by hand over a raw connection that never ends."""

import json
import socket
from urllib.parse import quote, urlsplit

PATH = '/files/chat'
PIECE = 64 * 1024


def upload(browser, content, *, path=PATH, name='x.jpg', **headers):
    given = {'Origin': browser.origin, 'X-File-Name': quote(name), **headers}
    return browser.post(path, content=content, headers=given)


def kept(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()['id']


def sent(browser, file_id, number=''):
    """Send a picture as a message, as the page does: over the socket of an open chat."""
    page = browser.open(f'/operator/chats/{number}' if number else '/my/chat')
    with page.socket() as wire:
        picker = _element_with(page, 'files')
        wire.emit('event', _event(page, *picker, json.dumps([file_id]), 'false'))
        wire.hear(0.3)
        wire.emit('event', page.event('Отправить'))
        wire.hear(0.7)
    return file_id


def _element_with(page, kind):
    for key, element in page.elements.items():
        for event in element.get('events', []):
            if event['type'] == kind:
                return int(key), event['listener_id']
    raise AssertionError(f'nothing listens for {kind!r}')


def _event(page, element_id, listener_id, *args):
    return {'id': element_id, 'client_id': page.client_id, 'listener_id': listener_id, 'args': list(args)}


def pour(browser, *, told=None, most=100_000_000):
    """Send zeros behind the head of a JPEG over a raw connection until the server has had enough.

    Args:
        told: what the header says about the length; in chunks without an end when None.

    Returns:
        The status of the answer, and how many bytes were taken.
    """
    where = urlsplit(browser.origin)
    length = f'Content-Length: {told}' if told is not None else 'Transfer-Encoding: chunked'
    head = (
        f'POST {PATH} HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {browser.origin}\r\n'
        f'Cookie: {browser.cookie_header()}\r\n{length}\r\n\r\n'
    )
    body = b'\xff\xd8\xff' + b'\0' * (PIECE - 3)
    if told is None:
        body = f'{PIECE:x}\r\n'.encode() + body + b'\r\n'
    taken = 0
    with socket.create_connection((where.hostname, where.port), 10) as wire:
        wire.sendall(head.encode())
        try:
            while taken < min(most, told if told is not None else most):
                wire.sendall(body)
                taken += PIECE
        except OSError:
            pass  # it hung up, as it should
        return _status(wire), taken


def _status(wire):
    answer = b''
    try:
        while b'\r\n' not in answer and (piece := wire.recv(4096)):
            answer += piece
    except ConnectionError:
        pass
    return int(answer.split()[1]) if answer else 0
