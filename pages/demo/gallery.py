"""`/demo/gallery`: every component of the design language on one page. Outside the demo there is no such address."""

import dataclasses

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from components.i18n import _
from components.shell import frame_for
from components.templating import icon_names, render
from services.settings import get_settings

THEMES = ('light', 'dark')


def register(app: FastAPI) -> None:
    """Add the page."""
    app.add_api_route('/demo/gallery', gallery, methods=['GET', 'HEAD'], include_in_schema=False)


async def gallery(request: Request) -> Response:
    """Show the components, in the theme of the device or the one asked for."""
    if not get_settings().demo:
        raise HTTPException(404)
    frame = await frame_for(request, title=_('Галерея'))
    wanted = request.query_params.get('theme', '')
    if wanted in THEMES:
        frame = dataclasses.replace(frame, theme=wanted)
    return HTMLResponse(render('gallery.html', frame=frame, icons=sorted(icon_names())))
