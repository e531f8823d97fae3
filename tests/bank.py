"""A house connected to the real sandbox over HTTP, and what tests of payments do with it."""

from datetime import timedelta

import pytest
import time_machine

from models.account import Operation
from models.payment import Payment
from services import clock as house_clock
from services.accounts import ledger
from services.gateways.bepaid_erip import BePaidErip, BePaidEripConfig
from services.gateways.payment_gateway import (
    Checkout,
    GatewayRefused,
    GatewayUnknown,
)
from services.payments import (
    payment_gateways,
    payments,
)
from services.payments.payment_gateways import CardGateway, EripService
from services.runner import with_connection
from tests import factories
from tests.cast import contract_of
from tests.unit.gateways.conftest import (  # noqa: F401 - fixtures
    Fields,
    Shop,
    one_tls_context,
    shop,
    signing_key,
    site,
    world,
)

DECLINED, CHALLENGE = '4005550000000019', '4012000000001097'


class HouseClock:
    """The house's clock, stopped; the sandbox goes by the same one."""

    def __init__(self, traveller):
        self._traveller = traveller

    def __call__(self):
        return house_clock.now()

    def forward(self, **span):
        self._traveller.shift(timedelta(**span))


@pytest.fixture
def stopped_clock():
    with time_machine.travel('2026-11-22T12:00:00+03:00', tick=False) as traveller:
        yield HouseClock(traveller)


@pytest.fixture
def clock(stopped_clock):
    return stopped_clock


@pytest.fixture
def bank(world, monkeypatch):  # noqa: F811 - the fixture
    """The world of the gateway, and this house connected to it."""
    gateway = CardGateway(world.gateway, True, 'http://shop.test', world.shop.url)
    monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: gateway)
    return world


def connect(monkeypatch, port):
    """Connect the house to another gateway: one that answers what a test wants."""
    gateway = CardGateway(port, True, 'http://shop.test', 'http://shop.test/hooks/bepaid')
    monkeypatch.setattr(payment_gateways, 'card_gateway', lambda: gateway)


def begin(actor, amount='20'):
    """Start a payment and return its row and the bank's page."""
    started = payments.start(amount, factories.key(), actor=actor)
    payment = with_connection(Payment.get)(Payment.tracking_id == started.tracking_id)
    return payment, Checkout(payment.gateway_token, started.redirect_url)


def pay(bank, actor, amount='20', card='4200000000000000'):
    """Start a payment, try a card on the bank's page, and return the row."""
    payment, checkout = begin(actor, amount)
    bank.browser.pay(checkout, card)
    return payment


@with_connection
def again(payment):
    return Payment.get_by_id(payment.id)


def credited(actor):
    """Return the sums of the payments booked for a contract."""
    booked = Operation.select().where((Operation.contract == contract_of(actor)) & Operation.key.startswith('pay:'))
    return [operation.entries[0].amount for operation in booked]


def balance(actor):
    return ledger.balance(contract_of(actor))


class Silent:
    """A gateway whose every call ends without an answer."""

    name = 'bepaid'
    calls = 0

    def _silence(self, *_args):
        self.calls += 1
        raise GatewayUnknown('POST: ReadTimeout')

    create_checkout = query_by_token = query_by_uid = list_by_tracking_id = _silence

    def refund(self, *_args, **_kwargs):
        return self._silence()


class Refusing(Silent):
    """A gateway that says no."""

    def create_checkout(self, _intent):
        raise GatewayRefused('Validation failed.', status=422, fields={'order.amount': ('is invalid',)})


@pytest.fixture
def erip(bank, monkeypatch):
    """ERIP of the same world, and this house connected to it."""
    config = BePaidEripConfig(bank.url, '1673', 'secret-of-the-shop', '99999999', True)
    with BePaidErip(config) as gateway:
        service = EripService(gateway, True, bank.shop.url)
        monkeypatch.setattr(payment_gateways, 'erip', lambda: service)
        yield service


def pay_erip(bank, claim_uid, amount='20'):
    """Pay a claim as people do in a banking app; returns the last answer."""
    page = f'{bank.url}/erip/{claim_uid}'
    opened = bank.browser.post(page)
    return bank.browser.post(page, data=Fields(opened.text).values | {'amount': amount})
