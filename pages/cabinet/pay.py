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
from components.posted import whole_number
from components.redirect import see_bank, see_other
from components.session import act, act_outside
from components.shell import frame_for, paint
from components.templating import render
from models.user import Role
from services import form_keys
from services.authority import OwnerOnly
from services.errors import (
    N_,
    ContractLeft,
    DomainError,
    InvalidField,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyRequests,
)
from services.events import ContractChanged, PaymentChanged
from services.payments import payment_desk, payments, saved_cards
from services.payments.payment_desk import CardsUnavailable, PayDesk
from services.payments.saved_cards import MOST_CARDS, CardExpired, TooManyCards

PATH = '/my/pay'


class CardGone(DomainError):
    """The chosen card was removed meanwhile."""

    message = N_('Этой карты больше нет. Выберите другую или заплатите новой.')


PROBLEMS: dict[type[DomainError], tuple[str, DomainError]] = {
    payments.BankSilent: ('silent', payments.BankSilent()),
    payments.BankRefused: ('refused', payments.BankRefused()),
    payments.StaleForm: ('stale', payments.StaleForm()),
    form_keys.BrokenForm: ('stale', payments.StaleForm()),
    TooManyRequests: ('busy', TooManyRequests(minutes=60)),
    CardExpired: ('expired', CardExpired()),
    TooManyCards: ('cards', TooManyCards(most=MOST_CARDS)),
    CardGone: ('card', CardGone()),
}
"""What the form may come back with: a word in the address, because the page is drawn anew."""


def register(app: FastAPI) -> None:
    """Add the address that takes the form."""
    app.add_api_route(PATH, pay, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.SUBSCRIBER)
async def pay_page(amount: str = '', problem: str = '', card: str = '') -> Response | None:
    """Show the form: the recommended sum, or what was typed with what is wrong about it; kept cards to choose from."""
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
        **await _cards(card),
    )
    _keep_fresh(desk)
    return None


async def _cards(chosen: str) -> dict[str, object]:
    """Return the kept cards that can be paid with, the chosen one first of all; only the owner has any."""
    try:
        cards = await act(saved_cards.list_cards)
    except OwnerOnly:
        return {'cards': (), 'chosen': 0, 'may_keep': False}
    usable = tuple(card for card in cards if not card.is_expired)
    first = usable[0].id if usable else 0
    wanted = whole_number(chosen) if chosen else first
    known = {card.id for card in usable}
    return {'cards': usable, 'chosen': wanted if wanted in known else 0, 'may_keep': saved_cards.is_offered()}


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
    card: Annotated[str, Form()] = '',
    keep: Annotated[str, Form()] = '',
) -> Response:
    """Open the payment and lead to the bank's page; a repeat of the form leads to the same one.

    A kept card leads to its last look instead; `keep` asks the bank to keep the new one.
    """
    if whole_number(card):
        return see_other(f'{PATH}/card?{urlencode({"card": card, "amount": amount[:64]})}')
    wish = {'keep_card': keep == '1'}
    try:
        started = await act_outside(request, payments.start, amount, form_key, drawn_for=contract, **wish)
    except DomainError as error:
        return refused(error, amount)
    return see_bank(started.redirect_url, f'{PATH}/return?{urlencode({"p": started.tracking_id})}')


def refused(error: DomainError, amount: str) -> Response:
    """Lead to where a refusal is told: the form, or the first page when the contract is not his to pay for here."""
    if isinstance(error, ContractLeft):
        return see_other('/my/index?problem=moved')
    if isinstance(error, OwnerOnly):
        return see_other('/my/index?problem=owner')
    if isinstance(error, SignInRequired | NotAllowed | NotFound):
        return see_other(f'/my/index?{urlencode({"next": PATH})}')
    if isinstance(error, InvalidField):
        return _again(amount or '0', '')
    word, _error = PROBLEMS.get(type(error), ('', error))
    return _again(amount, word)


def _again(amount: str, problem: str) -> Response:
    """Back to the form: what was typed stands in it, and the page says what is wrong."""
    wanted = {'amount': amount[:64]} | ({'problem': problem} if problem else {})
    return see_other(f'{PATH}?{urlencode(wanted)}')
