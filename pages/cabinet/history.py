"""/my/history: every charge and payment with its reason; /my/history.csv the same as a table."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import Response, StreamingResponse

from components.cabinet_page import cabinet_page
from components.download import private_headers
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.posted import whole_number
from components.redirect import CONFIRM, see_other
from components.session import act, act_for
from components.templating import render
from models.user import Role
from services.accounts import history
from services.accounts.history import ExportPiece
from services.errors import DomainError, TooManyRequests
from services.events import ContractChanged
from services.identity.step_up import StepUpRequired

PATH = '/my/history'


def register(app: FastAPI) -> None:
    """Add the address of the table."""
    app.add_api_route(f'{PATH}.csv', table, methods=['GET'], include_in_schema=False)


@ui.page('/my/history')
@requires(Role.SUBSCRIBER)
async def history_page(before: str = '', csv: str = '') -> None:
    """Show a page of the history; the newest one grows by itself."""
    older = whole_number(before) or None
    page = await act(history.list_operations, older)
    view = await cabinet_page('cabinet_history.html', _('История'), active='history', page=page, csv=csv)

    async def refresh(_event: ContractChanged) -> None:
        fresh = await act(history.list_operations)
        repaint(Repaint({'history': render('_history.html', page=fresh)}))

    if older is None:
        on_event(ContractChanged, refresh, when=lambda event: event.contract_id == view.contract_id)


async def table(request: Request) -> Response:
    """Give the whole history of the chosen contract as a file, piece by piece: nothing of it stands in memory whole."""
    try:
        first = await act_for(request, history.export_piece)
    except StepUpRequired:  # a file does not take the browser anywhere: he comes back to the page and its button
        return see_other(f'{CONFIRM}?next={quote(f"{PATH}?csv=ready", safe="")}')
    except TooManyRequests:
        return see_other(f'{PATH}?csv=later')
    except DomainError:
        return see_other('/my/index?next=%2Fmy%2Fhistory')
    name = _('История {number}').format(number=first.contract_number) + '.csv'
    return StreamingResponse(
        _pieces(request, first), media_type='text/csv; charset=utf-8', headers=private_headers(name)
    )


async def _pieces(request: Request, piece: ExportPiece) -> AsyncIterator[bytes]:
    """Yield the pieces; each asks again who is there, and a refusal breaks the download off instead of ending it."""
    yield piece.content
    while piece.next is not None:
        piece = await act_for(request, history.export_piece, piece.next, piece.contract_id)
        yield piece.content
