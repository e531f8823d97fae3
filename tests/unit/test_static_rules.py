"""The rules of tests/static look at all the code, and each of them has samples of what it finds and what it leaves alone."""

import re
import subprocess

import pytest
import yaml

from tests.everything import STEPS
from tests.static.check import CODE, HERE, ROOT

RULES = yaml.safe_load((HERE / 'rules.yml').read_text(encoding='utf-8'))['rules']
SAMPLES = {'python': 'rules.py', 'javascript': 'rules.js'}
OTHERS = 'components/assets/vendor/'
ON_SCRIPTS = {'foreign-key-in-script', 'foreign-merge-in-script', 'prototype-in-script'}


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: rule['id'])
def test_each_rule_has_samples_of_both_kinds(rule):
    for language in rule['languages']:
        samples = (HERE / SAMPLES[language]).read_text(encoding='utf-8')
        kinds = set(re.findall(rf'(?:#|//) (ruleid|ok): {re.escape(rule["id"])}$', samples, re.MULTILINE))
        assert 'ruleid' in kinds


def test_every_script_of_ours_is_looked_at_for_foreign_keys():
    listed = subprocess.run(('git', 'ls-files', '*.js', '*.mjs'), cwd=ROOT, capture_output=True, text=True, check=True)
    ours = [name for name in listed.stdout.split() if not name.startswith((OTHERS, 'tests/'))]

    assert ours
    assert all(name.startswith(CODE) for name in ours)
    for rule in RULES:
        if 'javascript' in rule['languages']:
            assert rule['paths'] == {'exclude': [OTHERS.rstrip('/')]}, rule['id']
    assert {rule['id'] for rule in RULES if 'javascript' in rule['languages']} >= ON_SCRIPTS


def test_make_test_applies_the_rules():
    assert ('python', '-m', 'tests.static.check') in [step.command for step in STEPS]
