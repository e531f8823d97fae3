"""/my/pay: how much, and off to the bank's page. A native form: it works before the socket is up, and without one."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import Response

from components.action import form_key
from components.guards import requires
from components.i18n import _, error_text
from components.live import on_event
from components.painted import Repaint, repaint
from components.redirect import see_bank, see_other
from components.session import act, act_outside
from components.shell import frame_for, paint
from components.templating import render
from models.user import Role
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
from services.events import ContractChanged, PaymentChanged
from services.payments import payment_desk, payments
from services.payments.payment_desk import CardsUnavailable, PayDesk

PATH = '/my/pay'
PROBLEMS: dict[type[DomainError], tuple[str, DomainError]] = {
    payments.BankSilent: ('silent', payments.BankSilent()),
    payments.BankRefused: ('refused', payments.BankRefused()),
    payments.StaleForm: ('stale', payments.StaleForm()),
    form_keys.BrokenForm: ('stale', payments.StaleForm()),
    TooManyRequests: ('busy', TooManyRequests(minutes=60)),
}
"""What the form may come back with: a word in the address, because the page is drawn anew."""


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(PATH, pay, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.SUBSCRIBER)
async def pay_page(amount: str = '', problem: str = '') -> Response | None:
    """Show the form: the recommended sum, or what was typed with what is wrong about it."""
    frame = await frame_for(context.client.request, title=_('Пополнить счёт'))
    try:
        desk = await act(payment_desk.desk)
    except CardsUnavailable as error:
        paint('pay.html', frame=frame, area='cabinet', active='pay', desk=None, problem=error_text(error))
        return None
    typed = amount.strip()[:64]
    paint(
        'pay.html',
        frame=frame,
        area='cabinet',
        active='pay',
        desk=desk,
        typed=typed,
        error=_error_of(typed),
        problem=_words(problem),
        form_key=form_key(),
    )
    _keep_fresh(desk)
    return None


def _words(problem: str) -> str:
    return next((error_text(error) for word, error in PROBLEMS.values() if word == problem), '')


def _error_of(typed: str) -> str:
    if not typed:
        return ''
    try:
        payments.read_amount(typed)
    except InvalidField as error:
        return error_text(error)
    return ''


def _keep_fresh(desk: PayDesk) -> None:
    """Repaint balance and payments on their way when either changes."""

    async def refresh(_event: ContractChanged | PaymentChanged) -> None:
        fresh = await act(payment_desk.desk)
        account, flight = render('_pay_account.html', desk=fresh), render('_pay_flight.html', desk=fresh)
        repaint(Repaint({'account': account, 'flight': flight}))

    on_event(ContractChanged, refresh, when=lambda event: event.contract_id == desk.contract_id)
    on_event(PaymentChanged, refresh, when=lambda event: event.contract_id == desk.contract_id)


async def pay(
    request: Request,
    amount: Annotated[str, Form()] = '',
    form_key: Annotated[str, Form()] = '',
    contract: Annotated[str, Form()] = '',
) -> Response:
    """Open the payment and lead to the bank's page; a repeat of the form leads to the same one."""
    try:
        started = await act_outside(request, payments.start, amount, form_key, drawn_for=contract)
    except ContractLeft:
        return see_other('/my/index?problem=moved')
    except OwnerOnly:
        return see_other('/my/index?problem=owner')
    except (SignInRequired, NotAllowed, NotFound):
        return see_other(f'/my/index?{urlencode({"next": PATH})}')
    except InvalidField:
        return _again(amount or '0', '')
    except DomainError as error:
        word, _error = PROBLEMS.get(type(error), ('', error))
        return _again(amount, word)
    return see_bank(started.redirect_url, f'{PATH}/return?{urlencode({"p": started.tracking_id})}')


def _again(amount: str, problem: str) -> Response:
    """Back to the form: what was typed stands in it, and the page says what is wrong."""
    wanted = {'amount': amount[:64]} | ({'problem': problem} if problem else {})
    return see_other(f'{PATH}?{urlencode(wanted)}')
