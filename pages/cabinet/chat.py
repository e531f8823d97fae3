"""/my/chat: the subscriber talks to the operators."""

from nicegui import ui
from starlette.responses import Response

from components.chat_room import chat_room
from components.guards import requires
from components.i18n import _
from components.shell import shell
from models.user import Role


@ui.page('/my/chat')
@requires(Role.SUBSCRIBER)
async def chat_page() -> Response | None:
    """Show the talk of the chosen contract."""
    async with shell(_('Чат'), area='cabinet', active='chat'):
        with ui.element('div').classes('cabinet'), ui.element('div').classes('cabinet__main'):
            ui.html(_('Чат'), tag='h1', sanitize=False)
            with ui.element('div').classes('card chat-frame'):
                await chat_room(for_operator=False)
    return None
