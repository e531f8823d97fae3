"""`/demo/mailbox`: the letters and SMS this demo sent, newest first. Outside the demo there is no such address."""

from fastapi import FastAPI, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from components.i18n import _
from components.shell import frame_for
from components.templating import render
from services.demo.mailbox import kept
from services.messages.letters.render import linked
from services.runner import call
from services.settings import get_settings


def register(app: FastAPI) -> None:
    """Add the page."""
    app.add_api_route('/demo/mailbox', mailbox, methods=['GET', 'HEAD'], include_in_schema=False)


async def mailbox(request: Request) -> Response:
    """Show what arrived; only addresses of this site are links."""
    if not get_settings().demo:
        raise HTTPException(404)
    messages = [(message, Markup(linked(message.text.strip()))) for message in await call(kept)]  # noqa: S704 - escaped by linked()
    frame = await frame_for(request, title=_('Почтовый ящик демонстрации'))
    return HTMLResponse(render('mailbox.html', frame=frame, messages=messages))
