"""The gateway's JSON API: Basic auth, bodies of the documented shapes, and the switches of the faults."""

import asyncio
import base64
import binascii
import hmac
import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.gateways.sandbox import charges, checkouts, refunds
from services.gateways.sandbox.desk import Desk
from services.gateways.sandbox.faults import Fault, list_faults, set_fault, take_fault
from services.gateways.sandbox.replies import Reply, plain_error
from services.gateways.sandbox.setting import Setting

_MAX_BODY = 64 * 1024

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def api_routes(desk: Desk) -> list[Route]:
    """Return the routes of the checkout host and of the card host; in the sandbox both are one host."""

    async def create_checkout(request: Request) -> Response:
        reply = await desk.run(checkouts.create, await read_json(request))
        return await create_faults(desk, request) or answer(reply)

    async def show_checkout(request: Request) -> Response:
        return answer(await desk.run(checkouts.show, request.path_params['token']))

    async def show_transaction(request: Request) -> Response:
        return answer(await desk.run(refunds.show, request.path_params['uid']))

    async def list_transactions(request: Request) -> Response:
        return answer(await desk.run(refunds.list_by_tracking_id, request.path_params['tracking_id']))

    async def refund(request: Request) -> Response:
        request_id = request.headers.get('RequestID', '')[:255] or None
        return answer(await desk.run(refunds.refund, await read_json(request), request_id))

    async def faults(request: Request) -> Response:
        order = await read_json(request) if request.method == 'POST' else None
        return answer(await desk.run(_obey, order, is_order=request.method == 'POST'))

    return [
        Route('/ctp/api/checkouts', shop_only(desk, create_checkout), methods=['POST']),
        Route('/ctp/api/checkouts/{token}', shop_only(desk, show_checkout), methods=['GET']),
        Route('/transactions/refunds', shop_only(desk, refund), methods=['POST']),
        Route('/transactions/payments', shop_only(desk, partial(_charge, desk)), methods=['POST']),
        Route('/transactions/{uid}', shop_only(desk, show_transaction), methods=['GET']),
        Route('/v2/transactions/tracking_id/{tracking_id}', shop_only(desk, list_transactions), methods=['GET']),
        # Open to whoever reaches the demo, but only with a JSON body, which a foreign page cannot send unasked.
        Route('/faults', faults, methods=['GET', 'POST']),
    ]


async def _charge(desk: Desk, request: Request) -> Response:
    request_id = request.headers.get('RequestID', '')[:255] or None
    reply = await desk.run(charges.charge, await read_json(request), request_id)
    return await create_faults(desk, request) or answer(reply)


def answer(reply: Reply) -> Response:
    """Return a reply as JSON that nobody keeps."""
    return JSONResponse(reply.body, status_code=reply.status, headers={'Cache-Control': 'no-store'})


async def read_json(request: Request) -> Any:
    """Return the parsed body, or None for anything that is not JSON of a sane size under a JSON content type."""
    if request.headers.get('content-type', '').partition(';')[0].strip().lower() != 'application/json':
        return None
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MAX_BODY:
            return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def shop_only(desk: Desk, endpoint: Endpoint) -> Endpoint:
    """Let only the shop call this endpoint."""

    async def guarded(request: Request) -> Response:
        if not _is_shop(request, desk.setting):
            return answer(plain_error('Invalid shop_id/secret_key.', {'system': ['System error.']}, status=401))
        return await endpoint(request)

    return guarded


def _is_shop(request: Request, setting: Setting) -> bool:
    scheme, _, encoded = request.headers.get('authorization', '').partition(' ')
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        given = b''
    expected = f'{setting.config.shop_id}:{setting.config.secret_key}'.encode()
    return hmac.compare_digest(given, expected) and scheme.lower() == 'basic'


async def create_faults(desk: Desk, request: Request) -> Response | None:
    """Spoil the answer to a checkout or a charge that has been made: the shop cannot know that it was."""
    if await desk.run(_take, Fault.CREATE_500) is not None:
        return JSONResponse({'message': 'Internal server error'}, status_code=500)
    seconds = await desk.run(_take, Fault.CREATE_TIMEOUT)
    if seconds is None:
        return None
    await _hold(request, seconds)
    return JSONResponse({'message': 'Gateway timeout'}, status_code=504)


async def _hold(request: Request, seconds: float) -> None:
    """Keep the caller waiting until he hangs up or the time is over."""

    async def hung_up() -> None:
        while (await request.receive())['type'] != 'http.disconnect':
            pass

    try:
        await asyncio.wait_for(hung_up(), seconds)
    except (TimeoutError, ClientDisconnect):
        return


def _take(setting: Setting, name: Fault) -> float | None:
    with setting.store.work() as db:
        return take_fault(db, name)


def _obey(setting: Setting, order: Any, *, is_order: bool) -> Reply:
    with setting.store.work() as db:
        wrong = set_fault(db, order) if is_order else None
        if wrong:
            return plain_error(wrong, {'base': [wrong]})
        return Reply(200, {'faults': list_faults(db)})
