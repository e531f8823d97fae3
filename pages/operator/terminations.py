"""/operator/terminations: contracts that end: asked for, devices still out, money to be returned."""

from urllib.parse import urlencode

from nicegui import ui

from components import termination_words as words
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.session import act
from components.shell import shell
from components.templating import render
from models.user import Role
from services.accounts import termination_list
from services.accounts.termination_list import Part

PATH = '/operator/terminations'


@ui.page('/operator/terminations')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def terminations_page(part: str = '', page: str = '') -> None:
    """Show one page of a part of the list; parts and pages are addresses."""
    chosen = part if part in set(Part) else str(Part.REQUESTED)
    found = await act(termination_list.list_ends, chosen, whole_number(page) or 1)
    facts = {'part': chosen, 'words': words, 'address': _address}
    async with shell(_('Расторжения'), area='operator', active='terminations'):
        ui.html(render('_terminations.html', page=found, **facts), sanitize=False)


def _address(part: str, page: int = 1) -> str:
    wanted = {'part': part} | ({'page': str(page)} if page > 1 else {})
    return f'{PATH}?{urlencode(wanted)}'
