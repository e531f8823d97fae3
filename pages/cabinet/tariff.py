"""/my/tariff: which tariffs the house has, what a change costs, now or from the 1st."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import Response

from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _, error_text
from components.posted import posted, problem_words, whole_number
from components.quote_words import QuoteCard, beware_of, tariff_card
from components.session import act
from models.user import Role
from services.accounts import tariff_board, tariff_changes
from services.accounts.tariff_board import TariffBoard
from services.errors import DomainError

PATH = '/my/tariff'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(PATH, change, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/cancel', cancel, methods=['POST'], include_in_schema=False)


@ui.page('/my/tariff')
@requires(Role.SUBSCRIBER)
async def tariff_page(to: str = '', when: str = 'now', changed: str = '', done: str = '', problem: str = '') -> None:
    """Show the tariffs; with `?to=I-200&when=now` the quote of that change above them."""
    board = await act(tariff_board.read_board)
    card, refusal = await _card(board, to, when, changed=bool(changed)) if to else (None, '')
    words = {'changed': _('Готово. Письмо с подробностями придёт на почту.'), 'cancelled': _('Смена тарифа отменена.')}
    await cabinet_page(
        'cabinet_tariff.html',
        _('Сменить тариф'),
        active='tariff',
        board=board,
        quote=card,
        told=words.get(done, ''),
        problem=refusal or problem_words(problem),
    )


async def _card(board: TariffBoard, to: str, when: str, *, changed: bool) -> tuple[QuoteCard | None, str]:
    """Return the quote in words, or why there is none."""
    try:
        shown = await act(tariff_changes.quote, to[:16], when)
    except DomainError as error:
        return None, error_text(error)
    offer = next((offer for offer in board.offers if offer.code == to), None)
    beware = beware_of(board, offer, when) if offer else []
    is_now = when == tariff_changes.NOW
    return tariff_card(shown, _(offer.name) if offer else to, is_now=is_now, beware=beware, changed=changed), ''


async def change(
    request: Request,
    quote_id: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    to: Annotated[str, Form()] = '',
    when: Annotated[str, Form()] = '',
) -> Response:
    """Do what the shown quote says; if it changed meanwhile, show the new one."""
    again = urlencode({'to': to[:16], 'when': when[:16]})
    number = whole_number(quote_id)
    return await posted(request, tariff_changes.execute, number, form_key, page=PATH, done='changed', again=again)


async def cancel(request: Request, change_id: Annotated[str, Form()] = '') -> Response:
    """Call off a planned change."""
    number = whole_number(change_id)
    return await posted(request, tariff_changes.cancel_planned, number, page=PATH, done='cancelled')
