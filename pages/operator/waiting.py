"""/operator/waiting: who waits for his house; the houses with the most people first."""

from functools import partial

from nicegui import ui

from components.action import action, one_at_a_time
from components.following_list import Drawn, FollowingList
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.session import act
from components.shell import shell
from components.templating import render
from models.user import Role
from services.applications import waiting_desk
from services.applications.waiting_desk import WaitingRow
from services.events import WaitingChanged


@ui.page('/operator/waiting')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def waiting_page(page: str = '') -> None:
    """Show a page of the list."""
    async with shell(_('Лист ожидания'), area='operator', active='buildings'):
        await WaitingDesk(whole_number(page) or 1).open()


class WaitingDesk(FollowingList):
    """The list on one open page."""

    follows = (WaitingChanged,)

    def __init__(self, page: int) -> None:
        self._page = page

    async def _read(self) -> Drawn:
        found = await act(waiting_desk.list_waiting, self._page)
        return Drawn(
            head=render('_waiting_head.html', page=found),
            rows=[partial(self._draw, row) for row in found.rows],
            foot=render('_waiting_foot.html', page=found),
        )

    def _draw(self, row: WaitingRow) -> None:
        with ui.element('section').classes('card card--flat building'):
            ui.html(render('_waiting.html', row=row), sanitize=False)
            if row.contacted_at is None and row.told_at is None:
                mark = one_at_a_time(action(partial(self._mark, row)))
                button = ui.button(_('Связались'), on_click=mark, color=None).props('no-caps unelevated')
                button.props['aria-label'] = _('Связались: {who}').format(who=row.name or row.phone or row.email)

    async def _mark(self, row: WaitingRow) -> None:
        await act(waiting_desk.mark_contacted, row.id)
        await self.done(_('Отметили'))
