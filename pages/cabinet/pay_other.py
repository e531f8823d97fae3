"""/my/pay/other: pay for somebody else's contract by its number. Native forms: they work without a script."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import Response

from components.action import form_key
from components.guards import requires
from components.i18n import _, error_text
from components.payment_words import STATES
from components.redirect import see_bank, see_other
from components.session import act, act_outside
from components.shell import frame_for, paint
from models.user import Role
from pages.errors import error_page
from services import form_keys
from services.authority import OwnerOnly
from services.errors import (
    ContractLeft,
    DomainError,
    InvalidField,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyRequests,
)
from services.payments import payees, payments
from services.payments.payment_desk import CardsUnavailable
from services.settings import get_settings

PATH = '/my/pay/other'
PROBLEMS: dict[type[DomainError], tuple[str, DomainError]] = {
    payments.BankSilent: ('silent', payments.BankSilent()),
    payments.BankRefused: ('refused', payments.BankRefused()),
    payments.StaleForm: ('stale', payments.StaleForm()),
    form_keys.BrokenForm: ('stale', payments.StaleForm()),
    TooManyRequests: ('busy', TooManyRequests(minutes=60)),
    CardsUnavailable: ('closed', CardsUnavailable()),
}
"""What the form may come back with: a word in the address, because the page is drawn anew."""


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(PATH, pay, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.SUBSCRIBER)
async def other_page(number: str = '', amount: str = '', problem: str = '') -> Response | None:
    """Ask for a number, then show whom it reaches and ask for the sum."""
    request = context.client.request
    if not get_settings().takes_cards:
        return await error_page(request, 404)
    typed, wrong, told, payee = number.strip()[:64], '', _words(problem), None
    try:
        payee = await act(payees.find, typed) if typed else None
    except InvalidField as error:
        wrong = error_text(error)
    except TooManyRequests as error:
        told = error_text(error)
    past = await act(payees.list_paid)
    frame = await frame_for(request, title=_('Оплата за другой договор'))
    facts = {'payee': payee, 'number': typed, 'wrong': wrong, 'problem': told, 'past': past, 'form_key': form_key()}
    asked = {'typed': amount.strip()[:64], 'error': _error_of(amount.strip()[:64]), 'words': _state_words}
    paint('pay_other.html', frame=frame, area='cabinet', active='pay', **facts, **asked)
    return None


def _state_words(state: str) -> str:
    return next(_(words) for key, (words, _kind) in STATES.items() if key == state)


def _words(problem: str) -> str:
    return next((error_text(error) for word, error in PROBLEMS.values() if word == problem), '')


def _error_of(typed: str) -> str:
    try:
        if typed:
            payments.read_amount(typed)
    except InvalidField as error:
        return error_text(error)
    return ''


async def pay(
    request: Request,
    number: Annotated[str, Form()] = '',
    amount: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    contract: Annotated[str, Form()] = '',
) -> Response:
    """Open the payment and lead to the bank's page; a repeat of the form leads to the same one."""
    try:
        started = await act_outside(request, payments.start, amount, form_key, payee=number, drawn_for=contract)
    except ContractLeft:
        return see_other('/my/index?problem=moved')
    except OwnerOnly:
        return see_other('/my/index?problem=owner')
    except (SignInRequired, NotAllowed, NotFound):
        return see_other(f'/my/index?{urlencode({"next": PATH})}')
    except InvalidField:
        return _again(number, amount or '0', '')
    except DomainError as error:
        word, _error = PROBLEMS.get(type(error), ('', error))
        return _again(number, amount, word)
    return see_bank(started.redirect_url, f'/my/pay/return?{urlencode({"p": started.tracking_id})}')


def _again(number: str, amount: str, problem: str) -> Response:
    """Back to the form: what was typed stands in it, and the page says what is wrong."""
    wanted = {'number': number[:16], 'amount': amount[:64]} | ({'problem': problem} if problem else {})
    return see_other(f'{PATH}?{urlencode(wanted)}')
