"""Webhooks: believed only with the right signature over the raw bytes and the right password."""

import base64
import json
import queue
from decimal import Decimal

import pytest

from services.gateways.payment_gateway import GatewayStatus, NoticeKind, RefusalReason, WebhookRefused
from services.gateways.sandbox.deliveries import pause

DECLINED = '4005550000000019'


@pytest.fixture
def hook(world):
    world.browser.pay(world.checkout())
    return world.shop.next_hook()


def refusal(gateway, body, headers):
    with pytest.raises(WebhookRefused) as refused:
        gateway.verify_webhook(body, headers)
    return refused.value.reason


def test_webhook_is_verified_on_raw_bytes(world, hook):
    notice = world.gateway.verify_webhook(hook.body, hook.headers)

    assert (notice.kind, notice.tracking_id, notice.test) == (NoticeKind.TRANSACTION, 'pay_1', True)
    assert notice.transaction.status is GatewayStatus.SUCCEEDED
    assert (notice.transaction.amount, notice.transaction.last_4) == (Decimal('20.00'), '0000')
    assert notice.transaction == world.gateway.query_by_uid(notice.transaction.uid)


def test_reserialised_body_is_refused(world, hook):
    again = json.dumps(json.loads(hook.body)).encode()

    assert refusal(world.gateway, again, hook.headers) is RefusalReason.WRONG_SIGNATURE


def test_changed_sum_is_refused(world, hook):
    forged = hook.body.replace(b'"amount":2000', b'"amount":9000')

    assert forged != hook.body
    assert refusal(world.gateway, forged, hook.headers) is RefusalReason.WRONG_SIGNATURE


@pytest.mark.parametrize('value', [None, '', '  '])
def test_missing_signature_is_refused_although_basic_is_right(world, hook, value):
    headers = {name: text for name, text in hook.headers.items() if name.lower() != 'content-signature'}
    if value is not None:
        headers['Content-Signature'] = value

    assert refusal(world.gateway, hook.body, headers) is RefusalReason.NO_SIGNATURE


@pytest.mark.parametrize('value', ['AAAA', 'not base64!', 'é', base64.b64encode(b'x' * 256).decode()])
def test_wrong_signature_is_refused(world, hook, value):
    headers = hook.headers | {'Content-Signature': value}

    assert refusal(world.gateway, hook.body, headers) is RefusalReason.WRONG_SIGNATURE


@pytest.mark.parametrize(
    'value',
    ['', 'Basic', 'Basic !!!', 'Basic ' + base64.b64encode(b'1673:other').decode(), 'Bearer x', 'Basic йц'],
)
def test_wrong_basic_is_refused_although_the_signature_is_right(world, hook, value):
    headers = hook.headers | {'Authorization': value}

    assert refusal(world.gateway, hook.body, headers) is RefusalReason.WRONG_CREDENTIALS


def test_right_password_under_another_scheme_is_refused(world, hook):
    headers = hook.headers | {'Authorization': hook.headers['Authorization'].replace('Basic', 'Digest')}

    assert refusal(world.gateway, hook.body, headers) is RefusalReason.WRONG_CREDENTIALS


def test_headers_in_any_case_and_the_bare_key_of_the_back_office(world, hook):
    bare = ''.join(world.config.public_key_pem.splitlines()[1:-1])

    with world.adapter(public_key_pem=bare) as gateway:
        assert gateway.verify_webhook(hook.body, {name.upper(): text for name, text in hook.headers.items()})


def test_without_a_key_basic_alone_decides(world, hook):
    with world.adapter(public_key_pem=None) as gateway:
        assert gateway.verify_webhook(hook.body, {'Authorization': hook.headers['Authorization']})
        assert refusal(gateway, hook.body, {}) is RefusalReason.WRONG_CREDENTIALS


@pytest.mark.parametrize(
    'body',
    [
        b'',
        b'null',
        b'[]',
        b'{}',
        b'{"transaction":null}',
        b'{"transaction":{"uid":"1","status":"successful","amount":"2000","currency":"BYN"}}',
        b'{"transaction":{"uid":"1","status":"successful","amount":-1,"currency":"BYN"}}',
        b'{"transaction":{"uid":"1","status":"successful","amount":20.5,"currency":"BYN"}}',
        b'{"transaction":{"uid":{},"status":"successful","amount":1,"currency":"BYN"}}',
        b'\xff\xfe',
        b'[' * 100_000,
        b'{"token":"t","order":{"amount":1,"currency":"BYN"},"expired":false}',
        b' ' * 300_000,
    ],
)
def test_unreadable_body_is_refused(world, hook, body):
    with world.adapter(public_key_pem=None) as gateway:
        assert refusal(gateway, body, hook.headers) is RefusalReason.UNREADABLE


def test_token_that_nobody_paid_sends_the_other_shape(world):
    checkout = world.checkout()

    world.move_clock(minutes=31)

    hook = world.shop.next_hook()
    assert 'transaction' not in json.loads(hook.body)
    notice = world.gateway.verify_webhook(hook.body, hook.headers)
    assert (notice.kind, notice.token, notice.tracking_id) == (NoticeKind.CHECKOUT_EXPIRED, checkout.token, 'pay_1')
    state = world.gateway.query_by_token(checkout.token)
    assert (state.status, state.is_finished, state.transaction) == (GatewayStatus.EXPIRED, True, None)
    assert 'Время на оплату вышло' in world.browser.open(checkout).text


def test_notice_of_another_shop_is_refused(world):
    world.checkout()
    world.move_clock(minutes=31)
    hook = world.shop.next_hook()

    body = hook.body.replace(b'"shop_id":"1673"', b'"shop_id":"1674"')
    with world.adapter(public_key_pem=None) as gateway:
        assert refusal(gateway, body, hook.headers) is RefusalReason.OTHER_SHOP


def test_customer_who_leaves_the_bank_page_fails_and_expires(world):
    checkout = world.checkout()
    world.browser.pay(checkout, '4012000000001097')

    world.move_clock(minutes=31)

    notices = [
        world.gateway.verify_webhook(each.body, each.headers)
        for each in (world.shop.next_hook(), world.shop.next_hook())
    ]
    assert [each.kind for each in notices] == [NoticeKind.TRANSACTION, NoticeKind.CHECKOUT_EXPIRED]
    assert (notices[0].transaction.status, notices[0].transaction.code) == (GatewayStatus.FAILED, 'F.0998')


def test_anything_but_200_is_sent_again_with_the_same_bytes(world):
    for answer in (500, 302, 404):
        world.shop.answers.put(answer)
    world.browser.pay(world.checkout())

    hooks = [world.shop.next_hook()]
    for _ in range(3):
        settle(world)
        world.move_clock(minutes=10)
        hooks.append(world.shop.next_hook())
    settle(world)
    world.move_clock(days=3)

    with pytest.raises(queue.Empty):
        world.shop.hooks.get(timeout=0.3)
    assert len({each.body for each in hooks}) == 1
    assert len({world.gateway.verify_webhook(each.body, each.headers).event_id for each in hooks}) == 1


def test_pauses_follow_the_two_formulas():
    assert pause('card', 1, chance=lambda _: 0).total_seconds() == 8
    assert pause('card', 1, chance=lambda n: n - 1).total_seconds() == 66
    assert pause('card', 15, chance=lambda _: 0).total_seconds() == 31**3
    assert pause('checkout', 2, chance=lambda _: 1).total_seconds() == 16 + 15 + 3
    assert pause('card', 1, 0.5, chance=lambda _: 0).total_seconds() == 4


def settle(world):
    """Wait until the courier has written the shop's answer down: only then the next pause is known."""
    courier = world.app.state.desk.courier
    with courier._news:
        assert courier._news.wait_for(lambda: not claimed(world), timeout=10)


def claimed(world):
    with world.app.state.desk.setting.store.work() as db:
        return db.execute('SELECT count(*) FROM deliveries WHERE claimed_until IS NOT NULL').fetchone()[0]
