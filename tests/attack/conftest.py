"""A running server for each file, and browsers of its people: who is limited in one file is not in the next."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests import provide
from tests.attack.intruder import Browser
from tests.attack.rows import ROWS, row_of
from tests.screens import FLAGS
from tests.server import running


@pytest.fixture(scope='module')
def limits_lifted():
    """Attacks open pages faster than the crowd of one address may; test_floods.py sets the limits again."""
    return '1'


@pytest.fixture(scope='module')
def server(tmp_path_factory, limits_lifted):
    probe = Path(__file__).with_name('probe.py')
    with running(tmp_path_factory.mktemp('attacked'), probe, DEMO_NO_PAGE_LIMITS=limits_lifted) as server:
        yield server


@dataclass
class Attack:
    """How often a test tried, and how often it got through; a test that says nothing tried once."""

    tries: int = 1
    executed: int = 0

    def tried(self, times, *, executed=0):
        """Say how many tries there were and how many of them were executed."""
        self.tries, self.executed = times, executed


@pytest.fixture
def attack(request):
    request.node.attack = Attack()
    return request.node.attack


_table: dict[str, list[int]] = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Count each test of a row of SECURITY §4.1 or §4.2: one that failed was executed."""
    report = (yield).get_result()
    row = row_of(item.name)
    if row and report.when == 'call' and not report.skipped:
        done = getattr(item, 'attack', Attack())
        executed = max(done.executed, int(report.failed))
        report.user_properties.append(('attack', (row, done.tries, executed)))


def pytest_runtest_logreport(report):
    """Add up what this process, or one of its workers, has counted."""
    for name, counted in report.user_properties if report.when == 'call' else ():
        if name == 'attack':
            row, tries, executed = counted
            sums = _table.setdefault(row, [0, 0])
            sums[0] += tries
            sums[1] += executed


def pytest_terminal_summary(terminalreporter):
    """Print the table: attack, tries, executed."""
    if _table:
        terminalreporter.write_line(f'{"attack":<44}{"tries":>8}{"executed":>10}')
        for row in (row for row in ROWS if row in _table):
            terminalreporter.write_line(f'{row:<5}{ROWS[row]:<39}{_table[row][0]:>8}{_table[row][1]:>10}')
        tries, executed = (sum(counted[i] for counted in _table.values()) for i in (0, 1))
        terminalreporter.write_line(f'{"all":<44}{tries:>8}{executed:>10}')


@pytest.fixture(scope='module')
def chromium():
    """A real browser for a file of attacks."""
    path = provide.chromium()
    if path is None:
        pytest.skip('no Chromium: see tests/provide.py')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


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
