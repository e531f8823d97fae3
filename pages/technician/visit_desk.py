"""What the steps of a visit share: the card, the key of the step, the way on, the dialogs that ask again."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.action import action, form_key
from components.i18n import _
from components.session import act
from components.templating import render
from components.typed_fields import TypedFields
from components.visit_words import hours, ownership_word, state_badge
from models.region import Technology
from pages.technician.day import map_link
from services.errors import N_, DomainError
from services.visits import visits
from services.visits.visit_cards import VisitCard

TECHNOLOGIES = {
    Technology.GPON: N_('оптика (GPON)'),
    Technology.ETHERNET: N_('витая пара (Ethernet)'),
    Technology.WIRELESS: N_('радиоканал'),
    Technology.SATELLITE: N_('спутник'),
}
Ending = Callable[..., None]


class VisitDesk:
    """One step as it is drawn. `key` makes a repeated tap harmless; `go_on` shows where the visit stands now."""

    def __init__(self, card: VisitCard, go_on: Callable[[], Awaitable[None]]) -> None:
        self.card = card
        self.go_on = go_on
        self.key = form_key()
        self.holds = False  # something is typed or shown that must not be wiped
        self._runs = 0

    @property
    def is_busy(self) -> bool:
        """Tell whether the step must stay as it is although the visit has changed."""
        return self.holds or self._runs > 0

    def running(self, handler: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Wrap a handler: while it works, the news of its own deed does not redraw the step under it."""

        async def run() -> None:
            self._runs += 1
            try:
                await handler()
            finally:
                self._runs -= 1

        return action(run)

    def title(self, text: str, note: str = '') -> None:
        """Draw the heading of the step."""
        ui.html(render('_field_title.html', title=text, note=note), sanitize=False)

    def client(self) -> None:
        """Draw who, where and what."""
        ui.html(
            render(
                '_field_client.html',
                visit=self.card,
                technology=_(TECHNOLOGIES[self.card.technology]),
                state_badge=state_badge,
                hours=hours,
                ownership=ownership_word,
                map_link=map_link,
            ),
            sanitize=False,
        )

    def main(self, text: str, handler: Callable[[], Awaitable[None]]) -> ui.button:
        """Draw the one green button of the step."""
        button = ui.button(text, on_click=self.running(handler), color=None).classes('button--green')
        return button.props('unelevated no-caps')

    def danger(self, text: str, question: str, ending: Ending) -> None:
        """Draw the button that ends the visit; it asks for the reason first."""

        def ask() -> None:
            ask_reason(self, question, text, ending)

        ui.button(text, icon='sym_o_report', on_click=ask, color=None).classes('button--danger').props(
            'no-caps outline'
        )


def ask_reason(desk: VisitDesk, question: str, verb: str, ending: Ending) -> None:
    """Open the dialog that wants the reason and then ends the visit."""
    fields = TypedFields.empty()
    with ui.dialog() as dialog, ui.card():
        ui.html(render('_field_title.html', title=question, note=''), sanitize=False)
        fields.lines('reason', _('Причина'), hint=_('Её увидит оператор.'))

        async def end() -> None:
            try:
                await act(ending, desk.card.id, fields.value('reason'), desk.key)
            except DomainError as refusal:
                if not fields.show(refusal):
                    raise
                return
            dialog.close()
            await desk.go_on()

        with ui.element('div').classes('tablet__actions'):
            ui.button(_('Вернуться'), on_click=dialog.close, color=None).props('no-caps')
            ui.button(verb, on_click=desk.running(end), color=None).classes('button--danger').props('no-caps outline')
    dialog.open()


def failing(desk: VisitDesk) -> None:
    """Draw the way out when there will be no connection today."""
    desk.danger(_('Не получилось'), _('Закончить выезд без подключения?'), visits.fail)
