"""/operator/corrections: corrections of wallets that wait for a second employee, and what became of the others."""

from functools import partial

from nicegui import ui

from components.confirm_dialog import confirm_dialog
from components.following_list import Drawn, FollowingList
from components.guards import requires
from components.i18n import _, money
from components.icon_button import icon_button
from components.money_words import correction_word
from components.posted import whole_number
from components.reason_dialog import reason_dialog
from components.session import act
from components.shell import shell
from components.templating import render
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


class CorrectionDesk(FollowingList):
    """The list on one open page."""

    follows = (CorrectionChanged,)

    def __init__(self, state: str, page: int) -> None:
        self._state, self._page = state, page

    async def _read(self) -> Drawn:
        found = await act(correction_list.list_corrections, self._state, self._page)
        facts = {'page': found, 'state': self._state}
        return Drawn(
            head=render('_corrections_head.html', **facts),
            rows=[partial(self._draw, row) for row in found.rows],
            foot=render('_corrections_foot.html', **facts),
        )

    def _draw(self, row: CorrectionRow) -> None:
        with ui.element('section').classes('card card--flat stack stack--s'):
            ui.html(render('_correction.html', row=row, word=correction_word(row.state)), sanitize=False)
            if row.may_decide:
                with ui.element('div').classes('cluster'):
                    icon_button(_('Провести'), partial(self._ask_approve, row), 'check')
                    ui.button(_('Отклонить'), on_click=partial(self._ask_refuse, row), color=None).props('no-caps')

    def _ask_approve(self, row: CorrectionRow) -> None:
        words = _('{sum} на счёт договора {number}. Абонент получит письмо с причиной.').format(
            sum=money(row.amount, sign=True), number=row.contract_number
        )
        with self.dialogs:
            confirm_dialog(_('Провести исправление'), words, _('Провести'), partial(self._approve, row.id), 'check')

    def _ask_refuse(self, row: CorrectionRow) -> None:
        hint = _('На счёте ничего не изменится. Причину увидит сотрудник, который попросил.')
        with self.dialogs:
            reason_dialog(_('Отклонить исправление'), hint, _('Отклонить'), partial(self._refuse, row.id))

    async def _approve(self, correction_id: int) -> None:
        await act(corrections.approve, correction_id)
        await self.done(_('Исправление проведено'))

    async def _refuse(self, correction_id: int, reason: str) -> None:
        await act(corrections.refuse, correction_id, reason)
        await self.done(_('Исправление отклонено'))
