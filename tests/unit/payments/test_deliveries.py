"""Bells in every order, doubled, forged, late, about other sums and contracts: the books end the same.

The bank's truth is fixed; its bells come as they like, and the poller asks at the end. The bank's signature is a real
one; its answers come from a table, so that thousands of orders take minutes.
"""

import base64
import itertools
import json
import random
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from models.account import Entry, Operation
from models.base import database
from models.outbox import OutgoingMessage
from models.payment import Payment, PaymentState
from models.refund import Refund
from services.accounts import invariants
from services.clock import now
from services.gateways.bepaid import BePaid, BePaidConfig
from services.gateways.bepaid_wire import TransactionAnswer
from services.gateways.payment_gateway import (
    Checkout,
    GatewayState,
    GatewayStatus,
    GatewayUnknown,
    WebhookRefused,
)
from services.payments import payment_hooks, payment_polling, payments, refund_polling
from services.runner import with_connection
from tests import factories
from tests.bank import balance, connect

SHOP, SECRET = '1673', 'secret-of-the-shop'
BASIC = 'Basic ' + base64.b64encode(f'{SHOP}:{SECRET}'.encode()).decode()
REFUND = 'refund before payment'
KINDS = ('duplicate', 'forged', 'late', 'other amount', 'other contract', REFUND)
MORE = (*KINDS, 'payment', 'poll', 'return', 'silence')
PARTS = 40
"""Into so many tests the long form is cut: each begins anew, since a database that takes back all the time grows slow."""


class TableBank(BePaid):
    """bePaid without a network: transactions by uid, pages by token; `silences` questions get no answer."""

    def __init__(self, public_key):
        super().__init__(BePaidConfig('http://b.test', 'http://b.test', SHOP, SECRET, public_key, True, frozenset()))
        self.table, self.pages, self.silences = {}, {}, 0

    def create_checkout(self, intent):
        token = f'token-{len(self.pages)}'
        self.pages[token] = intent.tracking_id
        return Checkout(token, f'http://b.test/{token}')

    def query_by_uid(self, uid):
        self._answer()
        return self.table[uid]

    def query_by_token(self, token):
        self._answer()
        ours = [t for t in self.table.values() if t.tracking_id == self.pages[token] and not t.parent_uid]
        latest = ours[-1]
        return GatewayState(token, latest.status, True, latest.amount, 'BYN', True, latest.tracking_id, latest)

    def _answer(self):
        if self.silences:
            self.silences -= 1
            raise GatewayUnknown('GET: ReadTimeout')


@dataclass
class Case:
    """Three payments, what the bank knows of them, and its bells by name."""

    bank: TableBank
    anna: object
    boris: object
    tracking: str
    bells: dict = field(default_factory=dict)

    def deliver(self, kind):
        """Let one thing happen."""
        match kind:
            case 'poll':
                poll()
            case 'return':
                payments.check(self.tracking, actor=self.anna)
            case 'silence':
                self.bank.silences = 1
            case 'forged':
                with pytest.raises(WebhookRefused):
                    ring(self.bells[kind])
            case 'duplicate':
                ring(self.bells['payment'])
                ring(self.bells['payment'])
            case _:
                ring(self.bells[kind])

    def ends(self):
        """Return the books as they stand: operations of payments with their sums, balances, states, letters."""
        self.bank.silences = 0
        poll()
        moved = Operation.key.startswith('pay:') | Operation.key.startswith('refund:')
        booked = Operation.select().where(moved).order_by(Operation.key)
        sums = [(each.key, max(entry.amount for entry in each.entries)) for each in booked]
        states = [payment.state for payment in Payment.select().order_by(Payment.id)]
        return sums, balance(self.anna), balance(self.boris), states, OutgoingMessage.select().count()


def ring(bell):
    payment_hooks.follow(payment_hooks.hear('bepaid', *bell))


@with_connection
def poll():
    """Make every question due and let the poller ask them all."""
    for model in (Payment, Refund):
        model.update(next_check_at=now()).where(model.next_check_at.is_null(False)).execute()
    payment_polling.poll_due()
    refund_polling.poll_due()


@pytest.fixture
def case(db, anna, boris, monkeypatch, signing_key, clock):
    bank = TableBank(signing_key[1])
    connect(monkeypatch, bank)
    key = load_pem_private_key(signing_key[0], password=None)
    trackings = [
        payments.start(amount, factories.key(), actor=actor).tracking_id
        for amount, actor in (('20', anna), ('30', anna), ('12,40', boris))
    ]
    case = Case(bank, anna, boris, trackings[0])

    def tell(name, uid, status, kopecks, tracking, **more):
        facts = {
            'uid': uid, 'type': 'payment', 'status': status, 'amount': kopecks, 'currency': 'BYN', 'test': True,
            'tracking_id': tracking, 'credit_card': {'brand': 'visa', 'last_4': '0000'}, **more,
        }  # fmt: skip
        body = json.dumps({'transaction': facts}, separators=(',', ':')).encode()
        signed = base64.b64encode(key.sign(body, PKCS1v15(), SHA256())).decode()
        case.bells[name] = (body, {'Authorization': BASIC, 'Content-Signature': signed})
        bank.table[uid] = TransactionAnswer.model_validate_json(body).transaction.facts()

    tell('late', 'a-declined', 'failed', 2000, trackings[0], status_code='F.0114')
    tell('payment', 'a-paid', 'successful', 2000, trackings[0])
    tell('other amount', 'c-paid', 'successful', 1500, trackings[1])
    tell('other contract', 'b-paid', 'successful', 1240, trackings[2])
    tell(REFUND, 'a-refund', 'successful', 500, trackings[0], type='refund', parent_uid='a-paid')
    body, headers = case.bells['payment']
    case.bells['forged'] = (body.replace(b'2000', b'9000'), headers)
    return case


def after(case, kinds, *, check=False):
    """Return how the books end after these deliveries, and take all of it back."""
    with database.atomic() as transaction:
        for kind in kinds:
            case.deliver(kind)
        ends = case.ends()
        if check:
            assert invariants.self_check(but=('I10 late',)) == [], kinds
        transaction.rollback()
    return ends


def orders(longest):
    return [order for size in range(longest + 1) for order in itertools.permutations(KINDS, size)]


def random_orders(count, seed=5):
    chance = random.Random(seed)  # noqa: S311 - the same ones each time
    return [chance.choices(MORE, k=chance.randint(7, 20)) for _ in range(count)]


def all_end_the_same(case, ways, every=25):
    kept, given_back = after(case, (), check=True), after(case, (REFUND,), check=True)
    paid = [('pay:bepaid:a-paid', Decimal('20.00')), ('pay:bepaid:b-paid', Decimal('12.40'))]
    rest = [PaymentState.QUARANTINED, PaymentState.SUCCEEDED]
    assert kept == (paid, Decimal('65.10'), Decimal('0.00'), [PaymentState.SUCCEEDED, *rest], 2)
    refunded = [*paid, ('refund:bepaid:a-refund', Decimal('5.00'))]
    assert given_back == (refunded, Decimal('60.10'), Decimal('0.00'), [PaymentState.PARTIALLY_REFUNDED, *rest], 3)
    wrong = [
        way
        for number, way in enumerate(ways)
        if after(case, way, check=number % every == 0) != (given_back if REFUND in way else kept)
    ]
    assert wrong == []


def test_deliveries_in_any_order(case):
    ways = orders(2)
    chance = random.Random(1)  # noqa: S311 - the same ones each time
    all_end_the_same(case, [*ways, *(chance.sample(KINDS, 6) for _ in range(30)), *random_orders(15)])


@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.parametrize('part', range(PARTS))
def test_all_permutations_of_six_and_two_thousand_longer_ones(case, part):
    ways = [*orders(6), *random_orders(2000)]
    assert len(ways) == 1957 + 2000
    all_end_the_same(case, ways[part::PARTS])


def test_bank_that_changes_its_mind_about_success_takes_nothing_back(case):
    case.deliver('payment')
    case.bank.table['a-paid'] = case.bank.table['a-declined']

    for kind in ('late', 'return', 'poll'):
        case.deliver(kind)

    assert Entry.select().exists()
    assert Payment.get(Payment.tracking_id == case.tracking).state == PaymentState.SUCCEEDED
    assert case.bank.table['a-declined'].status is GatewayStatus.FAILED
