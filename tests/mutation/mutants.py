"""Mutants of a file: each is one function with one place of it changed, as mutmut changes code.

mutmut itself leaves out every function that has a decorator, and with it what the books are made of: `post_many`,
`reverse`, the self-check, all properties. So its changes are taken from it, and put in place here: a mutant's code goes
into the function as it stands, under its decorators, and whoever holds the function runs the mutant.
"""

import difflib
import inspect
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

NOTHING = cst.Module([])


@dataclass(frozen=True)
class Mutant:
    """`function` is a name inside the module `module`; `source` is the whole of it with its one change.

    `change` are the lines that differ, with their − and +; `statement` and `body` are lines of the file: the statement
    the change is in, and the function.
    """

    module: str
    function: str
    source: str
    change: tuple[str, ...]
    statement: range
    body: range

    @property
    def name(self):
        """Where it is: `services.money.kopecks`."""
        return f'{self.module}.{self.function}'

    def put(self):
        """Put the mutant in the place of the function in this process."""
        module = import_module(self.module)
        space = dict(vars(module))
        exec(compile(self.source, f'<mutant of {self.name}>', 'exec', dont_inherit=True), space)  # noqa: S102 - our code
        mutant, function = space[self.function.rpartition('.')[2]], _found(module, self.function)
        for part in ('__code__', '__defaults__', '__kwdefaults__'):
            setattr(function, part, getattr(mutant, part))


def _found(module, name):
    """Return the function behind its decorators."""
    found = module
    for part in name.split('.'):
        found = vars(found)[part]
    if isinstance(found, property):
        found = found.fget
    return inspect.unwrap(getattr(found, '__func__', found))


class _Visitor(MutationVisitor):
    """Looks into decorated functions too; decorators themselves stay as they are."""

    def _skip_node_and_children(self, node):
        return not (isinstance(node, cst.FunctionDef) and node.decorators) and super()._skip_node_and_children(node)


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return the mutants of one file in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text('utf-8')))
    visitor = _Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    positions, names = wrapper.resolve(PositionProvider), dict(_functions(wrapper.module))
    module = '.'.join(path.relative_to(root).with_suffix('').parts).removesuffix('.__init__')
    found = []
    for mutation in visitor.mutations:
        function = mutation.contained_by_top_level_function
        if function not in names:
            continue
        line = positions[mutation.original_node].start.line
        statement = min(_statements(function, positions, line), key=len)
        source, change = _changed(function, mutation)
        body = range(positions[function].start.line, positions[function].end.line + 1)
        found.append(Mutant(module, names[function], source, change, statement, body))
    return sorted(found, key=lambda mutant: mutant.statement.start)


def _functions(module):
    for node in module.body:
        if isinstance(node, cst.FunctionDef):
            yield node, node.name.value
        elif isinstance(node, cst.ClassDef):
            yield from (
                (m, f'{node.name.value}.{m.name.value}') for m in node.body.body if isinstance(m, cst.FunctionDef)
            )


def _changed(function, mutation):
    bare = function.with_changes(decorators=[], leading_lines=[])
    source = NOTHING.code_for_node(bare)
    mutated = NOTHING.code_for_node(deep_replace(bare, mutation.original_node, mutation.mutated_node))
    diff = list(difflib.unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=''))[2:]
    change = tuple(f'{line[0]} {line[1:].strip()}' for line in diff if not line.startswith('@@'))
    return mutated, change


def _statements(function, positions, line):
    """Yield the lines of the statements around a line: a whole one, or the head of one that has a body."""
    todo = [function]
    while todo:
        node = todo.pop()
        todo.extend(node.children)
        first = positions[node].start.line if node in positions else 0
        if isinstance(node, cst.SimpleStatementLine):
            lines = range(first, positions[node].end.line + 1)
        elif isinstance(node, cst.BaseCompoundStatement):
            lines = range(first, positions[node.body].start.line + (not isinstance(node.body, cst.IndentedBlock)))
        else:
            continue
        if line in lines or node is function:
            yield lines if node is not function else range(first, positions[node].end.line + 1)
