"""`make mutate`: does any test notice when the code of money is changed in one place? Says the score and who survived.

Ends with 1 when a module's survivors are not those of docs/mutation.md, or fewer than 90 of 100 mutants were noticed.
"""

import argparse
import sys
import tempfile
from collections import Counter

import pytest

from tests.mutation import loop, mutants
from tests.mutation.listed import DOCUMENT, ROOT, listed, written

TARGETS = (
    'services/money.py',
    'services/accounts/ledger.py',
    'services/accounts/ledger_chain.py',
    'services/accounts/booking.py',
    'services/accounts/line_postings.py',
    'services/accounts/*invariants.py',
    'services/quotes/*.py',
)
ASKED = ('services.accounts', 'services.quotes', 'services.money', 'tests.worked', 'import worked')
"""Files of unit tests that speak of one of these are asked."""
NOT_ASKED = {
    'test_cabinet_money.py', 'test_one_contract_at_once.py', 'test_clock_of_money.py', 'test_self_check_speed.py',
    'test_limits.py', 'test_limits_at_once.py',
}  # fmt: skip
"""Lives, races and loads: minutes each, and what they find has a small test of its own."""
LEAST = 90


def main():
    """Run and return the exit code."""
    args = _arguments()
    files = [file for target in TARGETS for file in sorted(ROOT.glob(target))]
    files = [file for file in files if not args.only or any(part in str(file) for part in args.only)]
    found = [mutant for file in files for mutant in mutants.mutants_of(file, ROOT)]
    tests = [str(file) for file in sorted((ROOT / 'tests' / 'unit').rglob('test_*.py')) if _is_asked(file, args.tests)]
    tempfile.tempdir = loop.folder_of_tests()
    plugin = loop.Loop(found, args.workers, args.minutes)
    code = pytest.main(['-q', '-m', 'not full', '--strict-markers', *tests], plugins=[plugin])
    if code != pytest.ExitCode.OK or not plugin.verdicts:
        return 1
    unmet = len(found) - len(plugin.verdicts)
    print(f'\n{unmet} mutants were not met: {args.minutes} minutes are over' if unmet else '')
    return _report(plugin.verdicts) or int(unmet > 0)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('only', nargs='*', help='parts of paths: only these modules')
    parser.add_argument('--tests', default='', help='parts of paths, by commas: only these tests')
    parser.add_argument('--minutes', type=float, default=28, help='the rest of the mutants is not met')
    parser.add_argument('--workers', type=int, default=2)
    return parser.parse_args()


def _is_asked(file, parts):
    if file.name in NOT_ASKED or not any(part in file.name for part in parts.split(',')):
        return False
    text = file.read_text('utf-8')
    return any(name in text for name in ASKED)


def _report(verdicts):
    modules = {mutant.module: Counter() for mutant, _ in verdicts}
    for mutant, verdict in verdicts:
        modules[mutant.module][verdict] += 1
    print(
        '\n| module | mutants | killed | timed out | survived | unreached | score |\n|---|---:|---:|---:|---:|---:|---:|'
    )
    for module, counts in sorted(modules.items()):
        print(_row(module, counts))
    total = sum(modules.values(), Counter())
    print(_row('**all**', total))
    alive = Counter(
        (mutant.name, mutant.change) for mutant, verdict in verdicts if verdict in (loop.SURVIVED, loop.UNREACHED)
    )
    known = Counter(
        {key: count for key, count in listed().items() if key[0].rpartition('.')[0].startswith(tuple(modules))}
    )
    for title, group in (('Survivors', alive), ('Not listed', alive - known), ('Listed, but dead', known - alive)):
        print(f'\n{title}: {group.total()}')
        for key, count in sorted(group.items()):
            print('\n'.join([written(*key)] * count))
    print(f'\n{_score(total):.1f} % noticed; {LEAST} % is the least, and {DOCUMENT.name} must list every survivor')
    return int(_score(total) < LEAST or bool(alive - known))


def _row(name, counts):
    kinds = (loop.KILLED, loop.TIMED_OUT, loop.SURVIVED, loop.UNREACHED)
    return f'| {name} | {counts.total()} | {" | ".join(str(counts[kind]) for kind in kinds)} | {_score(counts):.1f} % |'


def _score(counts):
    return 100 * (counts[loop.KILLED] + counts[loop.TIMED_OUT]) / max(1, counts.total())


if __name__ == '__main__':
    sys.exit(main())
