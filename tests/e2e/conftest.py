"""Journeys: a real server, a real Chromium. A complaint in the server's log or the browser's console is a failure."""

import os
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests import provide
from tests.server import PASSWORD, free_port, running

FLAGS = (
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
)
PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Complaints:
    """What browsers said during one test; a test that provokes a complaint names a part of it in `expected`."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear errors of the console, broken policies and uncaught exceptions of a page."""
        page.on('console', self._console)
        page.on('pageerror', lambda error: self.heard.append(f'{page.url}: {error}'))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == 'error' or 'Content Security Policy' in message.text:
            self.heard.append(f'{message.location.get("url", "")}: {message.text}')

    def left(self) -> list[str]:
        """Return what nobody expected."""
        return [line for line in self.heard if not any(part in line for part in self.expected)]


@pytest.fixture(scope='session')
def base_url():
    """The address of every server of this run; pytest-base-url wants it before the first of them."""
    return f'http://127.0.0.1:{free_port()}'


@pytest.fixture(scope='module')
def server(base_url, tmp_path_factory):
    """A demo of this file's own: what one journey changes, no other file sees."""
    with running(tmp_path_factory.mktemp('server'), PORT=base_url.rpartition(':')[2]) as server:
        yield server


@pytest.fixture(scope='session')
def browser_type_launch_args(browser_type_launch_args):
    path = provide.chromium()
    if path is None:
        (pytest.fail if os.environ.get('CI') == 'true' else pytest.skip)('no Chromium: see tests/provide.py')
    return {**browser_type_launch_args, 'executable_path': path, 'args': list(FLAGS)}


@pytest.fixture(scope='session')
def browser_context_args(browser_context_args):
    return {**browser_context_args, 'locale': 'ru-RU', 'timezone_id': 'Europe/Minsk'}


@pytest.fixture
def complaints(server):
    """Errors of the browser and the server during this test; there must be none but the expected."""
    before = len(server.complaints())
    complaints = Complaints()
    yield complaints
    assert complaints.left() == []
    assert server.complaints()[before:] == []


@pytest.fixture
def context(context, complaints):
    """A browser of one person: all its pages are listened to."""
    context.on('page', complaints.listen)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def new_person(new_context, complaints):
    """Open a browser of somebody else: returns a page of a new context."""

    def open_browser(**options):
        other = new_context(**options)
        other.on('page', complaints.listen)
        other.set_default_timeout(PATIENCE)
        return other.new_page()

    return open_browser


@pytest.fixture
def sign_in(server, base_url):
    """Sign somebody in by the form, as people do: `sign_in(page, 'olga')`."""

    def enter(page, login, password=PASSWORD):
        page.goto(f'{base_url}/my/index')
        page.get_by_label('Номер договора').fill(login)
        page.get_by_label('Пароль').fill(password)
        page.get_by_role('button', name='Войти').click()

    return enter
