"""A dialog that asks why before something is refused or called off."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.action import action, one_at_a_time
from components.i18n import _, error_text
from components.templating import icon
from components.typed_fields import text_of
from services import field_rules
from services.errors import InvalidField

LONGEST = field_rules.most('step_reason')


def reason_dialog(
    title: str, hint: str, verb: str, on_reason: Callable[[str], Awaitable[None]], picture: str = 'ban'
) -> None:
    """Ask for a reason and hand it over; what was typed stays when the service finds fault with it.

    Args:
        verb: words of the button that does it; `picture` is its icon.
        on_reason: called with the text; an `InvalidField` it raises is shown under the field.
    """
    dialog = ui.dialog(value=True)
    dialog.on('hide', dialog.delete)
    dialog.props['aria-label'] = title
    with dialog, ui.card().classes('dense'):
        ui.html(title, tag='h2')
        ui.label(hint).classes('muted')
        field = ui.textarea(label=_('Причина')).props(f'outlined autofocus maxlength={LONGEST}')

        @one_at_a_time
        @action
        async def confirm() -> None:
            field.error = None
            try:
                await on_reason(text_of(field.value))
            except InvalidField as error:
                field.error = error_text(error)
                return
            dialog.close()

        with ui.element('div').classes('cluster'):
            with ui.button(verb, on_click=confirm, color=None).classes('button--danger').props('no-caps unelevated'):
                ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
            ui.button(_('Не сейчас'), on_click=dialog.close, color=None).props('flat no-caps')
