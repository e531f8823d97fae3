"""/hooks/bepaid, /hooks/webpay: the gateway rings. It carries no cookie of ours and proves itself by its signature."""

from fastapi import FastAPI, Request
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from services import limits
from services.errors import NotFound
from services.gateways.payment_gateway import RefusalReason, WebhookRefused
from services.payments import payment_hooks
from services.runner import call, call_outside

LARGEST = limits.count('webhook_bytes')
UNPROVED = {RefusalReason.WRONG_CREDENTIALS, RefusalReason.NO_SIGNATURE, RefusalReason.WRONG_SIGNATURE}


def register(app: FastAPI) -> None:
    """Add the addresses."""
    app.add_api_route('/hooks/bepaid', bepaid, methods=['POST'], include_in_schema=False)
    app.add_api_route('/hooks/webpay', webpay, methods=['POST'], include_in_schema=False)


async def bepaid(request: Request) -> Response:
    """Hear bePaid: JSON, signed in its headers."""
    return await _hear('bepaid', request)


async def webpay(request: Request) -> Response:
    """Hear WEBPAY: a form, signed in one of its fields."""
    return await _hear('webpay', request)


async def _hear(gateway: str, request: Request) -> Response:
    """Answer 200 as soon as a genuine bell is written down; the bank is asked after the answer.

    401 without a proof, 400 for what cannot be read, 413 for too much, 404 where no such gateway is set up: the body of
    the answer never says why.
    """
    try:
        raw = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if raw is None:
        return _answer(413)
    try:
        heard = await call(payment_hooks.hear, gateway, raw, dict(request.headers))
    except WebhookRefused as refused:
        return _answer(401 if refused.reason in UNPROVED else 400)
    except NotFound:
        return _answer(404)
    return PlainTextResponse('ok', background=BackgroundTask(call_outside, payment_hooks.follow, heard))


async def _body(request: Request) -> bytes | None:
    """Read at most LARGEST bytes; None for more, whatever the header of the length says."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _answer(status: int) -> Response:
    return PlainTextResponse(str(status), status_code=status)
