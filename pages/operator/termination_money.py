"""What is left on the wallet of a contract that is over: sent to the bank, a large sum by two employees."""

from functools import partial
from urllib.parse import quote

from nicegui import ui

from components.action import action, form_key, one_at_a_time, tell
from components.confirm_dialog import confirm_dialog
from components.i18n import _, money
from components.icon_button import icon_button
from components.money_words import correction_word
from components.reason_dialog import reason_dialog
from components.redirect import CONFIRM
from components.session import act
from components.templating import render
from components.typed_fields import TypedFields
from models.correction import CorrectionState
from services.accounts import payouts
from services.accounts.termination_desk import PayoutView, TerminationDesk
from services.errors import DomainError
from services.money import ZERO


class Payouts:
    """The list and the form on one open page."""

    def __init__(self) -> None:
        self._key = form_key()

    def draw(self, desk: TerminationDesk, dialogs: ui.element) -> None:
        """Draw what was asked for and, where there is a rest, the form for it; `dialogs` is where they open."""
        self._desk, self._dialogs = desk, dialogs
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
        icon_button(_('Записать возврат'), one_at_a_time(self._pay_out), 'check')

    def _draw_payout(self, row: PayoutView) -> None:
        with ui.element('section').classes('card card--flat stack stack--s'):
            ui.html(render('_payout.html', row=row, word=correction_word(row.state)), sanitize=False)
            if row.may_decide:
                with ui.element('div').classes('cluster'):
                    icon_button(_('Провести'), partial(self._ask_approve, row), 'check')
                    icon_button(_('Отклонить'), partial(self._ask_refuse, row), 'x')

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

        async def approve() -> None:
            await act(payouts.approve, row.id)
            tell(_('Возврат проведён'))

        with self._dialogs:
            confirm_dialog(_('Провести возврат'), text, _('Провести'), approve, 'check')

    def _ask_refuse(self, row: PayoutView) -> None:
        async def refuse(reason: str) -> None:
            await act(payouts.refuse, row.id, reason)
            tell(_('Возврат отклонён'))

        with self._dialogs:
            hint = _('На счёте ничего не изменится. Причину увидит сотрудник, который попросил.')
            reason_dialog(_('Отклонить возврат'), hint, _('Отклонить'), refuse)
