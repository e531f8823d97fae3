"""Whose page is it: a live page belongs to the session that opened it, an anonymous one to the visitor's cookie."""

import re
from typing import Any, cast
from urllib.parse import parse_qs

from nicegui import Client
from starlette.requests import HTTPConnection

from components.cookies import host_bound
from services.authority import Actor

VISIT_LENGTH = 32
_ID = re.compile(r'[0-9A-Za-z-]{1,64}\Z')
_NUMBER = re.compile(r'[0-9]{1,9}\Z')


def visit_cookie_name() -> str:
    """Return the name of the cookie that ties an anonymous visitor's pages to his browser; it names nobody."""
    return host_bound('visit')


def page_actor(client: Client) -> Actor | None:
    """Return who opened a page."""
    return cast('Actor | None', getattr(client.request.state, 'actor', None))


def page_session(client: Client) -> str | None:
    """Return the session a page lives by, if any."""
    if client._request is None:  # a page NiceGUI makes for itself has no visitor
        return None
    actor = page_actor(client)
    return actor.session_hash if actor else None


def wanted_page(environ: dict[str, Any]) -> Client | None:
    """Return the page a socket asks for, if it exists and was opened by the same session or visitor.

    Args:
        environ: of the socket itself, as Engine.IO keeps it; never what a message claims.
    """
    scope = environ.get('asgi.scope', {})
    query = parse_qs(environ.get('QUERY_STRING', ''))
    if scope.get('type') != 'websocket' or not _is_well_formed(query):
        return None
    client = Client.instances.get(query['client_id'][0])
    if client is None:
        return None
    if client.request.headers.get('host') != HTTPConnection(scope).headers.get('host'):
        return None  # the consoles may have a host name of their own: a page and its socket stand on the same
    opener, visitor = page_actor(client), scope['state']['actor']
    if opener is not None or visitor is not None:
        is_same = opener is not None and visitor is not None and opener.session_hash == visitor.session_hash
    else:
        is_same = _is_same_visitor(client, HTTPConnection(scope))
    return client if is_same else None


def is_of_a_gone_page(environ: dict[str, Any]) -> bool:
    """Tell whether a socket asks in good order for a page that is no more: after a restart, or a night's sleep."""
    query = parse_qs(environ.get('QUERY_STRING', ''))
    return _is_well_formed(query) and query['client_id'][0] not in Client.instances


def _is_well_formed(query: dict[str, list[str]]) -> bool:
    """Refuse names given twice (which of the two would count?) and values NiceGUI would stumble over."""
    if any(len(values) != 1 for values in query.values()) or query.get('implicit_handshake') != ['true']:
        return False
    ids = [query.get(name, [''])[0] for name in ('client_id', 'tab_id', 'document_id')]
    old_tab = query.get('old_tab_id', ['null'])[0]
    place = query.get('next_message_id', [''])[0]
    return all(_ID.match(value) for value in (*ids, old_tab)) and bool(_NUMBER.match(place))


def _is_same_visitor(client: Client, socket: HTTPConnection) -> bool:
    """Compare the visitor's cookie; a browser that keeps no cookies is known by its address and its name."""
    page = client.request
    if socket.state.visit:
        return bool(socket.state.visit == page.state.given_visit)
    if page.state.visit:
        return False
    return _trace(page) == _trace(socket)


def _trace(connection: HTTPConnection) -> tuple[str, str]:
    return (connection.client.host if connection.client else '', connection.headers.get('user-agent', ''))
