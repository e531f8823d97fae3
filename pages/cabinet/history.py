"""/my/history: everything that happened, with reasons; /my/history.csv and a statement as PDF beside it."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Query, Request
from nicegui import ui
from starlette.responses import Response, StreamingResponse

from components import history_words
from components.cabinet_page import cabinet_page
from components.download import private_headers
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.redirect import CONFIRM, see_other
from components.session import act, act_for
from components.templating import render
from models.user import Role
from services.accounts import history
from services.accounts.history import ExportPiece
from services.accounts.timeline import Wanted
from services.accounts.timeline_events import Part
from services.contracts import statements
from services.errors import DomainError, InvalidField, TooManyRequests
from services.events import ContractChanged
from services.identity.step_up import StepUpRequired

PATH = '/my/history'
From = Annotated[str, Query(alias='from')]
To = Annotated[str, Query(alias='to')]


def register(app: FastAPI) -> None:
    """Add the addresses of the files."""
    app.add_api_route(f'{PATH}.csv', table, methods=['GET'], include_in_schema=False)
    app.add_api_route(f'{PATH}/statement.pdf', statement, methods=['GET'], include_in_schema=False)


@ui.page('/my/history')
@requires(Role.SUBSCRIBER)
async def history_page(
    kind: str = '', since: From = '', until: To = '', search: str = '', before: str = '', csv: str = '', pdf: str = ''
) -> None:
    """Show a page of the history; the newest one grows by itself."""
    part = Part(kind) if kind in set(Part) else Part.ALL
    wanted = Wanted(part, _day(since), _day(until), search.strip()[:100], before)
    shown = {'asked': wanted, 'words': history_words, 'address': _addresses(wanted)}
    page = await act(history.list_events, wanted)
    facts = {'page': page, 'csv': csv, 'pdf': pdf, **shown}
    view = await cabinet_page('cabinet_history.html', _('История'), active='history', **facts)

    async def refresh(_event: ContractChanged) -> None:
        fresh = await act(history.list_events, wanted)
        repaint(Repaint({'history': render('_history.html', page=fresh, **shown)}))

    if not before:
        on_event(ContractChanged, refresh, when=lambda event: event.contract_id == view.contract_id)


async def table(request: Request) -> Response:
    """Give the whole history of the chosen contract as a file, piece by piece: nothing of it stands in memory whole."""
    try:
        first = await act_for(request, history.export_piece)
    except DomainError as refusal:
        return _refused(refusal, 'csv')
    name = _('История {number}').format(number=first.contract_number) + '.csv'
    return StreamingResponse(
        _pieces(request, first), media_type='text/csv; charset=utf-8', headers=private_headers(name)
    )


async def statement(request: Request, since: From = '', until: To = '') -> Response:
    """Give the statement of a period as a PDF; without days, of this month."""
    try:
        paper = await act_for(request, statements.make_statement, since, until)
    except DomainError as refusal:
        return _refused(refusal, 'pdf', since=since[:10], until=until[:10])
    return Response(paper.pdf, media_type='application/pdf', headers=private_headers(paper.name))


def _refused(refusal: DomainError, file: str, *, since: str = '', until: str = '') -> Response:
    """Lead back to the page: a file takes the browser nowhere, so the page says what became of it."""
    days = {'from': since, 'to': until}
    if isinstance(refusal, StepUpRequired):
        return see_other(f'{CONFIRM}?next={quote(_address({**days, file: "ready"}), safe="")}')
    if isinstance(refusal, TooManyRequests | InvalidField):
        word = 'later' if isinstance(refusal, TooManyRequests) else 'wrong'
        return see_other(_address({**days, file: word}))
    return see_other('/my/index?next=%2Fmy%2Fhistory')


async def _pieces(request: Request, piece: ExportPiece) -> AsyncIterator[bytes]:
    """Yield the pieces; each asks again who is there, and a refusal breaks the download off instead of ending it."""
    yield piece.content
    while piece.next is not None:
        piece = await act_for(request, history.export_piece, piece.next, piece.contract_id)
        yield piece.content


def _addresses(wanted: Wanted) -> Callable[..., str]:
    """Return what makes the address of another part or another page of the same question."""
    days = {
        'from': wanted.since.isoformat() if wanted.since else '',
        'to': wanted.until.isoformat() if wanted.until else '',
        'search': wanted.search,
    }
    return lambda part, before='': _address({'kind': str(part), **days, 'before': before})


def _address(asked: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f'{PATH}?{query}' if query else PATH


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
