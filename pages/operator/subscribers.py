"""/operator/subscribers: find a contract by anything the caller says."""

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from components.action import action
from components.contract_words import contract_word
from components.guards import requires
from components.i18n import _, plural
from components.session import act
from components.shell import shell
from components.templating import render
from components.typed_fields import text_of
from models.user import Role
from services.contracts import subscribers
from services.search import LONGEST


@ui.page('/operator/subscribers')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def subscribers_page() -> None:
    """Show contracts by number; the search narrows them while it is typed. It never stands in an address: people are
    looked for by their names, phones and papers.
    """
    async with shell(_('Абоненты'), area='operator', active='subscribers'):
        await SubscriberSearch().open()


class SubscriberSearch:
    """The search on one open page."""

    def __init__(self) -> None:
        self._search, self._page = '', 1

    async def open(self) -> None:
        """Draw the field and the first page of what it finds."""
        words = _('Договор, имя, телефон, адрес, паспорт')
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Абоненты'), tag='h1', sanitize=False)
                field = ui.input(label=words, value=self._search, on_change=self._search_for)
                field.classes('desk__search').props(
                    f'outlined dense clearable debounce=250 maxlength={LONGEST} data-search'
                )
            self._list = ui.html(sanitize=False).classes('desk__list')
            with ui.element('div').classes('desk__more'):
                self._earlier = ui.button(_('Раньше'), on_click=action(self._turn_back), color=None).props('no-caps')
                self._total = ui.label().props('role=status')
                self._later = ui.button(_('Дальше'), on_click=action(self._turn), color=None).props('no-caps')
        await self._refresh()

    @action
    async def _search_for(self, event: ValueChangeEventArguments[str | None]) -> None:
        self._search, self._page = text_of(event.value)[:100], 1
        await self._refresh()

    async def _turn(self) -> None:
        self._page += 1
        await self._refresh()

    async def _turn_back(self) -> None:
        self._page -= 1
        await self._refresh()

    async def _refresh(self) -> None:
        found = await act(subscribers.list_subscribers, self._search, self._page)
        self._page = found.page
        self._list.set_content(
            render('_subscribers.html', page=found, search=self._search, contract_word=contract_word)
        )
        total = plural(found.total, 'договор', 'договора', 'договоров')
        pages = _('{total}, страница {page} из {pages}').format(total=total, page=found.page, pages=found.pages)
        self._total.set_text(pages if found.pages > 1 else total)
        self._earlier.set_visibility(found.page > 1)
        self._later.set_visibility(found.page < found.pages)
