"""/operator/applications/{number}: facts and price, what to do next, what happened."""

from datetime import date

from nicegui import context, ui
from starlette.responses import Response

from components import application_words as words
from components.action import tell
from components.application_desk import ApplicationDesk, Deeds
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.session import act
from components.shell import shell
from components.templating import render
from models.application import ApplicationStatus
from models.user import Role
from pages.errors import error_page
from services.applications import applications
from services.applications.application_cards import ApplicationCard
from services.applications.application_contacts import Contacts
from services.applications.application_queue import CALL_BACK_WITHIN
from services.applications.applications import CallOutcome
from services.contracts import contracts
from services.errors import NotFound
from services.events import ApplicationChanged, VisitChanged
from services.visits import visit_slots
from services.visits.visit_slots import SlotDay


@ui.page('/operator/applications/{number}')
@requires(Role.OPERATOR, Role.ADMINISTRATOR)
async def application_page(number: str) -> Response | None:
    """Show one application and keep it true while others work on it too."""
    try:
        card = await act(applications.get_card, number)
    except NotFound:
        return await error_page(context.client.request, 404)
    title = _('Заявка {number}').format(number=number)
    async with shell(title, area='operator', active='queue'):
        OpenCard(card).open()
    return None


class OpenCard:
    """One application on one open page."""

    def __init__(self, card: ApplicationCard) -> None:
        self._card = card
        self._number = card.row.number

    def open(self) -> None:
        """Draw the three panes and follow what happens."""
        with ui.element('div').classes('console dense'):
            self._facts = ui.html(sanitize=False).classes('console__pane console__pane--tall')
            with ui.element('div').classes('console__pane'):
                self._desk = ApplicationDesk(self._card, self._deeds())
            self._history = ui.html(sanitize=False).classes('console__pane')
        self._draw()
        on_event(ApplicationChanged, self._reread, when=lambda event: event.application_id == self._card.id)
        on_event(VisitChanged, self._reread_slots)

    def _draw(self) -> None:
        self._facts.set_content(
            render(
                '_application_facts.html',
                card=self._card,
                limit=CALL_BACK_WITHIN,
                state_word=words.state_word,
                waiting=words.waiting,
                house_kind=words.house_kind,
                technologies=words.technologies,
                line_title=words.line_title,
            )
        )
        self._history.set_content(
            render('_application_history.html', card=self._card, visit_word=words.visit_word, happening=words.happening)
        )

    async def _reread(self, _event: object = None) -> None:
        self._card = await act(applications.get_card, self._number)
        self._draw()
        self._desk.show(self._card)

    async def _reread_slots(self, _event: object) -> None:
        await self._desk.reread_slots()

    def _deeds(self) -> Deeds:
        return Deeds(
            step=self._step,
            call=self._call,
            note=self._note,
            contacts=self._correct,
            schedule=self._schedule,
            call_off=self._call_off,
            prepare=self._prepare,
            slots=self._slots,
        )

    async def _step(self, status: ApplicationStatus, reason: str, key: str) -> None:
        await act(applications.move, self._number, status, reason, key)
        tell(words.state_word(status).word)

    async def _call(self, outcome: CallOutcome, note: str, key: str) -> None:
        await act(applications.record_call, self._number, outcome, note, key)
        tell(_('Звонок записан'))

    async def _note(self, note: str, key: str) -> None:
        await act(applications.add_note, self._number, note, key)
        tell(_('Заметка сохранена'))

    async def _correct(self, contacts: Contacts, key: str) -> None:
        await act(applications.correct_contacts, self._number, contacts, key)
        tell(_('Контакты исправлены'))

    async def _schedule(self, technician_id: int, day: date, hour: int, key: str) -> None:
        await act(visit_slots.schedule, self._number, technician_id, day, hour, key)
        tell(_('Выезд назначен, клиенту ушло сообщение'))

    async def _call_off(self, reason: str, key: str) -> None:
        await act(visit_slots.cancel_visit, self._number, reason, key)
        tell(_('Выезд снят'))

    async def _prepare(self) -> None:
        draft = await act(contracts.draft_for_application, self._number)
        tell(_('Договор {number} готов к печати').format(number=draft.number))

    async def _slots(self) -> tuple[SlotDay, ...]:
        return await act(visit_slots.free_slots)
