"""No installation starts with a secret everybody knows, or with none."""

import pytest
from pydantic import SecretStr

from services.settings import Settings
from tests.test_house_rules import ROOT

LONG = SecretStr('s' * 40)
SECRETS = ('secret_key', 'pepper', 'field_keys')


@pytest.fixture
def empty(monkeypatch):
    for name in ('DEMO', *(name.upper() for name in SECRETS)):
        monkeypatch.delenv(f'AMIGO_{name}', raising=False)


@pytest.mark.parametrize('missing', SECRETS)
@pytest.mark.parametrize('value', ['', 'changeme', 's' * 31])
def test_outside_the_demo_a_missing_or_short_secret_is_refused_by_name(empty, missing, value):
    given = dict.fromkeys(SECRETS, LONG) | {missing: SecretStr(value)}

    with pytest.raises(ValueError, match=f'AMIGO_{missing.upper()}: missing'):
        Settings(_env_file=None, **given)


def test_no_secret_has_a_default_not_even_in_the_example():
    secrets = {name for name, field in Settings.model_fields.items() if 'SecretStr' in str(field.annotation)}
    example = (ROOT / '.env.example').read_text(encoding='utf-8').splitlines()
    given = dict(line.lstrip('# ').split('=', 1) for line in example if '=' in line and 'AMIGO_' in line)

    assert all(Settings.model_fields[name].default == SecretStr('') for name in secrets)
    assert {name: given.get(f'AMIGO_{name.upper()}', '') for name in SECRETS} == dict.fromkeys(SECRETS, '')


def test_well_known_passwords_stay_on_this_machine(empty):
    with pytest.raises(ValueError, match='loopback'):
        Settings(_env_file=None, demo=True, host='192.0.2.1')
