"""SMS: what a provider is told, how its answers are sorted, and what a log may hold."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.gateways.mail import Refused, ServerUnreachable, TryLater
from services.gateways.sms import HttpSms, LogSms, masked
from services.messages.letters.render import render_sms


class Provider(HTTPServer):
    """A provider's HTTP interface; `code` is what it answers."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.code, self.requests = 200, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f'http://login:secret@127.0.0.1:{self.server_port}/send'


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        self.server.requests.append((self.path, self.headers.get('Authorization'), body))
        self.send_response(self.server.code)
        self.send_header('Location', '/elsewhere')
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def provider():
    server = Provider()
    yield server
    server.shutdown()
    server.server_close()


async def test_a_provider_is_told_number_text_and_a_key_that_stays_the_same(provider):
    await HttpSms(provider.url).send('+375291234567', 'Заявка принята', key='application:000042')

    assert provider.requests == [
        (
            '/send',
            'Basic bG9naW46c2VjcmV0',
            {'to': '+375291234567', 'text': 'Заявка принята', 'id': 'application:000042'},
        )
    ]


@pytest.mark.parametrize(
    ('code', 'error'),
    [
        (400, Refused), (422, Refused),
        (408, TryLater), (429, TryLater), (500, TryLater), (503, TryLater),
        (401, ServerUnreachable), (403, ServerUnreachable), (404, ServerUnreachable),
        (302, ServerUnreachable), (307, ServerUnreachable),
    ],
)  # fmt: skip
async def test_an_answer_says_whose_fault_it_is(provider, code, error):
    provider.code = code

    with pytest.raises(error, match=str(code)):
        await HttpSms(provider.url).send('+375291234567', 'Текст', key='k')

    assert len(provider.requests) == 1  # a redirect is not followed


async def test_an_absent_provider_is_no_fault_of_the_message(provider):
    url = provider.url
    provider.shutdown()
    provider.server_close()

    with pytest.raises(ServerUnreachable):
        await HttpSms(url, seconds=1).send('+375291234567', 'Текст', key='k')


async def test_the_log_holds_neither_number_nor_text(caplog):
    with caplog.at_level(logging.INFO):
        await LogSms().send('+375291234567', 'Пароль 12345', key='k')

    assert '12 characters' in caplog.text
    assert '+37529*****67' in caplog.text
    assert '1234567' not in caplog.text
    assert 'Пароль' not in caplog.text


@pytest.mark.parametrize('short', ['', '12345678'])
def test_a_short_number_is_masked_whole(short):
    assert masked(short) == '***'


def test_an_sms_is_one_paragraph():
    text = render_sms('application_received', {'number': '000042', 'link': 'http://127.0.0.1:8080/application/t'})

    assert text == (
        'Amigo: заявка 000042 принята, позвоним в течение 2 рабочих часов. '
        'Состояние: http://127.0.0.1:8080/application/t'
    )
