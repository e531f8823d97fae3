"""/my/cards, «Карты и автоплатёж»: the cards the bank keeps for a contract, and what is taken from one by itself."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import ui
from starlette.responses import HTMLResponse, Response

from components.action import form_key as new_key
from components.autopay_words import amount_words, when_words
from components.cabinet_page import cabinet_page
from components.guards import requires
from components.i18n import _, error_text
from components.posted import posted, problem_words, whole_number
from components.redirect import see_other
from components.session import act, act_for
from components.shell import frame_for
from components.templating import render
from models.user import Role
from pages.entry.recovery import field_errors, other_problem
from services.authority import OwnerOnly
from services.errors import ContractLeft, DomainError, NotAllowed, SignInRequired
from services.payments import autopays, saved_cards
from services.payments.autopays import AutopayBoard, Wish
from services.payments.payment_desk import CardsUnavailable

Text = Annotated[str, Form()]
PATH = '/my/cards'
NAMES = ('card', 'when', 'days', 'below', 'how', 'fixed', 'limit', 'agreed')


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route(f'{PATH}/remove', remove, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/autopay', switch_on, methods=['POST'], include_in_schema=False)
    app.add_api_route(f'{PATH}/autopay/off', switch_off, methods=['POST'], include_in_schema=False)


@ui.page(PATH)
@requires(Role.SUBSCRIBER)
async def cards_page(remove: str = '', done: str = '', problem: str = '') -> None:
    """Show the cards and the autopay; with `?remove=5` the question whether that card is to go."""
    words = {
        'removed': _('Карта удалена. Больше с неё ничего не спишем.'),
        'on': _('Автоплатёж включён. За день до списания придёт письмо.'),
        'off': _('Автоплатёж выключен. Больше ничего сам не спишет.'),
    }
    try:
        board, unavailable = await act(autopays.board), ''
    except CardsUnavailable as error:
        board, unavailable = None, error_text(error)
    going = whole_number(remove)
    await cabinet_page(
        'cabinet_cards.html',
        _('Карты и автоплатёж'),
        active='pay',
        board=board,
        going=next((card for card in board.cards if card.id == going), None) if board else None,
        told=words.get(done, ''),
        problem=unavailable or problem_words(problem),
        **(_form_facts(board) if board else {}),
    )


def _form_facts(
    board: AutopayBoard, typed: dict[str, str] | None = None, error: DomainError | None = None
) -> dict[str, object]:
    own, usable = board.autopay, [card for card in board.cards if not card.is_expired]
    known = {
        'card': str(usable[0].id) if usable else '',
        'when': 'before',
        'days': '3',
        'below': '10',
        'how': 'missing',
        'fixed': '',
        'limit': str(board.limit_hint).partition('.')[0],
        'agreed': '',
    }
    if own is not None:
        known |= _as_typed(own)
    return {
        'typed': known | (typed or {}),
        'usable': usable,
        'errors': field_errors(error),
        'words': {'when': when_words(own), 'amount': amount_words(own)} if own else {},
    }


def _as_typed(own: autopays.AutopayView) -> dict[str, str]:
    found = {'card': str(own.card.id), 'limit': _plain(own.month_limit)}
    found |= {'when': 'below', 'below': _plain(own.below)} if own.below is not None else {'days': str(own.days_before)}
    return found | ({'how': 'fixed', 'fixed': _plain(own.fixed)} if own.fixed is not None else {})


def _plain(sum_: object) -> str:
    return str(sum_).replace('.', ',')


async def remove(request: Request, card: Text = '', contract: Text = '') -> Response:
    """Remove a card."""
    service = saved_cards.remove
    return await posted(request, service, whole_number(card), page=PATH, done='removed', drawn_for=contract)


async def switch_on(request: Request, contract: Text = '') -> Response:
    """Set autopay and switch it on; a mistake keeps what was typed."""
    form = await request.form()
    typed = {name: str(form.get(name, ''))[:64] for name in NAMES}
    try:
        await act_for(request, autopays.save, Wish(**typed), drawn_for=contract)
    except SignInRequired:
        return see_other('/my/index?next=%2Fmy%2Fcards')
    except (OwnerOnly, NotAllowed):
        return see_other('/my/index?problem=owner')
    except ContractLeft:
        return see_other('/my/index?problem=moved')
    except CardsUnavailable:
        return see_other(PATH)
    except DomainError as error:
        return await _form_again(request, typed, error)
    return see_other(f'{PATH}?done=on')


async def _form_again(request: Request, typed: dict[str, str], error: DomainError) -> Response:
    board = await act_for(request, autopays.board)
    frame = await frame_for(request, title=_('Автоплатёж'))
    facts = _form_facts(board, typed, error)
    page = render(
        'autopay_page.html', frame=frame, board=board, form_key=new_key(), problem=other_problem(error), **facts
    )
    return HTMLResponse(page, status_code=error.status)


async def switch_off(request: Request, contract: Text = '') -> Response:
    """Switch autopay off."""
    return await posted(request, autopays.switch_off, page=PATH, done='off', drawn_for=contract)
