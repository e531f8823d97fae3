"""What the image holds (ASVS 13.3.1): worked out from .dockerignore and the COPY lines, for this tree and for an untidy one."""

import re
import subprocess

import yaml

from tests.test_house_rules import ROOT

IGNORED = (ROOT / '.dockerignore').read_text(encoding='utf-8')
DOCKERFILE = (ROOT / 'Dockerfile').read_text(encoding='utf-8').replace('\\\n', ' ')
COMPOSE = yaml.safe_load((ROOT / 'compose.yaml').read_text(encoding='utf-8'))
PLACES = ('', 'models/', 'services/', 'services/identity/', 'components/assets/', 'pages/operator/', 'docs/')
UNTIDY = (
    '.env', '.env.production', '.git/config', '.git/objects/aa/b', '.gitignore', '.netrc', '.pgpass', '.npmrc', '.ssh/id_ed25519',
    'secrets/pepper', 'secrets/field_keys', 'demo-secrets/secret_key', 'var/amigo.db', 'amigo.db', 'amigo.db-wal', 'copy.sqlite3',
    'dump.sql', 'dump.sql.gz', 'backup.tar', 'site.pem', 'site.key', 'site.p12', 'id_rsa', 'server.log', 'notes.txt~', '.main.py.swp',
    'mailbox/1.eml', '__pycache__/a.pyc', '.idea/workspace.xml', '.vscode/settings.json', '.DS_Store',
)  # fmt: skip
"""What people leave lying about."""
SECRET = re.compile(r'(?i)secret|password|pepper|token|api_?key|field_keys|private')


def _pattern(line):
    """Return a line of .dockerignore as an expression that matches a path, or anything in a folder of that name."""
    parts = {'**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]'}
    pieces = re.split(r'(\*\*/|\*\*|\*|\?)', line.strip('/'))
    return re.compile(''.join(parts.get(piece, re.escape(piece)) for piece in pieces) + r'(?:/.*)?')


def _rules():
    lines = (line.strip() for line in IGNORED.splitlines())
    return [(line[:1] != '!', _pattern(line.removeprefix('!'))) for line in lines if line and line[0] != '#']


RULES = _rules()


def sent(path):
    """Tell whether Docker gets to see a file of the tree: the last line that matches decides."""
    return [leaves_out for leaves_out, pattern in RULES if pattern.fullmatch(path)][-1:] != [True]


def copied():
    """Return what the COPY lines take from the tree."""
    lines = re.findall(r'^(?:COPY|ADD)\s+(.*)$', DOCKERFILE, re.MULTILINE)
    return [source for line in lines if '--from=' not in line for source in line.split()[:-1]]


def in_image(paths):
    """Return those of the files that get into the image."""
    return {path for path in paths if sent(path) and any(path == s or path.startswith(f'{s}/') for s in taken())}


def taken():
    return [source.removeprefix('./').rstrip('/') for source in copied()]


def listed(*options):
    done = subprocess.run(('git', 'ls-files', '-z', *options), cwd=ROOT, check=True, capture_output=True, text=True)
    return set(filter(None, done.stdout.split('\0')))


def test_the_rules_are_read_as_docker_reads_them():
    assert sent('services/clock.py')
    assert sent('docs/auth.yml')
    assert not sent('docs/asvs.yml')
    assert not sent('README.md')
    assert not sent('services/identity/__pycache__/keys.cpython-311.pyc')


def test_only_named_files_and_folders_are_copied():
    assert 'ADD ' not in DOCKERFILE
    assert '.' not in taken()
    assert not [source for source in taken() if set(source) & set('*?[$') or source.startswith(('/', '..'))]
    assert all((ROOT / source).exists() for source in taken())


def test_the_code_gets_in():
    code = {path for path in listed() if path.startswith(('models/', 'services/', 'components/', 'pages/'))}

    assert code <= in_image(code | {'main.py'})


def test_nothing_that_git_ignores_gets_into_the_image():
    here = {path.relative_to(ROOT).as_posix() for path in _files()}

    assert in_image(here) - listed() - listed('--others', '--exclude-standard') == set()


def _files():
    for source in taken():
        place = ROOT / source
        yield from (path for path in place.rglob('*') if path.is_file()) if place.is_dir() else [place]


def test_no_secret_and_no_data_lying_about_get_into_the_image():
    lying = {f'{place}{name}' for place in PLACES for name in UNTIDY}

    assert in_image(lying) == set()


def test_the_image_is_built_without_secrets():
    built_in = re.findall(r'^(?:ARG|ENV)\s+(.*)$', DOCKERFILE, re.MULTILINE)

    assert not [line for line in built_in if SECRET.search(line)]
    assert '--mount=type=secret' not in DOCKERFILE


def test_secrets_come_as_files_when_it_starts():
    for name, service in COMPOSE['services'].items():
        plain = {key: value for key, value in service['environment'].items() if SECRET.search(key)}
        assert all(key.endswith('_FILE') and value.startswith('/run/secrets/') for key, value in plain.items()), name
    assert {str(secret['file']).startswith('./secrets/') for secret in COMPOSE['secrets'].values()} == {True}
    assert 'secrets/' in (ROOT / '.gitignore').read_text(encoding='utf-8').splitlines()
