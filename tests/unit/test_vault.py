"""Sealed fields: only the same cell with a known key opens."""

import base64

import pytest
from pydantic import SecretStr

from services.identity import vault
from services.settings import Settings, SettingsError

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
CELL = vault.aad_of('subscriber', 7, 'passport')


@pytest.fixture
def keys(monkeypatch):
    def use(field_keys, pepper='p' * 40):
        settings = Settings(
            _env_file=None,
            demo=True,
            field_keys=SecretStr(field_keys),
            pepper=SecretStr(pepper),
            secret_key=SecretStr('s' * 40),
        )
        monkeypatch.setattr('services.settings.get_settings', lambda: settings)

    use(f'1:{OLD}')
    return use


def test_what_was_sealed_opens_in_its_cell(keys):
    blob = vault.seal('МР 1234567', aad=CELL)

    assert vault.unseal(blob, aad=CELL) == 'МР 1234567'
    assert vault.unseal(memoryview(blob), aad=CELL) == 'МР 1234567'
    assert 'МР'.encode() not in blob


def test_the_same_text_is_never_sealed_the_same_way(keys):
    assert vault.seal('МР 1234567', aad=CELL) != vault.seal('МР 1234567', aad=CELL)


@pytest.mark.parametrize(
    'place', [('subscriber', 8, 'passport'), ('subscriber', 7, 'birth_date'), ('contract', 7, 'passport')]
)
def test_a_moved_cell_is_refused(keys, place):
    blob = vault.seal('МР 1234567', aad=CELL)

    with pytest.raises(vault.SealBroken):
        vault.unseal(blob, aad=vault.aad_of(*place))


def test_every_flipped_bit_is_found(keys):
    blob = vault.seal('МР', aad=CELL)

    for index in range(len(blob)):
        changed = bytearray(blob)
        changed[index] ^= 1
        with pytest.raises(vault.SealBroken):
            vault.unseal(bytes(changed), aad=CELL)


@pytest.mark.parametrize('size', [0, 1, 12, 28])
def test_a_cut_value_is_refused(keys, size):
    with pytest.raises(vault.SealBroken):
        vault.unseal(vault.seal('МР', aad=CELL)[:size], aad=CELL)


def test_a_new_key_seals_and_the_old_one_still_opens(keys):
    before = vault.seal('МР', aad=CELL)
    keys(f'2:{NEW}, 1:{OLD}')
    after = vault.seal('МР', aad=CELL)

    assert (before[0], after[0]) == (1, 2)
    assert vault.unseal(before, aad=CELL) == vault.unseal(after, aad=CELL) == 'МР'

    keys(f'2:{NEW}')
    with pytest.raises(vault.SealBroken):
        vault.unseal(before, aad=CELL)


@pytest.mark.parametrize(
    'text',
    ['', '1', 'x:' + OLD, '1:short', '1:' + base64.b64encode(b'k' * 16).decode(), f'256:{OLD}', f'1:{OLD},1:{NEW}'],
)
def test_wrong_keys_are_named_without_being_shown(keys, text):
    keys(text)

    with pytest.raises(SettingsError) as refusal:
        vault.seal('МР', aad=CELL)
    assert OLD not in str(refusal.value)


@pytest.mark.parametrize('place', [('a:b', 1, 'c'), ('', 1, 'c'), ('a', '', 'c'), ('a', 1, 'b:c')])
def test_an_ambiguous_place_is_refused(place):
    with pytest.raises(ValueError):
        vault.aad_of(*place)


def test_a_value_without_a_place_is_not_sealed(keys):
    with pytest.raises(ValueError):
        vault.seal('МР', aad='')


def test_the_blind_index_depends_on_text_purpose_and_pepper(keys):
    found = vault.blind_index('МР1234567', 'passport')

    assert found == vault.blind_index('МР1234567', 'passport')
    assert len(found) == 64
    assert found != vault.blind_index('МР1234568', 'passport')
    assert found != vault.blind_index('МР1234567', 'phone')
    keys(f'1:{OLD}', pepper='q' * 40)
    assert found != vault.blind_index('МР1234567', 'passport')
