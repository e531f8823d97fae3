"""/my/index: the sign-in form for a stranger, the overview for a subscriber."""

from nicegui import ui
from starlette.responses import Response

from components.guards import requires
from components.i18n import _
from components.session import page_actor
from components.shell import shell
from components.sign_in_form import sign_in_form
from models.user import Role


@ui.page('/my/index')
async def index_page(next: str = '', ended: str = '') -> Response | None:  # noqa: A002 - the query's name
    """Show the door to a stranger, the overview to a subscriber; others go to their own home."""
    if page_actor() is None:
        await sign_in_form(next_page=next, ended=bool(ended))
        return None
    return await overview()


@requires(Role.SUBSCRIBER)
async def overview() -> None:
    """Show balance, state and the next charge."""
    async with shell(_('Обзор'), area='cabinet', active='overview'):
        ui.label('…')
