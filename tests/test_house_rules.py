"""The house keeps its own rules: sizes, guards, settings, one clock, one money, migrations that equal the models."""

import ast
import importlib
import re
import runpy
import subprocess
from pathlib import Path

import pytest
from nicegui import Client
from peewee import SqliteDatabase
from playhouse.schema_diff import diff_models

from models.base import database
from models.tables import ALL
from services.settings import Settings
from tests import service_graph
from tests.authz import rules
from tests.screens import PAGES

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ('pages', 'components', 'services', 'models')
FILE_LINES, FUNCTION_LINES = 400, 60
FORBIDDEN_NAMES = {'utils', 'util', 'manager', 'managers', 'helper', 'helpers', 'data', 'info', 'misc', 'processor'}

OPEN_PAGES = {
    '/my/index': 'the door itself: a stranger sees the form, the overview behind it has @requires',
    '/{region}/packets-constructor/': 'a visitor chooses a tariff',
    '/my/recovery': 'for people who cannot sign in',
    '/{region}/packets-constructor/application': 'a visitor sends an application',
    '/my/first-login': 'asks for its own half-opened session',
    '/my/second-step': 'asks for its own half-opened session too',
}
"""Pages without @requires, each with its reason."""

SECONDS = {'services/gateways/sandbox/faults.py'}
"""Where a float is a time, not money."""

CODE = [*sorted(path for folder in HOUSE for path in (ROOT / folder).rglob('*.py')), ROOT / 'main.py']
WRITTEN = [path for path in CODE if path.name != '0001_initial.py']  # that one is generated
TESTS = sorted((ROOT / 'tests').rglob('*.py'))


def name(path):
    return path.relative_to(ROOT).as_posix()


def functions(path):
    tree = ast.parse(path.read_text(encoding='utf-8'))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def found(pattern, paths):
    """Return `file:line` of every match outside comments' business: a rule is a rule."""
    return [
        f'{name(path)}:{number}'
        for path in paths
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_files_are_short():
    long = {name(p): n for p in WRITTEN + TESTS if (n := len(p.read_text(encoding='utf-8').splitlines())) > FILE_LINES}

    assert not long


def test_functions_are_short():
    long = [
        f'{name(path)}: {node.name}'
        for path in WRITTEN + TESTS
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]

    assert not long


@pytest.fixture(scope='module')
def addresses():
    """Every live page by its address, as NiceGUI knows them once all modules of pages/ are imported."""
    for path in (ROOT / 'pages').rglob('*.py'):
        importlib.import_module(name(path).removesuffix('.py').removesuffix('/__init__').replace('/', '.'))
    return {path: page for page, path in Client.page_routes.items() if page.__module__.startswith('pages.')}


def test_every_page_is_guarded_or_named_as_open(addresses):
    bare = {path for path, page in addresses.items() if not getattr(page, 'required_roles', None)}

    assert len(addresses) > 20
    assert bare - set(OPEN_PAGES) == set()
    assert set(OPEN_PAGES) <= bare


def test_every_page_has_its_picture(addresses):
    pictured = {shot.address for shots in PAGES.values() for shot in shots}

    assert set(addresses) - pictured == set()


def test_settings_are_written_down():
    known = {f'AMIGO_{field.upper()}' for field in Settings.model_fields}
    example = set(re.findall(r'^#? ?(AMIGO_\w+)=', (ROOT / '.env.example').read_text(encoding='utf-8'), re.MULTILINE))
    readme = set(re.findall(r'^\| `(AMIGO_\w+)`', (ROOT / 'README.md').read_text(encoding='utf-8'), re.MULTILINE))

    assert example == known
    assert readme == known


def test_only_the_clock_knows_the_time():
    others = [path for path in CODE if name(path) != 'services/clock.py']

    assert not found(r'datetime\.(now|utcnow|today)\(|date\.today\(', others)


def test_money_is_never_a_float():
    rules = [path for path in CODE if name(path).startswith(('services/', 'models/')) and name(path) not in SECONDS]

    assert not found(r'\bfloat\(|\bFloatField\b', rules)


def test_names_say_what_a_module_is_for():
    assert not [name(path) for path in CODE + TESTS if set(path.stem.split('_')) & FORBIDDEN_NAMES]


def test_services_and_models_do_not_know_the_screen():
    rules = [path for path in CODE if name(path).startswith(('services/', 'models/'))]

    assert not found(r'^\s*(from|import) nicegui\b', rules)


def test_services_ask_who_it_is_before_they_ask_the_database():
    told = {*rules.load()['inside'], *(entry.name for entry in rules.opened())}
    late = [name for name in service_graph.with_actor() if name not in told and not service_graph.asks_first(name)]

    assert not late


def test_pages_reach_the_database_through_services_only():
    known = [
        f'{module.name}: {meaning}'
        for module in service_graph.modules().values()
        if module.name.startswith(('pages', 'components'))
        for meaning in module.names.values()
        if meaning.startswith(('peewee', 'playhouse', 'models.base', 'models.tables')) or is_table(meaning)
    ]

    assert not known


def is_table(meaning):
    return meaning.startswith('models.') and meaning.rpartition('.')[2] in service_graph.TABLES


AS_THE_GATE_FOUND_OUT = {
    'components.guards: note_refusal': 'writes down that a page was refused to this person, in the request that was',
    'components.shell: list_choices': 'draws the header; `act()` would say no where a page that says no must be drawn',
}
"""Calls made while a page is drawn for the person of this very request; none of them changes anything of his."""


def test_only_the_session_says_who_is_acting():
    """`act()` finds out at every click; a page that passes an actor of its own would go by what was true before."""
    passed = [
        f'{module.name}: {ast.unparse(call.args[0]) if call.args else ast.unparse(call.func)}'
        for module in service_graph.modules().values()
        if module.name.startswith(('pages', 'components')) and module.name != 'components.session'
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and any(keyword.arg == 'actor' for keyword in call.keywords)
    ]

    assert sorted(passed) == sorted(AS_THE_GATE_FOUND_OUT)


def test_nothing_refers_to_the_machine_it_was_written_on():
    listed = subprocess.run(['git', 'grep', '-lI', '-e', '/wo' + 'rk/'], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode > 1:
        pytest.skip('not a git checkout')

    assert listed.stdout.decode().splitlines() == []


def columns(db, schema=None):
    return {
        (model._meta.table_name, column.name, column.data_type.lower(), column.null)
        for model in ALL
        for column in db.get_columns(model._meta.table_name, schema)
    }


def test_migrations_equal_the_models(empty_db):
    with database.connection_context():
        difference = diff_models(database.obj, ALL)
        migrated = columns(database)
        from_models = columns_of_models_on_postgres() if empty_db.name == 'postgres' else columns_of_models_on_sqlite()

    guards = {index.name for index in difference.drop_indexes}  # partial indexes, which a model cannot say
    assert guards == {row[0] for row in partial_indexes()}
    assert not difference._replace(drop_indexes=[]), str(difference)
    assert migrated == from_models


def partial_indexes():
    """Every migration names its partial indexes in UNIQUE."""
    migrations = sorted((ROOT / 'models/migrations').glob('0*.py'))
    return [row for path in migrations for row in runpy.run_path(str(path)).get('UNIQUE', ())]


def columns_of_models_on_postgres():
    database.execute_sql('CREATE SCHEMA fresh')
    database.execute_sql('SET search_path TO fresh')
    database.create_tables(ALL, safe=False)
    return columns(database, 'fresh')


def columns_of_models_on_sqlite():
    fresh = SqliteDatabase(':memory:')
    with fresh.bind_ctx(ALL):
        fresh.create_tables(ALL, safe=False)
        try:
            return columns(fresh)
        finally:
            fresh.close()


def test_pictures_of_the_documents_exist():
    shown = {
        (path.name, target)
        for path in (ROOT / 'README.md', *(ROOT / 'docs').glob('*.md'))
        for target in re.findall(r'!\[[^\]]*\]\(([^)]+)\)', path.read_text('utf-8'))
        if not (path.parent / target).is_file()
    }
    assert not shown
