"""The signature: what is signed in a few words, the field, the button."""

from nicegui import ui

from components.i18n import _, error_text
from components.session import act
from components.signature_pad import SignaturePad
from components.templating import render
from components.visit_words import paper_word
from pages.technician.visit_desk import VisitDesk, failing
from services.errors import InvalidField
from services.visits import visits


def draw_sign(desk: VisitDesk) -> None:
    """Let the client read and sign."""
    card = desk.card
    desk.title(
        _('Подпись клиента'), _('Передайте планшет клиенту: пусть прочтёт договор и распишется пальцем в рамке.')
    )
    ui.html(render('_field_papers.html', visit=card, doubts=[], paper_word=paper_word), sanitize=False)
    pad = SignaturePad(_('Место для подписи клиента'))

    problem = ui.label().classes('field__error').props('role=alert')

    async def sign() -> None:
        drawn = await pad.take()
        try:
            await act(visits.sign, card.id, drawn, desk.key)
        except InvalidField as refusal:
            problem.set_text(error_text(refusal))
            return
        await desk.go_on()

    def wipe() -> None:
        pad.wipe()
        problem.set_text('')

    with ui.element('div').classes('tablet__actions'):
        failing(desk)
        ui.button(_('Очистить'), on_click=wipe, color=None).props('no-caps')
        desk.main(_('Подписать договор'), sign)
