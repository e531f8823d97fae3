"""A real sandbox on a loopback port, a shop that hears its webhooks, and the adapter between them."""

import functools
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from services.gateways.bepaid import BePaid, BePaidConfig
from services.gateways.payment_gateway import Checkout, CheckoutIntent
from services.gateways.sandbox import SandboxConfig, create_sandbox, public_key_pem

PATIENCE = 10.0
OK = '4200 0000 0000 0000'


@dataclass
class FakeClock:
    """Time that moves only when told."""

    instant: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def forward(self, **span: float) -> None:
        self.instant += timedelta(**span)


@dataclass
class Hook:
    """One webhook as it came."""

    body: bytes
    headers: dict[str, str]


@dataclass
class Shop:
    """Receives webhooks; answers with the next of `answers`, then always 200."""

    url: str = ''
    hooks: 'queue.Queue[Hook]' = field(default_factory=queue.Queue)
    answers: 'queue.Queue[int]' = field(default_factory=queue.Queue)

    def next_hook(self) -> Hook:
        return self.hooks.get(timeout=PATIENCE)


class Fields(HTMLParser):
    """The inputs of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == 'input' and found.get('name'):
            self.values[found['name']] = found.get('value') or ''


class Browser(httpx.Client):
    """A customer: follows nothing by himself, so that each redirect can be looked at."""

    def open(self, checkout: Checkout) -> httpx.Response:
        return self.get(checkout.redirect_url)

    def pay(self, checkout: Checkout, number: str = OK, **other: str) -> httpx.Response:
        page = self.open(checkout)
        card = {'number': number, 'expiry': '12/30', 'cvc': '123', 'holder': 'IVAN PETROV'}
        return self.post(page.url.join('pay'), data=Fields(page.text).values | card | other)

    def follow(self, response: httpx.Response) -> httpx.Response:
        return self.get(response.url.join(response.headers['location']))


@dataclass
class World:
    """Everything a contract test needs."""

    gateway: BePaid
    config: BePaidConfig
    shop: Shop
    browser: Browser
    clock: FakeClock
    url: str
    app: Starlette
    site: 'Site'

    def intent(self, **changes: object) -> CheckoutIntent:
        plain = CheckoutIntent(
            tracking_id='pay_1',
            amount=Decimal('20.00'),
            description='Оплата услуг, договор 100001',
            expires_at=self.clock() + timedelta(minutes=30),
            return_url='http://shop.test/my/pay/return?p=1',
            cancel_url='http://shop.test/my/pay?cancelled=1',
            notification_url=self.shop.url,
            contract_number='100001',
            email='anna@example.by',
        )
        return replace(plain, **changes)

    def checkout(self, **changes: object) -> Checkout:
        return self.gateway.create_checkout(self.intent(**changes))

    def switch(self, name: str, times: int = 1, **more: float) -> None:
        answer = self.browser.post(f'{self.url}/faults', json={'name': name, 'times': times} | more)
        assert answer.status_code == 200, answer.text

    def move_clock(self, **span: float) -> None:
        self.clock.forward(**span)
        self.app.state.desk.courier.wake()

    def adapter(self, **changes: object) -> BePaid:
        return BePaid(replace(self.config, **changes))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers['Content-Length']))
            shop.hooks.put(Hook(body, dict(self.headers)))
            self.send_response(200 if shop.answers.empty() else shop.answers.get())
            self.send_header('Content-Length', '0')
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Stay silent."""

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    shop.url = f'http://127.0.0.1:{server.server_port}/hooks/bepaid'
    yield shop
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope='session')
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """One 2048-bit key for all tests, private and public: making or reading one takes a tenth of a second."""
    folder = tmp_path_factory.mktemp('key')
    public = public_key_pem(SandboxConfig(folder, '', '', ''))
    return (folder / 'sandbox-key.pem').read_bytes(), public


@pytest.fixture(scope='session', autouse=True)
def one_tls_context() -> Iterator[None]:
    """Reading the certificates of the world anew for each client would take most of the time of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, 'create_default_context', functools.cache(ssl.create_default_context))
        yield


@dataclass
class Site:
    """The one server of all tests, on which each test mounts its own sandbox, as the real site does."""

    host: str
    app: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope='session')
def site() -> Iterator[Site]:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        site = Site(f'127.0.0.1:{listener.getsockname()[1]}')
        with served(site, listener):
            yield site


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock, shop: Shop, signing_key: tuple[bytes, str], site: Site) -> Iterator[World]:
    (tmp_path / 'sandbox-key.pem').write_bytes(signing_key[0])
    url = f'http://{site.host}/demo/gateway'
    config = SandboxConfig(tmp_path, url, '1673', 'secret-of-the-shop', site_url=shop.url, time_scale=1.0, now=clock)
    app = create_sandbox(config)
    site.app = Starlette(routes=[Mount('/demo/gateway', app)])
    adapter_config = BePaidConfig(
        url, url, '1673', 'secret-of-the-shop', signing_key[1], True, frozenset({site.host}), 5.0, PATIENCE
    )
    with BePaid(adapter_config) as gateway, Browser(trust_env=False) as browser:
        yield World(gateway, adapter_config, shop, browser, clock, url, app, site)
    app.state.desk.close()


@contextmanager
def served(app: object, listener: socket.socket) -> Iterator[None]:
    """Serve an ASGI application in a thread; the socket listens already, so nobody has to wait."""
    server = uvicorn.Server(uvicorn.Config(app, log_level='warning', lifespan='off', timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
