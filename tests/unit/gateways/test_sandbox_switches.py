"""The front page of the sandbox and the sandbox alone: every fault has a switch, and foreign pages turn none."""

import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest

from services.gateways.payment_gateway import GatewayStatus
from services.gateways.sandbox import alone
from services.gateways.sandbox.faults import Fault
from services.gateways.sandbox.switchboard import WORDS
from tests.server import free_port
from tests.test_house_rules import ROOT

DECLINED = '4005550000000019'


def turn(world, headers=None, **fields):
    return world.browser.post(f'{world.url}/switch', data=fields, headers=headers)


def on(world):
    return {each['name']: each['times'] for each in world.browser.get(f'{world.url}/faults').json()['faults']}


def test_every_fault_has_its_switch(world):
    page = world.browser.get(f'{world.url}/')

    assert set(WORDS) == set(Fault)
    assert all(title in page.text for title, _ in WORDS.values())
    assert '<script' not in page.text
    assert world.browser.get(str(page.url.join('widget/hpp.css'))).status_code == 200


def test_switch_is_turned_on_and_off(world):
    answer = turn(world, name='late', times='3', seconds='90')
    page = world.browser.follow(answer).text

    assert answer.status_code == 303
    assert on(world) == {'late': 3}
    assert 'Включён' in page
    assert 'секунд: 90' in page
    turn(world, name='late', times='0')
    assert on(world) == {}


def test_all_are_turned_off_at_once(world):
    turn(world, name='late')
    turn(world, name='duplicate', times='2')

    turn(world, clear='1')

    assert on(world) == {}


@pytest.mark.parametrize(
    'fields', [{'name': 'none'}, {'name': 'late', 'times': 'x'}, {'name': 'late', 'times': '-1'}, {}]
)
def test_senseless_form_is_told_and_changes_nothing(world, fields):
    answer = turn(world, **fields)

    assert answer.status_code == 422
    assert 'от 0 до 86400' in answer.text
    assert on(world) == {}


@pytest.mark.parametrize(
    'headers', [{'origin': 'https://evil.example'}, {'sec-fetch-site': 'cross-site'}, {'sec-fetch-site': 'same-site'}]
)
def test_foreign_page_turns_no_switch(world, headers):
    assert turn(world, headers, name='no_webhook').status_code == 403
    assert on(world) == {}


def test_own_page_does(world):
    host = urlsplit(world.url).netloc

    assert turn(world, {'origin': f'http://{host}', 'sec-fetch-site': 'same-origin'}, name='late').status_code == 303


def test_page_tells_what_became_of_webhooks(world):
    world.shop.answers.put(500)
    world.browser.pay(world.checkout())
    world.shop.next_hook()

    page = world.browser.get(f'{world.url}/').text

    assert 'о платеже' in page
    assert 'отправляется' in page or 'ответ 500, попытка 1' in page


# --- the two faults of order -------------------------------------------------------------------------------------


def heard(world):
    hook = world.shop.next_hook()
    return world.gateway.verify_webhook(hook.body, hook.headers).transaction.status


def test_out_of_order_lets_the_next_one_overtake(world):
    world.switch(Fault.OUT_OF_ORDER)
    checkout = world.checkout()
    world.browser.pay(checkout, DECLINED)
    world.browser.pay(checkout)

    first = heard(world)
    world.move_clock(seconds=1)

    assert [first, heard(world)] == [GatewayStatus.SUCCEEDED, GatewayStatus.FAILED]


def test_overtaken_by_nobody_comes_late(world):
    world.switch(Fault.OUT_OF_ORDER, seconds=30)
    world.browser.pay(world.checkout())

    assert world.shop.hooks.empty()
    world.move_clock(seconds=31)

    assert heard(world) is GatewayStatus.SUCCEEDED


# --- as a program ------------------------------------------------------------------------------------------------


def test_settings_of_the_bank_alone_connect_a_site(tmp_path):
    config = alone.config_of(tmp_path, 8090, 'http://127.0.0.1:8080/', 0.05)
    lines = dict(line.split('=', 1) for line in alone.settings_of(config).splitlines())

    assert lines['AMIGO_BEPAID_CHECKOUT_URL'] == 'http://127.0.0.1:8090'
    assert lines['AMIGO_BEPAID_PUBLIC_KEY'].startswith('MII')
    assert alone.config_of(tmp_path, 8090, 'http://127.0.0.1:8080', 0.05) == config  # the secret stays


def test_bank_alone_runs_as_a_program(tmp_path):
    port = free_port()
    environment = {'AMIGO_DEMO': '1', 'AMIGO_DATA_DIR': str(tmp_path), 'PATH': '/usr/bin:/bin'}
    command = [sys.executable, 'main.py', 'sandbox', '--port', str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as bank:
        try:
            told = [bank.stdout.readline() for _ in range(8)]
            secret = next(line for line in told if 'SECRET_KEY' in line).strip().partition('=')[2]
            transport = httpx.HTTPTransport(retries=8)  # it listens a moment after it has told
            with httpx.Client(transport=transport, base_url=f'http://127.0.0.1:{port}') as client:
                page, unknown = client.get('/'), client.get('/ctp/api/checkouts/none', auth=('amigo-demo', secret))
        finally:
            bank.terminate()

    assert 'Сбои банка' in page.text
    assert (unknown.status_code, unknown.json()['message']) == (404, 'Record not found')


def test_bank_alone_is_for_the_demo_only(tmp_path):
    keys = {'AMIGO_SECRET_KEY': 's' * 40, 'AMIGO_PEPPER': 'p' * 40, 'AMIGO_FIELD_KEYS': '1:' + 'a' * 43 + '='}
    environment = {'AMIGO_DATA_DIR': str(tmp_path), 'PATH': '/usr/bin:/bin', **keys}
    command = [sys.executable, 'main.py', 'sandbox']

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert 'AMIGO_DEMO=1' in done.stderr
