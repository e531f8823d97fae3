"""The log of a server that is used and attacked: for machines, in UTC, one object a line, and no secret in it."""

import json
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from services.clock import now
from services.demo.welcome import welcome
from tests.attack.intruder import Browser
from tests.attack.test_sockets import MALFORMED
from tests.server import PASSWORD, running

FORGED = 'x\r\n{"event": "forged", "level": "info"}\n\x1b[2J\x1b[31mforged\x1b[0m\x85\u2028'
TYPED = {
    'word': 'typed-password-4711',
    'token': 'typed-token-4711',
    'paper': 'MP4711471',
    'e-mail': 'typed4711@example.by',
}


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp('logged'), Path(__file__).with_name('probe.py'), LOG_JSON='1') as server:
        yield server


@pytest.fixture(scope='module')
def secrets(server):
    """Live a little and attack a little; return every secret that went to and fro."""
    with Browser(server.url) as anna, Browser(server.url) as stranger:
        anna.sign_in('100001')
        opened = anna.open('/my/profile')
        with opened.socket() as wire:
            for message in MALFORMED:
                wire.emit('event', message)
            wire.emit('log', {'client_id': opened.client_id, 'level': 'error', 'message': FORGED})
            wire.hear(0.3)
        _mistype(anna, stranger)
        _break(server)
        cookies = {cookie.name: cookie.value for cookie in anna.cookies.jar}
    return {**TYPED, **cookies, 'client_id': opened.client_id, 'tab_id': opened.tab_id}


def _mistype(anna, stranger):
    stranger.post('/auth/login', data={'login': TYPED['paper'], 'password': TYPED['word']})
    stranger.post('/auth/login', data={'login': FORGED, 'password': FORGED})
    stranger.post('/my/recovery', data={'number': '100001', 'email': TYPED['e-mail'], 'captcha': '1'})
    new = {'token': TYPED['token'], 'new': TYPED['word'], 'again': TYPED['word']}
    stranger.post('/my/recovery/confirm', data=new)
    anna.post('/auth/password', data={'old': TYPED['word'], 'new': TYPED['word'], 'again': 'x'})
    anna.post('/my/profile/email', data={'email': TYPED['e-mail'], 'password': TYPED['word']})
    stranger.get(f'/application/{TYPED["token"]}')
    stranger.get('/', headers={'Cookie': f'sid={TYPED["token"]}'})


def _break(server):
    token = quote(TYPED['token'])
    for path in (
        f'/no/{quote(FORGED)}',
        f'/probe/fails?t={token}',
        f'/probe-fails?t={token}',
        f'/probe/{quote(FORGED)}',
    ):
        httpx.get(f'{server.url}{path}')  # a connection each: after a failure the server ends it
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), 5) as wire:
        wire.sendall(b'no HTTP at all\r\n\r\n')
        wire.recv(100)


@pytest.fixture(scope='module')
def text(server, secrets):
    """The log, without what a demo says to the person who started it."""
    log = server.log.read_text(encoding='utf-8')
    said = welcome(PASSWORD).replace('http://127.0.0.1:8080', server.url)
    assert said in log
    return log.replace(said, '').strip('\n')


@pytest.fixture(scope='module')
def lines(text):
    return [json.loads(line) for line in text.split('\n') if line]


def test_every_line_is_one_object_with_the_same_names(text, lines):
    assert len(lines) > 5
    assert all({'event', 'level', 'logger', 'timestamp'} <= set(line) for line in lines)
    assert any(line['logger'].startswith('uvicorn') for line in lines), 'the server itself speaks the same way'


def test_times_are_in_utc(lines):
    for line in lines:
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z', line['timestamp'])
        at = datetime.fromisoformat(line['timestamp'])
        assert abs(now().astimezone(UTC) - at) < timedelta(minutes=15)


def test_nobody_writes_a_line_of_his_own(text, lines):
    assert [line for line in lines if line['event'].startswith('forged')] == []
    assert re.findall(r'[\x00-\x09\x0b-\x1f\x7f]', text) == []


def test_no_secret_is_in_the_log(text, secrets):
    assert len(secrets) >= 7
    assert [name for name, secret in secrets.items() if secret in text] == []


def test_there_is_no_log_of_addresses(lines):
    assert [line for line in lines if line['logger'] == 'uvicorn.access' or 'GET /' in line['event']] == []


def test_a_failure_is_found_by_the_number_the_person_sees(browse, written):
    answer = browse().get('/probe/fails')
    number = re.search(r'Номер неполадки: <strong class="num">(\w+)<', answer.text)[1]
    line = next(json.loads(line) for line in written().splitlines() if number in line)

    assert answer.status_code == 500
    assert (line['level'], line['logger']) == ('error', 'pages.errors')
    assert 'broken on purpose' in line['exception']
    assert len(line['request']) == 16


@pytest.mark.parametrize('path', ['/probe/fails', '/probe-fails'])
def test_the_person_sees_a_number_and_nothing_of_the_failure(browse, path):
    answer = browse().get(path)

    assert answer.status_code == 500
    assert 'Номер неполадки' in answer.text
    assert [word for word in ('broken', 'Traceback', 'RuntimeError', '.py', 'a secret') if word in answer.text] == []


def test_the_traceback_shows_no_variables(browse, written):
    browse().get('/probe/fails')

    assert 'broken on purpose' in written()
    assert 'a secret in a local variable' not in written()
