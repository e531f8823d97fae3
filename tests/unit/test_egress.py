"""docs/egress.yml names everybody the program talks to: its clients are those of the code, and they believe nobody else."""

import ast
import re
import socket
import threading

import pytest
import yaml

from services.gateways import outbound
from services.gateways.bepaid import BePaid, BePaidConfig
from services.gateways.payment_gateway import GatewayUnknown
from services.gateways.sms import HttpSms, ServerUnreachable
from services.settings import Settings
from tests.conftest import NotHere
from tests.test_house_rules import ROOT
from tests.unit.test_keys import calls, imports, trees
from tests.unit.test_mail import self_signed  # noqa: F401 - a fixture

DOCUMENT = yaml.safe_load((ROOT / 'docs' / 'egress.yml').read_text(encoding='utf-8'))
HTTP, OUT, IN = DOCUMENT['http'], DOCUMENT['outbound'], DOCUMENT['inbound']
CLIENTS = re.compile(
    r'(aiohttp|aiosmtplib|asyncpg|boto3|ftplib|grpc|http\.client|httpx|imaplib|paramiko|playhouse\.db_url|psycopg|redis'
    r'|requests|services\.gateways\.outbound|smtplib|socket|subprocess|telnetlib|urllib3|urllib\.request|websockets?|xmlrpc)(\.|$)'
)
"""What can open a connection, or start somebody who can."""
WIRES = ('open_connection', 'open_unix_connection', 'create_datagram_endpoint')
"""What asyncio opens by itself; nobody sees that by its import."""


def clients():
    """Return file and library of everything in the code that can open a connection."""
    found = ((file, f'{module}.{name}'.rstrip('.')) for file, tree in trees() for module, name in imports(tree))
    bare = {(file, 'asyncio') for file, tree in trees() for name in WIRES for _ in calls(tree, name)}
    return bare | {
        (file, match[1].removeprefix('services.gateways.').partition('.')[0])
        for file, module in found
        if (match := CLIENTS.match(module))
    }


def test_whoever_can_open_a_connection_stands_in_the_document_and_nobody_else():
    answering = set(IN['site']['code'].items())  # the wire of a browser that came by itself
    way_out = {(HTTP['code'], client) for client in HTTP['clients']}

    assert clients() - answering - way_out == {
        (file, entry['client']) for entry in OUT.values() for file in entry['code']
    }


def test_http_goes_out_by_one_way():
    assert {file for file, client in clients() if client in {'httpx', 'requests', 'urllib', 'aiohttp', 'http'}} == {
        HTTP['code']
    }
    words = HTTP['waits']
    assert [f'{seconds:g} s' in words for seconds in (outbound.CONNECT, outbound.ANSWER, outbound.WHOLE)] == [True] * 3


def test_where_to_is_a_setting():
    named = {name.strip() for entry in OUT.values() for name in entry['setting'].split(',')}

    assert {name.removeprefix('AMIGO_').lower() for name in named} <= set(Settings.model_fields)
    assert all(set(entry) == {'setting', 'code', 'client', 'carries', 'tls', 'away'} for entry in OUT.values())


def test_no_client_has_an_address_of_its_own_or_looks_away():
    files = {HTTP['code'], *(file for entry in OUT.values() for file in entry['code'])}
    bad = []
    for file, tree in trees():
        if file not in files:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in {
                'verify',
                'validate_certs',
                'cert_reqs',
                'check_hostname',
            }:
                bad.append(f'{file}: {node.arg}')
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                bad += [f'{file}: {word}' for word in re.findall(r'https?://\S+', str(node.args[0].value))]

    assert bad == []


@pytest.fixture
def strange(self_signed):  # noqa: F811
    """The address of an https server nobody vouches for, and what it was told."""
    heard = []
    with socket.create_server(('127.0.0.1', 0)) as server:

        def serve():
            try:
                with self_signed.wrap_socket(server.accept()[0], server_side=True) as wire:
                    heard.append(wire.recv(1000))
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f'https://127.0.0.1:{server.getsockname()[1]}', heard
        thread.join(5)


async def test_a_provider_of_sms_nobody_vouches_for_is_told_nothing(strange):
    url, heard = strange

    with pytest.raises(ServerUnreachable):
        await HttpSms(url, seconds=3).send('+375291234567', 'Текст', key='k')

    assert heard == []


def test_a_bank_nobody_vouches_for_is_told_nothing(strange):
    url, heard = strange
    config = BePaidConfig(url, url, '1', 'secret', None, test=True, allowed_hosts=frozenset(), answer_timeout=3)

    with BePaid(config) as bank, pytest.raises(GatewayUnknown, match=r'(?i)connect'):
        bank.query_by_uid('1-abc')

    assert heard == []


def test_no_test_speaks_to_anybody_else():
    with pytest.raises(NotHere), socket.socket() as wire:
        wire.connect(('192.0.2.1', 80))
    with pytest.raises(NotHere):
        socket.getaddrinfo('example.by', 80)
