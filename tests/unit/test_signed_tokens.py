"""Everything we sign or seal: each byte counts, each purpose has a key of its own, each token has an end (ASVS 9)."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from models.application import Application
from services.applications import tracker
from services.clock import now
from services.identity import auth_rules, captcha, form_tokens, keys, known_devices
from services.identity.passwords import hash_password
from tests import factories

pytestmark = pytest.mark.at('2026-12-01 10:00')
ROOT = Path(__file__).resolve().parents[2]
SIGNED = {
    'services/applications/tracker.py',
    'services/chains/__init__.py',
    'services/identity/captcha.py',
    'services/identity/form_tokens.py',
    'services/identity/guessing.py',
    'services/identity/known_devices.py',
    'services/identity/passwords.py',
    'services/identity/vault.py',
}
"""Where a key is used: whoever signs in a new place adds a kind of token below, or says here why there is none."""
DELAYS = {'services/messages/outbox.py'}
"""Chance that only spreads retries: nobody gains by knowing it."""
PRETENDED_BANK = 'services/gateways/sandbox/'
LINK = 'a-link-nobody-can-guess'


class Form:
    life = auth_rules.get_rules().tokens.public_form + timedelta(seconds=1)

    def __init__(self):
        self.token = form_tokens.draw('application')

    def opens(self, token):
        try:
            return bool(form_tokens.opened(token, 'application'))
        except form_tokens.FormStale:
            return False


class Device:
    life = auth_rules.get_rules().tokens.known_device

    def __init__(self):
        self.kept = hash_password(factories.PASSWORD)
        self.token = known_devices.issue(1, self.kept)

    def opens(self, token):
        return bool(known_devices.recognise(token, 1, self.kept))


class Captcha:
    life = auth_rules.get_rules().tokens.captcha

    def __init__(self):
        self.token = captcha.issue('sign_in').token

    def opens(self, token):
        return captcha.check(token, '12345', 'sign_in', lambda *_: True)


class TrackerPass:
    life = tracker.UNLOCKED_FOR

    def __init__(self):
        number = factories.make_application().number
        mine = Application.number == number
        Application.update(tracker_hash=tracker.tracker_hash(LINK)).where(mine).execute()
        self.token = tracker.unlock(LINK, Application.get(mine).phone[-4:], address='192.0.2.7')

    def opens(self, token):
        return tracker.view(LINK, token) is not None


KINDS = [Form, Device, Captcha, TrackerPass]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request, db):
    return request.param()


def changed(token):
    """Return the token with each bit of each character flipped in turn, each character left out, and one added."""
    for place, letter in enumerate(token):
        for bit in range(8):
            yield f'{token[:place]}{chr(ord(letter) ^ 1 << bit)}{token[place + 1 :]}'
        yield token[:place] + token[place + 1 :]
    yield from {token + 'A', 'A' + token, token + '=', token + '\n', token.upper(), token.lower()} - {token}


def test_every_bit_of_a_token_counts(kind):
    assert [forged for forged in changed(kind.token) if kind.opens(forged)] == []
    assert kind.opens(kind.token)


def test_a_token_opens_nothing_of_another_kind(kind, db):
    others = [other().token for other in KINDS if other is not type(kind)]

    assert [token for token in others if kind.opens(token)] == []


@pytest.mark.parametrize('purpose', ['', 'recovery', 'application ', 'APPLICATION', 'secret:application'])
def test_a_form_of_another_purpose_is_stale(purpose):
    with pytest.raises(form_tokens.FormStale):
        form_tokens.opened(form_tokens.draw('application'), purpose)


def test_a_token_has_an_end(kind):
    with time_machine.travel(now() + kind.life - timedelta(seconds=2), tick=False):
        assert kind.opens(kind.token)
    with time_machine.travel(now() + kind.life, tick=False):
        assert not kind.opens(kind.token)


def test_a_token_of_another_installation_opens_nothing(kind, monkeypatch):
    from pydantic import SecretStr

    from services import settings

    ours = settings.get_settings()
    other = ours.model_copy(update={'secret_key': SecretStr('another secret of forty characters, at least')})
    monkeypatch.setattr(settings, 'get_settings', lambda: other)

    assert not kind.opens(kind.token)
    monkeypatch.setattr(settings, 'get_settings', lambda: ours)
    assert kind.opens(kind.token)


def test_each_purpose_has_a_key_of_its_own():
    purposes = ['form:application', 'secret:application', 'known device', 'tracker-pass', 'captcha']

    assert len({keys.derive_key('x' * 40, purpose) for purpose in purposes}) == len(purposes)
    assert keys.derive_key('x' * 40, 'captcha') != keys.derive_key('y' * 40, 'captcha')


def code():
    for path in (
        path for folder in ('pages', 'components', 'services', 'models') for path in ROOT.glob(f'{folder}/**/*.py')
    ):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding='utf-8')


def test_nothing_is_signed_where_nobody_looks():
    assert {name for name, text in code() if re.search(r'\bhmac\.new\(|\bAESGCM\(', text)} == SIGNED


def test_signatures_are_sha_256_or_stronger():
    """No token names its own algorithm, and no other stands in the code (SHA-1 of TOTP is inside pyotp), except where
    WEBPAY chose it: nothing is believed on its signature alone."""
    weak = re.compile(
        r'\b(md5|sha1|sha224|blake2s|itsdangerous|jwt|jose|SessionMiddleware|storage_secret)\b', re.IGNORECASE
    )
    found = {f'{name}: {match[0]}' for name, text in code() for match in weak.finditer(_without_words(text))}

    assert found == {'services/gateways/webpay_signatures.py: md5', 'services/gateways/webpay_signatures.py: sha1'}


def _without_words(text):
    """Return a module without its comments and the sentences of its docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant('')
    return ast.unparse(tree)


def test_chance_comes_from_secrets_alone():
    wanted = re.compile(r'^\s*(?:import|from) (?:random|uuid|numpy)\b', re.MULTILINE)
    found = {name for name, text in code() if wanted.search(text)}

    assert {name for name in found if not name.startswith(PRETENDED_BANK)} == DELAYS


OPENS_SOMETHING = {
    'services/identity/sessions.py',
    'services/identity/confirming.py',
    'services/identity/recovery.py',
    'services/contracts/access_grants.py',
}


def test_what_opens_a_door_is_256_random_bits():
    """Other random names only tell things apart: 24 bytes of a file, 12 of a form, 4 of an error's number."""
    sizes = {
        (name, ast.unparse(node.args[0]))
        for name, text in code()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == 'secrets.token_urlsafe'
    }

    assert {size for name, size in sizes if name in OPENS_SOMETHING} == {'32'}
    assert {name for name, _ in sizes if name in OPENS_SOMETHING} == OPENS_SOMETHING
