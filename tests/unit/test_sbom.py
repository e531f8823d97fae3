"""The list of other people's code is complete: it names what uv.lock names, with versions and hashes, and what we serve."""

import os
import tomllib

import pytest

from tests.static import sbom
from tests.unit.test_deps import LOCKED

OTHERS = {name: package for name, package in LOCKED.items() if package['source'] != {'virtual': '.'}}


def exported(*groups):
    try:
        return sbom.sbom(*groups)
    except sbom.NoUv as missing:
        if os.environ.get('CI') == 'true':
            raise
        pytest.skip(str(missing))


def of_python(found):
    return {one['name']: one for one in found['components'] if one['purl'].startswith('pkg:pypi/')}


def test_the_list_is_the_lock_file():
    found = of_python(exported('--all-groups'))

    assert {name: one['version'] for name, one in found.items()} == {n: p['version'] for n, p in OTHERS.items()}
    assert {name: hashes_of(one) for name, one in found.items()} == {n: locked_hashes(p) for n, p in OTHERS.items()}


def hashes_of(component):
    return {each['content'] for place in component['externalReferences'] for each in place['hashes']}


def locked_hashes(package):
    files = [*package.get('wheels', []), *([package['sdist']] if 'sdist' in package else [])]
    return {file['hash'].removeprefix('sha256:') for file in files}


def test_a_release_lists_what_the_image_takes():
    whole, found = exported(), of_python(exported('--no-dev'))
    direct = tomllib.loads((sbom.ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']['dependencies']

    assert (whole['bomFormat'], whole['specVersion']) == ('CycloneDX', '1.5')
    assert {name_of(line) for line in direct} <= set(found)
    assert {'pytest', 'ruff', 'mypy', 'playwright'} & set(found) == set()


def name_of(line):
    return line.split('[')[0].split('=')[0].split('>')[0].split('<')[0].split('~')[0].strip().lower()


def test_the_browser_s_code_of_others_is_listed_too():
    folders = {folder.name for folder in sbom.VENDOR.iterdir()}
    found = exported('--no-dev')

    assert {one['name'] for one in found['components'] if one['purl'].startswith('pkg:npm/')} == folders
    assert folders
