"""Who is here: the cookie, the actor of this page, and `act()`, the way from a click to a service."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from nicegui import context
from starlette.requests import HTTPConnection
from starlette.responses import Response

from components.cookies import host_bound
from services.audit import refusals
from services.authority import Actor
from services.errors import ContractLeft
from services.identity import sessions
from services.identity.auth_rules import get_rules
from services.runner import call, call_outside, with_connection
from services.settings import get_settings

T = TypeVar('T')


def cookie_name() -> str:
    """Return the name of the session cookie."""
    return host_bound('sid')


def token_of(connection: HTTPConnection) -> str | None:
    """Return the session token a browser sent, if any."""
    return connection.cookies.get(cookie_name())


def give_cookie(response: Response, token: str, *, strict: bool) -> None:
    """Put a session token into the browser; `strict` for staff."""
    response.set_cookie(
        cookie_name(), token, httponly=True, secure=get_settings().is_https, samesite='strict' if strict else 'lax'
    )


def device_cookie_name() -> str:
    """Return the name of the cookie by which a browser is known as its owner's."""
    return host_bound('device')


def device_of(connection: HTTPConnection) -> str:
    """Return the cookie of a known device a browser sent; empty when there is none."""
    return connection.cookies.get(device_cookie_name(), '')


def give_device_cookie(response: Response, device: str) -> None:
    """Remember that a person signed in here; it opens nothing, and stays after signing out."""
    life = get_rules().tokens.known_device
    response.set_cookie(
        device_cookie_name(),
        device,
        max_age=int(life.total_seconds()),
        httponly=True,
        secure=get_settings().is_https,
        samesite='lax',
    )


def take_cookie(response: Response) -> None:
    """Remove the session cookie and what the browser keeps of this site's pages."""
    response.delete_cookie(cookie_name(), secure=get_settings().is_https, httponly=True)
    response.headers['Clear-Site-Data'] = '"cache", "storage"'


def actor_of(connection: HTTPConnection) -> Actor | None:
    """Return who sent this request, as the gate found out; for plain routes."""
    return cast('Actor | None', getattr(connection.state, 'actor', None))


def page_actor() -> Actor | None:
    """Return who opened this page. Good for drawing; what changes something goes through `act()`."""
    return actor_of(context.client.request)


async def act(service: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a service with `actor=` resolved from the page's session afresh, in the same worker thread.

    Signing out, a block or a change of role in another tab makes the next click fail, whatever this page shows; so
    does another contract: a click must not reach the contract that was chosen elsewhere meanwhile.

    Raises:
        DomainError: what the service refused; `SignInRequired` when the session is over.
        ContractLeft: the session has gone over to another contract since this page was opened.
    """
    return await act_for(context.client.request, service, *args, **kwargs)


async def act_for(
    connection: HTTPConnection, service: Callable[..., T], *args: Any, drawn_for: str = '', **kwargs: Any
) -> T:
    """Do the same for a plain route, which has a request and no page.

    Args:
        drawn_for: the number of the contract the form was drawn for, where the form says so.
    """
    return await call(_as_actor, service, actor_of(connection), drawn_for, args, kwargs)


async def act_outside(
    connection: HTTPConnection, service: Callable[..., T], *args: Any, drawn_for: str = '', **kwargs: Any
) -> T:
    """Do what `act_for` does for a service that asks somebody else's server, in the threads meant for waiting."""
    return await call_outside(_as_actor, service, actor_of(connection), drawn_for, args, kwargs)


def _as_actor(
    service: Callable[..., T], opened_by: Actor | None, drawn_for: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    hashed = opened_by.session_hash if opened_by else ''
    actor = with_connection(sessions.resolve_hash)(hashed, is_activity=False) if hashed else None
    if actor and opened_by and _has_left(actor, opened_by, drawn_for):
        raise ContractLeft
    return refusals.watched(service, *args, **kwargs, actor=actor)


def _has_left(actor: Actor, opened_by: Actor, drawn_for: str) -> bool:
    return actor.contract_id != opened_by.contract_id or bool(drawn_for and drawn_for != actor.contract_number)
