"""docs/asvs.yml tells the truth: every named test exists and runs, every reason for leaving one out still holds."""

import ast
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from services.clock import today

ROOT = Path(__file__).resolve().parent.parent
ROWS = yaml.safe_load((ROOT / 'docs' / 'asvs.yml').read_text(encoding='utf-8'))
PAGE = (ROOT / 'docs' / 'security.md').read_text(encoding='utf-8')
ANSWERS = ('tests', 'evidence', 'open', 'not_applicable')
KINDS = re.compile(r'[TBSDEM](?:[+/][TBSDEM])*')
YEAR = timedelta(days=366)
CODE_FOLDERS = ('pages', 'components', 'services', 'models')


def answered(kind):
    return {number: row for number, row in ROWS.items() if kind in row}


def test_all_requirements_of_levels_1_and_2_stand_in_the_file():
    levels = Counter(row['level'] for row in ROWS.values())

    assert levels == {1: 70, 2: 183}
    assert len(answered('not_applicable')) == 56


def test_the_page_on_security_tells_the_true_count():
    told = re.search(r'(\d+) of the (\d+) that apply name their tests, (\d+) say what is still open', PAGE)

    applicable = len(ROWS) - len(answered('not_applicable'))
    proved = len(answered('tests')) + len(answered('evidence'))
    assert [int(number) for number in told.groups()] == [proved, applicable, len(answered('open'))]


def test_each_row_has_one_answer():
    wrong = [number for number, row in ROWS.items() if sum(answer in row for answer in ANSWERS) != 1]
    bare = [n for n, row in ROWS.items() if 'not_applicable' not in row and not KINDS.fullmatch(row.get('kind', ''))]

    assert wrong == []
    assert bare == []
    assert all(len(row['open']) > 5 for row in answered('open').values())


@pytest.fixture(scope='module')
def running_tests():
    """Every test function by its id, without those that are skipped or expected to fail."""
    return {
        f'{path.relative_to(ROOT).as_posix()}::{node.name}'
        for path in sorted((ROOT / 'tests').rglob('test_*.py'))
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith('test_')
        if not any('skip' in ast.unparse(mark) or 'xfail' in ast.unparse(mark) for mark in node.decorator_list)
    }


def test_named_tests_exist_and_run(running_tests):
    named = {test: number for number, row in answered('tests').items() for test in row['tests']}

    assert all(row['tests'] for row in answered('tests').values())
    assert {test: number for test, number in named.items() if test not in running_tests} == {}


def test_evidence_is_dated_and_not_old():
    for number, row in answered('evidence').items():
        seen_on = date.fromisoformat(row['evidence'][:10])
        assert today() - YEAR <= seen_on <= today(), number


def test_reasons_for_leaving_out_still_hold():
    untrue = []
    for number, row in answered('not_applicable').items():
        for rule in row['absent']:
            folder, _, pattern = rule.rpartition(': ')
            untrue += [f'{number}: {place}' for place in found(pattern, folder)]

    assert untrue == []


def found(pattern, folder=''):
    """Return the files of ours in which the pattern stands, whatever the case."""
    roots = [ROOT / folder] if folder else [ROOT / name for name in CODE_FOLDERS]
    files = [path for root in roots for path in root.rglob('*') if path.suffix in {'.py', '.js', '.html'}]
    files = [path for path in [*files, ROOT / 'main.py'] if 'vendor' not in path.parts]
    wanted = re.compile(rf'\b(?:{pattern})', re.IGNORECASE)
    return [path.relative_to(ROOT).as_posix() for path in files if wanted.search(path.read_text(encoding='utf-8'))]
