"""docs/auth.yml is the truth: it is complete, the code obeys what it says, and another figure is another behaviour."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
import yaml
from pydantic import SecretStr, ValidationError

from models.user import Role, User
from services.clock import now
from services.contracts import profile
from services.errors import TooManyRequests
from services.identity import (
    auth_rules,
    captcha,
    employees,
    factors,
    guessing,
    own_password,
    password_words,
    passwords,
    recovery,
    sessions,
    sign_in,
)
from services.identity.passwords import WeakPassword
from services.settings import Settings
from tests.factors import enter, give_app

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {name: SecretStr('x' * 40) for name in ('secret_key', 'pepper', 'field_keys')}


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Change values in a copy of the document and let the program read that: `changed('tokens.captcha', '1 min')`."""

    def change(path, value):
        document = yaml.safe_load(auth_rules.FILE.read_text(encoding='utf-8'))
        *way, last = path.split('.')
        part = document
        for step in way:
            part = part[step]
        part[last] = value
        copy = tmp_path / 'auth.yml'
        copy.write_text(yaml.safe_dump(document, allow_unicode=True), encoding='utf-8')
        monkeypatch.setattr(auth_rules, 'FILE', copy)
        auth_rules.get_rules.cache_clear()
        return auth_rules.get_rules()

    yield change
    auth_rules.get_rules.cache_clear()


def test_the_document_says_what_was_decided():
    rules = auth_rules.get_rules()

    assert (rules.passwords.subscriber_minimum, rules.passwords.staff_minimum) == (10, 15)
    assert rules.sessions[Role.SUBSCRIBER] == auth_rules.SessionEnds(idle='24 h', absolute='30 d')
    assert rules.sessions[Role.OPERATOR] == rules.sessions[Role.ADMINISTRATOR]
    assert rules.sessions[Role.OPERATOR] == auth_rules.SessionEnds(idle='30 min', absolute='10 h')
    assert rules.sessions[Role.TECHNICIAN] == auth_rules.SessionEnds(idle='4 h', absolute='12 h')
    assert rules.tokens.captcha == timedelta(minutes=5)
    assert (rules.recovery.letters_to_account, rules.recovery.asked_by_network) == (3, 5)


@pytest.mark.parametrize(
    ('path', 'value'),
    [
        ('tokens.captcha', '5'),
        ('tokens.captcha', 300),
        ('tokens.captcha', '5 weeks'),
        ('tokens.more', '5 min'),
        ('guessing.pause.free', 'many'),
        ('passwords.words', []),
        ('passwords.words_of', ['shoe_size']),
        ('half_open', {'ask': '10 min'}),
        ('sessions', {'subscriber': {'idle': '1 h', 'absolute': '1 d'}}),
    ],
)
def test_what_the_program_does_not_understand_stops_it(changed, path, value):
    with pytest.raises(ValueError):
        changed(path, value)


def test_another_minimum_is_another_minimum(changed):
    passwords.validate_new_password('синий чайник', is_staff=False)
    changed('passwords.subscriber_minimum', 13)

    with pytest.raises(WeakPassword, match='13'):
        passwords.validate_new_password('синий чайник', is_staff=False)


def test_another_word_is_another_word(changed):
    changed('passwords.words', ['чайник'])

    with pytest.raises(WeakPassword, match='легко угадать'):
        passwords.validate_new_password('синий чайник', is_staff=False)


def test_other_ends_of_a_session_are_other_ends(db, anna, changed):
    changed('sessions.subscriber.idle', '1 h')
    with time_machine.travel(now() + timedelta(hours=1)):
        assert sessions.resolve_hash(anna.session_hash) is None

    changed('sessions.subscriber.absolute', '2 h')
    token = sessions.open_session(User.get_by_id(anna.user_id), Role.SUBSCRIBER, address='', agent='')
    assert sessions.Session.get(
        sessions.Session.token_hash == sessions.token_hash(token)
    ).expires_at < now() + timedelta(hours=2, seconds=1)


def test_another_life_of_a_captcha_is_another_life(changed):
    changed('tokens.captcha', '1 min')
    token = captcha.issue('sign_in').token

    with time_machine.travel(now() + timedelta(minutes=1)), pytest.raises(captcha.CaptchaGone):
        captcha.picture(token)


def test_another_limit_of_recovery_is_another_limit(db, anna, changed):
    changed('recovery.letters_to_account', 1)
    for number in range(2):
        code = captcha.issue('recovery').token
        recovery.request('100001', 'anna@example.by', code, '12345', address=f'192.0.2.{number}')
        recovery.write_due()

    assert recovery.letters.OutgoingMessage.select().count() == 1


def test_another_limit_of_guessing_is_another_limit(db, anna, changed):
    changed('guessing.captcha.failures_of_account', 1)
    with pytest.raises(sign_in.WrongCredentials):
        sign_in.sign_in('100001', 'wrong', address='192.0.2.7', agent='')

    with pytest.raises(guessing.CaptchaNeeded):
        sign_in.sign_in('100001', 'wrong', address='192.0.2.7', agent='')


def test_another_limit_of_proving_oneself_is_another_limit(db, anna, changed):
    changed('own_password.tries', 1)
    for refusal in (own_password.InvalidField, TooManyRequests):
        with pytest.raises(refusal):
            own_password.change_password('wrong', 'x', 'x', actor=anna)


def test_another_limit_of_proving_oneself_holds_for_the_email_too(db, anna, changed):
    changed('own_password.tries', 1)
    for refusal in (own_password.InvalidField, TooManyRequests):
        with pytest.raises(refusal):
            profile.change_email('new@example.by', 'wrong', 'key-1', actor=anna)


@pytest.mark.parametrize(('step', 'has_app'), [('ask', True), ('enrol', False)])
def test_another_time_for_the_second_step_is_another_time(db, olga, changed, monkeypatch, step, has_app):
    changed(f'half_open.{step}', '2 min')
    monkeypatch.setattr(factors, 'is_obligatory', lambda role: True)
    if has_app:
        give_app(olga)

    half = enter('olga')

    assert half.second_step == step
    with time_machine.travel(now() + timedelta(seconds=115)):
        assert sessions.resolve_hash(half.session_hash)
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert sessions.resolve_hash(half.session_hash) is None


def test_another_life_of_an_employees_first_password_is_another_life(db, ada, changed):
    changed('tokens.first_access_of_employee', '2 h')
    access = employees.create(employees.NewEmployee('petr', 'Пётр', 'petr@example.by', ('operator',)), actor=ada)

    assert now() + timedelta(minutes=119) < access.until <= now() + timedelta(hours=2)


@pytest.mark.parametrize('word', ['100001', 'ANNA', 'лесная', 'минск', 'комфорт', 'i-100', 'Амиго'])
def test_what_is_known_about_a_person_is_not_in_his_password(db, anna, word):
    user = User.get_by_id(anna.user_id)
    User.update(name='Анна Лесная').where(User.id == user.id).execute()
    words = password_words.of(User.get_by_id(user.id))

    with pytest.raises(WeakPassword, match='легко угадать'):
        passwords.validate_new_password(f'крыша {word} и труба', is_staff=False, context_words=words)


def test_a_source_of_words_that_is_struck_out_is_not_looked_at(db, anna, changed):
    changed('passwords.words_of', ['town'])

    words = password_words.of(User.get_by_id(anna.user_id))
    assert 'Минск' in words
    assert '100001' not in words


def test_every_function_that_begins_a_session_is_a_way_in_of_the_document():
    begin = set()
    for path in (ROOT / 'services').rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.FunctionDef) and any(_begins_a_session(part) for part in ast.walk(node)):
                begin.add(f'{path.stem}.{node.name}')

    begin.remove('sessions.open_session')  # the maker the others call
    assert begin == {way.begins for way in auth_rules.get_rules().login_paths if way.begins}


def _begins_a_session(node):
    if not isinstance(node, ast.Call):
        return False
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, 'id', '')
    return called == 'open_session' or ast.unparse(node.func) == 'Session.create'


def test_every_way_in_has_its_address(monkeypatch):
    from fastapi import FastAPI

    from pages.entry import confirm, first_login, recovery, second_step, sign_in

    app = FastAPI()
    for page in (confirm, first_login, recovery, second_step, sign_in):
        page.register(app)
    known = {f'{method} {route.path}' for route in app.routes for method in getattr(route, 'methods', ())}

    assert {way.path for way in auth_rules.get_rules().login_paths} <= known


def test_the_image_carries_the_document():
    assert re.search(
        r'^COPY .*docs/auth\.yml.* \./docs/$', (ROOT / 'Dockerfile').read_text(encoding='utf-8'), re.MULTILINE
    )
    assert '!docs/auth.yml' in (ROOT / '.dockerignore').read_text(encoding='utf-8').splitlines()


@pytest.mark.parametrize(
    'settings', [{'demo': False, **SECRETS}, {'demo': True, 'demo_force_host': True, 'host': '192.0.2.1'}]
)
def test_nobody_starts_without_limits_where_others_can_reach_it(settings):
    Settings(_env_file=None, **settings)

    with pytest.raises(ValidationError, match='AMIGO_DEMO_NO_LIMITS'):
        Settings(_env_file=None, demo_no_limits=True, **settings)


def test_a_demo_for_measuring_may_lift_the_limits():
    assert Settings(_env_file=None, demo=True, demo_no_limits=True).demo_no_limits


def test_the_commonest_passwords_that_are_long_enough_are_refused():
    long = sorted(word for word in passwords._common() if len(word) >= passwords.minimum(is_staff=False))

    assert len(long) > 20_000
    assert (ROOT / 'services/identity/passwords_common.LICENSE.txt').read_text(encoding='utf-8').count(
        'MIT License'
    ) >= 2
    for word in long:
        with pytest.raises(WeakPassword):
            passwords.validate_new_password(word, is_staff=False)
