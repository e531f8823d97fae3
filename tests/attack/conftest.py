"""A running server for each file, and browsers of its people: who is limited in one file is not in the next."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.attack.intruder import Browser
from tests.server import running


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp('attacked'), Path(__file__).with_name('probe.py')) as server:
        yield server


@pytest.fixture
def browse(server):
    """Open a browser of its own: `browse()` of a stranger, `browse('100001')` of somebody signed in."""
    with ExitStack() as opened:

        def open_browser(login='', **options):
            new = opened.enter_context(Browser(server.url, **options))
            if login:
                new.sign_in(login)
            return new

        yield open_browser


@pytest.fixture
def hits(browse):
    """Count how often a trap was touched since the test began."""
    stranger = browse()
    before = stranger.get('/probe/hits').json()
    return lambda name: stranger.get('/probe/hits').json().get(name, 0) - before.get(name, 0)


@pytest.fixture
def written(server):
    """Return what the server wrote into its log since the test began."""
    start = server.log.stat().st_size

    def read():
        with server.log.open('rb') as log:
            log.seek(start)
            return log.read().decode()

    return read
