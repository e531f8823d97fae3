"""The page that says what went wrong, for answers given before any page was asked: the same for everybody."""

import time

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from components.hosts import asked_host, is_on_staff_host
from components.i18n import _
from components.shell import frame_for
from components.templating import render

KEPT_SECONDS = 60
"""Drawn once a minute: a flood must not cost what it is refused for."""
_pages: dict[tuple[int, bool, str], tuple[float, str]] = {}


def title_of(code: int) -> str:
    """Return the title of an error page."""
    words = {404: _('Страница не найдена'), 429: _('Слишком много запросов')}
    return words.get(code, _('Страница не открылась'))


async def problem_page(scope: Scope, code: int, *, retry_after: int = 0) -> Response:
    """Return the page for a code as a stranger sees it.

    Args:
        retry_after: seconds after which it is worth trying again; told to browsers and scripts alike.
    """
    side = is_on_staff_host(scope)
    language = scope['state']['language']
    until, html = _pages.get((code, side, language), (0.0, ''))
    if until <= time.monotonic():
        host = [(b'host', asked_host(scope).encode('latin-1'))] if side else []
        state = {'actor': None, 'language': language}
        stranger = HTTPConnection({'type': 'http', 'path': '/', 'headers': host, 'state': state})
        html = render('error.html', frame=await frame_for(stranger, title=title_of(code)), code=code, wait=retry_after)
        _pages[code, side, language] = (time.monotonic() + KEPT_SECONDS, html)
    return HTMLResponse(html, status_code=code, headers={'Retry-After': str(retry_after)} if retry_after else None)
