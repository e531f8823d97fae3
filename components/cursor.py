"""The cursor of a live page: where it goes when the button that had it has done its work (js/cursor.js)."""

import json

from nicegui import ui


def move_cursor(selector: str) -> None:
    """Put the cursor there, unless the person has put it into another field meanwhile.

    Args:
        selector: CSS selector of what takes it; ours, never a text of a person.
    """
    ui.run_javascript(f'window.amigoCursor.move({json.dumps(selector)})')  # nosemgrep: text-into-script - JSON of ours
