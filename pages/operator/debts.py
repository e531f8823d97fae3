"""/operator/debts: contracts below zero; /operator/debts.csv the same as a table."""

from collections.abc import AsyncIterator
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import Response, StreamingResponse

from components.download import private_headers
from components.guards import requires
from components.i18n import _, plural
from components.money_words import line_word, line_words
from components.posted import whole_number
from components.redirect import CONFIRM, SIGN_IN, see_other
from components.session import act, act_for
from components.shell import shell
from components.templating import render
from models.user import Role
from services.accounts import debts
from services.accounts.debts import DebtPiece
from services.errors import DomainError, TooManyRequests
from services.identity.step_up import StepUpRequired

PATH = '/operator/debts'


def register(app: FastAPI) -> None:
    """Add the address of the table."""
    app.add_api_route(f'{PATH}.csv', table, methods=['GET'], include_in_schema=False)


@ui.page('/operator/debts')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def debts_page(line: str = '', search: str = '', page: str = '', csv: str = '') -> None:
    """Show one page of the list; the filter and the pages are addresses."""
    words, wanted = line_words(), search.strip()[:100]
    chosen = line if line in words else ''
    found = await act(debts.list_debts, chosen, wanted, whole_number(page) or 1)
    facts = {'line': chosen, 'search': wanted, 'csv': csv, 'lines': words, 'line_word': line_word, 'address': _address}
    total = plural(found.total, 'договор', 'договора', 'договоров')
    async with shell(_('Долги'), area='operator', active='debts'):
        ui.html(render('_debts.html', page=found, total=total, **facts), sanitize=False)


async def table(request: Request, line: str = '', search: str = '') -> Response:
    """Give what the list shows as a file, piece by piece."""
    asked = (line, search[:100])
    try:
        first = await act_for(request, debts.export_piece, *asked)
    except StepUpRequired:  # a file does not take the browser anywhere: he comes back to the page and its button
        return see_other(f'{CONFIRM}?next={quote(_address(*asked, csv="ready"), safe="")}')
    except TooManyRequests:
        return see_other(_address(*asked, csv='later'))
    except DomainError:
        return see_other(SIGN_IN)
    return StreamingResponse(
        _pieces(request, asked, first),
        media_type='text/csv; charset=utf-8',
        headers=private_headers(_('Долги') + '.csv'),
    )


async def _pieces(request: Request, asked: tuple[str, str], piece: DebtPiece) -> AsyncIterator[bytes]:
    """Yield the pieces; each asks again who is there, and a refusal breaks the download off instead of ending it."""
    yield piece.content
    while piece.next is not None:
        piece = await act_for(request, debts.export_piece, *asked, piece.next)
        yield piece.content


def _address(line: str, search: str, page: int = 1, *, csv: str = '', path: str = PATH) -> str:
    wanted = {'line': line, 'search': search, 'page': str(page) if page > 1 else '', 'csv': csv}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f'{path}?{query}' if query else path
