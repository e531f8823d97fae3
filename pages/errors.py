"""What an unknown address and a failure of ours look like: a Russian page with a way home, never the exception."""

import logging
import secrets

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Match

from components.problem_page import title_of
from components.redirect import HOME, SECURITY, SIGN_IN, see_other
from components.session import actor_of
from components.shell import frame_for
from components.templating import render
from services.errors import DomainError

log = logging.getLogger(__name__)
OF_PEOPLE = ('/auth/', '/my/', '/operator/', '/field/')
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
    if code == 405 and request.method == 'GET' and request.url.path.startswith(OF_PEOPLE):
        return see_other(_page_of_form(request))
    return await error_page(request, code)


def _page_of_form(request: Request) -> str:
    """Return where the form stands that is sent to this address.

    A mistake is answered at this address: a restored tab or Enter in the address line then asks for it by GET.
    """
    path, actor = request.url.path, actor_of(request)
    if path.startswith('/auth/'):
        return SECURITY[actor.role] if actor and path != '/auth/login' else SIGN_IN
    while (path := path.rpartition('/')[0]).startswith(OF_PEOPLE):
        wanted = {**request.scope, 'path': path}
        if any(route.matches(wanted)[0] == Match.FULL for route in request.app.routes):
            return path
    return HOME[actor.role] if actor else SIGN_IN


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
    page = render('error.html', frame=frame, code=code, number=number, is_page=request.method == 'GET')
    return HTMLResponse(page, status_code=code)
