"""What the source says about authority: which services pages hand over, and what a service does first.

Read from the syntax, nothing is imported: `services.accounts.billing.next_charge` is called `accounts.billing.next_charge`.
"""

import ast
import functools
from dataclasses import dataclass, field
from pathlib import Path

from models.tables import ALL

ROOT = Path(__file__).resolve().parent.parent
TABLES = {model.__name__ for model in ALL}
QUERIES = {
    'select', 'get', 'get_or_none', 'get_by_id', 'get_or_create', 'create', 'insert', 'insert_many', 'update', 'delete',
    'delete_by_id', 'execute_sql',
}  # fmt: skip
ROOTS = {f'authority.{name}' for name in ('require_role', 'require_operator', 'require_session', 'own_contract')}
"""Where authority is asked for; every other service that asks does it through one of these."""
COMMAND_LINE = ('main', 'pages.upkeep')
"""What whoever has the machine runs: nobody's click."""
MACHINERY = ('runner.', 'i18n.', 'settings.', 'clock.', 'errors.', 'events.', 'audit.refusals.', 'field_rules.')
"""Modules that decide nothing about people; refusals run a service that asks, and remembers that it said no."""


@dataclass
class Module:
    """A file: what its names mean (dotted, from the root), and its functions."""

    name: str
    tree: ast.Module
    names: dict[str, str] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)

    def meaning(self, node):
        """Return the dotted name of an expression, '' when it is none of ours."""
        if isinstance(node, ast.Name):
            return f'{self.name}.{node.id}' if node.id in self.functions else self.names.get(node.id, '')
        if isinstance(node, ast.Attribute):
            before = self.meaning(node.value)
            return f'{before}.{node.attr}' if before else ''
        if isinstance(node, ast.Call) and self.meaning(node.func) == 'services.runner.with_connection':
            return self.meaning(node.args[0])
        return ''


@functools.cache
def modules():
    """Return the modules of the house by their dotted names."""
    found = {}
    for folder in ('services', 'pages', 'components'):
        for path in sorted((ROOT / folder).rglob('*.py')):
            dotted = path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.').removesuffix('.__init__')
            found[dotted] = _read(dotted, path)
    found['main'] = _read('main', ROOT / 'main.py')
    return found


def _read(dotted, path):
    module = Module(dotted, ast.parse(path.read_text(encoding='utf-8')))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module.names |= {alias.asname or alias.name: f'{node.module}.{alias.name}' for alias in node.names}
    module.functions = {n.name: n for n in module.tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    return module


def service_of(dotted):
    """Follow a dotted name through re-exports to (module, function), or None."""
    place, _, name = dotted.rpartition('.')
    module = modules().get(place)
    if module is None or not place.startswith('services'):
        return None
    if name in module.functions:
        return module, module.functions[name]
    return service_of(module.names[name]) if name in module.names else None


def name_of(module, function):
    """Return the name by which docs/authz.yml lists a service."""
    return f'{module.name}.{function.name}'.removeprefix('services.')


def with_actor():
    """Return the public services that have a parameter `actor`, by name."""
    return {
        name_of(module, function): (module, function)
        for module in modules().values()
        if module.name.startswith('services')
        for function in module.functions.values()
        if not function.name.startswith('_') and _actor_of(function) is not None
    }


def takes_nobody(function):
    """Tell whether a service asks by itself: its actor may be None. One that takes an `Actor` was called by one that asked."""
    return ast.unparse(_actor_of(function).annotation) != 'Actor'


def _actor_of(function):
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return next((argument for argument in arguments if argument.arg == 'actor'), None)


def handed_over():
    """Return the services that pages run: handed over to `act`, `call` and their like, or queried in what is handed over."""
    found = {}
    for module in modules().values():
        if module.name.startswith('services'):
            continue
        called = {id(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
        for node in ast.walk(module.tree):
            service = service_of(module.meaning(node)) if isinstance(node, ast.Name | ast.Attribute) else None
            if service is None or name_of(*service).startswith(MACHINERY):
                continue
            if id(node) not in called or (module.name not in COMMAND_LINE and touches_tables(*service)):
                found.setdefault(name_of(*service), f'{module.name}:{node.lineno}')
    return found


def touches_tables(module, function):
    """Tell whether a service, or anything it calls, asks the database."""
    return _touches(name_of(module, function), frozenset())


def _touches(name, above):
    module, function = service_of(f'services.{name}')
    for call in calls_in_order(function):
        if is_query(module, call):
            return True
        service = service_of(module.meaning(call.func))
        if service and name_of(*service) not in above and _touches(name_of(*service), above | {name}):
            return True
    return False


def asks_first(name, above=frozenset()):
    """Return True when a service asks for authority before its first query, False when it queries first, None for neither."""
    if name in ROOTS:
        return True
    module, function = service_of(f'services.{name}')
    for call in calls_in_order(function):
        if is_query(module, call):
            return False
        service = service_of(module.meaning(call.func))
        if service is None or name_of(*service) in above:
            continue
        answer = asks_first(name_of(*service), above | {name})
        if answer is False or (answer is True and _passes_actor(call)):
            return answer
    return None


def calls_in_order(function):
    """Yield the calls of a function as they are evaluated: arguments before the call they stand in."""
    for statement in function.body:
        yield from _calls(statement)


def _calls(node):
    for child in ast.iter_child_nodes(node):
        yield from _calls(child)
    if isinstance(node, ast.Call):
        yield node


def is_query(module, call):
    """Tell whether a call asks a table or the database itself."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in QUERIES:
        return False
    if not isinstance(call.func.value, ast.Name):
        return False
    asked = module.names.get(call.func.value.id, '')
    return asked.startswith('models.') and asked.rpartition('.')[2] in TABLES | {'database'}


def _passes_actor(call):
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(node, ast.Name) and node.id == 'actor' for node in given)
