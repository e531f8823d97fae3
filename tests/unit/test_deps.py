"""docs/deps.yml: other people's code is pinned, comes from the lock file, and what is dangerous in it is named."""

import tomllib

import yaml

from tests.test_house_rules import ROOT

RULES = yaml.safe_load((ROOT / 'docs' / 'deps.yml').read_text(encoding='utf-8'))
LOCKED = {one['name']: one for one in tomllib.loads((ROOT / 'uv.lock').read_text(encoding='utf-8'))['package']}


def test_there_is_a_time_for_every_hole():
    times = RULES['remediation']

    assert list(times) == ['critical', 'high', 'medium', 'low']
    assert list(times.values()) == sorted(times.values())
    assert times['critical'] <= 7
    assert RULES['update_all'] <= 180
    assert RULES['who_looks']
    assert RULES['where']


def test_what_is_dangerous_is_what_we_use():
    assert set(RULES['dangerous']) - set(LOCKED) == set()


def test_every_package_has_one_version_and_a_hash():
    for name, package in LOCKED.items():
        if package['source'] == {'virtual': '.'}:
            continue
        files = [*package.get('wheels', []), *([package['sdist']] if 'sdist' in package else [])]
        assert package['version']
        assert files, name
        assert all(file['hash'].startswith('sha256:') for file in files), name


def test_the_image_takes_neither_tests_nor_tools():
    docker = (ROOT / 'Dockerfile').read_text(encoding='utf-8')
    let_in = {line[1:] for line in (ROOT / '.dockerignore').read_text(encoding='utf-8').splitlines() if line[:1] == '!'}

    assert (ROOT / '.dockerignore').read_text(encoding='utf-8').splitlines()[1] == '*'
    assert {entry.split('/')[0] for entry in let_in} == {
        'pyproject.toml', 'uv.lock', 'main.py', 'models', 'services', 'components', 'pages', 'docs',
    }  # fmt: skip
    assert 'uv sync --frozen --no-dev' in docker
    assert 'tests' not in docker
