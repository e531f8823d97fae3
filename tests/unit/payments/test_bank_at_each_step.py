"""The bank answers 401, 422, 500, too slowly, with nonsense or not at all, at each step: a clear word, no credit, another try."""

import queue
import threading
import time
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from models.payment import FINAL, Payment, PaymentState
from services.errors import DomainError
from services.payments import payment_outcomes, payment_polling, payments
from tests import factories
from tests.bank import again, balance, begin, connect, credited, pay

STEPS = {
    'start': ('POST', '/ctp/api/checkouts'),
    'ask about the page': ('GET', '/ctp/api/checkouts/'),
    'ask about the money': ('GET', '/transactions/'),
}
NO = b'{"message":"Sorry.","errors":{"base":["Sorry."]}}'
SAYS = {
    '401': (401, NO),
    '422': (422, NO),
    '500': (500, NO),
    'nonsense': (200, b'{"checkout":{"token":7},"transaction":[]}'),
}
ANSWERS = [*SAYS, 'slow', 'closed']
PATIENCE = 0.3


@contextmanager
def bad_at(step, how, bank):
    """Stand before the bank and spoil one step; all others are passed on."""
    method, path = STEPS[step]
    waiting = threading.Event()

    class Between(BaseHTTPRequestHandler):
        def do_GET(self):
            self._serve()

        def do_POST(self):
            self._serve()

        def _serve(self):
            body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
            if self.command == method and self.path.startswith(path):
                self._spoil()
                return
            kept = {k: v for k, v in self.headers.items() if k.lower() in {'authorization', 'content-type', 'accept'}}
            answer = httpx.request(self.command, bank.url + self.path, content=body, headers=kept)
            self._say(answer.status_code, answer.content)

        def _spoil(self):
            if how in SAYS:
                self._say(*SAYS[how])
                return
            waiting.wait(5 if how == 'slow' else 0)
            self.close_connection = True

        def _say(self, status, content):
            self.send_response(status)
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format, *args):  # noqa: A002 - the base class names it so
            """Stay silent."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Between)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    try:
        url = f'http://127.0.0.1:{server.server_port}'
        yield bank.adapter(checkout_url=url, gateway_url=url, answer_timeout=PATIENCE)
    finally:
        waiting.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def broken(bank, monkeypatch):
    """Connect the house to a bank that is bad at one step for a while."""

    class Broken:
        @contextmanager
        def at(self, step, how):
            with bad_at(step, how, bank) as port:
                connect(monkeypatch, port)
                yield
            connect(monkeypatch, bank.gateway)

    return Broken()


@pytest.mark.parametrize('how', ANSWERS)
def test_page_that_does_not_open(db, bank, broken, anna, how):
    with broken.at('start', how), pytest.raises(DomainError, match='Деньги не списаны') as refused:
        payments.start('20', factories.key(), actor=anna)

    assert refused.value.status == 503
    assert credited(anna) == []
    begin(anna)  # another try opens a page
    assert [p.state for p in Payment.select().order_by(Payment.id)][-1] == PaymentState.REDIRECTED


@pytest.mark.parametrize('step', ['ask about the page', 'ask about the money'])
@pytest.mark.parametrize('how', ANSWERS)
def test_paid_page_while_the_bank_does_not_tell(db, bank, broken, anna, clock, step, how):
    payment = pay(bank, anna)

    with broken.at(step, how):
        view = payments.check(payment.tracking_id, actor=anna)
        asked = payment_outcomes.refresh(payment.id)
        clock.forward(minutes=1)
        payment_polling.poll_due()

    assert (view.is_waiting, asked) == (True, False)
    assert credited(anna) == []
    assert again(payment).state not in FINAL
    clock.forward(minutes=5)
    payment_polling.poll_due()
    assert credited(anna) == [Decimal('20.00')]


def test_slow_bank_holds_nobody_longer_than_its_time(db, broken, anna):
    begun = time.monotonic()

    with broken.at('start', 'slow'), pytest.raises(payments.BankSilent):
        payments.start('20', factories.key(), actor=anna)

    assert time.monotonic() - begun < 10 * PATIENCE


@pytest.mark.parametrize('amount', ['0', '-1', '9223372036854775808', '0,001', ''])
def test_impossible_sum_never_reaches_the_bank(db, bank, anna, amount):
    with pytest.raises(DomainError):
        payments.start(amount, factories.key(), actor=anna)

    assert not Payment.select().exists()
    assert balance(anna) == Decimal('45.10')
    with pytest.raises(queue.Empty):
        bank.shop.hooks.get_nowait()


def test_token_of_another_subscriber_pays_for_that_one(db, bank, anna, boris):
    """Whoever opens somebody else's bank page pays somebody else's bill; the answer names the payment, not the person."""
    payment, checkout = begin(boris, '12,40')
    own, _ = begin(anna, '12,40')

    bank.browser.pay(checkout)
    payments.check(own.tracking_id, actor=anna)
    payment_outcomes.refresh(payment.id)

    assert (credited(anna), credited(boris)) == ([], [Decimal('12.40')])
