"""Every test card of the documents, and a wrong password at every call: adapter and sandbox mean the same."""

from decimal import Decimal

import pytest

from services.gateways.payment_gateway import GatewayRefused, GatewayStatus

APPROVED = (
    '4200000000000000', '4012000000001006', '4012000000001055', '5204240000015003', '5204240000015011',
    '5204240000015029',
)  # fmt: skip
REFUSED = {
    '4005550000000019': 'F.0114',
    **dict.fromkeys(('4012000000001022', '4012000000001030', '4012000000001014'), 'F.0129'),
    **dict.fromkeys(('5204240000015045', '5204240000015052', '5204240000015060'), 'F.0129'),
}
CHALLENGE = '4012000000001097'


def told(world):
    hook = world.shop.next_hook()
    return world.gateway.verify_webhook(hook.body, hook.headers).transaction


@pytest.mark.parametrize('card', APPROVED)
def test_card_that_pays(world, card):
    checkout = world.checkout()
    world.browser.pay(checkout, card)

    heard = told(world)
    state = world.gateway.query_by_token(checkout.token)

    assert (heard.status, heard.code, heard.amount) == (GatewayStatus.SUCCEEDED, 'S.0000', Decimal('20.00'))
    assert heard.last_4 == card[-4:]
    assert (state.status, state.is_finished, state.transaction.uid) == (GatewayStatus.SUCCEEDED, True, heard.uid)
    assert world.gateway.query_by_uid(heard.uid) == heard
    assert world.gateway.list_by_tracking_id('pay_1') == (heard,)


@pytest.mark.parametrize('card', REFUSED)
def test_card_that_is_refused(world, card):
    checkout = world.checkout(attempts=1)
    world.browser.pay(checkout, card)

    heard = told(world)
    state = world.gateway.query_by_token(checkout.token)

    assert (heard.status, heard.code, heard.paid_at) == (GatewayStatus.FAILED, REFUSED[card], None)
    assert (state.status, state.is_finished) == (GatewayStatus.FAILED, True)
    assert world.gateway.query_by_uid(heard.uid) == heard


def test_incomplete_is_no_end_in_any_answer(world):
    checkout = world.checkout(attempts=1)
    world.browser.pay(checkout, CHALLENGE)

    state = world.gateway.query_by_token(checkout.token)
    (listed,) = world.gateway.list_by_tracking_id('pay_1')

    assert (state.status, state.is_finished) == (GatewayStatus.PROCESSING, False)
    assert listed.status is world.gateway.query_by_uid(listed.uid).status is GatewayStatus.PROCESSING
    assert listed.code == 'P.0001'


def test_expired_page_is_the_end_although_the_bank_was_at_work(world):
    checkout = world.checkout()
    world.browser.pay(checkout, CHALLENGE)
    world.move_clock(minutes=31)

    state = world.gateway.query_by_token(checkout.token)

    assert (state.status, state.is_finished) == (GatewayStatus.EXPIRED, True)
    assert (state.transaction.status, world.gateway.query_by_uid(state.transaction.uid).code) == (
        GatewayStatus.FAILED,
        'F.0998',
    )


def test_wrong_password_is_401_everywhere(world):
    checkout = world.checkout()
    world.browser.pay(checkout)
    uid = told(world).uid
    with world.adapter(secret_key='another') as gateway:
        for ask in (
            lambda: gateway.create_checkout(world.intent(tracking_id='pay_2')),
            lambda: gateway.query_by_token(checkout.token),
            lambda: gateway.query_by_uid(uid),
            lambda: gateway.list_by_tracking_id('pay_1'),
            lambda: gateway.refund(uid, Decimal(1), 'Переплата', request_id='r1'),
        ):
            with pytest.raises(GatewayRefused, match='Invalid shop_id') as refused:
                ask()
            assert (refused.value.status, refused.value.fields) == (401, {'system': ('System error.',)})


def test_refunds_stand_beside_the_payment(world):
    checkout = world.checkout()
    world.browser.pay(checkout)
    uid = told(world).uid
    refund = world.gateway.refund(uid, Decimal('5.00'), 'Переплата', request_id='r1')

    assert {each.uid for each in world.gateway.list_by_tracking_id('pay_1')} == {uid, refund.uid}
    assert world.gateway.query_by_token(checkout.token).transaction.uid == uid
