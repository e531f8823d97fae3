"""A button with a picture beside its words."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from components.templating import icon


def icon_button(words: str, on_click: Callable[..., Any], picture: str, *, look: str = '') -> None:
    """Draw it; `look` is a class of docs/design.md, like `button--danger`."""
    with ui.button(words, on_click=on_click, color=None).props('no-caps unelevated') as button:
        ui.html(str(icon(picture)), sanitize=False).classes('button__icon')
    button.classes(look)
