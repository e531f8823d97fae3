"""/my/services: add-ons by the month and for a while, with the price before the click."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import Response

from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _, error_text
from components.posted import posted, problem_words, whole_number
from components.quote_words import QuoteCard, add_on_card
from components.session import act
from models.user import Role
from services.accounts import add_ons
from services.accounts.add_ons import AddOnBoard, AddOnView
from services.errors import DomainError

PATH = '/my/services'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(PATH, connect, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/disconnect', disconnect, methods=['POST'], include_in_schema=False)


@ui.page('/my/services')
@requires(Role.SUBSCRIBER)
async def services_page(add: str = '', drop: str = '', changed: str = '', done: str = '', problem: str = '') -> None:
    """Show the add-ons; with `?add=A-IP` the quote of connecting it, with `?drop=A-IP` the question before parting."""
    board = await act(add_ons.board)
    card, refusal = await _card(board, add, changed=bool(changed)) if add else (None, '')
    words = {'connected': _('Услуга подключена.'), 'disconnected': _('Услуга отключена с 1-го числа.')}
    asked = _find(board, drop)
    await cabinet_page(
        'cabinet_services.html',
        _('Услуги'),
        active='services',
        board=board,
        quote=card,
        drop=asked if asked and asked.is_monthly and asked.is_on and not asked.paid_to else None,
        told=words.get(done, ''),
        problem=refusal or problem_words(problem),
    )


async def _card(board: AddOnBoard, code: str, *, changed: bool) -> tuple[QuoteCard | None, str]:
    """Return the quote in words, or why there is none."""
    try:
        shown = await act(add_ons.quote, code[:16])
    except DomainError as error:
        return None, error_text(error)
    item = _find(board, code)
    name, limit = (_(item.name), item.limit) if item else (code, None)
    return add_on_card(shown, name, is_monthly=bool(item and item.is_monthly), limit=limit, changed=changed), ''


def _find(board: AddOnBoard, code: str) -> AddOnView | None:
    return next((item for item in (*board.monthly, *board.once) if item.code == code), None)


async def connect(
    request: Request,
    quote_id: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    code: Annotated[str, Form()] = '',
) -> Response:
    """Connect what the shown quote is about."""
    again = urlencode({'add': code[:16]})
    return await posted(
        request, add_ons.connect, whole_number(quote_id), form_key, page=PATH, done='connected', again=again
    )


async def disconnect(
    request: Request, code: Annotated[str, Form()] = '', contract: Annotated[str, Form()] = ''
) -> Response:
    """Disconnect a monthly add-on."""
    again = urlencode({'drop': code[:16]})
    service = add_ons.disconnect
    return await posted(request, service, code[:16], page=PATH, done='disconnected', again=again, drawn_for=contract)
