"""/operator/audit: the audit log for administrators, and whether it is whole."""

import re
from datetime import date
from urllib.parse import urlencode

from nicegui import ui

from components import audit_words
from components.action import action, tell
from components.guards import requires
from components.i18n import _
from components.posted import whole_number
from components.session import act
from components.shell import shell
from components.templating import render
from models.user import Role
from services.audit import journal
from services.audit.journal import Wanted

PATH = '/operator/audit'


@ui.page('/operator/audit')
@requires(Role.ADMINISTRATOR)
async def audit_page(
    who: str = '', what: str = '', subject: str = '', since: str = '', until: str = '', before: str = ''
) -> None:
    """Show one page of the log as the address asks for it."""
    action_name = what if re.fullmatch(r'[a-z_.]{1,64}', what) else ''
    wanted = Wanted(who[:100], action_name, subject[:64], _day(since), _day(until), whole_number(before) or None)
    page = await _page(wanted)

    @action
    async def check() -> None:
        verdict = await act(journal.check_now)
        content.set_content(await _page(wanted))
        tell(_('Журнал цел.') if verdict.is_whole else _('Журнал нарушен.'), good=verdict.is_whole)

    async with shell(_('Журнал'), area='operator', active='audit'):
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Журнал'), tag='h1', sanitize=False)
                ui.button(_('Проверить сейчас'), on_click=check, color=None).props('no-caps unelevated')
            content = ui.html(page, sanitize=False).classes('stack')


async def _page(wanted: Wanted) -> str:
    return render(
        '_journal.html',
        journal=await act(journal.read, wanted),
        wanted=wanted,
        is_filtered=wanted != Wanted(before=wanted.before),
        actions=audit_words.actions(),
        words=audit_words,
        address=lambda before: _address(wanted, before),
    )


def _address(wanted: Wanted, before: int | None) -> str:
    fields = {
        'who': wanted.who,
        'what': wanted.action,
        'subject': wanted.subject,
        'since': wanted.since,
        'until': wanted.until,
        'before': before,
    }
    query = urlencode({name: value for name, value in fields.items() if value})
    return f'{PATH}?{query}' if query else PATH


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None
