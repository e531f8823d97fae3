"""Open pages of a contract that its person has left, or may do something else with now: they are drawn anew."""

from nicegui import Client

from components.guard.binding import page_actor
from models.user import Role
from services.identity import chosen_contract
from services.identity.chosen_contract import PageTie
from services.runner import call

TO_ANOTHER = '"leaving" in document.documentElement.dataset || location.replace("/my/index?problem=moved")'
AGAIN = (
    '["leaving", "going"].some((mark) => mark in document.documentElement.dataset)'
    ' || location.replace(location.pathname)'
)
"""The tab whose own form chose another contract, or whose link was clicked, is on its way already: site.js marks it."""
CABINET = '/my/'
_MOVED = 'guard_is_moved'


async def draw_moved_anew() -> None:
    """Lead pages of a contract that is closed to their person, or not chosen any more, to the first page of the other
    contract; draw those anew that show more or less than he may do now."""
    tied = {client: tie for client in list(Client.instances.values()) if (tie := _tie_of(client)) is not None}
    if not tied:
        return
    moved = await call(chosen_contract.moved_among, frozenset(tied.values()))
    for client, tie in tied.items():
        if tie in moved and not client.storage.get(_MOVED):
            client.storage[_MOVED] = True  # its clicks are refused by act() already
            client.run_javascript(TO_ANOTHER if moved[tie] is None else AGAIN)


def _tie_of(client: Client) -> PageTie | None:
    if client._request is None or not client.request.url.path.startswith(CABINET):
        return None
    actor = page_actor(client)
    if actor is None or actor.role != Role.SUBSCRIBER or actor.must_change_password:
        return None
    return PageTie(actor.session_hash, actor.contract_id, actor.access)
