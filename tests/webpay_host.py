"""WEBPAY's two hosts on one loopback port, speaking its protocol (DOMAIN §2.3): payments, notices, get_transaction."""

import itertools
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

from services.gateways import webpay_signatures as signatures

STORE, SECRET, USER, PASSWORD = '111122223', 'a-secret-of-the-store', 'amigo', 'word of the office'


@dataclass
class WebPayHost:
    """What happens there. `answers` replaces the next answers of the API: (status, body), or None to hang up."""

    url: str = ''
    orders: dict[str, dict] = field(default_factory=dict)
    transactions: dict[str, dict] = field(default_factory=dict)
    answers: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(700_000_001))

    def pay(self, order, payment_type='4', *, number='', **changes):
        """A customer pays an order; return the notice that WEBPAY sends, as bytes of a form."""
        sent = self.orders[order]
        fields = {
            'batch_timestamp': '1795687200',
            'currency_id': sent['wsb_currency_id'],
            'amount': sent['wsb_total'],
            'payment_method': 'cc',
            'order_id': str(next(self.numbers)),
            'site_order_id': order,
            'transaction_id': number or str(next(self.numbers)),
            'payment_type': payment_type,
            'rrn': '123456789012',
        } | changes
        self.transactions[fields['transaction_id']] = fields
        return signed(fields)

    def create(self, body):
        """Answer POST /api/v1/payment."""
        sent = json.loads(body)
        right = signatures.of_request(
            seed=sent['wsb_seed'],
            store=sent['wsb_storeid'],
            order=sent['wsb_order_num'],
            test=sent['wsb_test'],
            currency=sent['wsb_currency_id'],
            total=sent['wsb_total'],
            secret=SECRET,
        )
        if sent['wsb_storeid'] != STORE or sent['wsb_signature'] != right:
            return 400, json.dumps({'error': {'message': 'Incorrect signature'}})
        self.orders[sent['wsb_order_num']] = sent
        return 200, json.dumps({'data': {'redirectUrl': f'{self.url}/pay/{sent["wsb_order_num"]}'}})

    def tell(self, body):
        """Answer get_transaction."""
        xml = parse_qs(body.decode(), keep_blank_values=True)['API_XML_REQUEST'][0]
        found = dict(re.findall(r'<(username|password|transaction_id)>([^<]*)</', xml))
        known = self.transactions.get(found['transaction_id'])
        if (found['username'], found['password']) != (USER, signatures.of_password(PASSWORD)) or known is None:
            return 200, answer_xml('failed', {})
        fields = {name: known[name] for name in signatures.STATE} | {'order_id': known['site_order_id']}
        return 200, answer_xml('success', fields | {'wsb_signature': signatures.of_state(fields, SECRET)})


def signed(fields, secret=SECRET):
    """Return a notice with these fields."""
    return urlencode(fields | {'wsb_signature': signatures.of_notice(fields, secret)}).encode()


def answer_xml(status, fields):
    """Return an answer of the billing host."""
    inside = ''.join(f'<{name}>{escape(value)}</{name}>' for name, value in fields.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<wsb_api_response>\n<version>1</version>\n'
        f'<command>get_transaction</command>\n<status>{status}</status>\n<fields>{inside}</fields>\n</wsb_api_response>'
    )


@contextmanager
def webpay_host():
    """Run the hosts while the block runs."""
    host = WebPayHost()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            host.asked.append((self.path, body))
            told = host.answers.pop(0) if host.answers else self._answer(body)
            if told is None:
                self.close_connection = True
                return
            status, text = told
            self.send_response(status)
            self.send_header('Content-Length', str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def _answer(self, body):
            return host.create(body) if self.path == '/api/v1/payment' else host.tell(body)

        def log_message(self, format, *args):  # noqa: A002 - the base class names it so
            """Stay silent."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    host.url = f'http://127.0.0.1:{server.server_port}'
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
