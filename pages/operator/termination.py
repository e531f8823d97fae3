"""/operator/subscribers/{number}/termination: the request by a paper, the devices, what is left and where it went."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from nicegui import context, ui
from starlette.responses import Response

from components import termination_words as words
from components.action import action, form_key, one_at_a_time, tell
from components.confirm_dialog import confirm_dialog
from components.download import private_headers
from components.guards import requires
from components.i18n import _, long_date, money
from components.live import on_event
from components.money_words import correction_word
from components.reason_dialog import reason_dialog
from components.redirect import CONFIRM, SIGN_IN, see_other
from components.session import act, act_for
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.contract import Ownership
from models.correction import CorrectionState
from models.termination import MoneyGoes
from models.user import Role
from pages.errors import error_page
from services.accounts import payouts, termination_desk
from services.accounts.shown_quotes import QuoteChanged, ShownQuote
from services.accounts.termination_desk import PayoutView, TerminationDesk
from services.accounts.termination_requests import LentDevice, Wish
from services.clock import today
from services.contracts import statements
from services.errors import DomainError, NotFound
from services.events import ContractChanged, TerminationChanged
from services.identity.step_up import StepUpRequired
from services.money import ZERO

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
        self._desk, self._key = desk, form_key()
        self._shown: ShownQuote | None = None

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
            self._draw_payouts()
        with self._right:
            if desk.current is None and not desk.is_over and desk.refusal is None:
                self._draw_request()
            elif desk.current is not None and not desk.is_over:
                with ui.element('div').classes('cluster'):
                    _button(_('Отозвать просьбу'), self._ask_withdraw, 'refresh-cw')
            self._draw_devices()

    # --- the request ----------------------------------------------------------------------------------------------

    def _draw_request(self) -> None:
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Заявление")}"'):
            ui.html(_('Расторгнуть по заявлению'), tag='h2', sanitize=False)
            self._day = TypedFields.empty()
            limits = f'type=date min={self._desk.earliest} max={self._desk.latest}'
            self._day.line('last_day', _('Последний день'), value=self._desk.earliest.isoformat(), props=limits)
            with ui.element('div').classes('cluster'):
                _button(_('Посчитать'), one_at_a_time(self._count), 'calendar')
            self._strip = ui.html(sanitize=False)
            self._rest = ui.element('div').classes('stack stack--s')

    @action
    async def _count(self) -> None:
        try:
            self._shown = await act(termination_desk.quote_for, self._desk.number, self._day.value('last_day'))
        except DomainError as refusal:
            if not self._day.show(refusal):
                raise
            return
        self._day.fields['last_day'].error = None
        self._strip.set_content(render('_termination_strip.html', shown=self._shown, words=words))
        self._rest.clear()
        with self._rest:
            self._draw_wish()

    def _draw_wish(self) -> None:
        self._wish = TypedFields.empty()
        self._wish.line('paper', _('Номер заявления'))
        goes = {str(MoneyGoes.LATER): _('Абонент скажет позже'), str(MoneyGoes.ACCOUNT): _('На счёт в банке')}
        if self._desk.others:
            goes[str(MoneyGoes.CONTRACT)] = _('На другой договор абонента')
        self._wish.choice('money', _('Остаток вернуть'), goes)
        self._wish.line('iban', _('Номер счёта, если в банк'), hint=_('28 знаков, начинается с BY'))
        if self._desk.others:
            self._wish.choice('target', _('Другой договор'), {number: number for number in self._desk.others})
        self._wish.choice('reason', _('Причина'), dict(words.reasons()))
        with ui.button(_('Записать заявление'), on_click=one_at_a_time(self._request), color=None) as button:
            ui.html(str(icon('check')), sanitize=False).classes('button__icon')
        button.classes('button--danger').props('no-caps unelevated')

    @action
    async def _request(self) -> None:
        if self._shown is None:
            return
        try:
            wish = Wish(**self._wish.values())
            last_day = await act(termination_desk.request_for, self._desk.number, self._shown.id, self._key, wish)
        except QuoteChanged:
            await self._count()
            raise
        except DomainError as refusal:
            if not self._wish.show(refusal):
                raise
            return
        self._key = form_key()
        tell(_('Записано: последний день — {day}').format(day=long_date(last_day)))

    def _ask_withdraw(self) -> None:
        text = _('Договор будет действовать дальше. Абонент получит письмо.')
        withdraw = partial(act, termination_desk.withdraw_for, self._desk.number)
        self._confirm(_('Отозвать просьбу о расторжении'), text, _('Отозвать'), withdraw, _('Договор действует дальше'))

    # --- the devices ----------------------------------------------------------------------------------------------

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
            _button(_('Принять'), one_at_a_time(action(partial(self._accept, device.id, day))), 'check')
            if self._desk.is_over:
                _button(_('Не вернули: списать'), partial(self._ask_charge, device), 'ban')

    async def _accept(self, unit_id: int, day: TypedFields) -> None:
        try:
            await act(termination_desk.accept, unit_id, day.value('on'))
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
            await act(termination_desk.charge_device, device.id, reason)
            tell(_('Списано'))

        with self._dialogs:
            title = _('Списать за «{name}»').format(name=device.name)
            reason_dialog(title, hint, _('Списать'), charge)

    # --- the money ------------------------------------------------------------------------------------------------

    def _draw_payouts(self) -> None:
        for payout in self._desk.payouts:
            self._draw_payout(payout)
        waits = any(each.state == CorrectionState.WAITING for each in self._desk.payouts)
        if not self._desk.is_over or self._desk.balance <= ZERO or waits:
            return
        if not self._desk.is_fresh:
            here = f'{CONFIRM}?next={quote(f"/operator/subscribers/{self._desk.number}/termination", safe="")}'
            ui.html(render('_wallet_confirm.html', title=_('Остаток отправлен'), confirm=here), sanitize=False)
            return
        ui.html(_('Остаток отправлен'), tag='h2', sanitize=False)
        limit = _('Больше {sum} подтверждает второй сотрудник').format(sum=money(self._desk.limit))
        self._payout = TypedFields.empty()
        amount = str(self._desk.balance).replace('.', ',')
        self._payout.line('amount', _('Сумма, р.'), value=amount, hint=limit, props='inputmode=decimal')
        self._payout.line('paper', _('Номер платёжного поручения'))
        _button(_('Записать возврат'), one_at_a_time(self._pay_out), 'check')

    def _draw_payout(self, row: PayoutView) -> None:
        with ui.element('section').classes('card card--flat stack stack--s'):
            ui.html(render('_payout.html', row=row, word=correction_word(row.state)), sanitize=False)
            if row.may_decide:
                with ui.element('div').classes('cluster'):
                    _button(_('Провести'), partial(self._ask_approve, row), 'check')
                    _button(_('Отклонить'), partial(self._ask_refuse, row), 'x')

    @action
    async def _pay_out(self) -> None:
        try:
            state = await act(payouts.pay_out, self._desk.number, form_key=self._key, **self._payout.values())
        except DomainError as refusal:
            if not self._payout.show(refusal):
                raise
            return
        self._key = form_key()
        tell(_('Ждёт второго сотрудника') if state == CorrectionState.WAITING else _('Возврат записан'))

    def _ask_approve(self, row: PayoutView) -> None:
        text = _('{sum} спишется со счёта договора: деньги отправлены. Абонент получит письмо.').format(
            sum=money(row.amount)
        )
        approve = partial(act, payouts.approve, row.id)
        self._confirm(_('Провести возврат'), text, _('Провести'), approve, _('Возврат проведён'))

    def _ask_refuse(self, row: PayoutView) -> None:
        async def refuse(reason: str) -> None:
            await act(payouts.refuse, row.id, reason)
            tell(_('Возврат отклонён'))

        with self._dialogs:
            hint = _('На счёте ничего не изменится. Причину увидит сотрудник, который попросил.')
            reason_dialog(_('Отклонить возврат'), hint, _('Отклонить'), refuse)

    def _confirm(self, title: str, text: str, verb: str, work: Callable[[], Awaitable[Any]], done: str) -> None:
        async def do() -> None:
            await work()
            tell(done)

        with self._dialogs:
            confirm_dialog(title, text, verb, do, 'check')


def _button(text: str, on_click: Callable[..., Any], picture: str) -> None:
    with ui.button(text, on_click=on_click, color=None) as button:
        ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
    button.props('no-caps unelevated')
