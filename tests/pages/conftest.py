"""Pages without a browser: NiceGUI's `User` on a fresh committed database; SQLite alone, the services know both.

`someone(olga)` is a `User` who has signed in. No connection stays open on this thread: it would hide a query on the
event loop.
"""

import httpx
import pytest
from nicegui import core
from nicegui.testing import User

from services.identity import sessions
from services.runner import with_connection

pytest_plugins = ['nicegui.testing.user_plugin']


@pytest.fixture(params=['sqlite'])
def store(request):
    return request.getfixturevalue(f'{request.param}_store')


@pytest.fixture
def _limits_lifted(monkeypatch):
    """Tests open pages faster than the crowd of one address may."""
    monkeypatch.setenv('AMIGO_DEMO_NO_PAGE_LIMITS', '1')


@pytest.fixture(autouse=True)
def _database_first(_limits_lifted, committed_db):
    """Bind the database before the application is wired, in whatever order a test names its fixtures."""


@pytest.fixture
async def someone(user):
    """Return a `User` in a browser of his own, signed in as the given Actor: `someone(olga)`; a stranger without."""

    def enter(actor=None):
        client = httpx.AsyncClient(transport=httpx.ASGITransport(core.app), base_url='http://test')
        if actor is not None:
            client.cookies.set('sid', _fresh_token(actor))
        return User(client)

    return enter


@with_connection
def _fresh_token(actor):
    from models.user import User as Person

    return sessions.open_session(
        Person.get_by_id(actor.user_id), actor.role, address='127.0.0.1', agent='tests', contract_id=actor.contract_id
    )
