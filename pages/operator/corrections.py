"""/operator/corrections: corrections of wallets that wait for a second employee, and what became of the others."""

from functools import partial

from nicegui import ui

from components.action import tell
from components.confirm_dialog import confirm_dialog
from components.guards import requires
from components.i18n import _, money
from components.live import on_event
from components.money_words import correction_word
from components.posted import whole_number
from components.reason_dialog import reason_dialog
from components.session import act
from components.shell import shell
from components.templating import icon, render
from models.user import Role
from services.accounts import correction_list, corrections
from services.accounts.correction_list import CorrectionRow
from services.events import CorrectionChanged

WAITING, ALL = 'waiting', 'all'


@ui.page('/operator/corrections')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def corrections_page(state: str = WAITING, page: str = '') -> None:
    """Show what waits, or all; the list is drawn anew when somebody asks or decides."""
    async with shell(_('Исправления'), area='operator', active='corrections'):
        await CorrectionDesk(ALL if state == ALL else WAITING, whole_number(page) or 1).open()


class CorrectionDesk:
    """The list on one open page."""

    def __init__(self, state: str, page: int) -> None:
        self._state, self._page = state, page

    async def open(self) -> None:
        """Draw the list and follow it."""
        with ui.element('div').classes('desk dense'):
            self._head = ui.html(sanitize=False)
            self._rows = ui.element('div').classes('stack')
            self._foot = ui.html(sanitize=False)
        self._dialogs = ui.element('div').classes('desk__place')
        await self._reread()
        on_event(CorrectionChanged, self._hear)

    async def _hear(self, _event: CorrectionChanged) -> None:
        await self._reread()

    async def _reread(self) -> None:
        found = await act(correction_list.list_corrections, self._state, self._page)
        self._head.set_content(render('_corrections_head.html', page=found, state=self._state))
        self._foot.set_content(render('_corrections_foot.html', page=found, state=self._state))
        self._rows.clear()
        with self._rows:
            for row in found.rows:
                self._draw(row)

    def _draw(self, row: CorrectionRow) -> None:
        with ui.element('section').classes('card card--flat stack stack--s'):
            ui.html(render('_correction.html', row=row, word=correction_word(row.state)), sanitize=False)
            if row.may_decide:
                with ui.element('div').classes('cluster'):
                    with ui.button(_('Провести'), on_click=partial(self._ask_approve, row), color=None) as button:
                        ui.html(str(icon('check')), sanitize=False).classes('button__icon')
                    button.props('no-caps unelevated')
                    ui.button(_('Отклонить'), on_click=partial(self._ask_refuse, row), color=None).props('no-caps')

    def _ask_approve(self, row: CorrectionRow) -> None:
        words = _('{sum} на счёт договора {number}. Абонент получит письмо с причиной.').format(
            sum=money(row.amount, sign=True), number=row.contract_number
        )
        with self._dialogs:
            confirm_dialog(_('Провести исправление'), words, _('Провести'), partial(self._approve, row.id), 'check')

    def _ask_refuse(self, row: CorrectionRow) -> None:
        hint = _('На счёте ничего не изменится. Причину увидит сотрудник, который попросил.')
        with self._dialogs:
            reason_dialog(_('Отклонить исправление'), hint, _('Отклонить'), partial(self._refuse, row.id))

    async def _approve(self, correction_id: int) -> None:
        await act(corrections.approve, correction_id)
        await self._reread()
        tell(_('Исправление проведено'))

    async def _refuse(self, correction_id: int, reason: str) -> None:
        await act(corrections.refuse, correction_id, reason)
        await self._reread()
        tell(_('Исправление отклонено'))
