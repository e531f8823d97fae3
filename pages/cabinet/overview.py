"""/my/index: the sign-in form for a stranger, the overview for a subscriber."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import Response

from components.action import form_key
from components.cabinet_places import kept_place
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.posted import posted, problem_words
from components.redirect import safe_url, see_other
from components.session import act, act_for, actor_of, page_actor
from components.shell import company, frame_for, paint
from components.sign_in_form import sign_in_form
from components.templating import render
from models.user import Role
from services.accounts import promised_payments
from services.accounts.overview import get_overview
from services.errors import DomainError
from services.events import ContractChanged
from services.identity import chosen_contract

PATH = '/my/index'


def register(app: FastAPI) -> None:
    """Add the addresses that take the forms of the page."""
    app.add_api_route('/my/contract', choose_contract, methods=['POST'], include_in_schema=False)
    app.add_api_route('/my/promise', promise, methods=['POST'], include_in_schema=False)


@ui.page('/my/index')
async def index_page(next: str = '', ended: str = '', done: str = '', problem: str = '') -> Response | None:  # noqa: A002 - the query's name
    """Show the door to a stranger, the overview to a subscriber; others go to their own home."""
    actor = page_actor()
    if actor is None:
        await sign_in_form(next_page=next, ended=bool(ended))
        return None
    if safe_url(next, ''):  # his session went on under a new id in another tab, which asked for it here
        return see_other(safe_url(next, ''))
    return await overview(done, problem)


@requires(Role.SUBSCRIBER)
async def overview(done: str, problem: str) -> None:
    """Show balance, state and the next charge; all of it follows what happens elsewhere."""
    frame = await frame_for(context.client.request, title=_('Обзор'))
    actor = page_actor()
    if actor is None or actor.contract_id is None:
        paint('cabinet_nothing.html', frame=frame, area='cabinet', active='overview')
        return
    view = await act(get_overview)
    words = {
        'promise': _('Обещанный платёж включён, интернет работает.'),
        'access': _('Готово: договор открыт вам. Свои договоры выбирайте вверху страницы.'),
    }
    told = words.get(done, '')
    paint(
        'cabinet_overview.html',
        frame=frame,
        area='cabinet',
        active='overview',
        view=view,
        company=company(),
        form_key=form_key(),
        told=told,
        problem=problem_words(problem),
    )

    async def refresh(_event: ContractChanged) -> None:
        fresh = await act(get_overview)
        block = render('_overview.html', view=fresh, company=company(), form_key=form_key(), told='', problem='')
        repaint(Repaint({'overview': block}))

    on_event(ContractChanged, refresh, when=lambda event: event.contract_id == view.contract_id)


async def choose_contract(
    request: Request, number: Annotated[str, Form()] = '', back: Annotated[str, Form()] = ''
) -> Response:
    """Go over to another contract the person may work with, and stay on the same page where it has one."""
    if actor_of(request) is None:
        return see_other(PATH)
    try:
        access = await act_for(request, chosen_contract.choose_contract, number[:32])
    except DomainError:
        return see_other(f'{PATH}?problem=refused')
    return see_other(kept_place(back, access))


async def promise(
    request: Request, form_key: Annotated[str, Form()] = '', contract: Annotated[str, Form()] = ''
) -> Response:
    """Take a promised payment."""
    service = promised_payments.promise
    return await posted(request, service, form_key, page=PATH, done='promise', drawn_for=contract)
