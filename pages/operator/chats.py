"""/operator/chats: all talks, the unread first, and the one that is open."""

from nicegui import ui
from starlette.responses import Response

from components.chat_room import chat_room
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.session import act
from components.shell import shell
from components.templating import render
from models.user import Role
from services.errors import NotFound
from services.events import ChatChanged
from services.messages import chat


@ui.page('/operator/chats')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def chats_page() -> Response | None:
    """Show the list; nothing is open yet."""
    await _console('')
    return None


@ui.page('/operator/chats/{number}')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def chat_page(number: str) -> Response | None:
    """Show the list and one talk."""
    await _console(number)
    return None


async def _console(number: str) -> None:
    async with shell(_('Чаты'), area='operator', active='chats'):
        with ui.element('div').classes('console console--two'):
            threads = ui.html(await _list(number), sanitize=False).classes('console__pane console__pane--queue')
            with ui.element('div').classes('console__pane chat-frame'):
                await _open_talk(number)

    async def refresh(_event: ChatChanged) -> None:
        threads.set_content(await _list(number))

    on_event(ChatChanged, refresh)


async def _list(number: str) -> str:
    return render('_chat_threads.html', threads=await act(chat.list_threads), current=number)


async def _open_talk(number: str) -> None:
    if not number:
        ui.label(_('Выберите разговор из списка.')).classes('muted')
        return
    try:
        await chat_room(number, for_operator=True)
    except NotFound:
        ui.label(_('Такого договора нет.')).classes('muted')
