"""Contract of the ERIP adapter and the sandbox: claims, payments on them, webhooks, and every way of hearing no."""

import base64
from decimal import Decimal

import httpx
import pytest

from services.gateways.bepaid_erip import BePaidErip, BePaidEripConfig
from services.gateways.erip_gateway import ClaimIntent
from services.gateways.payment_gateway import GatewayRefused, GatewayStatus, GatewayUnknown, NoticeKind
from tests.unit.gateways.conftest import Fields
from tests.unit.gateways.test_bepaid_webhooks import settle


def intent(world, number='100001', request='r1'):
    return ClaimIntent(f'erip_{number}', number, f'Оплата услуг, договор {number}', world.shop.url, request)


@pytest.fixture
def erip(world):
    config = BePaidEripConfig(world.url, '1673', 'secret-of-the-shop', '99999999', True)
    with BePaidErip(config) as gateway:
        yield gateway


def pay(world, claim, amount='20'):
    """Pay as people do in a banking app: open the account, type a sum; returns the last page."""
    page = f'{world.url}/erip/{claim.uid}'
    opened = world.browser.post(page)
    return world.browser.post(page, data=Fields(opened.text).values | {'amount': amount})


def test_claim_tells_code_account_steps_and_picture(world, erip):
    claim = erip.create_claim(intent(world))

    assert (claim.account_number, claim.service_no, claim.test, claim.is_open) == ('100001', '99999999', True, True)
    assert claim.tracking_id == 'erip_100001'
    assert any('99999999' in step for step in claim.steps)
    assert base64.b64decode(claim.qr).startswith(b'\x89PNG')
    assert erip.query_claim(claim.uid) == claim


def test_repeated_request_gives_the_first_claim_and_a_second_claim_is_refused(world, erip):
    first = erip.create_claim(intent(world))

    assert erip.create_claim(intent(world)).uid == first.uid
    with pytest.raises(GatewayRefused) as refused:
        erip.create_claim(intent(world, request='r2'))
    assert 'payment_method.account_number' in refused.value.fields


def test_answer_lost_after_success_is_found_by_the_same_request(world, erip):
    world.switch('create_500')

    with pytest.raises(GatewayUnknown):
        erip.create_claim(intent(world))

    assert erip.create_claim(intent(world)).is_open


def test_payment_rings_and_the_query_agrees(world, erip):
    claim = erip.create_claim(intent(world))

    answer = pay(world, claim, '7,55')

    assert answer.status_code == 303
    hook = world.shop.next_hook()
    notice = world.gateway.verify_webhook(hook.body, hook.headers)
    assert (notice.kind, notice.tracking_id) == (NoticeKind.TRANSACTION, 'erip_100001')
    paid = erip.query_erip(notice.transaction.uid)
    assert paid.transaction.amount == Decimal('7.55')
    assert (paid.transaction.status, paid.transaction.test) == (GatewayStatus.SUCCEEDED, True)
    assert (paid.account_number, paid.service_no) == ('100001', '99999999')
    assert paid.transaction_no.isdigit()
    assert notice.transaction.uid != claim.uid
    assert world.browser.get(paid.transaction.receipt_url).status_code == 200


def test_each_payment_on_one_claim_has_its_own_uid(world, erip):
    claim = erip.create_claim(intent(world))

    for amount in ('1', '1', '2'):
        pay(world, claim, amount)

    hooks = [world.shop.next_hook() for _ in range(3)]
    uids = {world.gateway.verify_webhook(hook.body, hook.headers).transaction.uid for hook in hooks}
    assert len(uids) == 3


def test_webhook_is_sent_again_until_it_is_taken(world, erip):
    claim = erip.create_claim(intent(world))
    world.shop.answers.put(500)

    pay(world, claim)
    first = world.shop.next_hook()
    settle(world)
    world.move_clock(minutes=10)

    assert world.shop.next_hook().body == first.body


def test_whoever_pays_is_alone_for_half_an_hour(world, erip):
    claim = erip.create_claim(intent(world))
    page = f'{world.url}/erip/{claim.uid}'
    world.browser.post(page)

    assert 'уже платят' in world.browser.post(page).text
    with pytest.raises(GatewayRefused):
        erip.cancel_claim(claim.uid)
    world.move_clock(minutes=31)
    assert 'Оплатить в ЕРИП' in world.browser.post(page).text


def test_one_form_pays_once(world, erip):
    claim = erip.create_claim(intent(world))
    page = f'{world.url}/erip/{claim.uid}'
    form = Fields(world.browser.post(page).text).values | {'amount': '3'}

    world.browser.post(page, data=form)

    assert 'уже отправлен' in world.browser.post(page, data=form).text


@pytest.mark.parametrize('typed', ['', '0', '-1', '5000,01', '1e3', '１２', '<b>'])
def test_wrong_sum_pays_nothing(world, erip, typed):
    claim = erip.create_claim(intent(world))

    assert pay(world, claim, typed).status_code == 422


def test_cancelled_claim_takes_no_money(world, erip):
    claim = erip.create_claim(intent(world))

    assert not erip.cancel_claim(claim.uid).is_open
    assert world.browser.get(f'{world.url}/erip/{claim.uid}').status_code == 404
    assert erip.create_claim(intent(world, request='r2')).uid != claim.uid


def test_what_is_not_there_is_not_found(world, erip):
    for uid in ('no-such-uid', '../checkouts', ''):
        with pytest.raises(GatewayRefused) as refused:
            erip.query_erip(uid)
        assert refused.value.is_not_found


def test_stranger_gets_nothing(world):
    answer = httpx.post(f'{world.url}/beyag/payments', json={}, auth=('1673', 'wrong'), trust_env=False)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    'wrong',
    [
        {'currency': 'USD'},
        {'payment_method': {'type': 'erip', 'account_number': '', 'service_no': '9'}},
        {'payment_method': {'type': 'credit_card', 'account_number': '1', 'service_no': '9'}},
        {'payment_method': None},
        {'test': 'yes'},
    ],
)
def test_wrong_requests_are_refused(world, wrong):
    good = {'currency': 'BYN', 'payment_method': {'type': 'erip', 'account_number': '1', 'service_no': '9'}}

    answer = httpx.post(
        f'{world.url}/beyag/payments',
        json={'request': good | wrong},
        auth=('1673', 'secret-of-the-shop'),
        trust_env=False,
    )

    assert answer.status_code == 422
