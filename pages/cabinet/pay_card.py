"""/my/pay/card: a kept card and a sum, looked at once more and paid with one click."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import Response

from components.action import form_key
from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.redirect import see_bank, see_other
from components.session import act, act_outside
from models.user import Role
from pages.cabinet.pay import PATH as PAY
from pages.cabinet.pay import CardGone, refused
from services.errors import DomainError, InvalidField, NotFound
from services.payments import card_charges
from services.payments.saved_cards import CardExpired

Text = Annotated[str, Form()]
PATH = '/my/pay/card'


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(PATH, pay, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.SUBSCRIBER)
async def card_page(card: str = '', amount: str = '') -> Response | None:
    """Show what one click will pay; a card or a sum that cannot be leads back to the form."""
    try:
        offer = await act(card_charges.offer, whole_number(card), amount[:64])
    except InvalidField:
        return see_other(f'{PAY}?{urlencode({"amount": amount[:64] or "0", "card": card[:12]})}')
    except CardExpired:
        return see_other(f'{PAY}?{urlencode({"amount": amount[:64], "problem": "expired"})}')
    except NotFound:
        return see_other(f'{PAY}?{urlencode({"amount": amount[:64]} | ({"problem": "card"} if card else {}))}')
    await cabinet_page('cabinet_pay_card.html', _('Оплата картой'), active='pay', offer=offer, form_key=form_key())
    return None


async def pay(
    request: Request, card: Text = '', amount: Text = '', form_key: Text = '', contract: Text = ''
) -> Response:
    """Charge the card and show what came of it; a bank that wants to be sure that it is its customer comes first."""
    number = whole_number(card)
    try:
        started = await act_outside(request, card_charges.pay, number, amount, form_key, drawn_for=contract)
    except DomainError as error:
        return refused(CardGone() if isinstance(error, NotFound) else error, amount)
    shown = f'{PAY}/return?{urlencode({"p": started.tracking_id})}'
    return see_bank(started.redirect_url, shown)
