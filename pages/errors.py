"""What an unknown address and a failure of ours look like: a Russian page with a way home, never the exception."""

import logging
import secrets

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from components.problem_page import title_of
from components.shell import frame_for
from components.templating import render
from services.errors import DomainError

log = logging.getLogger(__name__)
MACHINE_PATHS = ('/api/', '/hooks/', '/_nicegui', '/healthz', '/readyz', '/captcha/')


def register(app: FastAPI) -> None:
    """Answer HTTP errors and unknown exceptions; NiceGUI's own pages would show the exception to the visitor."""
    app.add_exception_handler(404, http_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(DomainError, refused)
    app.add_exception_handler(RequestValidationError, unreadable)
    app.add_exception_handler(500, failure)
    app.add_exception_handler(Exception, failure)


async def http_error(request: Request, error: Exception) -> Response:
    """Answer a 4xx with its page."""
    code = error.status_code if isinstance(error, HTTPException) else 404
    return await error_page(request, code)


async def refused(request: Request, error: Exception) -> Response:
    """Answer a refusal that the page itself had no words for."""
    return await error_page(request, error.status if isinstance(error, DomainError) else 422)


async def unreadable(request: Request, _error: Exception) -> Response:
    """Answer a form or an address that does not have the shape we ask for; no browser sends such a one."""
    return await error_page(request, 400)


async def failure(request: Request, error: Exception) -> Response:
    """Answer a failure of ours with a number that stands in the log beside the traceback."""
    if isinstance(error, DomainError):  # raised by the gate, before any page
        return await refused(request, error)
    number = secrets.token_hex(4)
    # This answer is made outside the gate, where the id of the request is not bound any more.
    with structlog.contextvars.bound_contextvars(request=request.scope.get('state', {}).get('request_id', '')):
        log.error('Request %s failed, number %s', request.scope['path'], number, exc_info=error)
    return await error_page(request, 500, number=number)


async def error_page(request: Request, code: int, *, number: str = '') -> Response:
    """Return the error page for people, a short text for machines."""
    path = request.scope['path']
    if path.startswith('/api/'):
        return JSONResponse({'error': code, 'number': number}, status_code=code)
    if path.startswith(MACHINE_PATHS):
        return PlainTextResponse(str(code), status_code=code)
    frame = await frame_for(request, title=title_of(code))
    return HTMLResponse(render('error.html', frame=frame, code=code, number=number), status_code=code)
