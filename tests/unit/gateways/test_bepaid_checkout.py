"""Contract of adapter and sandbox: making a checkout, asking about it, and every way of hearing no."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from services.gateways.bepaid_wire import checkout_request
from services.gateways.payment_gateway import GatewayRefused, GatewayStatus, GatewayUnknown


def test_checkout_leads_to_the_hosted_page(world):
    checkout = world.checkout()

    assert len(checkout.token) == 64
    assert checkout.redirect_url == f'{world.url}/widget/hpp.html?token={checkout.token}'
    page = world.browser.open(checkout)
    assert 'Оплатить 20,00 BYN' in page.text
    assert 'Оплата услуг, договор 100001' in page.text
    assert '<script' not in page.text


def test_query_before_any_attempt(world):
    checkout = world.checkout()

    state = world.gateway.query_by_token(checkout.token)

    assert (state.status, state.is_finished, state.transaction) == (GatewayStatus.CREATED, False, None)
    assert (state.amount, state.currency, state.tracking_id, state.test) == (Decimal('20.00'), 'BYN', 'pay_1', True)


def test_request_speaks_minor_units_and_carries_its_end(world):
    body = checkout_request(world.intent(amount=Decimal('29.90')), test=True)['checkout']

    assert (body['order']['amount'], body['test'], body['transaction_type']) == (2990, True, 'payment')
    assert body['order']['expired_at'] == '2026-11-22T09:30:00+00:00'
    assert body['settings']['auto_return'] == '0'


@pytest.mark.parametrize('amount', ['0', '-1', '0.001', '20.005'])
def test_sum_that_cannot_be_paid_never_leaves_the_house(world, amount):
    with pytest.raises(ValueError, match=r'above zero|fraction'):
        world.checkout(amount=Decimal(amount))


def test_other_wrong_intents_never_leave_the_house(world):
    with pytest.raises(ValueError, match='currency'):
        world.checkout(currency='JPY')
    with pytest.raises(ValueError, match='tracking_id'):
        world.checkout(tracking_id='pay/1')
    with pytest.raises(ValueError, match='time zone'):
        world.checkout(expires_at=datetime(2026, 11, 22, 9, 30))  # noqa: DTZ001 - a naive time is the point


def test_plain_error(world):
    with pytest.raises(GatewayRefused) as refused:
        world.checkout(description='')

    assert refused.value.status == 422
    assert refused.value.fields == {'order.description': ("can't be blank",)}


def test_error_inside_response(world):
    with pytest.raises(GatewayRefused) as refused:
        world.gateway.refund('no-such-uid', Decimal(1), 'reason', request_id='r1')

    assert refused.value.status == 400
    assert refused.value.message == 'Parent uid Parent transaction is not found.'
    assert 'parent_uid' in refused.value.fields


def test_saved_card_that_does_not_exist_is_refused_inside_response(world):
    body = checkout_request(world.intent(), test=True)
    body['checkout']['payment_method']['credit_card'] = {'token': 'x'}

    answer = httpx.post(f'{world.url}/ctp/api/checkouts', json=body, auth=('1673', 'secret-of-the-shop'))

    assert answer.status_code == 400
    assert answer.json()['response']['errors'] == {'credit_card': {'token': ['does not exist']}}


def test_error_in_a_body_that_says_ok(world):
    with pytest.raises(GatewayRefused) as refused:
        world.checkout(expires_at=world.clock() - timedelta(seconds=1))

    assert refused.value.status == 200
    assert refused.value.fields == {'order.expired_at': ('is in the past',)}


def test_wrong_credentials(world):
    with world.adapter(secret_key='another') as gateway, pytest.raises(GatewayRefused) as refused:
        gateway.create_checkout(world.intent())

    assert refused.value.status == 401
    assert refused.value.message == 'Invalid shop_id/secret_key.'


def test_unknown_token_and_uid_are_not_found(world):
    for ask in (world.gateway.query_by_token, world.gateway.query_by_uid):
        for name in ('f' * 64, '../faults', 'x?y', ''):
            with pytest.raises(GatewayRefused) as refused:
                ask(name)
            assert refused.value.is_not_found


def test_no_attempts_of_an_unknown_tracking_id(world):
    assert world.gateway.list_by_tracking_id('pay_2') == ()
    with pytest.raises(GatewayRefused):
        world.gateway.list_by_tracking_id('pay/../1')


def test_customer_is_sent_to_listed_hosts_only(world):
    with (
        world.adapter(allowed_hosts=frozenset({'checkout.bepaid.by'})) as gateway,
        pytest.raises(GatewayRefused, match='host'),
    ):
        gateway.create_checkout(world.intent())


@pytest.mark.parametrize(
    'url',
    [
        'https://checkout.bepaid.by.evil.example/',
        'https://checkout.bepaid.by@evil.example/',
        'https://user@checkout.bepaid.by/',
        'http://checkout.bepaid.by/',
        'https://evil.example\\@checkout.bepaid.by/',
        '//checkout.bepaid.by/',
        'javascript:alert(1)//checkout.bepaid.by',
        'https://checkout.bepaid.by:8443/',
        'https://[',
    ],
)
def test_tricky_addresses_are_refused(world, url):
    with world.adapter(
        checkout_url='https://checkout.bepaid.by', allowed_hosts=frozenset({'checkout.bepaid.by'})
    ) as gateway:
        assert not gateway._may_send_to(url)
        assert gateway._may_send_to('https://checkout.bepaid.by/widget/hpp.html?token=1')


def test_nobody_answers_is_unknown(world):
    with world.adapter(checkout_url='http://127.0.0.1:1') as gateway, pytest.raises(GatewayUnknown):
        gateway.create_checkout(world.intent())


def test_500_after_success_is_unknown_and_the_checkout_exists(world):
    world.switch('create_500')

    with pytest.raises(GatewayUnknown):
        world.checkout()

    with world.app.state.desk.setting.store.work() as db:
        assert db.execute('SELECT count(*) FROM checkouts').fetchone()[0] == 1
    assert world.checkout().token


def test_time_out_after_success_is_unknown_and_the_checkout_exists(world):
    world.switch('create_timeout', seconds=3600)

    with world.adapter(answer_timeout=0.3) as gateway, pytest.raises(GatewayUnknown, match='ReadTimeout'):
        gateway.create_checkout(world.intent())

    with world.app.state.desk.setting.store.work() as db:
        assert db.execute('SELECT count(*) FROM checkouts').fetchone()[0] == 1


def test_secret_is_not_shown(world):
    assert 'secret' not in repr(replace(world.config))
