"""/operator/subscribers/{number}/termination: the request by a paper, the devices, what is left and where it went."""

from functools import partial
from urllib.parse import quote

from fastapi import FastAPI, Request
from nicegui import context, ui
from starlette.responses import Response

from components import termination_words as words
from components.action import action, one_at_a_time, tell
from components.confirm_dialog import confirm_dialog
from components.download import private_headers
from components.guards import requires
from components.i18n import _, money
from components.icon_button import icon_button
from components.live import on_event
from components.reason_dialog import reason_dialog
from components.redirect import CONFIRM, SIGN_IN, see_other
from components.session import act, act_for
from components.shell import shell
from components.templating import render
from components.typed_fields import TypedFields
from models.contract import Ownership
from models.user import Role
from pages.errors import error_page
from pages.operator.termination_money import Payouts
from pages.operator.termination_request import PaperRequest
from services.accounts import termination_desk, termination_devices
from services.accounts.termination_desk import TerminationDesk
from services.accounts.termination_requests import LentDevice
from services.clock import today
from services.contracts import statements
from services.errors import DomainError, NotFound
from services.events import ContractChanged, TerminationChanged
from services.identity.step_up import StepUpRequired

PATH = '/operator/subscribers/{number}'


def register(app: FastAPI) -> None:
    """Add the address of the last statement."""
    app.add_api_route(f'{PATH}/statement.pdf', statement, methods=['GET'], include_in_schema=False)


@ui.page('/operator/subscribers/{number}/termination')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def termination_page(number: str) -> Response | None:
    """Show what stands about the end of one contract, and what is still to do."""
    try:
        desk = await act(termination_desk.get_desk, number)
    except NotFound:
        return await error_page(context.client.request, 404)
    title = _('Расторжение договора {number}').format(number=number)
    async with shell(title, area='operator', active='terminations'):
        OpenEnding(desk).open()
    return None


async def statement(request: Request, number: str) -> Response:
    """Give the statement of the last month of a contract as a PDF."""
    page = f'/operator/subscribers/{number[:16]}/termination'
    try:
        paper = await act_for(request, statements.make_last_statement, number)
    except StepUpRequired:
        return see_other(f'{CONFIRM}?next={quote(page, safe="")}')
    except NotFound:
        return await error_page(request, 404)
    except DomainError:
        return see_other(SIGN_IN)
    return Response(paper.pdf, media_type='application/pdf', headers=private_headers(paper.name))


class OpenEnding:
    """The end of one contract on one open page."""

    def __init__(self, desk: TerminationDesk) -> None:
        self._desk = desk
        self._request, self._payouts = PaperRequest(), Payouts()

    def open(self) -> None:
        """Draw what is known on the left, what is to do on the right; follow what happens to the contract."""
        with ui.element('div').classes('console console--two dense'):
            with ui.element('div').classes('console__pane console__pane--tall stack'):
                self._facts = ui.html(sanitize=False)
                self._left = ui.element('div').classes('stack')
            with ui.element('div').classes('console__pane'):
                self._right = ui.element('div').classes('stack measure')
        self._dialogs = ui.element('div').classes('desk__place')
        self._draw()
        on_event(TerminationChanged, self._hear, when=self._is_mine)
        on_event(ContractChanged, self._hear, when=self._is_mine)

    def _is_mine(self, event: TerminationChanged | ContractChanged) -> bool:
        return event.contract_id == self._desk.contract_id

    async def _hear(self, _event: TerminationChanged | ContractChanged) -> None:
        before = self._desk
        self._desk = await act(termination_desk.get_desk, before.number)
        if self._desk != before:  # what is being typed stays
            self._draw()

    def _draw(self) -> None:
        desk = self._desk
        self._facts.set_content(render('_termination_desk.html', desk=desk, words=words))
        self._left.clear()
        self._right.clear()
        if desk.is_own:
            return
        with self._left:
            self._payouts.draw(desk, self._dialogs)
        with self._right:
            if desk.current is None and not desk.is_over and desk.refusal is None:
                self._request.draw(desk)
            elif desk.current is not None and not desk.is_over:
                with ui.element('div').classes('cluster'):
                    icon_button(_('Отозвать просьбу'), self._ask_withdraw, 'refresh-cw')
            self._draw_devices()

    def _ask_withdraw(self) -> None:
        text = _('Договор будет действовать дальше. Абонент получит письмо.')
        with self._dialogs:
            confirm_dialog(_('Отозвать просьбу о расторжении'), text, _('Отозвать'), self._withdraw, 'check')

    async def _withdraw(self) -> None:
        await act(termination_desk.withdraw_for, self._desk.number)
        tell(_('Договор действует дальше'))

    def _draw_devices(self) -> None:
        ui.html(_('Наше оборудование'), tag='h2', sanitize=False)
        if not self._desk.devices:
            ui.label(_('Нашего оборудования у абонента нет.')).classes('muted')
        for device in self._desk.devices:
            with ui.element('section').classes('card card--flat stack stack--s'):
                ui.html(render('_termination_device.html', device=device), sanitize=False)
                if device.returned_on is None:
                    self._draw_device(device)

    def _draw_device(self, device: LentDevice) -> None:
        if device.ownership == Ownership.RENTED and not self._desk.is_over:
            ui.html(render('_to_equipment_desk.html', number=self._desk.number), sanitize=False)
            return
        day = TypedFields.empty()
        day.line('on', _('Когда принесли'), value=today().isoformat(), props=f'type=date max={today()}')
        with ui.element('div').classes('cluster'):
            icon_button(_('Принять'), one_at_a_time(action(partial(self._accept, device.id, day))), 'check')
            if self._desk.is_over:
                icon_button(_('Не вернули: списать'), partial(self._ask_charge, device), 'ban')

    async def _accept(self, unit_id: int, day: TypedFields) -> None:
        try:
            await act(termination_devices.accept, unit_id, day.value('on'))
        except DomainError as refusal:
            if not day.show(refusal):
                raise
            return
        tell(_('Принято'))

    def _ask_charge(self, device: LentDevice) -> None:
        hint = _('Со счёта спишется {sum}, устройство станет собственностью абонента. Причину он увидит.').format(
            sum=money(device.price)
        )

        async def charge(reason: str) -> None:
            await act(termination_devices.charge_device, device.id, reason)
            tell(_('Списано'))

        with self._dialogs:
            title = _('Списать за «{name}»').format(name=device.name)
            reason_dialog(title, hint, _('Списать'), charge)
