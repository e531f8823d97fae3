"""Tests against mutants inside one session of pytest: everything is imported and collected once, each mutant is a fork.

First all tests run without a mutant, twice: once to learn which lines each of them reaches, once to learn how long it
takes; they must be green. Then each mutant meets the tests that reach its statement, quick ones first.
"""

import os
import pickle
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import coverage
import pytest

from tests.mutation.mutants import Mutant

KILLED, SURVIVED, TIMED_OUT, UNREACHED = 'killed', 'survived', 'timed out', 'unreached'
MOST_SECONDS = 20
"""Of tests against one mutant: whoever lives longer survives. Slower tests than SLOW are not asked at all."""
SLOW = 5
MOST_MEMORY = 4 << 30


@dataclass(eq=False)
class Loop:
    """A plugin of pytest that runs its tests against mutants; `verdicts` says what became of each."""

    mutants: list[Mutant]
    workers: int
    minutes: float
    verdicts: list[tuple[Mutant, str]] = field(default_factory=list)
    reach: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    seconds: Counter = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    kills: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))

    def pytest_configure(self):
        """Let hypothesis ask the same questions each time, however slow the machine is."""
        import hypothesis  # not earlier: pytest must be the first to see it

        hypothesis.settings.register_profile('mutate', deadline=None, database=None, derandomize=True, max_examples=50)
        hypothesis.settings.load_profile('mutate')

    def pytest_collection_modifyitems(self, items):
        """Leave one database: SQLite."""
        items[:] = [item for item in items if _database_of(item) != 'postgres']

    def pytest_runtest_logreport(self, report):
        """Remember what failed and how long it took."""
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Do everything this module is about."""
        self.items = {item.nodeid: item for item in session.items}
        self.conftest = next(p for p in session.config.pluginmanager.get_plugins() if hasattr(p, 'FOLDER'))
        self.folder = self.conftest.FOLDER
        self.until = time.monotonic() + 60 * self.minutes
        self.reach = self._in_a_child(self._learn_reach)
        self.seconds = self._in_a_child(self._learn_seconds)
        _tell(f'{len(self.mutants)} mutants, {len(self.items)} tests of {sum(self.seconds.values()):.0f} s')
        self._meet_all()
        return True

    # --- without a mutant ---------------------------------------------------------------------------------------

    def _in_a_child(self, work):
        """Return what work returns in a fork of its own: threads and connections of the tests stay there."""
        answer = self.folder / 'answer'
        if pid := os.fork():
            if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
                raise SystemExit('the tests are not green without a mutant')
            return pickle.loads(answer.read_bytes())  # noqa: S301 - ours
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            answer.write_bytes(pickle.dumps(work()))
            for nodeid in self.failed:
                _tell(f'{nodeid} fails without a mutant')
            os._exit(bool(self.failed))
        except BaseException:  # noqa: BLE001 - this fork must not go on as a second session
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(2)

    def _learn_reach(self):
        files = {import_module(mutant.module).__file__: mutant.module for mutant in self.mutants}
        cov = coverage.Coverage(data_file=None, config_file=False, include=list(files))
        cov.start()
        self._run(list(self.items.values()), before=lambda item: cov.switch_context(item.nodeid))
        cov.stop()
        lines = ((module, cov.get_data().contexts_by_lineno(file)) for file, module in files.items())
        return {(module, n): set(ids) - {''} for module, reached in lines for n, ids in reached.items()}

    def _learn_seconds(self):
        self._live_apart('clean')
        self._run(list(self.items.values()))
        return self.seconds

    def _run(self, items, *, before=lambda item: None, until_failure=False):
        other = next(item for item in self.items.values() if item is not items[-1])  # so the last one is torn down too
        for item, following in zip(items, [*items[1:], other], strict=True):
            before(item)
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if until_failure and self.failed:
                return

    def _live_apart(self, name):
        """Give this process a folder of its own, with the databases that were filled before."""
        from services.settings import get_settings  # not earlier: conftest puts the environment in order first
        from tests.databases import SqliteStore

        own = self.folder / name
        own.mkdir()
        self.conftest.FOLDER = own
        os.environ['AMIGO_DATA_DIR'] = str(own)
        get_settings.cache_clear()
        SqliteStore._build = lambda store, template, _: shutil.copy(
            self.folder / 'sqlite' / f'{template}.db', store._file(template)
        )

    # --- with mutants -------------------------------------------------------------------------------------------

    def _meet_all(self):
        waiting, running = list(reversed(self.mutants)), {}
        while waiting or running:
            if time.monotonic() > self.until:
                waiting.clear()
            while waiting and len(running) < self.workers:
                mutant = waiting.pop()
                if tests := self._tests_against(mutant):
                    running.update([self._start(mutant, tests)])
                else:
                    self.verdicts.append((mutant, UNREACHED))
            pid, status = os.waitpid(-1, os.WNOHANG) if running else (0, 0)
            if pid:
                self._finish(*running.pop(pid), os.waitstatus_to_exitcode(status))
            for each, (*_, deadline) in running.items():
                if time.monotonic() > deadline:
                    os.kill(each, signal.SIGKILL)
            time.sleep(0 if pid else 0.003)

    def _tests_against(self, mutant):
        """Return the tests that reach the statement, or the function when a statement is its head; killers first."""
        for lines in (mutant.statement, mutant.body):
            reached = set().union(*(self.reach.get((mutant.module, line), ()) for line in lines))
            if reached:
                break
        kills, chosen, total = self.kills[mutant.name], [], 0.0
        for test in sorted(reached, key=lambda test: (-kills[test], self.seconds[test], test)):
            total += self.seconds[test]
            if self.seconds[test] <= SLOW and total <= MOST_SECONDS:
                chosen.append(test)
        return chosen

    def _start(self, mutant, tests):
        folder = self.folder / f'mutant-{len(self.verdicts)}-{time.monotonic_ns()}'
        deadline = time.monotonic() + 10 + 5 * sum(self.seconds[test] for test in tests)
        if pid := os.fork():
            return pid, (mutant, folder, deadline)
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1), os.dup2(null, 2)
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            self._live_apart(folder.name)
            mutant.put()
            self.failed = []
            self._run([self.items[test] for test in tests], until_failure=True)
            (folder / 'killer').write_text(''.join(self.failed[:1]))
            os._exit(bool(self.failed))
        finally:
            os._exit(3)  # what cannot even be put in place, or ends the session, is seen at once

    def _finish(self, mutant, folder, _, code):
        killer = folder / 'killer'
        if killer.is_file() and (test := killer.read_text()):
            self.kills[mutant.name][test] += 1
        shutil.rmtree(folder, ignore_errors=True)
        verdict = {0: SURVIVED, -signal.SIGKILL: TIMED_OUT}.get(code, KILLED)
        self.verdicts.append((mutant, verdict))
        if len(self.verdicts) % 100 == 0:
            alive = sum(verdict in (SURVIVED, UNREACHED) for _, verdict in self.verdicts)
            _tell(f'{len(self.verdicts)} of {len(self.mutants)}, {alive} live')


def _database_of(item):
    return item.callspec.params.get('store') if hasattr(item, 'callspec') else None


def _tell(line):
    print(line, file=sys.__stderr__, flush=True)


def folder_of_tests() -> str | None:
    """Return where temporary files cost the least: memory, where there is some to hold files."""
    memory = Path('/dev/shm')  # noqa: S108 - not a file of ours, only its folder
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None
