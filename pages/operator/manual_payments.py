"""/operator/manual-payments: writing down cash and bank transfers with their paper."""

from urllib.parse import quote, urlencode

from nicegui import ui

from components.action import action, one_at_a_time, tell
from components.guards import requires
from components.i18n import _, error_text
from components.redirect import CONFIRM
from components.session import act
from components.shell import shell
from components.templating import icon, render
from components.typed_fields import TypedFields
from models.payment import BY_HAND
from models.user import Role
from services import field_rules
from services.clock import today
from services.errors import DomainError
from services.payments import manual_payments, payment_register
from services.payments.payment_register import Filter
from services.payments.refund_refusals import PaperTaken

PATH = '/operator/manual-payments'


@ui.page(PATH)
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def manual_payments_page(contract: str = '') -> None:
    """Show the form, and what was written down today and before."""
    number = contract.strip() if field_rules.rule('contract_number').fits(contract.strip()) else ''
    async with shell(_('Принять платёж'), area='operator', active='payments'):
        await CashDesk(number, is_fresh=await act(manual_payments.may_take)).open()


class CashDesk:
    """The form on one open page."""

    def __init__(self, number: str, *, is_fresh: bool) -> None:
        self._number, self._is_fresh = number, is_fresh

    async def open(self) -> None:
        """Draw the form and the list."""
        with ui.element('div').classes('console console--two dense'):
            with ui.element('div').classes('console__pane console__pane--tall stack'):
                ui.html(render('_manual_head.html'), sanitize=False)
                self._draw_form()
                self._problem = ui.html(sanitize=False)
            self._list = ui.html(sanitize=False).classes('console__pane')
        await self._reread()

    def _draw_form(self) -> None:
        if not self._is_fresh:
            here = f'{PATH}?{urlencode({"contract": self._number})}' if self._number else PATH
            confirm = f'{CONFIRM}?next={quote(here, safe="")}'
            ui.html(render('_wallet_confirm.html', title=_('Принять платёж'), confirm=confirm), sanitize=False)
            return
        with ui.element('section').classes('stack stack--s').props(f'aria-label="{_("Принять платёж")}"'):
            self._fields = TypedFields.empty()
            self._fields.choice('way', _('Как платят'), {'cash': _('Наличные'), 'bank': _('Банковский перевод')})
            self._fields.line('number', _('Номер договора'), value=self._number, props='inputmode=numeric')
            self._fields.line('amount', _('Сумма, р.'), props='inputmode=decimal')
            self._fields.line('document', _('Номер документа'), hint=_('С кассового ордера или платёжного поручения'))
            day = f'{today():%d.%m.%Y}'
            self._fields.line('document_on', _('Дата документа'), value=day, hint=_('Например, 31.12.2026'))
            with ui.button(_('Принять'), on_click=one_at_a_time(self._take), color=None) as button:
                ui.html(str(icon('check')), sanitize=False).classes('button__icon')
            button.classes('button--green').props('no-caps unelevated')

    async def _reread(self) -> None:
        pages = [await act(payment_register.list_payments, wanted=Filter(way=way)) for way in BY_HAND]
        found = sorted((line for page in pages for line in page.lines), key=lambda line: -line.number)
        self._list.set_content(render('_manual_list.html', lines=found, today=today()))

    @action
    async def _take(self) -> None:
        self._problem.set_content('')
        try:
            taken = await act(manual_payments.take, **self._fields.values())
        except PaperTaken as refusal:
            facts = {'words': error_text(refusal), 'first': refusal.facts['first']}
            self._problem.set_content(render('_manual_twice.html', **facts))
            return
        except DomainError as refusal:
            if not self._fields.show(refusal):
                raise
            return
        if taken.is_repeat:
            words = _('Этот документ уже принят, второй раз деньги не зачислены.')
            self._problem.set_content(render('_manual_twice.html', words=words, first=taken.payment_id))
        else:
            tell(_('Платёж принят, деньги на счёте'))
            for name in ('number', 'amount', 'document'):
                self._fields.fields[name].value = ''
        await self._reread()
