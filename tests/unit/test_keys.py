"""docs/keys.yml is the inventory of cryptography: every key, every purpose and every use in the code, and no other."""

import ast

import bcrypt
import pytest
import yaml

from services.identity import form_tokens, keys, known_devices, passwords, vault
from services.settings import Settings
from tests.test_house_rules import ROOT

DOCUMENT = yaml.safe_load((ROOT / 'docs' / 'keys.yml').read_text(encoding='utf-8'))
FOLDERS = ('pages', 'components', 'services', 'models')
VETTED = {'hashlib', 'hmac', 'bcrypt', 'cryptography', 'webauthn', 'pyotp'}
OTHER = {'Crypto', 'Cryptodome', 'nacl', 'rsa', 'jwt', 'jose', 'passlib', 'argon2', 'OpenSSL', 'itsdangerous', 'crypt'}
APPROVED = {'sha256', 'sha384', 'SHA256'}
BANK = 'services/gateways/sandbox/'
"""The demo's own bank: there it plays bePaid, not us."""
PARTNER = 'services/gateways/webpay_signatures.py'
"""Old hashes are WEBPAY's protocol; what they prove is asked about again over TLS."""


def trees():
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob('*.py'))]
    for path in [*files, ROOT / 'main.py']:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding='utf-8'))


def imports(tree):
    """Return (module, name) of each import; name is empty where the module itself is taken."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, '') for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def takes(tree):
    """Return what a file takes of cryptography: names it imports, and attributes of the modules it imports."""
    found = {
        'webauthn' if module.startswith('webauthn') else name if module != 'hmac' else f'hmac.{name}'
        for module, name in imports(tree)
        if module.split('.')[0] in VETTED and name
    }
    whole = {module for module, name in imports(tree) if module in VETTED and not name}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whole:
            module = node.value.id
            found.add(node.attr if module == 'hashlib' else module if module == 'webauthn' else f'{module}.{node.attr}')
    return found


def calls(tree, name):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition('.')[2] == name:
            yield node


USES = {file: found for file, tree in trees() if (found := takes(tree))}


def test_every_use_of_cryptography_stands_in_the_document_and_no_other():
    listed = {file: set(use['takes']) for file, use in DOCUMENT['uses'].items()}

    assert listed == USES
    assert all(use['for'] for use in DOCUMENT['uses'].values())


def test_every_purpose_of_a_derived_key_stands_in_the_document_and_no_other():
    found = set()
    for file, tree in trees():
        purposes = [call.args[0] for call in calls(tree, 'keys_for')]
        purposes += [call.args[1] for call in calls(tree, 'derive_key') if file != 'services/identity/keys.py']
        if 'purpose' in map(ast.unparse, purposes):  # handed on by _keys(…) of the same file
            purposes = [call.args[0] for call in calls(tree, '_keys')]
        found |= {(_words(purpose), file) for purpose in purposes}
        found |= {(f'blind-index:{{{ast.unparse(call.args[0])}}}', file) for call in calls(tree, 'blind_keys_for')}

    assert found == {(purpose, entry['in']) for purpose, entry in DOCUMENT['purposes'].items()}


def _words(node):
    return node.value if isinstance(node, ast.Constant) else ast.unparse(node)[2:-1]


def test_every_secret_of_the_settings_that_computes_has_an_owner_a_place_and_a_way_to_change_it():
    passwords_of_others = {'smtp_url', 'sms_url', 'webpay_password'}
    secrets = {name for name, field in Settings.model_fields.items() if 'SecretStr' in str(field.annotation)}

    assert set(DOCUMENT['keys']) == secrets - passwords_of_others | {'bepaid_public_key'}
    for entry in DOCUMENT['keys'].values():
        assert set(entry) == {'owner', 'where', 'size', 'rotation', 'lost'}
    assert {entry['from'] for entry in DOCUMENT['purposes'].values()} <= set(DOCUMENT['keys'])


def test_nobody_elses_cryptography_is_imported():
    taken = {(file, module) for file, tree in trees() for module, _ in imports(tree) if module.split('.')[0] in OTHER}

    assert taken == set()


def test_hashes_are_sha_2_of_256_bits_or_more():
    known = {'sha1', 'md5', 'new', 'sha224', 'blake2s', 'SHA1', 'MD5', 'SHA224', *APPROVED}
    found = {(file, name) for file, names in USES.items() for name in names & known if name not in APPROVED}
    given = {ast.unparse(call.args[2]) for _, tree in trees() for call in calls(tree, 'new') if len(call.args) == 3}

    assert found == {(PARTNER, 'md5'), (PARTNER, 'sha1')}
    assert given <= {'hashlib.sha256', 'hashlib.sha384', 'sha256'}
    assert len(given) == 3


def test_sealing_is_aes_gcm_and_nothing_older():
    ciphers = {'Cipher', 'Fernet', 'AES', 'modes', 'TripleDES', 'ARC4', 'ChaCha20', 'AESCCM', 'AESSIV'}

    assert {(file, name) for file, names in USES.items() for name in names & ciphers} == set()
    assert {file for file, names in USES.items() if 'AESGCM' in names} == {
        'services/identity/vault.py',
        'services/identity/captcha.py',
    }


def test_old_padding_verifies_signatures_and_encrypts_nothing():
    users = {file for file, names in USES.items() if 'PKCS1v15' in names}
    encrypting = {file for file, tree in trees() for name in ('encrypt', 'decrypt') for _ in calls(tree, name)}

    assert users == {'services/gateways/bepaid_webhook.py', f'{BANK}keys.py'}
    assert encrypting & users == set()
    assert all(list(calls(tree, 'verify')) for file, tree in trees() if file == 'services/gateways/bepaid_webhook.py')


def test_keys_and_marks_have_128_bits_or_more():
    assert keys.KEY_BYTES == len(keys.derive_key('s' * 32, 'anything')) == 32
    assert vault.TAG_BYTES == 16
    assert vault.NONCE_BYTES == 12
    assert min(form_tokens.MAC_BYTES, known_devices.MAC_BYTES) >= 16
    assert Settings.model_fields['bcrypt_rounds'].default == 12


def test_a_password_is_kept_as_bcrypt_of_the_present_cost(monkeypatch):
    monkeypatch.setattr(passwords, 'rounds', lambda: 12)

    assert passwords.hash_password('кони едят овёс утром').startswith(
        f'{passwords._tag(passwords._peppers()[0])}$2b$12$'
    )
    assert bcrypt.gensalt().startswith(b'$2b$12$'), 'the library itself asks for no more'


def _bytes_of(call, tree):
    """Return how many bytes a call of token_…() asks for; names are looked up among the file's own constants."""
    known = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            is_pair = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            pairs = zip(target.elts, value.elts, strict=True) if is_pair else [(target, value)]
            known |= {ast.unparse(t): v.value for t, v in pairs if isinstance(v, ast.Constant)}
    asked = ast.unparse(call.args[0])
    return 16 if asked == 'VISIT_LENGTH // 2' else known.get(asked) or int(asked)


def test_random_values_have_128_bits_where_the_document_names_no_reason():
    short = set()
    for file, tree in trees():
        asked = [c for name in ('token_bytes', 'token_hex', 'token_urlsafe') for c in calls(tree, name)]
        if any(_bytes_of(call, tree) < 16 for call in asked):
            short.add(file)

    assert short == set(DOCUMENT['short'])


@pytest.mark.parametrize('module', ['random', 'uuid'])
def test_chance_comes_from_the_system(module):
    takers = {file for file, tree in trees() for name, _ in imports(tree) if name == module}

    assert {file for file in takers if not file.startswith(BANK)} <= {'services/messages/outbox.py'}, (
        'pauses are no secret'
    )
