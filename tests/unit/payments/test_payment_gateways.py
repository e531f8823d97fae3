"""Which gateway an installation has: the sandbox in a demo, bePaid by its settings, or none."""

import base64

import pytest

from services.gateways.payment_gateway import GatewayUnknown
from services.payments import payment_gateways
from services.settings import Settings

KEYS = {
    'secret_key': 's' * 48,
    'pepper': 'p' * 48,
    'field_keys': '1:' + base64.b64encode(b'k' * 32).decode(),
}
BEPAID = {
    'bepaid_checkout_url': 'https://checkout.bepaid.by',
    'bepaid_gateway_url': 'https://gateway.bepaid.by',
    'bepaid_shop_id': '1673',
    'bepaid_secret_key': 'secret-of-the-shop',
    'bepaid_public_key': 'MIIB',
}
WEBPAY = {
    'webpay_payment_url': 'https://payment.webpay.by',
    'webpay_billing_url': 'https://billing.webpay.by',
    'webpay_store_id': '111122223',
    'webpay_secret_key': 'secret-of-the-store',
    'webpay_username': 'amigo',
    'webpay_password': 'word-of-the-office',
}


@pytest.fixture
def settle(monkeypatch, tmp_path):
    """Give the house these settings."""

    def use(**values):
        settings = Settings(**{'data_dir': tmp_path, **KEYS, **values})
        monkeypatch.setattr(payment_gateways, 'get_settings', lambda: settings)
        payment_gateways._gateway.cache_clear()
        payment_gateways._erip.cache_clear()
        return settings

    yield use
    payment_gateways._gateway.cache_clear()
    payment_gateways._erip.cache_clear()


def test_demo_has_its_own_bank(settle):
    settings = settle(demo=True, port=18000)

    gateway = payment_gateways.card_gateway()

    assert settings.takes_cards
    assert payment_gateways.sandbox() is not None
    assert (gateway.is_test, gateway.hook_url) == (True, 'http://127.0.0.1:18000/hooks/bepaid')
    with pytest.raises(GatewayUnknown):  # nobody listens there: it is our own address that is asked
        gateway.port.list_by_tracking_id('pay_1')


def test_demo_behind_another_port_reaches_itself(settle):
    settle(demo=True, demo_force_host=True, host='0.0.0.0', public_url='http://demo.example.by:9000')  # noqa: S104

    gateway = payment_gateways.card_gateway()

    assert gateway.return_base == 'http://demo.example.by:9000'
    assert gateway.hook_url == 'http://127.0.0.1:8080/hooks/bepaid'


def test_no_settings_no_cards(settle):
    settings = settle(demo=False)

    assert not settings.takes_cards
    assert payment_gateways.card_gateway() is None
    assert payment_gateways.sandbox() is None


@pytest.mark.parametrize('demo', [True, False])
def test_settings_of_bepaid_win_over_the_sandbox(settle, demo):
    settings = settle(demo=demo, public_url='https://amigo.example', **BEPAID)

    gateway = payment_gateways.card_gateway()

    assert settings.takes_cards
    assert payment_gateways.sandbox() is None
    assert (gateway.port.name, gateway.is_test) == ('bepaid', False)
    assert gateway.hook_url == 'https://amigo.example/hooks/bepaid'


@pytest.mark.parametrize('demo', [True, False])
def test_webpay_by_its_settings(settle, demo):
    settings = settle(demo=demo, public_url='https://amigo.example', **WEBPAY)

    gateway = payment_gateways.card_gateway()

    assert settings.takes_cards
    assert settings.card_page_url == 'https://payment.webpay.by'
    assert payment_gateways.sandbox() is None
    assert (gateway.port.name, gateway.is_test) == ('webpay', False)
    assert gateway.hook_url == 'https://amigo.example/hooks/webpay'
    assert 'secret-of-the-store' not in repr(gateway)


@pytest.mark.parametrize('missing', WEBPAY)
def test_half_of_webpay_is_refused_by_name(settle, missing):
    with pytest.raises(ValueError, match=f'AMIGO_{missing.upper()}'):
        settle(demo=False, **{name: value for name, value in WEBPAY.items() if name != missing})


def test_two_gateways_at_once_are_refused(settle):
    with pytest.raises(ValueError, match='one of them'):
        settle(demo=False, **BEPAID, **WEBPAY)


@pytest.mark.parametrize('missing', BEPAID)
def test_half_of_the_settings_is_refused_by_name(settle, missing):
    with pytest.raises(ValueError, match=f'AMIGO_{missing.upper()}'):
        settle(demo=False, **{name: value for name, value in BEPAID.items() if name != missing})


def test_secrets_stand_in_no_repr(settle):
    settle(demo=False, **BEPAID)

    assert 'secret-of-the-shop' not in repr(payment_gateways.card_gateway())


def test_erip_is_the_demos_own_or_by_settings_or_none(settle):
    settle(demo=True, port=18000)
    assert payment_gateways.erip().port.service_no == '99999999'
    assert payment_gateways.erip().demo_page == 'http://127.0.0.1:18000/demo/gateway/erip'

    settle(**BEPAID)
    assert payment_gateways.erip() is None

    settings = settle(**BEPAID, bepaid_api_url='https://api.bepaid.by', erip_service_no='4455')
    erip = payment_gateways.erip()
    assert (settings.takes_erip, erip.port.service_no, erip.is_test, erip.demo_page) == (True, '4455', False, '')


def test_a_service_code_without_the_rest_is_refused(settle):
    with pytest.raises(ValueError, match='AMIGO_BEPAID_API_URL'):
        settle(**BEPAID, erip_service_no='4455')
