"""The table of `make attack` is whole: each row of SECURITY §4.1 and §4.2 has a test that is run and counted."""

import ast
from pathlib import Path

from tests.attack.rows import ROWS, row_of


def written_here():
    for file in sorted(Path(__file__).parent.glob('test_*.py')):
        for part in ast.parse(file.read_text(encoding='utf-8')).body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name.startswith('test_'):
                yield part


def is_left_out(test):
    return any(
        f'mark.{word}' in ast.unparse(mark) for mark in test.decorator_list for word in ('skip', 'full', 'xfail')
    )


def test_every_row_has_a_test_in_the_quick_form_too():
    tried = {row_of(test.name) for test in written_here() if not is_left_out(test)}

    assert set(ROWS) - tried == set()


def test_every_test_of_a_row_stands_in_the_table():
    named = {row for test in written_here() if (row := row_of(test.name))}

    assert named - set(ROWS) == set()
