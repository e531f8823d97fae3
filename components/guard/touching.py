"""May this element be touched: NiceGUI looks at the element alone, we look at everything around it too."""

from typing import TYPE_CHECKING, TypeGuard

from nicegui import Client, ui

from services import limits

if TYPE_CHECKING:
    from nicegui.element import Element

LARGEST_EVENT = limits.count('event_letters')
"""Characters of all arguments of one event."""


def is_event(message: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a message has the shape of an event of NiceGUI's own script."""
    if not isinstance(message, dict) or not isinstance(message.get('args', []), list):
        return False
    arguments = message.get('args', [])
    return (
        isinstance(message.get('client_id'), str)
        and isinstance(message.get('listener_id'), str)
        and type(message.get('id')) is int
        and all(argument is None or isinstance(argument, str) for argument in arguments)
        and sum(len(argument) for argument in arguments if argument) <= LARGEST_EVENT
    )


def may_touch(client: Client, element_id: int, listener_id: str) -> bool:
    """Tell whether the element listens for this and it and everything around it is there to be seen and used."""
    element: Element | None = client.elements.get(element_id)
    if element is None or listener_id not in element._event_listeners or _is_on(element, 'readonly'):
        return False
    inside: Element | None = None
    for place in (element, *element.ancestors()):
        if not place.visible or 'hidden' in place.classes or _is_on(place, 'disable') or _is_on(place, 'disabled'):
            return False
        if getattr(place, 'enabled', True) is False:
            return False
        if inside is not None and _keeps_shut(place, inside):
            return False
        inside = place
    return True


def _keeps_shut(place: 'Element', inside: 'Element') -> bool:
    """Tell whether what stands in `place` is out of sight: a closed dialog, another panel of the tabs or the steps."""
    if isinstance(place, ui.dialog):
        return not place.value
    if place.tag in {'q-tab-panels', 'q-stepper', 'q-carousel'}:
        return bool(place.props.get('model-value') != inside.props.get('name'))
    return False


def _is_on(element: 'Element', name: str) -> bool:
    return element.props.get(name) not in (None, False, 'false')
