"""/operator/payments/{number}: one payment with everything known about it, refunds, and what may be done."""

from functools import partial
from urllib.parse import quote

from nicegui import context, ui
from starlette.responses import Response

from components import payment_desk_words, payment_words
from components.action import action, form_key, one_at_a_time, tell
from components.confirm_dialog import confirm_dialog
from components.guards import requires
from components.i18n import _, error_text, money
from components.live import on_event
from components.posted import whole_number
from components.reason_dialog import reason_dialog
from components.redirect import CONFIRM
from components.session import act, act_outside
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.correction import CorrectionState
from models.refund import RefundState
from models.user import Role
from pages.errors import error_page
from services.errors import N_, DomainError, NotFound
from services.events import ContractChanged, PaymentChanged
from services.payments import manual_payments, payment_sheet, quarantine, refunds
from services.payments.payment_sheet import RefundView, Sheet, VerdictView
from services.payments.refund_refusals import LeavesDebt, MoreThanLeft

OUTCOMES = {
    RefundState.DONE: N_('Деньги возвращены'),
    RefundState.ASKED: N_('Банк ещё не ответил: спросим сами, второй раз деньги не уйдут'),
    RefundState.WAITING: N_('Отправлено второму сотруднику: он увидит это в «Платежах»'),
    RefundState.FAILED: N_('Банк не вернул деньги: причина стоит в возврате'),
    RefundState.REFUSED: N_('Возврат уже отклонён'),
}


@ui.page('/operator/payments/{number}')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def payment_page(number: str) -> Response | None:
    """Show one payment; it is drawn anew when it goes on."""
    try:
        sheet = await act(payment_sheet.get_sheet, whole_number(number))
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_('Платёж № {number}').format(number=sheet.number), area='operator', active='payments'):
        OpenPayment(sheet).open()
    return None


class OpenPayment:
    """One payment on one open page."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._key, self._request = sheet, form_key(), context.client.request

    def open(self) -> None:
        """Draw the facts, what may be done, and what happened; follow the payment."""
        with ui.element('div').classes('console console--two dense'):
            with ui.element('div').classes('console__pane console__pane--tall stack'):
                self._facts = ui.html(sanitize=False)
                self._acts = ui.element('div').classes('stack')
            with ui.element('div').classes('console__pane stack'):
                self._rows = ui.element('div').classes('stack stack--s')
                self._log = ui.html(sanitize=False)
        self._dialogs = ui.element('div').classes('desk__place')
        self._draw()
        on_event(PaymentChanged, self._hear, when=lambda event: event.payment_id == self._sheet.number)
        on_event(ContractChanged, self._hear, when=lambda event: event.contract_id == self._sheet.contract_id)

    async def _hear(self, _event: PaymentChanged | ContractChanged) -> None:
        await self._reread()

    async def _reread(self) -> None:
        before, self._sheet = self._sheet, await act(payment_sheet.get_sheet, self._sheet.number)
        self._draw(is_same=_deeds(before) == _deeds(self._sheet))

    def _draw(self, *, is_same: bool = False) -> None:
        """Draw all, but leave the forms alone while they stay what they are: somebody may be typing."""
        sheet = self._sheet
        self._facts.set_content(render('_payment.html', sheet=sheet, **_words()))
        self._log.set_content(
            render(
                '_payment_log.html', sheet=sheet, bells={key: _(each) for key, each in payment_desk_words.BELLS.items()}
            )
        )
        self._rows.clear()
        with self._rows:
            self._draw_rows()
        if not is_same:
            self._acts.clear()
            with self._acts:
                self._draw_acts()

    # --- what happened ------------------------------------------------------------------------------------------

    def _draw_rows(self) -> None:
        if self._sheet.refunds:
            ui.html(_('Возвраты'), tag='h2', sanitize=False)
        for refund in self._sheet.refunds:
            word, kind = payment_desk_words.REFUNDS[refund.state]
            with ui.element('section').classes('card card--flat stack stack--s'):
                ui.html(render('_refund.html', row=refund, word=_(word), kind=kind), sanitize=False)
                if refund.may_decide and not self._sheet.is_own:
                    self._draw_decision(partial(self._ask_send, refund), partial(self._ask_refuse, refund))
        if self._sheet.verdicts:
            ui.html(_('Решения'), tag='h2', sanitize=False)
        for verdict in self._sheet.verdicts:
            word, kind = payment_desk_words.VERDICTS[verdict.state]
            with ui.element('section').classes('card card--flat stack stack--s'):
                ui.html(render('_verdict.html', row=verdict, word=_(word), kind=kind), sanitize=False)
                if verdict.may_decide and not self._sheet.is_own:
                    self._draw_decision(partial(self._ask_credit, verdict), partial(self._ask_keep, verdict))

    def _draw_decision(self, yes: partial[None], no: partial[None]) -> None:
        with ui.element('div').classes('cluster'):
            _button(_('Подтвердить'), yes, 'check')
            ui.button(_('Отклонить'), on_click=no, color=None).props('no-caps')

    def _ask_send(self, refund: RefundView) -> None:
        words = _('{sum} уйдут через банк тому, кто платил. Абонент получит письмо.').format(sum=money(refund.amount))
        with self._dialogs:
            confirm_dialog(_('Вернуть деньги'), words, _('Вернуть'), partial(self._send, refund.id), 'check')

    def _ask_refuse(self, refund: RefundView) -> None:
        hint = _('Деньги не уйдут. Причину увидит сотрудник, который попросил.')
        with self._dialogs:
            reason_dialog(_('Отклонить возврат'), hint, _('Отклонить'), partial(self._refuse, refund.id))

    def _ask_credit(self, row: VerdictView) -> None:
        words = _('{sum} на счёт договора {number}.').format(sum=money(row.amount), number=row.contract_number)
        with self._dialogs:
            confirm_dialog(_('Зачислить деньги'), words, _('Зачислить'), partial(self._approve, row.id), 'check')

    def _ask_keep(self, row: VerdictView) -> None:
        hint = _('Деньги останутся отложенными. Причину увидит сотрудник, который попросил.')
        with self._dialogs:
            reason_dialog(_('Отклонить зачисление'), hint, _('Отклонить'), partial(self._keep, row.id))

    async def _send(self, refund_id: int) -> None:
        self._tell(await act_outside(self._request, refunds.approve, refund_id))
        await self._reread()

    async def _refuse(self, refund_id: int, reason: str) -> None:
        await act(refunds.refuse, refund_id, reason)
        await self._reread()

    async def _approve(self, verdict_id: int) -> None:
        await act(quarantine.approve, verdict_id)
        await self._reread()
        tell(_('Деньги зачислены'))

    async def _keep(self, verdict_id: int, reason: str) -> None:
        await act(quarantine.refuse, verdict_id, reason)
        await self._reread()

    # --- what may be done ---------------------------------------------------------------------------------------

    def _draw_acts(self) -> None:
        sheet = self._sheet
        if sheet.may_ask:
            _button(_('Спросить банк'), one_at_a_time(action(self._ask_bank)), 'refresh-cw')
        can = sheet.may_refund or sheet.fault or (sheet.paper and sheet.paper.may_cancel)
        if sheet.is_own or not can:
            return
        if not sheet.is_fresh:
            confirm = f'{CONFIRM}?next={quote(f"/operator/payments/{sheet.number}", safe="")}'
            ui.html(render('_wallet_confirm.html', title=_('Вернуть или исправить'), confirm=confirm), sanitize=False)
            return
        if sheet.may_credit:
            self._draw_credit()
        if sheet.may_refund:
            self._draw_refund()
        if sheet.fault:
            self._draw_note()
        if sheet.paper and sheet.paper.may_cancel:
            _button(_('Отменить платёж'), self._ask_cancel, 'ban')

    def _draw_refund(self) -> None:
        sheet = self._sheet
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Вернуть деньги")}"'):
            ui.html(_('Вернуть деньги'), tag='h2', sanitize=False)
            self._refund_fields = TypedFields.empty()
            hint = _('Осталось {left} Больше {limit} подтверждает второй сотрудник').format(
                left=money(sheet.left), limit=money(sheet.limit)
            )
            self._refund_fields.line('amount', _('Сумма возврата, р.'), hint=hint, props='inputmode=decimal')
            self._refund_fields.lines('reason', _('Причина'), hint=_('Её увидит абонент: в истории и в письме'))
            self._warning = ui.checkbox().classes('payments__warning')
            self._warning.set_visibility(False)
            _button(_('Вернуть'), one_at_a_time(self._refund), 'refresh-cw', 'button--green')

    def _draw_credit(self) -> None:
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Зачислить")}"'):
            ui.html(_('Зачислить {sum}').format(sum=money(self._sheet.left)), tag='h2', sanitize=False)
            self._credit_fields = TypedFields.empty()
            hint = _('Можно зачислить и на другой договор')
            number = self._sheet.contract_number
            self._credit_fields.line('number', _('Номер договора'), value=number, hint=hint, props='inputmode=numeric')
            self._credit_fields.lines('reason', _('Почему зачисляем'), hint=_('Её увидит абонент'))
            _button(_('Зачислить'), one_at_a_time(self._credit), 'check', 'button--green')

    def _draw_note(self) -> None:
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Оставить")}"'):
            ui.html(_('Оставить отложенным'), tag='h2', sanitize=False)
            self._note_fields = TypedFields.empty()
            self._note_fields.lines('reason', _('Заметка'), hint=_('Увидят только сотрудники'))
            _button(_('Записать'), one_at_a_time(self._leave), 'pencil')

    def _ask_cancel(self) -> None:
        hint = _('Деньги спишутся со счёта. Причину увидит абонент. Документ можно будет принять заново.')
        with self._dialogs:
            reason_dialog(_('Отменить платёж'), hint, _('Отменить платёж'), self._cancel)

    async def _ask_bank(self) -> None:
        answered = await act_outside(self._request, payment_sheet.ask_bank, self._sheet.number)
        await self._reread()
        tell(_('Банк ответил') if answered else _('Банк не отвечает. Спросим сами чуть позже.'), good=answered)

    @action
    async def _refund(self) -> None:
        typed, debt = self._refund_fields.values(), bool(self._warning.value)
        try:
            state = await act_outside(
                self._request, refunds.refund, self._sheet.number, form_key=self._key, accepts_debt=debt, **typed
            )
        except LeavesDebt as refusal:
            after = money(refusal.facts['after'])
            self._warning.set_text(_('На счёте будет {after} — всё равно вернуть').format(after=after))
            self._warning.set_visibility(True)
            tell(error_text(refusal), good=False)
            return
        except MoreThanLeft as refusal:
            self._refund_fields.fields['amount'].error = error_text(refusal)
            return
        except DomainError as refusal:
            if not self._refund_fields.show(refusal):
                raise
            return
        self._key = form_key()
        self._tell(state)
        await self._fresh()

    @action
    async def _credit(self) -> None:
        typed = self._credit_fields.values()
        try:
            state = await act(quarantine.credit, self._sheet.number, form_key=self._key, **typed)
        except DomainError as refusal:
            if not self._credit_fields.show(refusal):
                raise
            return
        self._key = form_key()
        waits = state == CorrectionState.WAITING
        tell(_('Отправлено второму сотруднику: он увидит это в «Платежах»') if waits else _('Деньги зачислены'))
        await self._fresh()

    @action
    async def _leave(self) -> None:
        try:
            await act(quarantine.leave, self._sheet.number, form_key=self._key, **self._note_fields.values())
        except DomainError as refusal:
            if not self._note_fields.show(refusal):
                raise
            return
        self._key = form_key()
        tell(_('Заметка записана'))
        await self._fresh()

    async def _cancel(self, reason: str) -> None:
        await act(manual_payments.cancel, self._sheet.number, reason)
        await self._fresh()
        tell(_('Платёж отменён'))

    async def _fresh(self) -> None:
        """Draw all anew, the forms too: what was typed is done."""
        self._sheet = await act(payment_sheet.get_sheet, self._sheet.number)
        self._draw()

    def _tell(self, state: RefundState) -> None:
        tell(_(OUTCOMES[state]), good=state != RefundState.FAILED)


def _button(words: str, on_click: object, picture: str, look: str = '') -> None:
    with ui.button(words, on_click=on_click, color=None) as button:  # type: ignore[arg-type]
        ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
    button.classes(look).props('no-caps unelevated')


def _deeds(sheet: Sheet) -> tuple[object, ...]:
    may_cancel = sheet.paper and sheet.paper.may_cancel
    return (sheet.may_refund, sheet.may_credit, sheet.fault, sheet.left, may_cancel, sheet.is_fresh)


def _words() -> dict[str, object]:
    return {
        'states': {key: _(words) for key, (words, _kind) in payment_words.STATES.items()},
        'kinds': {key: kind for key, (_words, kind) in payment_words.STATES.items()},
        'faults': {key: _(words) for key, words in payment_desk_words.FAULTS.items()},
        'differences': {key: (_(what), _(todo)) for key, (what, todo) in payment_desk_words.DIFFERENCES.items()},
        'way': payment_desk_words.way_words,
        'decline': payment_words.decline_words,
    }
