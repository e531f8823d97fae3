"""Site and sandbox in one process: callers that fill the whole thread pool of the site still get their answers."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from services.gateways.payment_gateway import GatewayStatus
from services.gateways.sandbox import SandboxConfig, create_sandbox, public_key_pem

MORE_THAN_ALL_THREADS = 60


def test_full_thread_pool_of_the_site_does_not_block_the_gateway(world):
    def open_checkout(request: Request) -> Response:
        checkout = world.checkout(tracking_id=f'pay_{request.query_params["n"]}')
        return PlainTextResponse(world.gateway.query_by_token(checkout.token).status)

    world.site.app = Starlette(routes=[Mount('/demo/gateway', world.app), Route('/pay', open_checkout)])

    def visit(number: int) -> str:
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.get(f'http://{world.site.host}/pay?n={number}').text

    with ThreadPoolExecutor(MORE_THAN_ALL_THREADS) as visitors:
        answers = list(visitors.map(visit, range(MORE_THAN_ALL_THREADS)))

    assert answers == [GatewayStatus.CREATED] * MORE_THAN_ALL_THREADS


def test_webhook_heard_by_the_site_itself_can_ask_the_gateway(world):
    def hear(request: Request) -> Response:
        uid = world.gateway.list_by_tracking_id('pay_1')[0].uid
        world.shop.hooks.put(uid)
        return PlainTextResponse('')

    world.site.app = Starlette(
        routes=[Mount('/demo/gateway', world.app), Route('/hooks/bepaid', hear, methods=['POST'])]
    )
    world.switch('webhook_before_return')

    world.browser.pay(world.checkout(notification_url=f'http://{world.site.host}/hooks/bepaid'))

    assert world.shop.hooks.get_nowait()


def test_unsent_webhook_survives_a_restart(world, tmp_path):
    world.switch('late', seconds=90)
    world.browser.pay(world.checkout())
    world.app.state.desk.close()
    world.clock.forward(seconds=91)

    again = create_sandbox(world.app.state.desk.setting.config)
    again.state.desk.courier.wake()

    hook = world.shop.next_hook()
    again.state.desk.close()
    assert world.gateway.verify_webhook(hook.body, hook.headers).transaction.status is GatewayStatus.SUCCEEDED


def test_key_is_made_once_and_private(tmp_path):
    config = SandboxConfig(tmp_path / 'new', 'http://127.0.0.1', '1', 's')

    first = public_key_pem(config)

    assert public_key_pem(config) == first
    assert stat.S_IMODE((tmp_path / 'new' / 'sandbox-key.pem').stat().st_mode) == 0o600
    assert len(base64.b64decode(''.join(first.splitlines()[1:-1]))) == 294  # DER of a 2048-bit key
    assert [each.name for each in (tmp_path / 'new').iterdir()] == ['sandbox-key.pem']
