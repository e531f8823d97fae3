"""/field/visits/{id}: one visit, one step on the screen, the list of steps always in view."""

from nicegui import context, ui
from starlette.responses import Response

from components.cursor import move_cursor
from components.guards import requires
from components.i18n import _
from components.live import on_event
from components.session import act
from components.shell import shell
from components.templating import render
from components.visit_words import step_word
from models.user import Role
from pages.errors import error_page
from pages.technician.visit_desk import VisitDesk
from pages.technician.visit_ends import draw_access, draw_arrive, draw_depart, draw_done, draw_over
from pages.technician.visit_records import draw_equipment, draw_line, draw_papers
from pages.technician.visit_signature import draw_sign
from services.errors import NotFound
from services.events import VisitChanged
from services.visits import visit_cards
from services.visits.visit_cards import Step, VisitCard

STEPS = {
    Step.DEPART: draw_depart,
    Step.ARRIVE: draw_arrive,
    Step.EQUIPMENT: draw_equipment,
    Step.LINE: draw_line,
    Step.PAPERS: draw_papers,
    Step.SIGN: draw_sign,
    Step.ACCESS: draw_access,
    Step.DONE: draw_done,
}
REOPENED = (Step.EQUIPMENT, Step.LINE, Step.PAPERS)
"""Steps that can be corrected until the signature."""


@ui.page('/field/visits/{visit_id}')
@requires(Role.TECHNICIAN)
async def visit_page(visit_id: str, step: str = '') -> Response | None:
    """Show the step the visit stands at, or an earlier one that may still be corrected."""
    number = int(visit_id) if visit_id.isascii() and visit_id.isdigit() and len(visit_id) < 10 else 0
    try:
        card = await act(visit_cards.get_visit, number)
    except NotFound:
        return await error_page(context.client.request, 404)
    async with shell(_('Выезд'), area='technician', active='visit'):
        await VisitScreen(card, step).open()
    return None


class VisitScreen:
    """One open page of a visit."""

    def __init__(self, card: VisitCard, step: str) -> None:
        self._card = card
        asked = Step(step) if step in set(Step) else None
        self._asked = asked if asked in reachable(card) else None

    async def open(self) -> None:
        """Draw the page and follow what happens to the visit elsewhere."""
        self._client = context.client
        with ui.element('div').classes('tablet'):
            self._steps = ui.html(sanitize=False)
            self._body = ui.element('div').classes('tablet__body')
        self._draw()
        visit = self._card.id
        on_event(VisitChanged, self._heard, when=lambda event: event.visit_id == visit)

    async def next(self) -> None:
        """Show where the visit stands now."""
        self._asked = None
        self._card = await act(visit_cards.get_visit, self._card.id)
        with self._client:  # the button that was tapped is about to go
            ui.navigate.history.replace(f'/field/visits/{self._card.id}')
            self._draw()
            move_cursor('[data-step-title]')  # the button is gone with its step

    async def _heard(self, _event: VisitChanged) -> None:
        fresh = await act(visit_cards.get_visit, self._card.id)
        moved = (fresh.status, fresh.now) != (self._card.status, self._card.now)
        self._card = fresh
        if moved and not self._desk.is_busy:  # what is being typed or shown stays
            self._draw()

    def _draw(self) -> None:
        shown = self._asked or self._card.now
        self._steps.set_content(render('_field_steps.html', steps=steps_of(self._card, shown)))
        self._body.clear()
        self._desk = VisitDesk(self._card, self.next)
        with self._body:
            if self._card.is_over:
                draw_over(self._desk)
            else:
                STEPS[shown](self._desk)


def reachable(card: VisitCard) -> tuple[Step, ...]:
    """Return the steps that may be opened: the present one, and records before the signature."""
    if card.is_over:
        return ()
    earlier = REOPENED if Step.ARRIVE in card.done and not card.is_signed else ()
    return (*earlier, card.now)


def steps_of(card: VisitCard, shown: Step) -> list[dict[str, object]]:
    """Return the steps as the list shows them."""
    open_steps = reachable(card)
    return [
        {
            'title': step_word(step),
            'state': 'done' if step in card.done else 'now' if step == card.now else 'next',
            'is_shown': step == shown and not card.is_over,
            'address': f'/field/visits/{card.id}?step={step}' if step in open_steps else '',
        }
        for step in Step
    ]
