"""/my/equipment: devices at home, taking a further one, keeping or bringing back the rented one."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import Response

from components.cabinet_page import cabinet_page
from components.contract_words import ownership
from components.equipment_words import bring_back_card, buy_out_card, device_icon, order_card
from components.guards import requires
from components.i18n import _, error_text
from components.posted import posted, problem_words, whole_number
from components.quote_words import QuoteCard
from components.session import act
from models.user import Role
from services.accounts import equipment_board, equipment_buy_outs, equipment_orders, return_announcements
from services.accounts.equipment_board import EquipmentBoard
from services.errors import DomainError

PATH = '/my/equipment'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(PATH, order, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/cancel', cancel, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/buy-out', buy_out, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/return', announce, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/keep', keep, methods=['POST'], include_in_schema=False)


@ui.page('/my/equipment')
@requires(Role.SUBSCRIBER)
async def equipment_page(
    take: str = '',
    way: str = '',
    buy: str = '',
    back: str = '',
    changed: str = '',
    done: str = '',
    problem: str = '',
) -> None:
    """Show the devices; with `?take=R-AX&way=rent`, `?buy=7` or `?back=7` the quote of that."""
    board = await act(equipment_board.board)
    asked = {'take': take[:16], 'way': way[:8], 'buy': buy[:10], 'back': back[:10]}
    card, refusal = await _card(board, asked, changed=bool(changed))
    words = {
        'ordered': _('Заказ принят. Деньги спишем, когда заберёте устройство.'),
        'cancelled': _('Заказ отменён.'),
        'bought': _('Устройство теперь ваше, аренды за него больше нет.'),
        'announced': _('Ждём устройство в офисе. Назовите там номер возврата.'),
        'kept': _('Возврат отменён, аренда продолжается.'),
    }
    await cabinet_page(
        'cabinet_equipment.html',
        _('Оборудование'),
        active='equipment',
        board=board,
        quote=card,
        ownership=ownership,
        device_icon=device_icon,
        told=words.get(done, ''),
        problem=refusal or problem_words(problem),
    )


async def _card(board: EquipmentBoard, asked: dict[str, str], *, changed: bool) -> tuple[QuoteCard | None, str]:
    """Return the quote in words, or why there is none."""
    names = {unit.id: _(unit.name) for unit in board.units}
    try:
        if asked['take']:
            shown = await act(equipment_orders.quote, asked['take'], asked['way'])
            name = next((_(offer.name) for offer in board.offers if offer.code == asked['take']), '')
            return order_card(shown, name, board, changed=changed), ''
        if asked['buy']:
            shown = await act(equipment_buy_outs.quote, whole_number(asked['buy']))
            return buy_out_card(shown, names[shown.request['unit']], changed=changed), ''
        if asked['back']:
            shown = await act(return_announcements.quote, whole_number(asked['back']))
            return bring_back_card(shown, names[shown.request['unit']], board, changed=changed), ''
    except DomainError as error:
        return None, error_text(error)
    return None, ''


async def order(
    request: Request,
    quote_id: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    office: Annotated[str, Form()] = '',
    take: Annotated[str, Form()] = '',
    way: Annotated[str, Form()] = '',
) -> Response:
    """Order what the shown quote is about."""
    again, asked = urlencode({'take': take[:16], 'way': way[:8]}), (whole_number(quote_id), whole_number(office))
    return await posted(request, equipment_orders.order, *asked, form_key, page=PATH, done='ordered', again=again)


async def cancel(
    request: Request, order_id: Annotated[str, Form()] = '', contract: Annotated[str, Form()] = ''
) -> Response:
    """Call an order off."""
    service = equipment_orders.cancel
    return await posted(request, service, whole_number(order_id), page=PATH, done='cancelled', drawn_for=contract)


async def buy_out(
    request: Request,
    quote_id: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    unit: Annotated[str, Form()] = '',
) -> Response:
    """Buy the rented device, as the shown quote says."""
    again, service = urlencode({'buy': unit[:10]}), equipment_buy_outs.buy_out
    return await posted(request, service, whole_number(quote_id), form_key, page=PATH, done='bought', again=again)


async def announce(
    request: Request,
    form_key: Annotated[str, Form()] = '',
    unit: Annotated[str, Form()] = '',
    office: Annotated[str, Form()] = '',
) -> Response:
    """Say that a rented device will be brought to an office."""
    again, asked = urlencode({'back': unit[:10]}), (whole_number(unit), whole_number(office))
    service = return_announcements.announce
    return await posted(request, service, *asked, form_key, page=PATH, done='announced', again=again)


async def keep(
    request: Request, return_id: Annotated[str, Form()] = '', contract: Annotated[str, Form()] = ''
) -> Response:
    """Keep the device after all."""
    service = return_announcements.call_off
    return await posted(request, service, whole_number(return_id), page=PATH, done='kept', drawn_for=contract)
