"""/my/chat: the subscriber talks to the operators."""

from nicegui import ui
from starlette.responses import Response

from components.chat_room import chat_room
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.session import act
from components.shell import shell
from models.user import Role
from services.errors import NotFound
from services.messages import disputes
from services.messages.disputes import DisputedLine


@ui.page('/my/chat')
@requires(Role.SUBSCRIBER)
async def chat_page(about: str = '') -> Response | None:
    """Show the talk of the chosen contract; a line of the history that is disputed stands in the field already."""
    line = await _disputed(about)
    async with shell(_('Чат'), area='cabinet', active='chat'):
        with ui.element('div').classes('cabinet'), ui.element('div').classes('cabinet__main'):
            ui.html(_('Чат'), tag='h1', sanitize=False)
            with ui.element('div').classes('card chat-frame'):
                await chat_room(for_operator=False, about=line)
    return None


async def _disputed(about: str) -> DisputedLine | None:
    try:
        return await act(disputes.get_line, whole_number(about)) if about else None
    except NotFound:
        return None
