"""Photos of a visit, when there is something to show: they are kept as soon as they arrive."""

from nicegui import ui

from components.file_picker import FilePicker
from components.i18n import _
from components.session import act
from components.templating import render
from models.file import FilePurpose
from pages.technician.visit_desk import VisitDesk
from services.visits import visit_cards


def draw_photos(desk: VisitDesk) -> None:
    """Draw what was photographed so far and the button for more; what is typed beside it stays."""
    with ui.element('section').classes('card stack'):
        shown = ui.html(_block(desk.card), sanitize=False)

        async def refresh() -> None:
            shown.set_content(_block(await act(visit_cards.get_visit, desk.card.id)))

        with ui.element('div').classes('field-photos'):
            FilePicker(FilePurpose.VISIT, str(desk.card.id), stays=False, words=_('Добавить фото'), on_arrived=refresh)


def _block(card: visit_cards.VisitCard) -> str:
    return render('_field_photos.html', photos=card.photos)
