"""Passkeys: a question is answered once, by the right key, with the person's consent, at our address."""

from datetime import timedelta

import pytest
import time_machine

from models.second_factor import Passkey, PasskeyChallenge
from services.clock import now
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, TooManyRequests
from services.identity import factors, passkey_questions, passkeys, step_up
from services.identity.auth_rules import get_rules
from services.identity.enrolment import LastFactor
from services.identity.passkeys import PasskeyRefused
from services.settings import get_settings
from tests.authenticator import SoftKey, tampered
from tests.factors import enter, give_app, give_key, make_stale


def show(key, actor):
    passkeys.show(key.get(passkeys.ask_to_show(actor=actor)), actor=actor)


def test_a_key_is_added_and_shown(db, anna):
    key = give_key(anna)

    show(key, anna)

    listed = passkeys.list_own(actor=anna)
    assert [(k.name, bool(k.used_at)) for k in listed] == [('Телефон', True)]
    assert factors.own(actor=anna).codes_left == 10


def test_a_replayed_answer_is_refused(db, anna):
    key = give_key(anna)
    answer = key.get(passkeys.ask_to_show(actor=anna))
    passkeys.show(answer, actor=anna)

    with pytest.raises(PasskeyRefused):
        passkeys.show(answer, actor=anna)
    passkeys.ask_to_show(actor=anna)
    with pytest.raises(PasskeyRefused):
        passkeys.show(answer, actor=anna)


def test_a_wrong_answer_uses_the_question_up(db, anna):
    key = give_key(anna)
    answer = key.get(passkeys.ask_to_show(actor=anna))

    for sent in (tampered(answer), answer):
        with pytest.raises(PasskeyRefused):
            passkeys.show(sent, actor=anna)


def test_a_copied_key_is_found_by_its_counter(db, anna):
    key = give_key(anna)
    show(key, anna)
    key.count = 0

    with pytest.raises(PasskeyRefused):
        show(key, anna)


def test_the_person_has_to_consent(db, anna):
    key = give_key(anna)
    key.is_verified = False

    with pytest.raises(PasskeyRefused):
        show(key, anna)


def test_a_key_without_the_persons_consent_is_not_added(db, anna):
    key = SoftKey()
    key.is_verified = False

    with pytest.raises(PasskeyRefused):
        passkeys.register('Ключ', key.create(passkeys.ask_to_register(actor=anna)), actor=anna)
    assert Passkey.select().count() == 0


@pytest.mark.parametrize('field', ['origin', 'rp_id'])
def test_an_answer_made_for_another_site_is_refused(db, anna, field):
    key = give_key(anna)
    setattr(key, field, 'https://amigo.example.com' if field == 'origin' else 'amigo.example.com')

    with pytest.raises(PasskeyRefused):
        show(key, anna)


def test_somebody_elses_key_is_refused(db, anna, boris):
    key = give_key(anna)
    give_key(boris)

    with pytest.raises(PasskeyRefused):
        show(key, boris)


def test_a_question_belongs_to_its_session_and_its_purpose(db, anna):
    key = give_key(anna)
    answer = key.get(passkeys.ask_to_show(actor=anna))
    with pytest.raises(PasskeyRefused):
        passkeys.show(answer, actor=enter('100001'))

    for_showing = passkeys.ask_to_show(actor=anna)
    with pytest.raises(PasskeyRefused):
        passkeys.register('Ещё', SoftKey().create(for_showing), actor=anna)


def test_a_question_is_open_five_minutes(db, anna):
    key = give_key(anna)
    options = passkeys.ask_to_show(actor=anna)

    with (
        time_machine.travel(now() + get_rules().second_factor.passkey_question + timedelta(seconds=1)),
        pytest.raises(PasskeyRefused),
    ):
        passkeys.show(key.get(options), actor=anna)


def test_forgotten_questions_are_swept(db, anna):
    passkeys.ask_to_show(actor=anna)

    assert passkey_questions.sweep() == 0
    with time_machine.travel(now() + get_rules().second_factor.passkey_question + timedelta(seconds=1)):
        assert passkey_questions.sweep() == 1
    assert PasskeyChallenge.select().count() == 0


@pytest.mark.parametrize(
    'sent', ['', 'null', '[]', '{}', '{"id": 1}', 'x' * 20_000, None, {'a': 1}, '{"id": "\\u0000"}']
)
def test_what_is_no_answer_is_refused(db, anna, sent):
    give_key(anna)
    passkeys.ask_to_show(actor=anna)
    with pytest.raises(PasskeyRefused):
        passkeys.show(sent, actor=anna)

    passkeys.ask_to_register(actor=anna)
    with pytest.raises(PasskeyRefused):
        passkeys.register('Ключ', sent, actor=anna)


def test_a_key_is_added_once(db, anna, boris):
    key = give_key(anna)

    for actor in (anna, boris):
        with pytest.raises(PasskeyRefused):
            passkeys.register('Опять', key.create(passkeys.ask_to_register(actor=actor)), actor=actor)


def test_a_key_needs_a_name(db, anna):
    with pytest.raises(InvalidField) as refused:
        passkeys.register(' ', SoftKey().create(passkeys.ask_to_register(actor=anna)), actor=anna)
    assert refused.value.field == 'name'


def test_a_key_of_ones_own_is_removed_and_no_other(db, anna, boris):
    give_key(anna)
    mine = passkeys.list_own(actor=anna)[0].id

    with pytest.raises(NotFound):
        passkeys.remove(mine, actor=boris)
    passkeys.remove(mine, actor=anna)

    assert not factors.has_any(anna.user_id)


def test_an_employee_keeps_the_last_factor(db, olga):
    give_key(olga)
    only = passkeys.list_own(actor=olga)[0].id
    with pytest.raises(LastFactor):
        passkeys.remove(only, actor=olga)

    give_app(olga)
    passkeys.remove(only, actor=olga)

    assert factors.own(actor=olga).count == 1


def test_a_stale_session_changes_no_keys(db, anna):
    give_key(anna)
    make_stale(anna)

    for change in (passkeys.ask_to_register, lambda actor: passkeys.remove(1, actor=actor)):
        with pytest.raises(step_up.StepUpRequired):
            change(actor=anna)


def test_nobody_and_a_half_opened_session_may_nothing(db, anna):
    give_key(anna)
    half = enter('100001')

    for service in (passkeys.ask_to_register, passkeys.list_own):
        with pytest.raises(SignInRequired):
            service(actor=None)
        with pytest.raises(NotAllowed):
            service(actor=half)


def test_questions_have_an_end(db, anna):
    for _ in range(get_rules().second_factor.passkey_questions.most):
        passkeys.ask_to_show(actor=anna)

    with pytest.raises(TooManyRequests):
        passkeys.ask_to_show(actor=anna)


@pytest.mark.parametrize(
    ('url', 'origin'),
    [
        ('https://amigo.by/', 'https://amigo.by'),
        ('https://amigo.by:8443', 'https://amigo.by:8443'),
        ('http://127.0.0.1:8080', 'http://localhost:8080'),
        ('http://[::1]:8080', 'http://localhost:8080'),
    ],
)
def test_keys_work_at_the_public_address(monkeypatch, url, origin):
    monkeypatch.setenv('AMIGO_PUBLIC_URL', url)
    get_settings.cache_clear()
    try:
        assert passkeys.origin() == origin
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
