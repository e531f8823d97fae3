"""/healthz: the process is alive. /readyz: it can serve people."""

from fastapi import FastAPI
from starlette.responses import PlainTextResponse, Response

from services.migration import is_current
from services.runner import call


def register(app: FastAPI) -> None:
    """Add the two addresses."""
    app.add_api_route('/healthz', healthz, methods=['GET'], include_in_schema=False)
    app.add_api_route('/readyz', readyz, methods=['GET'], include_in_schema=False)


async def healthz() -> Response:
    """Answer as long as the event loop turns; asks nothing of the database."""
    return PlainTextResponse('ok')


async def readyz() -> Response:
    """Answer 200 when the database is there and migrated, 503 otherwise."""
    try:
        ready = await call(is_current)
    except Exception:  # noqa: BLE001 - whatever is wrong, we are not ready
        ready = False
    return PlainTextResponse('ready' if ready else 'not ready', status_code=200 if ready else 503)
