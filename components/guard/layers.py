"""NiceGUI's own two layers, which `ui.run` puts outside the gate, are taken off."""

from nicegui import app
from nicegui.middlewares import RedirectWithPrefixMiddleware, SetCacheControlMiddleware

_NOT_WANTED: tuple[object, ...] = (RedirectWithPrefixMiddleware, SetCacheControlMiddleware)


def stand_outermost() -> None:
    """Leave nothing of NiceGUI outside the gate; called when the server starts, after `ui.run` has added them.

    One puts X-Forwarded-Prefix, which anybody may send, before the address of every redirect (SECURITY §4, P13).
    The other dates the libraries, as components/packed_libraries.py does. Each costs a task for every request.
    """
    app.user_middleware = [each for each in app.user_middleware if each.cls not in _NOT_WANTED]
    app.middleware_stack = app.build_middleware_stack()
