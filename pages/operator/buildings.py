"""/operator/buildings: the building base: what comes into a house, whether it is connected; .csv: as a table."""

from functools import partial
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from nicegui import ui
from starlette.responses import Response

from components import building_words as words
from components.action import action, one_at_a_time
from components.download import private_headers
from components.following_list import Drawn, FollowingList
from components.guards import requires
from components.i18n import _, plural
from components.icon_button import icon_button
from components.posted import whole_number
from components.redirect import SIGN_IN, see_other
from components.session import act, act_for
from components.shell import shell
from components.templating import render
from components.typed_fields import TypedFields
from models.region import CoverageStatus, Technology
from models.user import Role
from services.errors import DomainError, TooManyRequests
from services.events import WaitingChanged
from services.offers import buildings
from services.offers.buildings import BuildingChange, BuildingRow

PATH = '/operator/buildings'


def register(app: FastAPI) -> None:
    """Add the address of the table."""
    app.add_api_route(f'{PATH}.csv', table, methods=['GET'], include_in_schema=False)


@ui.page('/operator/buildings')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def buildings_page(state: str = '', search: str = '', page: str = '', csv: str = '') -> None:
    """Show a page of houses; the filter and the pages are addresses."""
    async with shell(_('Дома'), area='operator', active='buildings'):
        await BuildingDesk(_status(state), search.strip()[:100], whole_number(page) or 1, csv).open()


async def table(request: Request, state: str = '', search: str = '') -> Response:
    """Give what the list shows as a file."""
    asked = (search[:100], _status(state))
    try:
        content = await act_for(request, buildings.export_table, *asked)
    except TooManyRequests:
        return see_other(_address(asked[1], asked[0], csv='later'))
    except DomainError:
        return see_other(SIGN_IN)
    return Response(content, media_type='text/csv; charset=utf-8', headers=private_headers(_('Дома') + '.csv'))


class BuildingDesk(FollowingList):
    """The list on one open page."""

    follows = (WaitingChanged,)

    def __init__(self, status: str, search: str, page: int, csv: str) -> None:
        self._status, self._search, self._page, self._csv = status, search, page, csv

    async def _read(self) -> Drawn:
        found = await act(buildings.list_buildings, self._search, self._status, self._page)
        facts = {'page': found, 'status': self._status, 'search': self._search, 'csv': self._csv}
        facts |= {'address': _address, 'words': words}
        return Drawn(
            head=render('_buildings_head.html', **facts),
            rows=[partial(self._draw, row) for row in found.rows],
            foot=render('_buildings_foot.html', **facts),
        )

    def _draw(self, row: BuildingRow) -> None:
        with ui.element('section').classes('card card--flat building'):
            ui.html(render('_building.html', row=row, words=words), sanitize=False)
            button = ui.button(_('Изменить'), on_click=partial(self._ask, row), color=None).props('no-caps unelevated')
            button.props['aria-label'] = _('Изменить: {address}').format(address=row.address)

    def _ask(self, row: BuildingRow) -> None:
        with self.dialogs:
            BuildingForm(self, row).open()


class BuildingForm:
    """A dialog with what an operator may set."""

    def __init__(self, desk: BuildingDesk, row: BuildingRow) -> None:
        self._desk, self._row, self._fields = desk, row, TypedFields.empty()

    def open(self) -> None:
        """Draw the dialog."""
        self._dialog = ui.dialog(value=True)
        self._dialog.on('hide', self._dialog.delete)
        self._dialog.props['aria-label'] = self._row.address
        with self._dialog, ui.card().classes('dense'):
            ui.html(self._row.address, tag='h2', sanitize=True)
            if self._row.waiting:
                people = plural(self._row.waiting, 'человек', 'человека', 'человек')
                ui.label(_('В листе ожидания: {people}. Подключите дом — напишем им сразу.').format(people=people))
            self._draw_fields()
            with ui.element('div').classes('cluster'):
                icon_button(_('Сохранить'), one_at_a_time(action(self._save)), 'check', look='button--green')
                ui.button(_('Не сейчас'), on_click=self._dialog.close, color=None).props('flat no-caps')

    def _draw_fields(self) -> None:
        present = {str(self._row.status): words.status_words(self._row.status).word}
        others = {str(status): words.status_words(status).word for status in CoverageStatus}
        self._fields.choice('status', _('Состояние'), present | others)
        ui.label(_('Какие линии заведены')).classes('field__label')
        self._lines = {line: ui.checkbox(words.line_word(line), value=line in self._row.lines) for line in Technology}
        self._fault = ui.label().classes('field__error').props('role=alert')
        self._tv = ui.checkbox(_('Цифровое ТВ есть'), value=self._row.has_digital_tv)
        ports = str(self._row.free_ports)
        self._fields.line('free_ports', _('Свободных портов'), value=ports, props='inputmode=numeric autocomplete=off')

    async def _save(self) -> None:
        lines = tuple(str(line) for line, box in self._lines.items() if box.value is True)
        asked = BuildingChange(
            self._fields.value('status'), lines, self._fields.value('free_ports'), has_digital_tv=self._tv.value is True
        )
        try:
            told = await act(buildings.change, self._row.id, asked)
        except DomainError as refusal:
            self._fault.set_text(words.fault_of_lines(refusal))
            if not self._fields.show(refusal) and not self._fault.text:
                raise
            return
        self._dialog.close()
        people = plural(told, 'человеку', 'людям', 'людям')
        await self._desk.done(
            _('Сохранили и написали {people} из листа ожидания').format(people=people) if told else _('Сохранили')
        )


def _status(state: str) -> str:
    return state if state in set(CoverageStatus) else ''


def _address(state: str, search: str, page: int = 1, *, csv: str = '', path: str = PATH) -> str:
    wanted = {'state': state, 'search': search, 'page': str(page) if page > 1 else '', 'csv': csv}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f'{path}?{query}' if query else path
