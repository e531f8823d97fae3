"""Schemathesis against a running server: whatever it makes up for an address, the answer is one that was written down.

The addresses for machines stand in docs/openapi.yml; what people's forms take stands in tests/attack/hostile.py.
"""

import base64
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.gateways import webpay_signatures
from services.gateways.sandbox.config import SandboxConfig
from services.gateways.sandbox.keys import private_key, signature
from services.identity.keys import derive_key
from tests.attack.hostile import FORMS, KNOWN, owner_of
from tests.attack.intruder import Browser
from tests.server import ROOT, running
from tests.webpay_host import PASSWORD, SECRET, STORE, USER, webpay_host

SEED = 'described-' + 's' * 40
MACHINES = yaml.safe_load((ROOT / 'docs' / 'openapi.yml').read_text('utf-8'))
AS_WRITTEN = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
made_up = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TOLD = ('A genuine webhook is about a payment we do not have', 'is strange: Transaction(')
"""What the log must tell an operator about bells that are genuine and make no sense."""
machines = schemathesis.openapi.from_dict(MACHINES)


def of_people():
    """Return the forms as a description: each field is any text, none is needed."""
    paths = {}
    for path, fields in FORMS.items():
        if path not in MACHINES['paths']:
            body = {'type': 'object', 'properties': {name: {'type': 'string'} for name in fields}}
            content = {'application/x-www-form-urlencoded': {'schema': body}}
            paths[path] = {'post': {'requestBody': {'content': content}, 'responses': {'default': {'description': ''}}}}
            if holes := [name for name in KNOWN if f'{{{name}}}' in path]:
                where = {'in': 'path', 'required': True}
                paths[path]['parameters'] = [
                    {'name': name, 'schema': {'type': 'string', 'enum': [KNOWN[name]]}, **where} for name in holes
                ]
    return {'openapi': '3.1.0', 'info': {'title': 'forms', 'version': '1'}, 'paths': paths}


forms = schemathesis.openapi.from_dict(of_people())


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    probe = Path(__file__).with_name('probe.py')
    folder = tmp_path_factory.mktemp('described')
    with running(folder, probe, DEMO_NO_PAGE_LIMITS='1', SECRET_KEY=SEED) as server:
        yield server


@pytest.fixture(scope='module')
def bank(server):
    """The gateway of this demo: its words and its key."""
    config = SandboxConfig(server.folder / 'gateway', '', 'amigo-demo', derive_key(SEED, 'sandbox gateway').hex())
    return config, private_key(config)


@pytest.fixture(scope='module')
def begun(server):
    """The number the gateway knows a payment by that Anna has just begun."""
    with Browser(server.url) as browser:
        browser.sign_in('100001')
        key = re.search(r'name="form_key" value="([^"]+)"', browser.get('/my/pay').text)[1]
        answer = browser.post('/my/pay', data={'amount': '20', 'form_key': key, 'contract': '100001'})
        assert answer.status_code == 303, answer.text
    with closing(sqlite3.connect(server.folder / 'amigo.db')) as books:
        return books.execute('SELECT tracking_id FROM payment ORDER BY id DESC').fetchone()[0]


@pytest.fixture(scope='module')
def webpay_server(tmp_path_factory):
    with webpay_host() as host:
        words = {
            'WEBPAY_PAYMENT_URL': host.url, 'WEBPAY_BILLING_URL': host.url, 'WEBPAY_STORE_ID': STORE,
            'WEBPAY_SECRET_KEY': SECRET, 'WEBPAY_USERNAME': USER, 'WEBPAY_PASSWORD': PASSWORD,
        }  # fmt: skip
        with running(tmp_path_factory.mktemp('webpay'), **words) as server:
            yield server


@pytest.fixture(scope='module')
def taken():
    """The statuses of what was signed."""
    return []


@pytest.fixture(scope='module')
def sessions(server):
    """The cookies of whoever gets furthest on a form, taken before the doors are knocked at."""
    found = {}
    for login in sorted({owner_of(path) for path in FORMS} - {''}):
        with Browser(server.url) as browser:
            browser.sign_in(login)
            found[login] = dict(browser.cookies)
    return found


def prepared(case, server, **headers):
    """Return the request of a case as it goes over the wire, with these headers instead of made-up ones."""
    request = requests.Request(**case.as_transport_kwargs(base_url=server.url)).prepare()
    request.headers.update(headers)
    return request


def send(case, request):
    """Send it, look at the answer, return its status."""
    with requests.Session() as session:
        answer = session.send(request, timeout=20, allow_redirects=False)
    case.validate_response(answer, checks=AS_WRITTEN)
    return answer.status_code


def about(raw, tracking_id):
    """Return a bell that is about this payment, where it is about one at all."""
    try:
        told = json.loads(raw)
        (told['transaction'] if 'transaction' in told else told['order'])['tracking_id'] = tracking_id
    except (ValueError, TypeError, KeyError):
        return raw
    return json.dumps(told).encode()


def test_every_address_for_machines_is_described(server):
    routes = httpx.get(f'{server.url}/probe/routes').json()
    posts = {route['path'] for route in routes if 'POST' in route['methods']}

    assert posts == set(FORMS)
    assert set(MACHINES['paths']) - posts == {'/healthz', '/readyz'}


@machines.parametrize()
@made_up
def test_machines_get_the_answers_that_are_written_down(case, server):
    send(case, prepared(case, server))


@machines.include(path='/hooks/bepaid').parametrize()
@made_up
def test_what_bepaid_has_signed_is_answered_as_written(case, server, bank, begun, taken):
    config, key = bank
    words = base64.b64encode(f'{config.shop_id}:{config.secret_key}'.encode()).decode()
    request = prepared(case, server, Authorization=f'Basic {words}')
    body = request.body or b''
    raw = body if isinstance(body, bytes) else body.encode()
    request.prepare_body(about(raw, begun) if len(raw) % 2 else raw, None)
    request.headers['Content-Signature'] = signature(key, request.body or b'')

    taken.append(send(case, request))


@machines.include(path='/hooks/webpay').parametrize()
@made_up
def test_what_webpay_has_signed_is_answered_as_written(case, webpay_server, taken):
    request = prepared(case, webpay_server)
    body = request.body or ''
    fields = dict(parse_qsl(body.decode() if isinstance(body, bytes) else body, keep_blank_values=True))
    if set(webpay_signatures.NOTICE) <= set(fields):
        fields['wsb_signature'] = webpay_signatures.of_notice(fields, SECRET)
        request.prepare_body(urlencode(fields), None)

    taken.append(send(case, request))


@pytest.mark.timeout(600)
@forms.parametrize()
@settings(made_up, max_examples=15)
def test_no_form_falls(case, server, sessions):
    path = case.operation.path
    cookies = sessions.get(owner_of(path), {}) if path != '/auth/logout' else {}
    request = prepared(case, server, Cookie='; '.join(f'{name}={value}' for name, value in cookies.items()))
    with requests.Session() as session:
        answer = session.send(request, timeout=20, allow_redirects=False)
    case.validate_response(answer, checks=[not_a_server_error])


def test_much_of_it_was_believed_and_nothing_fell(server, webpay_server, taken):
    complaints = [*server.complaints(), *webpay_server.complaints()]

    assert [each for each in complaints if not any(words in each.splitlines()[0] for words in TOLD)] == []
    assert taken.count(200) > 20, taken
    assert len(complaints) > 10, 'genuine bells about payments of nobody are told to the operator'
