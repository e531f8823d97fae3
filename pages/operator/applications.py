"""/operator/: the queue of applications; a new one appears by itself."""

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from components.action import action
from components.application_words import state_word, waiting
from components.guards import requires
from components.i18n import _, plural
from components.live import on_event
from components.session import act
from components.shell import company, shell
from components.templating import render
from components.typed_fields import text_of
from models.user import Role
from services.applications import applications
from services.applications.application_queue import CALL_BACK_WITHIN, ApplicationList, Queue
from services.errors import N_
from services.events import ApplicationChanged, VisitChanged
from services.search import LONGEST

TICK = 30.0
"""Seconds after which the bars of waiting are drawn anew."""
WORDS = {
    Queue.NEW: N_('Новые'),
    Queue.WORK: N_('В работе'),
    Queue.VISIT: N_('Назначен выезд'),
    Queue.ALL: N_('Все'),
}
NEW_FORMS = (N_('новая заявка'), N_('новые заявки'), N_('новых заявок'))


@ui.page('/operator/')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def queue_page(show: str = Queue.ALL) -> None:
    """Show open applications: parts of the queue, search, and what changes meanwhile."""
    async with shell(_('Заявки'), area='operator', active='queue'):
        await QueueDesk(show).open()


class QueueDesk:
    """The queue on one open page: what is asked for, and how it is shown."""

    def __init__(self, show: str) -> None:
        self._show = Queue(show) if show in set(Queue) else Queue.ALL
        self._search = ''
        self._known_new: int | None = None

    async def open(self) -> None:
        """Draw the desk, fill it and keep it true."""
        with ui.element('div').classes('desk dense'):
            with ui.element('div').classes('desk__head'):
                ui.html(_('Заявки'), tag='h1', sanitize=False)
                self._announcement = ui.label().classes('visually-hidden').props('role=status aria-live=polite')
                field = ui.input(
                    label=_('Номер, имя, телефон или адрес'), value=self._search, on_change=self._search_for
                )
                field.classes('desk__search').props(
                    f'outlined dense clearable debounce=250 maxlength={LONGEST} data-search'
                )
            with ui.element('div').classes('desk__parts').props(f'role=group aria-label="{_("Часть очереди")}"'):
                self._buttons = {part: self._button(part) for part in Queue}
            self._list = ui.html(sanitize=False).classes('desk__list')
        await self._refresh()
        on_event(ApplicationChanged, self._on_change)
        on_event(VisitChanged, self._on_change)
        ui.timer(TICK, action(self._refresh), immediate=False)

    def _button(self, part: Queue) -> ui.button:
        async def choose() -> None:
            self._show = part
            ui.navigate.history.replace(f'/operator/?show={part}')
            await self._refresh()

        return ui.button(on_click=action(choose), color=None).classes('chip').props('flat no-caps')

    @action
    async def _search_for(self, event: ValueChangeEventArguments[str | None]) -> None:
        self._search = text_of(event.value)[:100]
        await self._refresh()

    async def _on_change(self, _event: object) -> None:
        await self._refresh()

    async def _refresh(self) -> None:
        self._draw(await act(applications.list_open, self._show, self._search))

    def _draw(self, found: ApplicationList) -> None:
        self._list.set_content(
            render(
                '_queue.html',
                rows=found.rows,
                is_cut=found.is_cut,
                search=self._search,
                state_word=state_word,
                waiting=waiting,
                limit=CALL_BACK_WITHIN,
            )
        )
        for part, button in self._buttons.items():
            button.set_text(f'{_(WORDS[part])} {found.counts[part]}')
            button.props(f'aria-pressed={"true" if part == self._show else "false"}')
        self._announce(found.counts[Queue.NEW])

    def _announce(self, new: int) -> None:
        """Tell by ear and in the title of the tab how many nobody has taken yet."""
        if self._known_new is not None and new > self._known_new:
            self._announcement.set_text(
                _('Пришла новая заявка. Сейчас {count}.').format(count=plural(new, *(_(form) for form in NEW_FORMS)))
            )
        self._known_new = new
        ui.page_title(f'{f"({new}) " if new else ""}{_("Заявки")} — {company().name}')
