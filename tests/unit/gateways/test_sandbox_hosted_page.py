"""The hosted page as a customer walks it, and what the shop learns from the gateway afterwards."""

from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from services.gateways.payment_gateway import GatewayStatus, TransactionKind

DECLINED, CHALLENGE, UNAUTHENTICATED = '4005550000000019', '4012000000001097', '4012000000001022'


def returned(response):
    assert response.status_code == 303, response.text
    parts = urlsplit(response.headers['location'])
    return f'{parts.netloc}{parts.path}', {name: values[0] for name, values in parse_qs(parts.query).items()}


def test_success_comes_back_with_token_status_uid_and_the_shops_own_parameters(world):
    checkout = world.checkout()

    place, query = returned(world.browser.pay(checkout))

    assert place == 'shop.test/my/pay/return'
    assert query.keys() == {'p', 'token', 'status', 'uid'}
    assert (query['p'], query['token'], query['status']) == ('1', checkout.token, 'successful')
    paid = world.gateway.query_by_uid(query['uid'])
    assert (paid.status, paid.kind, paid.amount) == (
        GatewayStatus.SUCCEEDED,
        TransactionKind.PAYMENT,
        Decimal('20.00'),
    )
    assert (paid.currency, paid.test, paid.tracking_id) == ('BYN', True, 'pay_1')
    assert (paid.brand, paid.last_4) == ('visa', '0000')
    assert paid.paid_at == world.clock()


def test_query_after_success(world):
    checkout = world.checkout()
    _, query = returned(world.browser.pay(checkout))

    state = world.gateway.query_by_token(checkout.token)

    assert (state.status, state.is_finished) == (GatewayStatus.SUCCEEDED, True)
    assert state.transaction is not None
    assert (state.transaction.uid, state.transaction.test) == (query['uid'], True)
    assert [each.uid for each in world.gateway.list_by_tracking_id('pay_1')] == [query['uid']]


def test_declined_card_may_be_followed_by_a_good_one_with_another_uid(world):
    checkout = world.checkout(attempts=2)

    page = world.browser.follow(world.browser.pay(checkout, DECLINED))
    failed = world.gateway.query_by_token(checkout.token)
    _, query = returned(world.browser.pay(checkout))

    assert 'Банк отклонил платёж' in page.text
    assert 'Вернуться в магазин' in page.text
    assert (failed.status, failed.is_finished) == (GatewayStatus.FAILED, False)
    assert query['status'] == 'successful'
    assert query['uid'] != failed.transaction.uid
    assert world.gateway.query_by_token(checkout.token).status is GatewayStatus.SUCCEEDED
    assert len(world.gateway.list_by_tracking_id('pay_1')) == 2


def test_last_declined_attempt_comes_back_failed(world):
    checkout = world.checkout(attempts=1)

    place, query = returned(world.browser.pay(checkout, DECLINED))

    assert (place, query['status']) == ('shop.test/my/pay/return', 'failed')
    state = world.gateway.query_by_token(checkout.token)
    assert (state.status, state.is_finished, state.transaction.code) == (GatewayStatus.FAILED, True, None)
    assert world.gateway.query_by_uid(query['uid']).code == 'F.0114'


def test_unauthenticated_card_fails(world):
    _, query = returned(world.browser.pay(world.checkout(attempts=1), UNAUTHENTICATED))

    assert world.gateway.query_by_uid(query['uid']).code == 'F.0129'


def test_challenge_is_processing_until_the_code_is_right(world):
    checkout = world.checkout()
    page = world.browser.follow(world.browser.pay(checkout, CHALLENGE))
    waiting = world.gateway.query_by_token(checkout.token)

    wrong = world.browser.post(page.url, data={'code': '0000'})
    _, query = returned(world.browser.post(page.url, data={'code': '1234'}))

    assert 'Код из СМС' in page.text
    assert (waiting.status, waiting.is_finished) == (GatewayStatus.PROCESSING, False)
    assert wrong.status_code == 422
    assert 'Осталось попыток: 2' in wrong.text
    assert query['status'] == 'successful'
    assert world.gateway.query_by_uid(query['uid']).status is GatewayStatus.SUCCEEDED


@pytest.mark.parametrize(
    ('answers', 'code'), [([{'refuse': '1'}], 'F.0998'), ([{'code': 'x'}, {'code': ''}, {'code': '0'}], 'F.0129')]
)
def test_challenge_refused_or_missed_three_times_fails(world, answers, code):
    page = world.browser.follow(world.browser.pay(world.checkout(attempts=1), CHALLENGE))

    for answer in answers:
        last = world.browser.post(page.url, data=answer)

    _, query = returned(last)
    assert query['status'] == 'failed'
    assert world.gateway.query_by_uid(query['uid']).code == code


def test_same_form_sent_twice_pays_once(world):
    checkout = world.checkout()

    first = returned(world.browser.pay(checkout, form_key='k' * 16))
    second = world.browser.post(
        f'{world.url}/widget/pay',
        data={
            'token': checkout.token,
            'form_key': 'k' * 16,
            'number': '4200000000000000',
            'expiry': '12/30',
            'cvc': '123',
            'holder': 'IVAN',
        },
    )

    assert 'Оплата прошла' in world.browser.follow(second).text
    assert [each.uid for each in world.gateway.list_by_tracking_id('pay_1')] == [first[1]['uid']]


def test_declined_form_sent_twice_is_one_attempt(world):
    checkout = world.checkout(attempts=3)

    answers = [world.browser.pay(checkout, DECLINED, form_key='k' * 16) for _ in range(2)]

    assert [(each.status_code, each.headers['location']) for each in answers] == [
        (303, f'../widget/hpp.html?token={checkout.token}')
    ] * 2
    assert len(world.gateway.list_by_tracking_id('pay_1')) == 1


def test_cancel_goes_to_the_cancel_address_and_leaves_the_token_open(world):
    checkout = world.checkout()
    world.browser.open(checkout)

    place, query = returned(world.browser.post(f'{world.url}/widget/cancel', data={'token': checkout.token}))

    assert (place, query['status'], query['cancelled']) == ('shop.test/my/pay', 'canceled', '1')
    assert world.gateway.query_by_token(checkout.token).status is GatewayStatus.CREATED


@pytest.mark.parametrize(
    ('field', 'value', 'text'),
    [
        ('number', '4111111111111111', 'только тестовые карты'),
        ('number', '', '16 цифр'),
        ('number', '٤٢٠٠٠٠٠٠٠٠٠٠٠٠٠٠', '16 цифр'),
        ('number', '<script>' * 500, '16 цифр'),
        ('expiry', '10/26', 'прошёл'),
        ('expiry', '13/30', 'например 12/30'),
        ('cvc', '12', 'три цифры'),
        ('holder', 'Иван Петров', 'латинскими'),
        ('holder', 'A' * 10_000, 'латинскими'),
        ('holder', '\x00', 'латинскими'),
    ],
)
def test_wrong_field_is_named_and_the_rest_stays(world, field, value, text):
    page = world.browser.pay(world.checkout(), **{field: value})

    assert page.status_code == 422
    assert text in page.text
    assert '<script' not in page.text
    assert ('IVAN PETROV' in page.text) == (field != 'holder')
    assert 'value="123"' not in page.text
    assert world.gateway.list_by_tracking_id('pay_1') == ()


def test_form_beyond_all_measure_is_not_read(world):
    assert world.browser.pay(world.checkout(), holder='A' * 20_000).status_code == 413


def test_card_number_is_kept_nowhere(world, tmp_path):
    world.browser.pay(world.checkout())

    for file in tmp_path.iterdir():
        assert b'4200000000000000' not in file.read_bytes()
        assert b'4200 0000 0000 0000' not in file.read_bytes()


def test_unknown_token_has_a_page(world):
    page = world.browser.get(f'{world.url}/widget/hpp.html', params={'token': 'nope'})

    assert page.status_code == 404
    assert 'Такой оплаты нет' in page.text


def test_list_of_test_cards_fills_the_form_except_cvc(world):
    checkout = world.checkout()

    page = world.browser.get(f'{checkout.redirect_url}&card=4005550000000019')

    assert 'value="4005 5500 0000 0019"' in page.text
    assert 'name="cvc" value=""' in page.text


def test_receipt_is_a_real_page(world):
    _, query = returned(world.browser.pay(world.checkout()))

    page = world.browser.get(world.gateway.query_by_uid(query['uid']).receipt_url)

    assert page.status_code == 200
    assert '20,00 BYN' in page.text
