"""Paying while the bank is down, slow or half-silent and our process is killed: nothing lost, nothing doubled, all final."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import time_machine

from models.account import Operation
from models.contract import Contract
from models.payment import FINAL, Payment
from services.accounts import invariants, ledger
from services.gateways.bepaid import BePaid, BePaidConfig
from services.gateways.payment_gateway import Checkout
from services.payments import payment_gateways, payment_polling
from services.payments.payment_gateways import CardGateway
from services.runner import with_connection
from tests import factories
from tests.crash import harness
from tests.faults.unsure_bank import PATIENCE, SECRET, SHOP, paid, unsure_bank
from tests.server import free_port
from tests.unit.gateways.conftest import Browser, Fields

DECLINED, CHALLENGE, GOOD = '4005550000000019', '4012000000001097', '4200000000000000'
HABITS = {'pays': 60, 'tries two cards': 15, 'is asked for a code': 15, 'leaves': 5, 'has no money': 5}
NUMBERS = [str(500_001 + k) for k in range(60)]
AFTER = [timedelta(minutes=1), *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24, 48, 96, 168))]
"""When the poller asks once our side lives again; the bank's pages are over by then."""


class Customers(threading.Thread):
    """Go to every page our side has got, each by his habit; they do not come back to the shop."""

    def __init__(self, pages, seed=2):
        super().__init__(daemon=True)
        self.pages, self.chance, self.seen, self.over = pages, random.Random(seed), Counter(), threading.Event()  # noqa: S311

    def run(self):
        gone = 0
        with Browser(trust_env=False, timeout=10) as browser:
            while True:
                is_last = self.over.is_set()
                lines = self.pages.read_text().splitlines()
                for line in lines[gone:]:
                    self._visit(browser, line.split()[1])
                gone = len(lines)
                if is_last:
                    return
                self.over.wait(0.02)

    def _visit(self, browser, address):
        habit = self.chance.choices([*HABITS], [*HABITS.values()])[0] if address != '-' else 'saw no page'
        self.seen[habit] += 1
        checkout = Checkout('', address)
        match habit:
            case 'pays':
                browser.pay(checkout, GOOD)
            case 'tries two cards':
                browser.pay(checkout, DECLINED)
                browser.pay(checkout, GOOD)
            case 'is asked for a code':
                page = browser.pay(checkout, CHALLENGE)
                asked = browser.follow(page)
                browser.post(asked.url, data=Fields(asked.text).values | {'code': '1234'})
            case 'has no money':
                for _ in range(3):
                    browser.pay(checkout, DECLINED)


@with_connection
def prepare():
    for number in NUMBERS:
        factories.make_contract(number, tariff='I-100', active_on=date(2026, 1, 1))


def run(committed_db, folder, count, *, kills, mistake=''):
    """Begin `count` payments under faults and kills, let the weather clear, let the poller run; return what came of it."""
    prepare()
    pages, port = folder / 'pages', free_port()
    pages.touch()
    with unsure_bank(folder / 'bank', f'http://127.0.0.1:{port}/') as (line, app, url, key):
        order = {
            'database': committed_db.url, 'port': port, 'pages': str(pages), 'numbers': NUMBERS, 'count': count,
            'bank': url, 'shop': SHOP, 'secret': SECRET, 'key': key, 'patience': PATIENCE, 'mistake': mistake,
        }  # fmt: skip
        (folder / 'order').write_text(json.dumps(order))
        customers = Customers(pages)
        customers.start()
        killed = live_and_die(folder, pages, count, kills)
        customers.over.set()
        customers.join()
        app.state.desk.courier.close()  # what bells are left never come
        line.fates = {}
        if not mistake:
            ask_in_the_end(url, key)
        return with_connection(compare)(app, line, customers, killed)


def live_and_die(folder, pages, count, kills):
    """Run our side life after life, each ended by a kill; the last one only after all payments have begun."""
    chance, killed = random.Random(3), 0  # noqa: S311
    errors = (folder / 'errors').open('w')
    command = [sys.executable, '-m', 'tests.faults.our_side', str(folder / 'order')]
    process = subprocess.Popen(
        command, cwd=harness.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
    )
    try:
        assert process.stdout.readline() == 'ready\n', (folder / 'errors').read_text()
        until = time.monotonic() + count * 2 + 60
        while killed < kills or len(pages.read_text().splitlines()) < count:
            assert time.monotonic() < until, f'{killed} kills: {(folder / "errors").read_text()[-2000:]}'
            pid = harness.fork(process, 'work')
            time.sleep(0.05 + chance.random() * (0.6 if killed < kills else 2))  # the random instant
            harness.kill([pid])
            killed += 1
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
        errors.close()
    return killed


def ask_in_the_end(url, key):
    """Let a week go by with a poller and a bank in good weather, and nothing else: no bell, no return."""
    hosts = frozenset({urlsplit(url).netloc})
    before = payment_gateways.card_gateway
    with BePaid(BePaidConfig(url, url, SHOP, SECRET, key, True, hosts, 5.0, 10.0)) as port:
        payment_gateways.card_gateway = lambda: CardGateway(port, True, 'http://shop.test', 'http://shop.test/')
        try:
            for pause in AFTER:
                with time_machine.travel(datetime.now(UTC) + pause, tick=False):
                    while payment_polling.poll_due():
                        pass
        finally:
            payment_gateways.card_gateway = before


def compare(app, line, customers, killed):
    """Set the bank's truth beside our books."""
    truth = {uid: (tracking, kopecks) for uid, tracking, kopecks in paid(app)}
    booked = Counter()
    for each in Operation.select().where(Operation.key.startswith('pay:bepaid:')):
        booked[each.key.split(':')[2]] += max(entry.amount for entry in each.entries) * 100
    owner = {p.tracking_id: p.contract_id for p in Payment.select()}
    should = Counter()
    for tracking, kopecks in truth.values():
        should[owner[tracking]] += kopecks
    wrong = {
        contract.number: ledger.balance(contract)
        for contract in Contract.select().where(Contract.number.in_(NUMBERS))
        if ledger.balance(contract) != Decimal(should[contract.id]).scaleb(-2)
    }
    return {
        'paid': len(truth),
        'lost': sum(uid not in booked for uid in truth),
        'doubled': sum(booked[uid] > kopecks for uid, (_, kopecks) in truth.items()),
        'invented': len(set(booked) - set(truth)),
        'wrong balances': len(wrong),
        'not final': Payment.select().where(Payment.state.not_in(list(FINAL))).count(),
        'payments': Payment.select().count(),
        'kills': killed,
        'line': dict(line.seen),
        'customers': dict(customers.seen),
    }


def well(came):
    assert (came['lost'], came['doubled'], came['invented'], came['wrong balances']) == (0, 0, 0, 0), came
    assert came['not final'] == 0, came
    assert came['paid'] > 0, came
    assert with_connection(invariants.self_check)(but=('I10 late',)) == []


def test_a_few_payments_under_faults(committed_db, tmp_path):
    well(run(committed_db, tmp_path, 15, kills=8))


@pytest.mark.full
@pytest.mark.timeout(0)
def test_three_hundred_payments_under_faults(committed_db, tmp_path, capsys):
    begun = time.monotonic()
    came = run(committed_db, tmp_path, 300, kills=150)

    with capsys.disabled():
        print(f'\n{committed_db.name}, {time.monotonic() - begun:.0f} s: {came}')
    well(came)


@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.broken_books
@pytest.mark.parametrize(('mistake', 'found'), [('no poller', 'lost'), ('new key', 'doubled')])
def test_a_mistake_is_found(committed_db, tmp_path, mistake, found):
    assert run(committed_db, tmp_path, 40, kills=20, mistake=mistake)[found] > 0
