"""What tests of refunds share: a second employee, paid cards, bells about refunds, gateways that lose answers."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from models.account import Operation
from models.refund import Refund
from models.user import Role
from services.gateways.bepaid import BePaid
from services.gateways.payment_gateway import (
    GatewayUnknown,
    NoticeKind,
    WebhookNotice,
)
from services.payments import payment_hooks, payment_outcomes, refunds
from services.runner import with_connection
from tests import factories
from tests.bank import again, connect, pay
from tests.cast import contract_of

WHY = 'Оплатили дважды по ошибке'


@pytest.fixture
def rita(storage):
    """Another operator."""
    user = factories.make_user(Role.OPERATOR, login='rita', name='Рита', first_name='Рита')
    return factories.actor(user, Role.OPERATOR)


def paid(bank, actor, amount='20'):
    """Pay by card and return the credited payment."""
    payment = pay(bank, actor, amount)
    payment_outcomes.refresh(payment.id)
    return again(payment)


def give_back(payment, actor, amount='5', key=None, **more):
    """Refund a part of a payment."""
    return refunds.refund(payment.id, amount, WHY, key or factories.key(), actor=actor, **more)


def gone(actor):
    """Return the sums of the refunds booked for a contract."""
    booked = Operation.select().where((Operation.contract == contract_of(actor)) & Operation.key.startswith('refund:'))
    return [operation.entries[0].amount for operation in booked.order_by(Operation.id)]


def back_office(bank, payment, amount):
    """Let somebody give money back at the gateway itself; returns the transaction."""
    return bank.gateway.refund(payment.gateway_uid, Decimal(amount), 'Из кабинета банка', request_id=factories.key())


def hear(transaction, monkeypatch, *, follow=True, port=None):
    """Ring about a transaction as a genuine webhook does."""
    notice = WebhookNotice(
        kind=NoticeKind.TRANSACTION,
        event_id=factories.key() * 2,
        tracking_id=transaction.tracking_id,
        test=True,
        transaction=transaction,
    )
    gateway = payment_hooks.payment_gateways.card_gateway()
    heard = SimpleNamespace(name='bepaid', verify_webhook=lambda _raw, _headers: notice)
    with monkeypatch.context() as patch:
        connect(patch, heard)
        rung = payment_hooks.hear('bepaid', json.dumps(transaction.uid).encode(), {})
    assert payment_hooks.payment_gateways.card_gateway() is gateway
    if follow:
        payment_hooks.follow(rung)


class Losing(BePaid):
    """A gateway that does what it is asked and whose answer to a refund is lost, so many times."""

    lost = 1

    def refund(self, *args, **kwargs):
        answer = super().refund(*args, **kwargs)
        if self.lost:
            self.lost -= 1
            raise GatewayUnknown('POST: ReadTimeout')
        return answer


class Deaf(BePaid):
    """A gateway that a refund does not reach."""

    def refund(self, *_args, **_kwargs):
        raise GatewayUnknown('POST: ConnectTimeout')


@with_connection
def refund_rows(payment):
    """Return the refunds of a payment."""
    return list(Refund.select().where(Refund.payment == payment.id).order_by(Refund.id))
