"""Each switch does what its name says, as often as it was told."""

import queue
from decimal import Decimal

import pytest

from services.gateways.payment_gateway import GatewayStatus, WebhookRefused
from services.gateways.sandbox.faults import Fault

DECLINED = '4005550000000019'


def silent(world):
    with pytest.raises(queue.Empty):
        world.shop.hooks.get(timeout=0.3)
    return True


def heard(world):
    hook = world.shop.next_hook()
    return world.gateway.verify_webhook(hook.body, hook.headers)


def test_duplicate(world):
    world.switch(Fault.DUPLICATE)
    world.browser.pay(world.checkout())

    first, second = heard(world), heard(world)

    assert first.event_id == second.event_id
    assert silent(world)


def test_late(world):
    world.switch(Fault.LATE, seconds=90)
    world.browser.pay(world.checkout())

    assert silent(world)
    world.move_clock(seconds=91)
    assert heard(world).transaction.status is GatewayStatus.SUCCEEDED


def test_late_failure_arrives_after_the_success(world):
    world.switch(Fault.LATE, seconds=90)
    checkout = world.checkout()
    world.browser.pay(checkout, DECLINED)
    world.browser.pay(checkout)

    first = heard(world)
    world.move_clock(seconds=91)
    second = heard(world)

    assert [each.transaction.status for each in (first, second)] == [GatewayStatus.SUCCEEDED, GatewayStatus.FAILED]
    assert world.gateway.query_by_token(checkout.token).status is GatewayStatus.SUCCEEDED


def test_wrong_signature(world):
    world.switch(Fault.WRONG_SIGNATURE)
    world.browser.pay(world.checkout())

    hook = world.shop.next_hook()

    with pytest.raises(WebhookRefused):
        world.gateway.verify_webhook(hook.body, hook.headers)


def test_webhook_lies_about_the_sum_but_the_query_does_not(world):
    world.switch(Fault.WEBHOOK_WRONG_AMOUNT)
    world.browser.pay(world.checkout())

    told = heard(world).transaction

    assert told.amount == Decimal('10.00')
    assert world.gateway.query_by_uid(told.uid).amount == Decimal('20.00')


def test_transaction_for_another_sum(world):
    world.switch(Fault.WRONG_AMOUNT)
    checkout = world.checkout()
    world.browser.pay(checkout)

    told = heard(world).transaction
    state = world.gateway.query_by_token(checkout.token)

    assert told.amount == state.transaction.amount == Decimal('10.00')
    assert state.amount == Decimal('20.00')


def test_flipped_test_flag(world):
    world.switch(Fault.FLIPPED_TEST)
    checkout = world.checkout()
    world.browser.pay(checkout)

    told = heard(world)

    assert (told.test, told.transaction.test) == (False, False)
    assert world.gateway.query_by_uid(told.transaction.uid).test is False
    assert world.gateway.query_by_token(checkout.token).transaction.test is False


def test_webhook_before_return(world):
    world.switch(Fault.WEBHOOK_BEFORE_RETURN)

    answer = world.browser.pay(world.checkout())

    assert answer.status_code == 303
    assert world.shop.hooks.get_nowait().body


def test_no_webhook(world):
    world.switch(Fault.NO_WEBHOOK)
    checkout = world.checkout()
    world.browser.pay(checkout)

    assert silent(world)
    assert world.gateway.query_by_token(checkout.token).status is GatewayStatus.SUCCEEDED


def test_switch_works_as_often_as_told_and_can_be_cleared(world):
    world.switch(Fault.NO_WEBHOOK, times=2)
    world.browser.pay(world.checkout())
    left = world.browser.get(f'{world.url}/faults').json()
    world.browser.post(f'{world.url}/faults', json={'clear': True})
    world.browser.pay(world.checkout(tracking_id='pay_2'))

    assert left == {'faults': [{'name': 'no_webhook', 'times': 1, 'seconds': 0.0}]}
    assert heard(world).tracking_id == 'pay_2'


@pytest.mark.parametrize(
    'order',
    [[], {}, {'name': 'unknown'}, {'name': {}}, {'name': 'late', 'times': -1}, {'name': 'late', 'seconds': '9'}],
)
def test_senseless_switch_is_refused(world, order):
    answer = world.browser.post(f'{world.url}/faults', json=order)

    assert answer.status_code == 422


def test_switch_from_a_foreign_form_is_refused(world):
    answer = world.browser.post(
        f'{world.url}/faults', content='{"name":"late"}', headers={'content-type': 'text/plain'}
    )

    assert answer.status_code == 422
