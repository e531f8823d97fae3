"""What people are promised about their passwords: any characters, all of them, for ever, and no questions (ASVS 6.2, 6.4)."""

import re
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from models.base import database
from models.outbox import OutgoingMessage
from models.tables import ALL
from models.user import User
from services import demo
from services.clock import now
from services.contracts import credentials
from services.identity import captcha, own_password, passwords, recovery, sessions, sign_in
from services.identity.auth_rules import get_rules
from services.identity.sign_in import WrongCredentials
from tests import factories, field
from tests.test_asvs import found

ROOT = Path(__file__).resolve().parents[2]
NEW = 'кони едят овёс'
ALPHABETS = ('Lu', 'Ll', 'Lo', 'Nd', 'Nl', 'Po', 'Sm', 'So', 'Sc', 'Pd', 'Zs')
"""Capitals, small letters, letters of scripts without case, digits, signs, pictures, spaces: each alone is enough."""


def enter(login, password):
    return sign_in.sign_in(login, password, address='192.0.2.7', agent='Browser')


def one_alphabet(category):
    letters = st.characters(categories=[category])
    return st.lists(letters, min_size=15, max_size=60, unique=True).map(''.join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ALPHABETS).flatmap(one_alphabet))
@example('абвгдежзийклмно')
@example('АБВГДЕЖЗИЙКЛМНО')
@example('漢字仮名交文東西南北春夏秋冬雪')
@example('٠١٢٣٤٥٦٧٨٩۰۱۲۳۴')
@example('!"#%&*,./:;?@¡§')
def test_fifteen_characters_of_any_alphabet_are_enough_for_everybody(password):
    assume(len(unicodedata.normalize('NFC', password)) >= 15)

    passwords.validate_new_password(password, is_staff=True)


def test_two_hundred_cyrillic_letters_open_the_door_and_one_fewer_does_not(db, anna):
    long = ('съешь же ещё этих мягких французских булок да выпей чаю ' * 4)[:200]
    own_password.change_password(factories.PASSWORD, long, long, actor=anna)

    assert enter('100001', long).token
    with pytest.raises(WrongCredentials):
        enter('100001', long[:-1])


@pytest.mark.parametrize(
    'typed', ['Кони едят овёс', 'КОНИ ЕДЯТ ОВЁС', 'кони едят овёс ', ' кони едят овёс', 'кониедятовёс']
)
def test_case_and_spaces_are_part_of_a_password(db, anna, typed):
    own_password.change_password(factories.PASSWORD, NEW, NEW, actor=anna)

    with pytest.raises(WrongCredentials):
        enter('100001', typed)
    assert enter('100001', NEW).token


@pytest.mark.parametrize('login', ['100001', 'olga'])
def test_a_password_does_not_grow_old(db, anna, olga, login):
    with time_machine.travel(now() + timedelta(days=5 * 366)):
        opened = enter(login, factories.PASSWORD)

    assert not opened.must_change_password


def test_a_one_time_password_is_dead_once_ones_own_is_chosen(db, taras):
    _, number = field.signed(taras)
    issued = credentials.issue(number, actor=taras)
    newcomer = sessions.resolve(enter(number, issued.password).token)
    own_password.set_first_password(NEW, NEW, actor=newcomer)

    with pytest.raises(WrongCredentials):
        enter(number, issued.password)
    assert enter(number, NEW).token


def test_a_link_of_recovery_is_256_bits_and_changes_the_password_of_its_owner_alone(db, anna, boris):
    code = captcha.issue('recovery').token
    recovery.request('100001', 'anna@example.by', code, '12345', address='192.0.2.7')
    recovery.write_due()
    link = OutgoingMessage.get().text.split('/my/recovery/confirm#')[1].split()[0]
    recovery.set_new_password(link, NEW, NEW)

    assert re.fullmatch(r'[\w-]{43}', link)
    assert enter('100001', NEW).token
    assert enter('100002', factories.PASSWORD).token


def test_each_sign_in_is_a_session_of_its_own_and_any_number_may_be_open(db, anna):
    tokens = [enter('100001', factories.PASSWORD).token for _ in range(12)]

    assert get_rules().sessions_at_once == 'any'
    assert len(set(tokens)) == 12
    assert all(re.fullmatch(r'[\w-]{43}', token) for token in tokens)
    assert all(sessions.resolve(token) for token in tokens)


def test_a_fresh_house_knows_nobody_and_is_not_filled_outside_the_demo(empty_db, monkeypatch):
    from services import settings as house

    real = house.get_settings().model_copy(update={'demo': False})
    with database.connection_context():
        assert User.select().count() == 0
        monkeypatch.setattr(demo, 'get_settings', lambda: real)
        with pytest.raises(demo.NotEmpty):
            demo.fill()
        assert User.select().count() == 0


def test_nobody_is_asked_for_the_name_of_his_first_dog():
    columns = {f'{table._meta.table_name}.{name}' for table in ALL for name in table._meta.columns}

    assert [name for name in columns if re.search('hint|secret_question|secret_answer|security_', name)] == []
    assert found('секретн[а-я]+ вопрос|контрольн[а-я]+ вопрос|девичь|кличк|подсказк[а-я]+ (к|для) парол') == []
