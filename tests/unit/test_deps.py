"""docs/deps.yml: other people's code is pinned, comes from the lock file, and what is dangerous in it is named."""

import tomllib
from datetime import date, timedelta

import pytest
import yaml

from services.clock import today
from tests.static import looks
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


def test_looks_are_well_formed_and_not_in_the_future():
    assert RULES['look_again'] <= 7
    for look in RULES['looks']:
        assert set(look) == {'on', 'who', 'what', 'holes'}
        assert type(look['on']) is date
        assert look['on'] <= today()
        assert look['who']
        assert look['what']
        for hole in look['holes']:
            assert {'package', 'grade', 'known_on'} <= set(hole) <= {'package', 'grade', 'known_on', 'closed_on'}
            assert hole['package'] in LOCKED
            assert hole['grade'] in RULES['remediation']
            assert hole['known_on'] <= hole.get('closed_on', look['on']) <= today()


LOOK = {'on': date(2026, 11, 2), 'who': 'Ада', 'what': 'everything', 'holes': []}


@pytest.mark.parametrize(
    ('days', 'hole', 'refused'),
    [
        (7, {}, False),
        (8, {}, True),
        (2, {'grade': 'critical'}, False),
        (3, {'grade': 'critical'}, True),
        (3, {'grade': 'critical', 'closed_on': date(2026, 11, 5)}, False),
        (7, {'grade': 'low'}, False),
    ],
)
def test_a_release_waits_for_a_look_and_for_holes_past_their_time(days, hole, refused):
    holes = [{'package': 'pillow', 'known_on': LOOK['on'], **hole}] if hole else []
    rules = {**RULES, 'looks': [{**LOOK, 'on': LOOK['on'] - timedelta(days=90)}, {**LOOK, 'holes': holes}]}

    assert bool(looks.faults(rules, LOOK['on'] + timedelta(days=days))) is refused


def test_nobody_looked_is_no_release():
    assert looks.faults({**RULES, 'looks': []}, LOOK['on'])


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
