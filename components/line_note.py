"""A dialog for a note to a line that is being ticked off: a port, a doubt."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.action import action, one_at_a_time
from components.i18n import _, error_text
from components.templating import icon
from components.typed_fields import text_of
from services import field_rules
from services.errors import InvalidField


def note_dialog(title: str, verb: str, on_note: Callable[[str], Awaitable[None]]) -> None:
    """Ask for a note and hand it over; it may stay empty, and stays when the service finds fault with it."""
    dialog = ui.dialog(value=True)
    dialog.on('hide', dialog.delete)
    with dialog, ui.card().classes('dense'):
        ui.html(title, tag='h2', sanitize=True)
        ui.label(_('Порт, свитч, сомнение: прочитает следующий мастер.')).classes('muted')
        field = ui.textarea(label=_('Заметка')).props(
            f'outlined autofocus maxlength={field_rules.most("staff_reason")}'
        )

        @one_at_a_time
        @action
        async def confirm() -> None:
            field.error = None
            try:
                await on_note(text_of(field.value))
            except InvalidField as error:
                field.error = error_text(error)
                return
            dialog.close()

        with ui.element('div').classes('cluster'):
            with ui.button(verb, on_click=confirm, color=None).props('no-caps unelevated'):
                ui.html(str(icon('check')), sanitize=False).classes('button__icon')
            ui.button(_('Не сейчас'), on_click=dialog.close, color=None).props('flat no-caps')
