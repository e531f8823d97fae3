"""Cards the gateway keeps: the adapter and the sandbox speak of them as DOMAIN §2.2.6 writes it down."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.gateways.payment_gateway import GatewayRefused, GatewayStatus, GatewayUnknown
from services.gateways.saved_cards import CardUse, SavedCardGateway, SavedCharge

CHALLENGE = '4012000000001097'
ALONE, PRESENT = CardUse.RECURRING, CardUse.CARD_ON_FILE


def keep(world, number='4200000000000000', **typed):
    """Pay 20 rubles on the hosted page with the wish to keep the card, and return the transaction."""
    checkout = world.gateway.create_saving_checkout(world.intent())
    page = world.browser.pay(checkout, number, **typed)
    if number == CHALLENGE:
        bank = world.browser.follow(page)
        world.browser.post(bank.url, data={'code': '1234'})
    return world.gateway.query_by_uid(world.gateway.query_by_token(checkout.token).transaction.uid)


def charge(world, kept, use=ALONE, *, number=1, gateway=None, **changes):
    intent = world.intent(tracking_id=f'pay_saved_{number}', **changes)
    saved = SavedCharge(kept.token, use)
    return (gateway or world.gateway).charge_saved(saved, intent, request_id=f'request-{number}')


@pytest.fixture
def kept(world):
    return keep(world).kept_card


def test_the_adapter_keeps_cards(world):
    assert isinstance(world.gateway, SavedCardGateway)


def test_a_card_is_kept_only_when_the_payer_leaves_the_tick_on_the_page_of_the_bank(world, kept):
    assert (kept.brand, kept.last_4, kept.expires_month, kept.expires_year) == ('visa', '0000', 12, 2030)
    assert len(kept.token) == 64
    assert kept.token not in repr(kept)

    page = world.browser.open(world.gateway.create_saving_checkout(world.intent(tracking_id='pay_2')))
    assert 'name="save_card" value="1" checked' in page.text


def test_without_the_wish_nothing_is_kept(world):
    checkout = world.checkout()
    assert 'save_card' not in world.browser.open(checkout).text

    world.browser.pay(checkout, save_card='1')

    paid = world.gateway.query_by_uid(world.gateway.query_by_token(checkout.token).transaction.uid)
    assert (paid.status, paid.kept_card) == (GatewayStatus.SUCCEEDED, None)


def test_a_tick_taken_off_at_the_bank_keeps_nothing(world):
    checkout = world.gateway.create_saving_checkout(world.intent())
    page = world.browser.open(checkout)
    card = {'number': '4200000000000000', 'expiry': '12/30', 'cvc': '123', 'holder': 'IVAN PETROV'}

    world.browser.post(page.url.join('pay'), data={'token': checkout.token, 'form_key': 'k' * 20} | card)

    assert world.gateway.query_by_uid(world.gateway.query_by_token(checkout.token).transaction.uid).kept_card is None


@pytest.mark.parametrize('use', list(CardUse))
def test_a_kept_card_pays_at_once_and_rings(world, kept, use):
    world.shop.next_hook()

    done = charge(world, kept, use, amount=Decimal('29.90'))

    paid = done.transaction
    assert (paid.status, paid.amount, paid.tracking_id) == (GatewayStatus.SUCCEEDED, Decimal('29.90'), 'pay_saved_1')
    assert (paid.brand, paid.last_4, done.redirect_url) == ('visa', '0000', '')
    hook = world.shop.next_hook()
    assert world.gateway.verify_webhook(hook.body, hook.headers).transaction.uid == paid.uid
    assert world.gateway.list_by_tracking_id('pay_saved_1') == (paid,)


def test_the_same_request_charges_once(world, kept):
    first = charge(world, kept)

    assert charge(world, kept) == first
    assert len(world.gateway.list_by_tracking_id('pay_saved_1')) == 1


def test_a_request_is_forgotten_after_a_day(world, kept):
    first = charge(world, kept)
    world.move_clock(hours=24, seconds=1)

    assert charge(world, kept).transaction.uid != first.transaction.uid


@pytest.mark.parametrize('token', ['made-up', 'f' * 64])
def test_an_unknown_token_is_a_clear_no(world, kept, token):
    with pytest.raises(GatewayRefused, match='Token does not exist') as refused:
        charge(world, replace(kept, token=token))

    assert (refused.value.status, refused.value.fields) == (400, {'credit_card.token': ('does not exist',)})


def test_a_deleted_card_is_a_clear_no_from_then_on(world, kept):
    world.switch('card_deleted')

    for number in (1, 2):
        with pytest.raises(GatewayRefused, match='Token does not exist'):
            charge(world, kept, number=number)


def test_a_refusing_bank_fails(world, kept):
    world.switch('saved_declined')

    refused = charge(world, kept).transaction

    assert (refused.status, refused.code) == (GatewayStatus.FAILED, 'F.0114')
    assert world.gateway.query_by_uid(refused.uid).status == GatewayStatus.FAILED


def test_an_expired_card_fails(world):
    kept = keep(world, expiry='11/26').kept_card
    world.move_clock(days=9)

    refused = charge(world, kept).transaction

    assert (refused.status, refused.code) == (GatewayStatus.FAILED, 'F.0111')


def test_a_payer_who_is_there_confirms_at_the_bank(world):
    kept = keep(world, CHALLENGE).kept_card

    begun = charge(world, kept, PRESENT)

    assert begun.transaction.status == GatewayStatus.PROCESSING
    page = world.browser.get(begun.redirect_url)
    assert 'Подтвердите платёж' in page.text
    back = world.browser.post(page.url, data={'code': '1234'})
    assert back.headers['location'].startswith('http://shop.test/my/pay/return?p=1&')
    (paid,) = world.gateway.list_by_tracking_id('pay_saved_1')
    assert paid.status == GatewayStatus.SUCCEEDED


def test_nobody_there_means_no_question(world):
    kept = keep(world, CHALLENGE).kept_card

    assert charge(world, kept, ALONE).transaction.status == GatewayStatus.SUCCEEDED


def test_a_confirmation_that_never_comes_fails_after_half_an_hour(world):
    kept = keep(world, CHALLENGE).kept_card
    charge(world, kept, PRESENT)
    world.shop.next_hook()

    world.move_clock(minutes=31)
    hook = world.shop.next_hook()

    told = world.gateway.verify_webhook(hook.body, hook.headers).transaction
    assert (told.tracking_id, told.status, told.code) == ('pay_saved_1', GatewayStatus.FAILED, 'F.0998')


@pytest.mark.parametrize(('fault', 'more'), [('create_500', {}), ('create_timeout', {'seconds': 5})])
def test_a_lost_answer_is_unknown_and_the_charge_is_found(world, kept, fault, more):
    world.switch(fault, **more)
    hasty = world.adapter(answer_timeout=0.3)

    with pytest.raises(GatewayUnknown):
        charge(world, kept, gateway=hasty)

    (paid,) = world.gateway.list_by_tracking_id('pay_saved_1')
    assert paid.status == GatewayStatus.SUCCEEDED
    assert charge(world, kept).transaction.uid == paid.uid


def test_a_gateway_that_is_away_is_unknown(world, kept):
    away = world.adapter(gateway_url='http://127.0.0.1:9/demo/gateway')

    with pytest.raises(GatewayUnknown):
        charge(world, kept, gateway=away)

    assert world.gateway.list_by_tracking_id('pay_saved_1') == ()


@pytest.mark.parametrize('fault', ['wrong_amount', 'flipped_test'])
def test_faults_of_a_transaction_are_faults_of_a_charge(world, kept, fault):
    world.switch(fault)

    told = charge(world, kept).transaction

    assert (told.amount != Decimal('20.00')) == (fault == 'wrong_amount')
    assert told.test != (fault == 'flipped_test')


@pytest.mark.parametrize(
    ('changes', 'field'),
    [({'description': ' '}, 'description'), ({'notification_url': 'ftp://shop'}, 'notification_url')],
)
def test_a_wrong_request_is_refused_by_its_field(world, kept, changes, field):
    with pytest.raises(GatewayRefused, match='Validation failed') as refused:
        charge(world, kept, **changes)

    assert (refused.value.status, list(refused.value.fields)) == (422, [field])


@pytest.mark.parametrize('changes', [{'amount': Decimal(0)}, {'currency': 'USD'}, {'tracking_id': 'а б'}])
def test_a_wrong_intent_is_our_own_mistake(world, kept, changes):
    with pytest.raises(ValueError, match=r'zero|currency|tracking_id'):
        world.gateway.charge_saved(SavedCharge(kept.token, ALONE), world.intent(**changes), request_id='r')


def test_a_page_on_another_host_is_not_followed(world):
    kept = keep(world, CHALLENGE).kept_card
    elsewhere = world.adapter(allowed_hosts=frozenset(), gateway_url=world.url.replace('127.0.0.1', 'localhost'))

    begun = charge(world, kept, PRESENT, gateway=elsewhere, expires_at=world.clock() + timedelta(minutes=5))

    assert (begun.transaction.status, begun.redirect_url) == (GatewayStatus.PROCESSING, '')
