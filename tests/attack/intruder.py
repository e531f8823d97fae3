"""An intruder's tools: pages read as text, sockets spoken to by hand, nothing a browser would forbid."""

import json
import re
import socket
import ssl
import time
import uuid
from urllib.parse import urlencode, urlsplit

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.server import PASSWORD

TLS = ssl.create_default_context()
"""One for all browsers: reading the authorities anew for each would take longer than the attacks."""
UNESCAPED = {'&lt;': '<', '&gt;': '>', '&#96;': '`', '&#36;': '$', '&amp;': '&'}


class Browser(httpx.Client):
    """HTTP with cookies; `sign_in` does what the form does."""

    def __init__(self, url, **options):
        super().__init__(base_url=url, timeout=10, verify=TLS, **options)
        self.origin = url

    def sign_in(self, login, password=PASSWORD, **form):
        answer = self.post('/auth/login', data={'login': login, 'password': password, **form})
        assert answer.status_code == 303, answer.text
        return answer

    def sign_out(self):
        return self.post('/auth/logout', headers={'Origin': self.origin})

    def cookie_header(self):
        return '; '.join(f'{cookie.name}={cookie.value}' for cookie in self.cookies.jar)

    def open(self, path):
        return LivePage(self, self.get(path))


class LivePage:
    """A page of NiceGUI as its HTML tells: the id of the client and the elements with their listeners."""

    def __init__(self, browser, answer):
        assert answer.status_code == 200, answer
        self.browser, self.html = browser, answer.text
        self.client_id = re.search(
            r"client_id': '([^']+)'|\"client_id\": ?\"([^\"]+)\"", self.html.replace('&#39;', "'")
        )
        self.client_id = next(found for found in self.client_id.groups() if found)
        raw = re.search(r'parseElements\(String\.raw`(.*?)`\)', self.html, re.DOTALL)[1]
        for escaped, plain in UNESCAPED.items():
            raw = raw.replace(escaped, plain)
        self.elements = json.loads(raw)
        self.tab_id = str(uuid.uuid4())

    def query(self, **changes):
        return {
            'client_id': self.client_id,
            'next_message_id': 0,
            'implicit_handshake': 'true',
            'tab_id': self.tab_id,
            'old_tab_id': 'null',
            'document_id': str(uuid.uuid4()),
            **changes,
        }

    def socket(self, **options):
        return Socket(self.browser.origin, self.query(), **{'cookie': self.browser.cookie_header(), **options})

    def listener(self, label, kind='click'):
        """Return (element id, listener id) of the button with this label, or of the input of this name."""
        for key, element in self.elements.items():
            if element.get('props', {}).get('label') == label or element.get('text') == label:
                for event in element.get('events', []):
                    if event['type'] == kind:
                        return int(key), event['listener_id']
        raise AssertionError(f'no {label!r} with {kind!r}')

    def all_events(self):
        """Return a message for every listener of the page: clicks, and values for what takes one."""
        return [
            {'id': int(key), 'client_id': self.client_id, 'listener_id': event['listener_id'], 'args': [_args(event)]}
            for key, element in self.elements.items()
            for event in element.get('events', [])
        ]

    def event(self, label, kind='click', args='null', **changes):
        element_id, listener_id = self.listener(label, kind)
        message = {'id': element_id, 'client_id': self.client_id, 'listener_id': listener_id, 'args': [args]}
        return {**message, **changes}


def _args(event):
    return '"forged"' if event['type'].startswith('update:') else 'null'


class DeafSocket:
    """A socket that is let in and then reads nothing more, not even in the background."""

    def __init__(self, opened):
        url = urlsplit(opened.browser.origin)
        self.wire = socket.socket()
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.wire.settimeout(5)
        self.wire.connect((url.hostname, url.port))
        lines = (
            f'GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket&{urlencode(opened.query())} HTTP/1.1',
            f'Host: {url.netloc}',
            f'Origin: {opened.browser.origin}',
            f'Cookie: {opened.browser.cookie_header()}',
            'Upgrade: websocket',
            'Connection: Upgrade',
            'Sec-WebSocket-Version: 13',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        )
        self.wire.sendall(('\r\n'.join(lines) + '\r\n\r\n').encode())
        assert b'101 Switching' in self.wire.recv(200)
        self.wire.sendall(bytes((0x81, 0x82, 0, 0, 0, 0)) + b'40')  # the mask of a browser's frame may be zeros

    def is_reset(self):
        """Tell whether the other side has ended the connection; reads what the kernel kept, but only then."""
        try:
            while self.wire.recv(65_536):
                pass
        except ConnectionResetError:
            return True
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()


def _wire(url, address):
    """Connect to the server from an address of this machine, or from whichever it takes."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), 5, source_address=(address, 0) if address else None)


class Socket:
    """Engine.IO and Socket.IO spoken by hand over a WebSocket."""

    def __init__(self, url, query, *, cookie='', origin=None, host='', connect_first=True, address=''):
        tail = query if isinstance(query, str) else urlencode(query)
        called = f'ws://{host}' if host else url.replace('http', 'ws', 1)
        target = f'{called}/_nicegui_ws/socket.io/?EIO=4&transport=websocket&{tail}'
        headers = {'Cookie': cookie} if cookie else {}
        self.wire = connect(
            target,
            additional_headers=headers,
            origin=url if origin is None else origin or None,
            open_timeout=5,
            sock=_wire(url, address),
            proxy=None,
        )
        self.said = []
        assert self.wire.recv(5).startswith('0')
        if connect_first:
            self.wire.send('40')
            self.answer = self.wire.recv(5)

    @property
    def is_in(self):
        return self.answer.startswith('40')

    def emit(self, name, *arguments):
        self.wire.send('42' + json.dumps([name, *arguments]))

    def hear(self, seconds=0.5):
        """Return what comes within so many seconds; `closed` as the last word when the connection ends."""
        heard, until = [], time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                message = self.wire.recv(left)
            except TimeoutError:
                break
            except ConnectionClosed:
                heard.append('closed')
                break
            if message == '2':
                self.wire.send('3')
            else:
                heard.append(message)
        return heard

    def close(self):
        self.wire.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
