"""ASVS 5.0 read off the code itself: what must not stand in it anywhere."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from components import painted

ROOT = Path(__file__).resolve().parent.parent.parent
HOUSE = ('pages', 'components', 'services', 'models')
CODE = [*sorted(path for folder in HOUSE for path in (ROOT / folder).rglob('*.py')), ROOT / 'main.py']
ASSETS = ROOT / 'components' / 'assets'
SCRIPTS = [path for path in sorted((ROOT / 'components').rglob('*.js')) if 'vendor' not in path.parts]
PAGES = [path for folder in HOUSE for path in sorted((ROOT / folder).rglob('*.html'))]
TREES = {path: ast.parse(path.read_text(encoding='utf-8')) for path in CODE}

SHELL = {'subprocess', 'pty', 'popen2', 'commands'}
OWN_PROGRAM = 'services/rehearsal/desk.py'
"""Starts this very program anew, without a shell: a day it has read itself, and a number it found in the database."""
SHELL_CALLS = re.compile(r'os\.(?:system|popen|exec\w+|spawn\w+|posix_spawn\w*)|asyncio\.create_subprocess_\w+')
PARSERS = re.compile(
    r'xml\.(?!sax\.saxutils$)|lxml|xmltodict|expat|bs4|html5lib|defusedxml|untangle|xmlrpc|pyexpat|feedparser'
)
BY_BYTES = {'pickle', 'cPickle', 'marshal', 'shelve', 'dill', 'cloudpickle', 'jsonpickle', 'joblib'}
EVALUATING = {'eval', 'exec', 'compile', '__import__', 'execfile'}
EVALUATING_JS = re.compile(r'\beval\(|\bnew Function\(|set(?:Timeout|Interval)\(\s*[\'"`]|document\.write')
OWN_ADDRESS = 'services/messages/letters/render.py: ours'
"""Made of the escaped address of the site and a constant, one line above."""
OWN_PAGES = "components/guard/crowd.py: '|'.join((f'(?:{pattern})' for pattern in patterns)) or '(?!)'"
"""Made of the addresses of our own pages when the site starts."""
PAINTED = 'components/assets/js/painted.js'
"""The one place where markup is put into a page: it comes from the server's autoescaped templates."""
BANK = 'services/gateways/sandbox/templates/hpp.html'
"""The sandbox's macro of a field: what it marks as safe are attributes written in the same file."""
FORMATTED = [
    'components/action.py: text',
    'components/chat_room.py: words',
    'components/constructor_view.py: title',
    'components/offer_comparison.py: text',
    'components/offer_comparison.py: titles[change.kind]',
    'components/offer_words.py: text',
    'components/quote_words.py: plain',
    'components/quote_words.py: text',
    'components/quote_words.py: words',
    'components/typography.py: kept',
    "models/migrations/0002_guards.py: ' AND '.join(conditions)",
    'models/migrations/0018_terminations.py: condition',
    'models/migrations/0024_saved_cards.py: condition',
    'models/migrations/0025_refunds.py: condition',
    'pages/operator/billing.py: words',
    'pages/public/home.py: description',
    'services/errors.py: self.message',
    'services/errors.py: self.reason',
]
"""Where a text comes by name: each is a constant of the code, chosen a line above."""
MARKUP_JS = re.compile(r'\.(?:innerHTML|outerHTML)\s*\+?=(?!=)|insertAdjacentHTML|createContextualFragment')
OLD = re.compile(
    r'<(?:applet|embed|object|marquee|frameset|frame|keygen|bgsound|blink)\b|ActiveX|VBScript|application/x-shockwave'
    r'|\.swf\b|\.jar\b|silverlight|\bNaCl\b|x-pnacl|document\.domain|showModalDialog|execCommand|openDatabase'
    r'|attachEvent|XDomainRequest|applicationCache|unload\b.*addEventListener',
    re.IGNORECASE,
)


def name(path):
    return path.relative_to(ROOT).as_posix()


def imported(tree):
    """Return (line, module) of every import; `from x import y` counts as x and as x.y."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or ''


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def lines(pattern, files):
    """Return `file:line` of every match."""
    return [
        f'{name(path)}:{number}'
        for path in files
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
        if pattern.search(line)
    ]


def test_there_is_something_to_read():
    assert len(CODE) > 200
    assert len(SCRIPTS) > 10
    assert len(PAGES) > 50


def test_no_program_is_started():
    found = [
        f'{name(p)}:{line}'
        for p, t in TREES.items()
        for line, module in imported(t)
        if module in SHELL and name(p) != OWN_PROGRAM
    ]
    found += [
        f'{name(p)}:{c.lineno}'
        for p, t in TREES.items()
        for c in calls(t)
        if SHELL_CALLS.fullmatch(ast.unparse(c.func))
    ]
    found += [
        f'{name(p)}:{c.lineno}' for p, t in TREES.items() for c in calls(t) if any(k.arg == 'shell' for k in c.keywords)
    ]

    assert found == []


def test_no_text_is_executed():
    found = [
        f'{name(path)}:{call.lineno}'
        for path, tree in TREES.items()
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in EVALUATING
    ]

    assert found == []
    assert lines(EVALUATING_JS, SCRIPTS) == []


def test_nothing_parses_xml():
    found = [f'{name(p)}:{line} {m}' for p, t in TREES.items() for line, m in imported(t) if PARSERS.match(m)]

    assert found == []
    assert lines(re.compile(r'XSLTProcessor|parseFromString\((?!.*"text/html"\))'), SCRIPTS) == []


def test_nothing_is_brought_back_to_life_from_bytes():
    found = [
        f'{name(path)}:{line} {module}'
        for path, tree in TREES.items()
        for line, module in imported(tree)
        if module.split('.')[0] in BY_BYTES
    ]
    for path, tree in TREES.items():
        for call in calls(tree):
            written = ast.unparse(call.func)
            if written.startswith('yaml.') and written not in {'yaml.safe_load', 'yaml.safe_dump'}:
                found.append(f'{name(path)}:{call.lineno} {written}')
            if (
                any(word.arg in {'object_hook', 'object_pairs_hook', 'cls'} for word in call.keywords)
                and 'json' in written
            ):
                found.append(f'{name(path)}:{call.lineno} {written}')

    assert found == []


def is_pattern(node):
    """Tell whether a pattern is our own: a constant, a name in capitals, a piece of one, or escaped."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=called) | ast.Attribute(attr=called):
            return called.lstrip('_').isupper()
        case ast.JoinedStr():
            return all(is_pattern(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
        case ast.BinOp():
            return is_pattern(node.left) and is_pattern(node.right)
        case ast.Call():
            return ast.unparse(node.func) in {'re.escape', 'rounds'}
        case _:
            return False


def test_no_pattern_holds_what_somebody_typed():
    wrong = [
        f'{name(path)}: {ast.unparse(call.args[0])}'
        for path, tree in TREES.items()
        for call in calls(tree)
        if re.fullmatch(
            r're\.(?:compile|match|search|fullmatch|sub|subn|split|findall|finditer)', ast.unparse(call.func)
        )
        and not is_pattern(call.args[0])
    ]
    wrong += lines(re.compile(r'new RegExp\('), SCRIPTS)
    wrong += lines(re.compile(r'\.regexp\(|\.iregexp\(|\bREGEXP\b'), CODE)

    assert sorted(wrong) == sorted((OWN_ADDRESS, OWN_PAGES))


def test_templates_are_files_of_ours():
    from_text = re.compile(
        r'from_string|jinja2\.Template\(|\bTemplate\(|Template\(.*\)\.(?:safe_)?substitute|DictLoader|FunctionLoader'
    )
    bare = re.compile(r'autoescape\s*=\s*False')

    assert lines(from_text, CODE) == []
    assert lines(bare, CODE) == lines(bare, [ROOT / 'services' / 'messages' / 'letters' / 'render.py'])
    trusted = re.compile(r'(?<!\'</a>\' )(?<!\'</span>\' )\|\s*safe\b|autoescape false|\{%-?\s*include\s+(?![\'"\s])')
    assert {place.partition(':')[0] for place in lines(trusted, PAGES)} == {BANK}


def test_no_script_makes_markup_of_text():
    assert [place.partition(':')[0] for place in lines(MARKUP_JS, SCRIPTS)] == [PAINTED]


def test_nobody_listens_to_other_windows():
    listening = re.compile(r'postMessage|onmessage|addEventListener\(\s*[\'"`]message(?:error)?[\'"`]|BroadcastChannel')

    assert lines(listening, [*SCRIPTS, *PAGES]) == []


def test_no_browser_technology_of_yesterday():
    assert lines(OLD, [*SCRIPTS, *PAGES]) == []


def test_redirects_are_made_in_one_place():
    made = {
        name(path)
        for path, tree in TREES.items()
        for c in calls(tree)
        if ast.unparse(c.func).endswith('RedirectResponse')
    }
    by_hand = {line.partition(':')[0] for line in lines(re.compile(r'[\'"][Ll]ocation[\'"]'), CODE)}

    assert {path for path in made if not path.startswith('services/gateways/sandbox/')} == {'components/redirect.py'}
    assert by_hand == {'components/redirect.py'}


@pytest.mark.parametrize('path', [p for p in PAGES if p.name in {'base.html', 'page.html'}], ids=name)
def test_pages_say_their_code_first(path):
    assert re.search(r'<head>\s*<meta charset="utf-8">', path.read_text(encoding='utf-8'))


def is_constant(node):
    """Tell whether an argument is written in the code: a text, or a name or table in capitals."""
    if isinstance(node, ast.Subscript):
        return is_constant(node.value)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def arguments(method, *, paths=TREES, place=0):
    """Return (file, argument) of every call of something with this name that has an argument at this place."""
    for path in paths:
        for call in calls(TREES[path]):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, 'id', '')
            if called == method and len(call.args) > place:
                yield name(path), call.args[place]


def is_written_here(node, tree):
    """Tell whether a text consists of what stands in the code of its file: constants, and names that mean only these."""
    if isinstance(node, ast.JoinedStr):
        return all(is_written_here(part.value, tree) for part in node.values if isinstance(part, ast.FormattedValue))
    if isinstance(node, ast.List):
        return all(is_written_here(part, tree) for part in node.elts)
    if isinstance(node, ast.BinOp):
        return is_written_here(node.left, tree)  # [text] * how often
    if is_call_of(node, "' AND '.join"):
        return is_written_here(node.args[0], tree)
    if isinstance(node, ast.Name) and not is_constant(node):
        meant = [a.value for a in ast.walk(tree) if isinstance(a, ast.Assign) and ast.unparse(a.targets[0]) == node.id]
        return bool(meant) and all(is_written_here(value, tree) for value in meant)
    return is_constant(node) or ast.unparse(node) == 'database.param'


def test_a_query_is_a_text_of_ours_with_values_beside_it():
    queries = [path for path in CODE if 'migrations' not in path.parts]
    found = {
        (name(path), ast.unparse(argument))
        for method in ('execute_sql', 'SQL', 'execute_many', 'raw_rows', 'stream')
        for path in queries
        for _, argument in arguments(method, paths=[path])
        if not is_written_here(argument, TREES[path])
    }

    handed_on = {"sql.replace('?', database.param)"}  # the database itself
    of_models = {  # their tables and columns
        """f'INSERT INTO "{table}" ({names}) VALUES ({marks})'""",
        """f'SELECT COALESCE(MAX(id), 0) FROM "{table}"'""",
        """f'SELECT {names} FROM "{model.table_name()}" ORDER BY id'""",
    }
    assert found == {('models/base.py', text) for text in handed_on | of_models}


def test_a_browser_is_sent_to_a_constant_place_or_through_safe_url():
    sent = [*arguments('to'), *arguments('link', place=1)]
    wrong = [
        (place, ast.unparse(node))
        for place, node in sent
        if place.startswith(('pages/', 'components/')) and not is_constant(node) and not is_call_of(node, 'safe_url')
    ]

    assert wrong == []


def is_call_of(node, function):
    return isinstance(node, ast.Call) and ast.unparse(node.func) == function


def test_no_text_is_put_into_a_script_or_a_template_of_the_browser():
    wrong = [
        (place, method, ast.unparse(node))
        for method, where in (
            ('run_javascript', 0), ('add_slot', 1), ('add_head_html', 0), ('add_body_html', 0), ('add_css', 0), ('add_scss', 0)
        )
        for place, node in arguments(method, place=where)
        if not is_constant(node) and not is_call_of(node, 'render')
        and not (isinstance(node, ast.IfExp) and is_constant(node.body) and is_constant(node.orelse))
    ]  # fmt: skip
    handlers = [
        (name(path), ast.unparse(word.value))
        for path, tree in TREES.items()
        for call in calls(tree)
        for word in call.keywords
        if word.arg == 'js_handler' and not is_constant(word.value)
    ]

    assert {place for place, _, _ in wrong} == {'components/cursor.py', 'components/painted.py'}, wrong
    assert handlers == []


@pytest.mark.parametrize('character', ['<', '>', '&', '"', "'", '`', '\\', '\u2028', '</script>'])
def test_what_a_repainted_page_gets_is_json_that_ends_no_script(character, monkeypatch):
    sent = []
    client = SimpleNamespace(run_javascript=sent.append)
    monkeypatch.setattr(painted, 'context', SimpleNamespace(client=client))

    painted.repaint(painted.Repaint({'total': f'a{character}b'}, f'/x?{character}'))

    (order,) = re.fullmatch(r'window\.amigoPainted\.replace\((.*)\)', sent[0], re.DOTALL).groups()
    assert json.loads(order)['blocks'] == {'total': f'a{character}b'}


@pytest.mark.parametrize('sink', ['markdown', 'editor', 'mermaid', 'restructured_text', 'upload', 'aggrid', 'echart'])
def test_no_part_of_the_screen_that_reads_markup(sink):
    used = re.compile(
        rf'\bui\.{sink}\(|\bimport {sink}\b|\bhtml=True\b|\b(?:markdown2?|bbcode|docutils|mistune)\b.*import'
    )

    assert lines(used, CODE) == []


def test_no_text_from_outside_is_a_pattern_of_format():
    wrong = [
        f'{name(path)}: {ast.unparse(call.func.value)}'
        for path, tree in TREES.items()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in {'format', 'format_map'}
        and not is_pattern_of_ours(call.func.value)
    ]  # fmt: skip

    assert sorted(set(wrong)) == FORMATTED


def is_pattern_of_ours(node):
    """Tell whether what is filled in is a text of the code, translated or not."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in {'_', 'ngettext', 'plural', 'Markup', 'translate'}
    return is_constant(node) or (isinstance(node, ast.Name) and node.id.isupper())
