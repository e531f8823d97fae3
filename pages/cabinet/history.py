"""/my/history: every charge and payment with its reason; /my/history.csv the same as a table."""

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import Response

from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.posted import whole_number
from components.redirect import see_other
from components.session import act, act_for
from components.templating import render
from models.user import Role
from services.accounts import history
from services.errors import DomainError
from services.events import ContractChanged

PATH = '/my/history'


def register(app: FastAPI) -> None:
    """Add the address of the table."""
    app.add_api_route(f'{PATH}.csv', table, methods=['GET'], include_in_schema=False)


@ui.page('/my/history')
@requires(Role.SUBSCRIBER)
async def history_page(before: str = '') -> None:
    """Show a page of the history; the newest one grows by itself."""
    older = whole_number(before) or None
    page = await act(history.list_operations, older)
    view = await cabinet_page('cabinet_history.html', _('История'), active='history', page=page)

    async def refresh(_event: ContractChanged) -> None:
        fresh = await act(history.list_operations)
        repaint(Repaint({'history': render('_history.html', page=fresh)}))

    if older is None:
        on_event(ContractChanged, refresh, when=lambda event: event.contract_id == view.contract_id)


async def table(request: Request) -> Response:
    """Give the whole history of the chosen contract as a file."""
    try:
        content = await act_for(request, history.export_csv)
    except DomainError:
        return see_other('/my/index?next=%2Fmy%2Fhistory')
    return Response(
        content,
        media_type='text/csv; charset=utf-8',
        headers={'Content-Disposition': 'attachment; filename="amigo-history.csv"'},
    )
