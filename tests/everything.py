"""`make test`: provide what the tests need, then every suite in order; stops at the first failure.

A step whose tool cannot be had is skipped with the reason; with CI=true that is a failure.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests import provide

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / 'var' / 'test-results'
QUICK = ('-m', 'not full')
ALONE = tuple(
    f'tests/attack/test_{name}.py'
    for name in ('costly', 'crowded', 'floods', 'opened_and_closed', 'slow', 'sessions', 'sign_out', 'sockets')
)
"""Attacks whose seconds are counted: no other suite runs beside them."""


@dataclass(frozen=True)
class Step:
    """One suite: its name, its command; pytest's arguments when `tests` names its folders."""

    name: str
    command: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether a suite has no tests."""
        return bool(self.tests) and not any(_has_tests(ROOT / arg) for arg in self.tests if arg.startswith('tests/'))

    @property
    def line(self) -> list[str]:
        """Return the command with its arguments."""
        if self.tests:
            return [sys.executable, '-m', 'pytest', *self.tests, f'--junitxml={REPORTS / self.name}.xml']
        return [str(Path(sys.executable).parent / self.command[0]), *self.command[1:]]


STEPS = (
    Step('lint', ('ruff', 'check', '.')),
    Step('format', ('ruff', 'format', '--check', '.')),
    Step('types', ('mypy',)),
    Step('imports', ('lint-imports',)),
    Step('static', ('python', '-m', 'tests.static.check')),
    Step('unit', tests=('-n', '2', *QUICK, 'tests/unit', 'tests/test_house_rules.py', 'tests/test_asvs.py')),
    Step('pages', tests=('-n', '2', 'tests/pages')),
    Step('e2e', tests=('-n', '2', '--dist', 'loadfile', 'tests/e2e')),
    Step('attack', tests=('-n', '2', '--dist', 'loadfile', *QUICK, 'tests/attack', *(f'--ignore={f}' for f in ALONE))),
    Step('attack-alone', tests=(*QUICK, *ALONE)),
    Step('faults', tests=(*QUICK, 'tests/faults')),
    Step('crash', tests=(*QUICK, 'tests/crash')),
)


def _has_tests(path: Path) -> bool:
    return path.is_file() or any(path.rglob('test_*.py'))


def main() -> int:
    """Run all steps and print how long each took; the last line counts the tests."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    for old in REPORTS.glob('*.xml'):
        old.unlink()
    begun = time.monotonic()
    missing = provide.all_tools()
    if missing and os.environ.get('CI') == 'true':
        print('CI=true, and this is missing:', *missing, sep='\n  ')
        return 1
    took: list[str] = []
    for step in STEPS:
        if step.is_empty:
            continue
        print(f'\n=== {step.name}: {" ".join(step.tests or step.command)}', flush=True)
        start = time.monotonic()
        code = subprocess.run(step.line, cwd=ROOT, check=False).returncode
        seconds = time.monotonic() - start
        took.append(f'{step.name} {seconds:.1f} s')
        print(f'=== {step.name}: {"passed" if code == 0 else "FAILED"} in {seconds:.1f} s', flush=True)
        if code:
            return code
    print('\nSkipped, because it could not be had:' if missing else '', *missing, sep='\n  ')
    print(' · '.join(took))
    print(f'{_counts()} in {time.monotonic() - begun:.1f}s')
    return 0


def _counts() -> str:
    total = skipped = 0
    for report in REPORTS.glob('*.xml'):
        for suite in ET.parse(report).getroot().iter('testsuite'):
            total += int(suite.get('tests', 0))
            skipped += int(suite.get('skipped', 0))
    passed = f'{total - skipped} passed'
    return f'{passed}, {skipped} skipped' if skipped else passed


if __name__ == '__main__':
    sys.exit(main())
