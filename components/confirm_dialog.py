"""A dialog that says what will happen before something that cannot be undone."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from components.action import action, one_at_a_time
from components.i18n import _
from components.templating import icon


def confirm_dialog(
    title: str, words: str, verb: str, on_confirm: Callable[[], Awaitable[None]], picture: str = 'trash-2'
) -> None:
    """Ask once more; the dialog closes when it is done, and stays when it was refused.

    Args:
        words: what will happen, in full sentences.
        verb: words of the button that does it; `picture` is its icon.
    """
    dialog = ui.dialog(value=True)
    dialog.on('hide', dialog.delete)
    dialog.props['aria-label'] = title

    @one_at_a_time
    @action
    async def confirm() -> None:
        await on_confirm()
        dialog.close()

    with dialog, ui.card().classes('dense'):
        ui.html(title, tag='h2', sanitize=True)
        ui.label(words)
        with ui.element('div').classes('cluster'):
            with ui.button(verb, on_click=confirm, color=None).classes('button--danger').props('no-caps unelevated'):
                ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
            ui.button(_('Не сейчас'), on_click=dialog.close, color=None).props('flat no-caps')
