"""docs/mutation.md: whoever may live is still in the code, stands there once with a reason, and the figures add up."""

import ast
import re

from tests.mutation.listed import DOCUMENT, listed
from tests.test_house_rules import ROOT

TEXT = DOCUMENT.read_text('utf-8')


def source_of(name):
    """Return the lines of a function by its name: a module, then what is inside it."""
    module = name
    while not (path := ROOT / f'{module.replace(".", "/")}.py').is_file():
        module = module.rpartition('.')[0]
    text = path.read_text('utf-8')
    node = ast.parse(text)
    for part in name.removeprefix(f'{module}.').split('.'):
        node = next(each for each in node.body if getattr(each, 'name', '') == part)
    return [line.strip() for line in text.splitlines()[node.lineno - 1 : node.end_lineno]]


def test_every_survivor_is_a_change_of_a_line_that_is_there():
    for name, change in listed():
        before = [line[2:] for line in change if line.startswith('- ')]
        assert before
        assert set(before) <= set(source_of(name)), name


def test_every_group_of_survivors_has_its_reason():
    reasons = re.findall(r'^### (.*)$', TEXT, re.MULTILINE)

    assert len(reasons) == TEXT.count('```diff\n') > 0
    assert all(len(reason.split()) > 4 for reason in reasons)


def test_the_figures_are_those_of_the_survivors():
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')] for line in TEXT.splitlines() if line.startswith('| ')
    ]
    figures = {row[0]: [int(cell) for cell in row[1:6]] for row in rows[1:]}
    total = figures.pop('**all**')

    assert [sum(column) for column in zip(*figures.values(), strict=True)] == total
    for mutants, *parts in figures.values():
        assert mutants == sum(parts)
    assert listed().total() <= sum(total[3:])  # code that showed itself to be of no use is gone
    assert sum(total[1:3]) >= 0.9 * total[0]
