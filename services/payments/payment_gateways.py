"""Which gateways this installation has: bePaid or WEBPAY by the settings, the sandbox in a demo, or none; and ERIP."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.applications import Starlette

from services.gateways.bepaid import BePaid, BePaidConfig
from services.gateways.bepaid_erip import BePaidErip, BePaidEripConfig
from services.gateways.erip_gateway import EripGateway
from services.gateways.payment_gateway import PaymentGateway
from services.gateways.sandbox import SandboxConfig, create_sandbox, public_key_pem
from services.gateways.webpay import WebPay, WebPayConfig
from services.identity.keys import derive_key
from services.settings import Settings, get_settings

SANDBOX_PATH = '/demo/gateway'
HOOK_PATH = '/hooks/bepaid'
WEBPAY_HOOK_PATH = '/hooks/webpay'
NAMES = {BePaid.name: 'bePaid', WebPay.name: 'WEBPAY', 'erip': 'ЕРИП'}
"""Gateways as they write themselves."""
DEMO_SERVICE_NO = '99999999'
_ANY_HOST = {'0.0.0.0': '127.0.0.1', '::': '[::1]'}  # noqa: S104 - where we listen on all, we reach ourselves here


@dataclass(frozen=True)
class CardGateway:
    """The gateway of this installation. `is_test` is what the test flag of its transactions must be;
    `return_base` is the site as browsers see it, `hook_url` as the gateway reaches it."""

    port: PaymentGateway
    is_test: bool
    return_base: str
    hook_url: str


def card_gateway() -> CardGateway | None:
    """Return the gateway, or None where card payment is not set up: then the screens do not offer it."""
    return _gateway(get_settings())


@dataclass(frozen=True)
class EripService:
    """ERIP of this installation. `is_test` and `hook_url` as of the card gateway; `demo_page` is where the pretended
    banking app begins, empty outside a demo."""

    port: EripGateway
    is_test: bool
    hook_url: str
    demo_page: str = ''


def erip() -> EripService | None:
    """Return ERIP, or None where it is not set up: then the screens do not offer it."""
    return _erip(get_settings())


def sandbox() -> Starlette | None:
    """Return the gateway of the demo, to be mounted at SANDBOX_PATH; None where a gateway is set, or outside a demo."""
    settings = get_settings()
    return create_sandbox(_sandbox_config(settings)) if _uses_sandbox(settings) else None


def _uses_sandbox(settings: Settings) -> bool:
    return settings.demo and not settings.card_page_url


@lru_cache(maxsize=1)
def _gateway(settings: Settings) -> CardGateway | None:
    if _uses_sandbox(settings):
        config = _bepaid_of(_sandbox_config(settings), settings)
        return CardGateway(BePaid(config), True, settings.url, _own_address(settings) + HOOK_PATH)
    if settings.webpay_store_id:
        return CardGateway(_webpay(settings), settings.webpay_test, settings.url, settings.url + WEBPAY_HOOK_PATH)
    if not settings.bepaid_shop_id:
        return None
    hosts = frozenset({urlsplit(settings.bepaid_checkout_url).netloc})
    config = BePaidConfig(
        checkout_url=settings.bepaid_checkout_url,
        gateway_url=settings.bepaid_gateway_url,
        shop_id=settings.bepaid_shop_id,
        secret_key=settings.bepaid_secret_key.get_secret_value(),
        public_key_pem=settings.bepaid_public_key or None,
        test=settings.bepaid_test,
        allowed_hosts=hosts,
    )
    return CardGateway(BePaid(config), settings.bepaid_test, settings.url, settings.url + HOOK_PATH)


def _webpay(settings: Settings) -> WebPay:
    return WebPay(
        WebPayConfig(
            payment_url=settings.webpay_payment_url,
            billing_url=settings.webpay_billing_url,
            store_id=settings.webpay_store_id,
            store_name=settings.company_name,
            secret_key=settings.webpay_secret_key.get_secret_value(),
            username=settings.webpay_username,
            password=settings.webpay_password.get_secret_value(),
            test=settings.webpay_test,
            allowed_hosts=frozenset({urlsplit(settings.webpay_payment_url).netloc}),
        )
    )


def _sandbox_config(settings: Settings) -> SandboxConfig:
    secret = derive_key(settings.secret_key.get_secret_value(), 'sandbox gateway').hex()
    own, folder = _own_address(settings), settings.data_dir / 'gateway'
    # Nobody watches a demo for hours: the pauses between webhooks that were not taken are a twentieth of bePaid's.
    return SandboxConfig(folder, settings.url + SANDBOX_PATH, 'amigo-demo', secret, site_url=own, time_scale=1 / 20)


def _bepaid_of(sandbox: SandboxConfig, settings: Settings) -> BePaidConfig:
    own = _own_address(settings) + SANDBOX_PATH
    return BePaidConfig(
        checkout_url=own,
        gateway_url=own,
        shop_id=sandbox.shop_id,
        secret_key=sandbox.secret_key,
        public_key_pem=public_key_pem(sandbox),
        test=True,
        allowed_hosts=frozenset({urlsplit(settings.url).netloc}),
    )


def _own_address(settings: Settings) -> str:
    """Where this process reaches itself: a public address may lead through a port or a proxy that it cannot see."""
    if settings.is_https:
        return settings.url  # the adapter lets customers go only where its own calls are as safe
    return f'http://{_ANY_HOST.get(settings.host, settings.host)}:{settings.port}'


@lru_cache(maxsize=1)
def _erip(settings: Settings) -> EripService | None:
    if _uses_sandbox(settings):
        sandbox, own = _sandbox_config(settings), _own_address(settings)
        number = settings.erip_service_no or DEMO_SERVICE_NO
        config = BePaidEripConfig(own + SANDBOX_PATH, sandbox.shop_id, sandbox.secret_key, number, True)
        return EripService(BePaidErip(config), True, own + HOOK_PATH, f'{settings.url}{SANDBOX_PATH}/erip')
    if not settings.erip_service_no:
        return None
    secret = settings.bepaid_secret_key.get_secret_value()
    number, is_test = settings.erip_service_no, settings.bepaid_test
    config = BePaidEripConfig(settings.bepaid_api_url, settings.bepaid_shop_id, secret, number, is_test)
    return EripService(BePaidErip(config), is_test, settings.url + HOOK_PATH)
