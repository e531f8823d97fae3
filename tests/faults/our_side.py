"""Our side of paying, as a process that is killed at any instant: it starts payments, hears bells, runs the poller.

python -m tests.faults.our_side ORDER: a file of JSON; on its input `work`, it answers with the pid of a fork.
"""

import json
import os
import signal
import sys
import threading
import time
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from models.base import open_database
from models.contract import Contract
from services.authority import Actor
from services.errors import DomainError
from services.gateways.bepaid import BePaid, BePaidConfig
from services.gateways.payment_gateway import WebhookRefused
from services.payments import payment_gateways, payment_hooks, payment_outcomes, payment_polling, payments
from services.payments.payment_gateways import CardGateway
from services.runner import with_connection

SOON = tuple(timedelta(seconds=seconds) for seconds in (0.1, 0.3, 0.6, 1, 2, 4, 8, 16))
"""The first questions of the poller, scaled; the later ones are the house's own."""
TRIES = 8


def main(file):
    order = json.loads(Path(file).read_text())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print('ready', flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _live(order)
        print(pid, flush=True)


def _live(order):
    try:
        open_database(order['database'], connections=20)
        payment_outcomes.CHECKS = (*SOON, *payment_outcomes.CHECKS[1:])
        _connect(order)
        if order['mistake']:
            MISTAKES[order['mistake']]()
        threading.Thread(target=_hear, args=(order['port'],), daemon=True).start()
        threading.Thread(target=_poll, daemon=True).start()
        _start_payments(Path(order['pages']), order['numbers'], order['count'])
        while True:
            time.sleep(1)  # bells and the poller work on; the end is a kill
    finally:
        os._exit(1)


def _connect(order):
    url = order['bank']
    hosts = frozenset({urlsplit(url).netloc})
    config = BePaidConfig(url, url, order['shop'], order['secret'], order['key'], True, hosts, 2.0, order['patience'])
    found = CardGateway(BePaid(config), True, 'http://shop.test', f'http://127.0.0.1:{order["port"]}/hooks/bepaid')
    payment_gateways.card_gateway = lambda: found


def _start_payments(pages, numbers, count):
    """Take up where the last life ended: a payment is begun again with the same forms until there is a page."""
    written = os.open(pages, os.O_WRONLY | os.O_APPEND)
    actors = with_connection(_actors)(numbers)
    for k in range(len(pages.read_text().splitlines()), count):
        address = _page_of(k, actors[k % len(actors)])
        os.write(written, f'{k} {address}\n'.encode())


def _page_of(k, actor):
    """Return the bank's page, as a person gets it: after a refusal he sends a new form; in the end he gives up."""
    for attempt in range(TRIES):
        try:
            started = payments.start(str(Decimal(1000 + k).scaleb(-2)), f'form-{k}-{attempt}', actor=actor)
        except DomainError:
            continue
        if started.redirect_url:
            return started.redirect_url
    return '-'


def _actors(numbers):
    role = frozenset({'subscriber'})
    found = {each.number: each for each in Contract.select().where(Contract.number.in_(numbers))}
    people = [found[number] for number in numbers]
    return [Actor(each.subscriber.user_id, '', 'subscriber', role, each.id, each.number) for each in people]


def _hear(port):
    class Bell(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers['Content-Length']))
            try:
                heard = payment_hooks.hear('bepaid', raw, dict(self.headers))
            except WebhookRefused:
                self.send_error(401)
                return
            self.send_response(200)
            self.send_header('Content-Length', '0')
            self.end_headers()
            self.wfile.flush()
            payment_hooks.follow(heard)

        def log_message(self, format, *args):  # noqa: A002 - the base class names it so
            """Stay silent."""

    ThreadingHTTPServer(('127.0.0.1', port), Bell).serve_forever(poll_interval=0.01)


def _poll():
    while True:
        payment_polling.poll_due()
        time.sleep(0.02)


def _credits_the_bell():
    """Believe a bell and forget the rest: what the bank did not ring about is lost."""
    payment_polling.poll_due = lambda: 0
    payment_outcomes.next_check = lambda _created, _moment: None


def _books_under_a_new_key():
    """Every answer is a new fact: money is doubled."""
    credit, post = payment_outcomes._credit, payment_outcomes.ledger.post

    def crediting(payment, transaction):
        payment_outcomes.Operation, kept = _Blind, payment_outcomes.Operation
        try:
            credit(payment, transaction)
        finally:
            payment_outcomes.Operation = kept

    class _Blind:
        key = ''

        @staticmethod
        def select():
            return _Blind

        @staticmethod
        def where(_condition):
            return _Blind

        @staticmethod
        def exists():
            return False

    payment_outcomes._credit = crediting
    payment_outcomes.ledger.post = lambda contract, posting: post(
        contract, type(posting)(**{**_facts(posting), 'key': f'{posting.key}:{time.monotonic_ns()}'})
    )


def _facts(posting):
    return {name: getattr(posting, name) for name in posting.__dataclass_fields__}


MISTAKES = {'no poller': _credits_the_bell, 'new key': _books_under_a_new_key}


if __name__ == '__main__':
    main(*sys.argv[1:])
