"""/operator/lines: lines to cut and restore by hand, ticked off by engineers; /operator/lines.csv: as a table."""

from functools import partial
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import Response

from components import line_words
from components.action import action, form_key, one_at_a_time, tell
from components.confirm_dialog import confirm_dialog
from components.download import private_headers
from components.guards import requires
from components.i18n import _
from components.icon_button import icon_button
from components.line_note import note_dialog
from components.live import on_event
from components.posted import whole_number
from components.redirect import CONFIRM, SIGN_IN, see_other
from components.session import act, act_for, page_actor
from components.shell import shell
from components.templating import icon, render
from models.user import Role
from services.clock import now
from services.errors import DomainError, TooManyRequests
from services.events import ContractChanged, LinesChanged
from services.identity.step_up import StepUpRequired
from services.network import line_list, line_start, line_ticks
from services.network.line_list import DoneRow, LineRow
from services.settings import get_settings

PATH = '/operator/lines'
LOOK, AGAIN = 2.0, 8
"""Seconds between two looks whether something happened, and looks after which the list is read in any case: pauses and
boosts begin and end by the clock."""


def register(app: FastAPI) -> None:
    """Add the address of the table."""
    app.add_api_route(f'{PATH}.csv', table, methods=['GET'], include_in_schema=False)


@ui.page('/operator/lines')
@requires(Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR)
async def lines_page(kind: str = '', search: str = '', page: str = '', csv: str = '') -> None:
    """Show what is to be done and what was done lately; the filter and the pages are addresses."""
    me = page_actor()
    is_field = me is not None and me.wears(Role.TECHNICIAN)
    chosen = kind if kind in line_words.works() else ''
    desk = LinesDesk(chosen, search.strip()[:100], whole_number(page) or 1, is_field=is_field)
    async with shell(_('Линии'), area='technician' if is_field else 'operator', active='lines'):
        await desk.open(csv)


async def table(request: Request, kind: str = '', search: str = '') -> Response:
    """Give what the list shows as a file."""
    asked = (kind if kind in line_words.works() else '', search[:100])
    try:
        content = await act_for(request, line_list.export_table, *asked)
    except StepUpRequired:  # a file does not take the browser anywhere: he comes back to the page and its button
        return see_other(f'{CONFIRM}?next={quote(_address(*asked, csv="ready"), safe="")}')
    except TooManyRequests:
        return see_other(_address(*asked, csv='later'))
    except DomainError:
        return see_other(SIGN_IN)
    return Response(content, media_type='text/csv; charset=utf-8', headers=private_headers(_('Линии') + '.csv'))


class LinesDesk:
    """The list on one open page. It is drawn anew when a contract or a tick changed, at most once in two seconds."""

    def __init__(self, kind: str, search: str, page: int, *, is_field: bool) -> None:
        self._asked, self._is_field = (kind, search, page), is_field
        self._is_stale, self._looks = False, 0

    async def open(self, csv: str) -> None:
        """Draw the head, the list and what was done; follow both."""
        facts = {'kind': self._asked[0], 'search': self._asked[1], 'csv': csv, 'address': _address}
        by_hand = get_settings().lines_by_hand
        with ui.element('div').classes('tablet tablet--day lines' if self._is_field else 'desk dense lines'):
            ui.html(render('_lines_head.html', by_hand=by_hand, **facts), sanitize=False)
            self._start = ui.element('div').classes('no-print')
            self._parts = ui.html(sanitize=False)
            self._rows = ui.element('div').classes('lines__list')
            self._foot = ui.html(sanitize=False)
            self._done = ui.element('section').classes('stack stack--s no-print')
            self._dialogs = ui.element('div').classes('desk__place')
        await self._reread()
        if await act(line_start.may_settle):
            self._offer_start()
        on_event(ContractChanged, self._hear)
        on_event(LinesChanged, self._hear)
        ui.timer(LOOK, action(self._look), immediate=False)

    def _offer_start(self) -> None:
        if self._rows.default_slot.children:
            with self._start, ui.element('div').classes('cluster'):
                icon_button(_('Всё уже сделано на железе'), self._ask_settle, 'check')

    def _ask_settle(self) -> None:
        words = _(
            'Список только начинается. Если линии должников и приостановленных отключены раньше, отметим их все разом. '
            'Вернуть отметки потом нельзя, а в списке останется только новое.'
        )
        with self._dialogs:
            confirm_dialog(_('Линии уже отключены?'), words, _('Да, отметить все'), self._settle, 'check')

    async def _settle(self) -> None:
        count = await act(line_start.settle)
        self._start.clear()
        await self._reread()
        tell(_('Отмечено линий: {count}').format(count=count))

    async def _hear(self, _event: ContractChanged | LinesChanged) -> None:
        self._is_stale = True

    async def _look(self) -> None:
        self._looks += 1
        if self._is_stale or self._looks >= AGAIN:
            await self._reread()

    async def _reread(self) -> None:
        self._is_stale, self._looks = False, 0
        found, done = await act(line_list.list_lines, *self._asked), await act(line_list.list_done)
        facts = {'page': found, 'kind': self._asked[0], 'search': self._asked[1], 'address': _address}
        self._parts.set_content(render('_lines_parts.html', words=line_words, **facts))
        self._foot.set_content(render('_lines_foot.html', printed_at=now(), **facts))
        self._rows.clear()
        with self._rows:
            for row in found.rows:
                self._draw(row)
        self._done.clear()
        if done:
            self._start.clear()
        with self._done:
            self._draw_done(done)

    def _draw(self, row: LineRow) -> None:
        key = form_key()
        with ui.element('article').classes('lines__row').props(f'data-line={row.number}'):
            facts = {'row': row, 'words': line_words, 'is_field': self._is_field}
            ui.html(render('_line.html', **facts), sanitize=False).classes('lines__what')
            with ui.element('div').classes('lines__acts no-print'):
                done = one_at_a_time(action(partial(self._tick, row, key)))
                with ui.button(line_words.done_word(row.work), on_click=done, color=None) as button:
                    ui.html(str(icon('check')), sanitize=False).classes('button__icon')
                button.props(f'no-caps unelevated aria-label="{line_words.done_word(row.work)}: {row.number}"')
                with ui.button(on_click=partial(self._ask_note, row, key), color=None) as note:
                    ui.html(str(icon('pencil')), sanitize=False)
                note.props(f'flat aria-label="{_("С заметкой")}: {row.number}"').classes('lines__note')

    def _draw_done(self, rows: tuple[DoneRow, ...]) -> None:
        if rows:
            ui.html(_('Сделано за сутки'), tag='h2', sanitize=False)
        for row in rows:
            with ui.element('div').classes('lines__past'):
                ui.html(render('_line_done.html', row=row, words=line_words), sanitize=False)
                if row.may_undo:
                    undo = one_at_a_time(action(partial(self._undo, row.id)))
                    ui.button(_('Вернуть'), on_click=undo, color=None).props('no-caps unelevated')

    def _ask_note(self, row: LineRow, key: str) -> None:
        title = f'{line_words.done_word(row.work)}: {row.number}'
        with self._dialogs:
            note_dialog(title, line_words.done_word(row.work), partial(self._tick, row, key))

    async def _tick(self, row: LineRow, key: str, note: str = '') -> None:
        try:
            await act(line_ticks.tick, row.contract_id, str(row.work), note, key)
        finally:
            self._is_stale = True
        await self._reread()
        tell(_('{done}: договор {number}').format(done=line_words.done_word(row.work), number=row.number))

    async def _undo(self, tick_id: int) -> None:
        await act(line_ticks.undo, tick_id)
        await self._reread()
        tell(_('Отметка возвращена, линия снова в списке'))


def _address(kind: str, search: str, page: int = 1, *, csv: str = '', path: str = PATH) -> str:
    wanted = {'kind': kind, 'search': search, 'page': str(page) if page > 1 else '', 'csv': csv}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f'{path}?{query}' if query else path
