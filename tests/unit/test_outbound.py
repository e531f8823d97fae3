"""The way out over HTTP: whom it speaks to, and whom not whatever it is told (ASVS 1.3.6)."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.gateways import outbound
from services.gateways.outbound import NoAnswer, NotSent, Outbound, is_public
from services.settings import Settings

SECRETS = dict.fromkeys(('secret_key', 'pepper', 'field_keys'), 's' * 40)


class Partner(HTTPServer):
    """Somebody on this machine: `paths` is what he was asked for, `answer` what he says."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.answer, self.asked = (200, {}, b'yes'), []
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.01}, daemon=True).start()

    @property
    def url(self):
        return f'http://127.0.0.1:{self.server_port}'


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.headers['Host'], self.path))
        code, headers, body = self.server.answer
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def partner():
    server = Partner()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def in_production(monkeypatch):
    monkeypatch.setattr(outbound, 'get_settings', lambda: Settings(demo=False, **SECRETS))


def test_the_partner_of_the_settings_is_asked_under_his_own_name(partner):
    place = f'http://localhost:{partner.server_port}'
    with Outbound(f'{place}/whatever/stands/here') as way:
        answer = way.request('GET', f'{place}/pay')

    assert (answer.status, answer.content) == (200, b'yes')
    assert partner.asked == [(f'localhost:{partner.server_port}', '/pay')]


@pytest.mark.parametrize(
    'address',
    [
        'http://127.0.0.1:{other}/', 'https://127.0.0.1:{port}/', 'http://localhost:{port}/', 'http://127.0.0.2:{port}/',
        'http://127.0.0.1:{port}@localhost/', 'http://127.0.0.1:{port}.evil.example/', '//127.0.0.1:{port}/', 'file:///etc/passwd',
        'gopher://127.0.0.1:{port}/', 'http://[::1]:{port}/', 'http://127.0.0.1:{port}x/', '', 'http://', '/pay',
    ],
)  # fmt: skip
def test_another_scheme_host_or_port_is_not(partner, address):
    with Outbound(partner.url) as way, pytest.raises(NotSent, match='not in the settings'):
        way.request('GET', address.format(port=partner.server_port, other=partner.server_port - 1))

    assert partner.asked == []


def test_without_a_place_in_the_settings_there_is_no_way(partner):
    with Outbound('', 'http://') as way, pytest.raises(NotSent):
        way.request('GET', partner.url)

    assert partner.asked == []


@pytest.mark.parametrize('code', [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_no_way(partner, code):
    partner.answer = (code, {'Location': f'{partner.url}/elsewhere'}, b'')
    with Outbound(partner.url) as way:
        assert way.request('GET', partner.url).status == code

    assert len(partner.asked) == 1


def test_a_proxy_of_the_environment_is_not_taken(partner, monkeypatch):
    with socket.create_server(('127.0.0.1', 0)) as proxy:
        for name in ('HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'):
            monkeypatch.setenv(name, f'http://127.0.0.1:{proxy.getsockname()[1]}')
        with Outbound(partner.url, answer=2) as way:
            assert way.request('GET', partner.url).is_success


@pytest.mark.usefixtures('in_production')
def test_outside_a_demo_this_machine_is_not_spoken_to(partner):
    with Outbound(partner.url) as way, pytest.raises(NotSent, match='private'):
        way.request('GET', partner.url)

    assert partner.asked == []


@pytest.mark.usefixtures('in_production')
@pytest.mark.parametrize('numbers', [['10.0.0.5'], ['93.184.216.34', '127.0.0.1'], ['::ffff:192.168.1.1']])
def test_a_name_that_leads_into_a_private_network_is_not_followed(monkeypatch, numbers):
    asked = []
    monkeypatch.setattr(socket, 'getaddrinfo', lambda *_, **__: [(0, 0, 0, '', (n, 443)) for n in numbers])
    with Outbound('https://bank.by') as way:
        monkeypatch.setattr(way._client, 'send', lambda *_, **__: asked.append(1))
        with pytest.raises(NotSent, match='private'):
            way.request('GET', 'https://bank.by/pay')

    assert asked == []


def test_a_name_is_looked_up_once_and_spoken_to_where_it_was_found(partner, monkeypatch):
    looked = []

    def look(host, port, **_):
        looked.append(host)
        return [(0, 0, 0, '', ('127.0.0.1' if len(looked) == 1 else '127.0.0.9', port))]

    real, place = socket.getaddrinfo, f'http://bank.test:{partner.server_port}'
    monkeypatch.setattr(socket, 'getaddrinfo', lambda host, port, *a, **k: (
        look(host, port) if host == 'bank.test' else real(host, port, *a, **k)))  # fmt: skip
    with Outbound(place) as way:
        assert way.request('GET', f'{place}/').is_success

    assert looked == ['bank.test']
    assert partner.asked == [(f'bank.test:{partner.server_port}', '/')]


def test_the_next_number_of_a_name_is_tried_when_nobody_is_at_the_first(partner, monkeypatch):
    numbers = ['127.0.0.9', '127.0.0.1']
    monkeypatch.setattr(outbound, '_numbers', lambda *_: numbers)
    with Outbound(partner.url) as way:
        assert way.request('GET', partner.url).is_success


@pytest.mark.parametrize(
    ('number', 'public'),
    [
        ('93.184.216.34', True), ('2a00:1450:4001::1', True),
        ('127.0.0.1', False), ('10.1.2.3', False), ('172.16.0.1', False), ('192.168.0.1', False),
        ('169.254.169.254', False), ('100.64.0.1', False), ('224.0.0.1', False), ('255.255.255.255', False), ('192.0.2.1', False),
        ('::1', False), ('0.1.2.3', False), ('::', False), ('fe80::1%eth0', False), ('fc00::1', False), ('ff02::1', False), ('2001:db8::1', False),
        ('::ffff:10.0.0.1', False), ('::ffff:93.184.216.34', True), ('64:ff9b::a00:1', False), ('2002:a00:1::', False), ('2001:0:1::', False),
    ],
)  # fmt: skip
def test_what_is_of_the_internet(number, public):
    assert is_public(number) is public


def test_an_answer_without_end_is_cut(partner, monkeypatch):
    monkeypatch.setattr(outbound, 'LARGEST', 1000)
    partner.answer = (200, {}, b'x' * 1001)
    with Outbound(partner.url) as way, pytest.raises(NoAnswer, match='without end'):
        way.request('GET', partner.url)


def test_an_answer_that_drips_is_cut(partner, monkeypatch):
    monkeypatch.setattr(outbound, 'WHOLE', 0)
    with Outbound(partner.url) as way, pytest.raises(NoAnswer, match='without end'):
        way.request('GET', partner.url)


def test_one_who_hears_and_says_nothing_is_not_waited_for():
    with socket.create_server(('127.0.0.1', 0)) as silent:
        place = f'http://127.0.0.1:{silent.getsockname()[1]}'
        with Outbound(place, answer=0.1) as way, pytest.raises(NoAnswer, match='ReadTimeout'):
            way.request('GET', place)
