"""Painted blocks that the server may replace: `<div data-painted="total">` in the first HTML, new HTML over the socket.

A page stays text and native forms, works without scripts, and becomes live when its socket is up: the form marked
`data-live="name"` reports its state (js/painted.js), the handler answers with `repaint()`.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from nicegui import context, ui
from nicegui.events import GenericEventArguments

from components.action import action
from services import limits

LONGEST_STATE = limits.count('form_state')
MOST_FIELDS = limits.count('form_fields')
FormState = dict[str, list[str]]
"""The fields of a form, every name with all its values."""


@dataclass(frozen=True)
class Repaint:
    """What a painted page becomes: HTML by the name in `data-painted`, only from our autoescaped templates; `address`
    replaces the address of the page without a new entry in the history; `form` asked for it with its question number
    `answer`, 0 where nobody asked."""

    blocks: Mapping[str, str]
    address: str = ''
    form: str = ''
    answer: int = 0


def repaint(painted: Repaint) -> None:
    """Replace painted blocks of this page; what has the focus keeps it."""
    order = json.dumps({**vars(painted), 'blocks': dict(painted.blocks)})
    context.client.run_javascript(f'window.amigoPainted.replace({order})')  # nosemgrep: text-into-script - JSON of ours


def send_natively(name: str) -> None:
    """Send the form `data-live="name"` as a form: what is typed comes along to the page that follows."""
    form = json.dumps(name)
    context.client.run_javascript(f'window.amigoPainted.send({form})')  # nosemgrep: text-into-script - JSON of ours


def on_form(name: str, handler: Callable[[FormState, str], Awaitable[Repaint | None]]) -> None:
    """Ask `handler(state, button)` whenever the form `data-live="name"` changes or its `data-live-button` is pressed.

    The state is whatever a browser sent: the handler's service validates it. Only the answer to the newest question
    is painted.
    """
    asked = 0

    async def receive(event: GenericEventArguments) -> None:
        nonlocal asked
        state, button, question = _state(event.args)
        if state is None:
            return
        asked += 1
        mine = asked
        painted = await handler(state, button)
        if painted is not None and mine == asked:
            repaint(replace(painted, form=name, answer=question))

    ui.on(f'form-{name}', action(receive))


def _state(args: object) -> tuple[FormState | None, str, int]:
    parts = args if isinstance(args, list) else [args]
    text, button, question = [*parts, *(None, '', 0)[len(parts) :]][:3]
    if not isinstance(text, str) or len(text) > LONGEST_STATE or not isinstance(button, str):
        return None, '', 0
    try:
        state = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None, '', 0
    return state, button[:32], question if type(question) is int else 0
