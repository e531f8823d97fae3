"""`make lighthouse`: what Lighthouse says of the pages a stranger sees, medians of five on its default phone; ends with 1
when a bound is missed. Node and npm are asked for here only; Lighthouse itself is kept in .venv-tools.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests import provide
from tests.server import ROOT, Server, running

VERSION = '12.8.2'
HOME = ROOT / '.venv-tools' / f'lighthouse-{VERSION}'
REPORT = ROOT / 'var' / 'lighthouse.md'
RUNS = 5
TRIES = 3
PATIENCE = 300
"""Seconds one run may take."""
FLAGS = '--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage'
CATEGORIES = ('performance', 'accessibility', 'best-practices', 'seo')
STATIC = {'performance': 99, 'accessibility': 100, 'best-practices': 100, 'seo': 100}
MOST_CPU = 1.0
"""Milliseconds of the server's time a static page may cost a stranger."""
ASKED = 2_000
FIGURES = ('first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift')


@dataclass(frozen=True)
class Target:
    """A page and the least it must reach, category by category."""

    path: str
    bounds: dict[str, int]


TARGETS = (
    *(Target(path, STATIC) for path in ('/minsk/', '/minsk/tarify/', '/minsk/kontakti/', '/offer', '/privacy')),
    Target('/minsk/packets-constructor/', {'performance': 90, 'accessibility': 100}),
    Target('/my/index', {'performance': 90, 'accessibility': 100}),
)


def main() -> int:
    """Measure all pages, print and write the table; returns 1 when a bound is missed or nothing could be measured."""
    chromium = provide.chromium()
    if chromium is None or not _installed():
        print('Lighthouse needs a Chromium (tests/provide.py), Node 18.20 or newer and npm')
        return 1
    runs = int(os.environ.get('RUNS', RUNS))
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), DEMO_NO_PAGE_LIMITS='1') as server:
        rows = [
            (target, [_measured(server.url + target.path, chromium) for _ in range(runs)])
            for target in TARGETS
            if os.environ.get('ONLY', '') in target.path
        ]
        costs = {target.path: _cost(server, target.path) for target in TARGETS if target.bounds == STATIC}
    lines = [*_table(rows), '', *(f'`{path}`: {cost:.2f} ms of CPU an answer' for path, cost in costs.items())]
    print('\n'.join(lines))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    missed = [line for target, results in rows for line in _missed(target, results)]
    missed += [f'{path}: {cost:.2f} ms of CPU, at most {MOST_CPU}' for path, cost in costs.items() if cost > MOST_CPU]
    for line in missed:
        print(line)
    return 1 if missed else 0


def _installed() -> bool:
    if (HOME / 'node_modules' / '.bin' / 'lighthouse').exists():
        return True
    if shutil.which('npm') is None:
        return False
    print(f'Fetching lighthouse {VERSION}…', flush=True)
    command = ['npm', 'install', '--prefix', str(HOME), '--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
    return subprocess.run([*command, f'lighthouse@{VERSION}'], check=False).returncode == 0


def _measured(url: str, chromium: str) -> dict[str, float]:
    """Return the scores (0 to 100) and the times (milliseconds) of one run."""
    command = [
        str(HOME / 'node_modules' / '.bin' / 'lighthouse'), url, '--quiet', '--output=json', f'--chrome-flags={FLAGS}',
        f'--only-categories={",".join(CATEGORIES)}',
    ]  # fmt: skip
    told = json.loads(_said(command, {**os.environ, 'CHROME_PATH': chromium}))
    print(f'{url}: {[told["categories"][name]["score"] for name in CATEGORIES]}', file=sys.stderr, flush=True)
    scores = {name: 100 * (told['categories'][name]['score'] or 0) for name in CATEGORIES}
    return scores | {name: told['audits'][name]['numericValue'] for name in FIGURES}


def _said(command: list[str], environment: dict[str, str]) -> str:
    """Return what a run printed; one that broke off (a browser that did not start) is made again."""
    for _ in range(TRIES):
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE, env=environment)
        if done.returncode == 0:
            return done.stdout
        print(done.stderr, file=sys.stderr, flush=True)
    raise RuntimeError(f'{TRIES} runs broke off: {" ".join(command)}')


def _cost(server: Server, path: str) -> float:
    """Return how much of the server's time one answer takes, in milliseconds; the page is drawn once a minute."""
    with httpx.Client(base_url=server.url) as visitor:
        visitor.get(path)
        before = _spent(server.pid)
        for _ in range(ASKED):
            assert visitor.get(path).status_code == 200
        return (_spent(server.pid) - before) * 1000 / ASKED


def _spent(pid: int) -> float:
    """Return how many seconds of CPU a process has had."""
    facts = Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rpartition(')')[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf('SC_CLK_TCK')


def _median(results: list[dict[str, float]], name: str) -> float:
    return statistics.median(result[name] for result in results)


def _table(rows: list[tuple[Target, list[dict[str, float]]]]) -> Iterator[str]:
    yield '| page | performance | accessibility | best practices | SEO | FCP, s | LCP, s | TBT, ms | CLS |'
    yield '|---|---|---|---|---|---|---|---|---|'
    for target, results in rows:
        scores = [_score(results, name, target.bounds.get(name)) for name in CATEGORIES]
        first, largest, blocked, shifted = (_median(results, name) for name in FIGURES)
        times = [f'{first / 1000:.1f}', f'{largest / 1000:.1f}', f'{blocked:.0f}', f'{shifted:.3f}']
        yield f'| `{target.path}` | {" | ".join([*scores, *times])} |'


def _score(results: list[dict[str, float]], name: str, bound: int | None) -> str:
    score = f'{_median(results, name):.0f}'
    return score if bound is None else f'{score} (≥ {bound})'


def _missed(target: Target, results: list[dict[str, float]]) -> list[str]:
    return [
        f'{target.path}: {name} {_median(results, name):.0f}, at least {bound} is wanted'
        for name, bound in target.bounds.items()
        if round(_median(results, name)) < bound
    ]


if __name__ == '__main__':
    sys.exit(main())
