"""/my/index: the sign-in form for a stranger, the overview for a subscriber."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from nicegui import context, ui
from starlette.responses import Response

from components.action import form_key
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.painted import Repaint, repaint
from components.posted import posted, problem_words
from components.session import act, page_actor
from components.shell import company, frame_for, paint
from components.sign_in_form import sign_in_form
from components.templating import render
from models.user import Role
from services.accounts import promised_payments
from services.accounts.overview import get_overview
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
    if page_actor() is None:
        await sign_in_form(next_page=next, ended=bool(ended))
        return None
    return await overview(done, problem)


@requires(Role.SUBSCRIBER)
async def overview(done: str, problem: str) -> None:
    """Show balance, state and the next charge; all of it follows what happens elsewhere."""
    view = await act(get_overview)
    frame = await frame_for(context.client.request, title=_('Обзор'))
    told = _('Обещанный платёж включён, интернет работает.') if done == 'promise' else ''
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


async def choose_contract(request: Request, number: Annotated[str, Form()] = '') -> Response:
    """Go over to another contract of the same person."""
    return await posted(request, chosen_contract.choose_contract, number[:32], page=PATH, done='contract')


async def promise(request: Request, form_key: Annotated[str, Form()] = '') -> Response:
    """Take a promised payment."""
    return await posted(request, promised_payments.promise, form_key, page=PATH, done='promise')
