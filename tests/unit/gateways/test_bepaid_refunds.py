"""Giving money back: parts, the whole, too much, twice."""

from decimal import Decimal

import pytest

from services.gateways.payment_gateway import GatewayRefused, GatewayStatus, TransactionKind


@pytest.fixture
def paid(world):
    checkout = world.checkout()
    world.browser.pay(checkout)
    return world.gateway.query_by_token(checkout.token).transaction.uid


def test_parts_up_to_the_whole(world, paid):
    first = world.gateway.refund(paid, Decimal('5.50'), 'Переплата', request_id='r1')
    second = world.gateway.refund(paid, Decimal('14.50'), 'Переплата', request_id='r2')

    assert (first.kind, first.status, first.amount) == (
        TransactionKind.REFUND,
        GatewayStatus.SUCCEEDED,
        Decimal('5.50'),
    )
    assert first.parent_uid == second.parent_uid == paid
    assert first.uid != second.uid
    with pytest.raises(GatewayRefused):
        world.gateway.refund(paid, Decimal('0.01'), 'Переплата', request_id='r3')
    assert world.gateway.query_by_uid(first.uid) == first


def test_more_than_was_paid_is_refused(world, paid):
    with pytest.raises(GatewayRefused, match="can't be refunded") as refused:
        world.gateway.refund(paid, Decimal('20.01'), 'Переплата', request_id='r1')

    assert refused.value.fields['base'] == ("transaction can't be refunded",)


def test_same_sum_within_30_seconds_is_a_duplicate(world, paid):
    world.gateway.refund(paid, Decimal(5), 'Переплата', request_id='r1')

    with pytest.raises(GatewayRefused, match='Duplicate'):
        world.gateway.refund(paid, Decimal(5), 'Переплата', request_id='r2')

    world.clock.forward(seconds=31)
    assert world.gateway.refund(paid, Decimal(5), 'Переплата', request_id='r3').amount == Decimal(5)


def test_same_request_gets_the_first_answer_and_gives_back_once(world, paid):
    first = world.gateway.refund(paid, Decimal(5), 'Переплата', request_id='r1')
    world.clock.forward(hours=23)

    assert world.gateway.refund(paid, Decimal(5), 'Переплата', request_id='r1') == first
    assert len(world.gateway.list_by_tracking_id('pay_1')) == 2

    world.clock.forward(hours=2)
    assert world.gateway.refund(paid, Decimal(5), 'Переплата', request_id='r1').uid != first.uid


def test_failed_payment_and_refund_itself_cannot_be_refunded(world, paid):
    refund = world.gateway.refund(paid, Decimal(1), 'Переплата', request_id='r1')
    checkout = world.checkout(tracking_id='pay_2', attempts=1)
    world.browser.pay(checkout, '4005550000000019')
    failed = world.gateway.query_by_token(checkout.token).transaction

    for number, uid in enumerate((refund.uid, failed.uid)):
        with pytest.raises(GatewayRefused, match="can't be refunded"):
            world.gateway.refund(uid, Decimal(1), 'Переплата', request_id=f'x{number}')


def test_long_reason_is_cut_and_empty_one_refused(world, paid):
    assert world.gateway.refund(paid, Decimal(1), 'я' * 1000, request_id='r1')
    with pytest.raises(GatewayRefused, match='Reason'):
        world.gateway.refund(paid, Decimal(2), '', request_id='r2')


@pytest.mark.parametrize('amount', ['0', '-1', '1.005'])
def test_senseless_sum_never_leaves_the_house(world, paid, amount):
    with pytest.raises(ValueError, match=r'above zero|fraction'):
        world.gateway.refund(paid, Decimal(amount), 'Переплата', request_id='r1')
