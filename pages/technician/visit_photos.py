"""Photos of a visit, when there is something to show: they are kept as soon as they arrive, and a wrong one can go."""

from functools import partial

from nicegui import ui

from components.confirm_dialog import confirm_dialog
from components.file_picker import FilePicker
from components.i18n import _
from components.session import act
from components.templating import icon, render
from models.file import FilePurpose
from pages.technician.visit_desk import VisitDesk
from services.files import visit_photos
from services.files.uploads import FileView
from services.visits import visit_cards
from services.visits.visit_cards import VisitCard


def draw_photos(desk: VisitDesk) -> None:
    """Draw what was photographed so far and the button for more; what is typed beside it stays."""
    with ui.element('section').classes('card stack'):
        ui.html(render('_field_photos.html'), sanitize=False)
        shown = ui.element('ul').classes('field-photos')
        dialogs = ui.element('div')

        async def refresh() -> None:
            draw(await act(visit_cards.get_visit, desk.card.id))

        async def remove(photo: FileView) -> None:
            await act(visit_photos.remove, desk.card.id, photo.id)
            await refresh()

        def ask(photo: FileView) -> None:
            words = _('Фото «{name}» исчезнет отсюда и из заявки. Вернуть его нельзя.').format(name=photo.name)
            with dialogs:
                confirm_dialog(_('Убрать фото?'), words, _('Убрать фото'), desk.running(partial(remove, photo)))

        def draw(card: VisitCard) -> None:
            shown.clear()
            shown.set_visibility(bool(card.photos))
            with shown:
                for photo in card.photos:
                    _draw_one(photo, partial(ask, photo))

        draw(desk.card)
        FilePicker(FilePurpose.VISIT, str(desk.card.id), stays=False, words=_('Добавить фото'), on_arrived=refresh)


def _draw_one(photo: FileView, on_remove: partial[None]) -> None:
    with ui.element('li').classes('field-photos__one'):
        ui.html(render('_field_photo.html', photo=photo), sanitize=False)
        with ui.button(_('Убрать'), on_click=on_remove, color=None) as button:
            ui.html(str(icon('trash-2')), sanitize=False).classes('button__icon')
        button.props['aria-label'] = _('Убрать фото: {name}').format(name=photo.name)
        button.props('no-caps unelevated')
