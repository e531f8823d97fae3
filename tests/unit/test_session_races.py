"""Two things at the same moment: no session outlives «sign out everywhere» or a password that was changed meanwhile."""

import threading

import pytest

from models.user import Role, SecondStep, Session, User
from services.errors import DomainError, NotAllowed, SignInRequired
from services.identity import (
    confirming,
    factors,
    own_password,
    passkeys,
    passwords,
    second_step,
    sessions,
    sign_in,
    totp,
)
from services.runner import transactional, with_connection
from services.settings import get_settings
from tests import factories
from tests.authenticator import SoftKey
from tests.factors import code, enter, give_app, make_fresh, make_stale

NEW = 'кони едят овёс'
A_MOMENT = 0.5
"""Seconds the second one gets while the first holds: without a lock it is through by then."""


def living(user_id):
    query = Session.select().where((Session.user == user_id) & Session.revoked_at.is_null())
    return with_connection(query.count)()


def while_all_are_ended(user_id, service):
    """Call a service while «sign out everywhere» has begun and not committed; return what it raised."""
    ended, heard = threading.Event(), []

    def second():
        ended.wait(20)
        try:
            service()
        except DomainError as error:
            heard.append(error)

    thread = threading.Thread(target=second)

    @transactional
    def first():
        sessions.end_all_sessions(user_id)
        ended.set()
        thread.join(A_MOMENT)

    thread.start()
    with_connection(first)()
    thread.join(20)
    return heard


@pytest.mark.parametrize(
    'go_on',
    [
        lambda actor: confirming.confirm(factories.PASSWORD, '', '', actor=actor),
        lambda actor: sessions.switch_role('any', Role.OPERATOR, actor=actor),
    ],
    ids=['confirm', 'switch_role'],
)
def test_a_session_that_is_ended_becomes_no_other(committed_db, ada, go_on):
    heard = while_all_are_ended(ada.user_id, with_connection(lambda: go_on(ada)))

    assert [type(error) for error in heard] == [SignInRequired]
    assert living(ada.user_id) == 0


def test_a_second_step_opens_nothing_once_all_is_ended(committed_db, anna):
    give_app(anna)
    half = with_connection(enter)('100001')

    heard = while_all_are_ended(anna.user_id, with_connection(lambda: second_step.pass_by_code(code(), actor=half)))

    assert [type(error) for error in heard] == [SignInRequired]
    assert living(anna.user_id) == 0


def test_a_password_that_was_changed_while_it_was_hashed_opens_nothing(db, anna, monkeypatch):
    look = passwords.verify_password

    def slow_look(typed, stored):
        is_right = look(typed, stored)
        own_password.set_password(anna.user_id, factories.password_hash(NEW))
        return is_right

    monkeypatch.setattr(passwords, 'verify_password', slow_look)

    with pytest.raises(sign_in.WrongCredentials):
        enter('100001')
    assert living(anna.user_id) == 0


def test_renewing_an_old_hash_brings_no_old_password_back(db, anna, monkeypatch):
    look = passwords.verify_password

    def slow_look(typed, stored):
        is_right = look(typed, stored)
        own_password.set_password(anna.user_id, factories.password_hash(NEW))
        return is_right

    monkeypatch.setattr(passwords, 'verify_password', slow_look)
    monkeypatch.setattr(passwords, 'needs_rehash', lambda stored: True)

    with pytest.raises(sign_in.WrongCredentials):
        enter('100001')
    assert look(NEW, User.get_by_id(anna.user_id).password_hash)


def test_a_hash_another_sign_in_renewed_meanwhile_refuses_nobody(db, anna, monkeypatch):
    look, renewed = passwords.verify_password, []

    def slow_look(typed, stored):
        is_right = look(typed, stored)
        if not renewed:
            renewed.append(passwords.hash_password(factories.PASSWORD))
            User.update(password_hash=renewed[0]).where(User.id == anna.user_id).execute()
        return is_right

    monkeypatch.setattr(passwords, 'verify_password', slow_look)

    assert enter('100001').user_id == anna.user_id


@pytest.fixture
def obligatory(monkeypatch):
    """Staff need a second factor, as outside the demo."""
    monkeypatch.setenv('AMIGO_DEMO_SECOND_FACTOR', '1')
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def test_of_two_who_set_up_a_first_factor_at_once_one_is_in(committed_db, olga, obligatory):
    thief, owner = with_connection(enter)('olga'), with_connection(enter)('olga')
    assert {thief.second_step, owner.second_step} == {SecondStep.ENROL}

    @with_connection
    def begin():
        key = SoftKey()
        totp.begin(actor=thief)
        secret = totp.setup(actor=thief).secret.replace(' ', '')
        return key.create(passkeys.ask_to_register(actor=owner)), secret

    answer, secret = begin()
    held, heard = threading.Event(), []

    def second():
        held.wait(20)
        try:
            with_connection(totp.confirm)(code(secret=secret), actor=thief)
        except DomainError as error:
            heard.append(error)

    thread = threading.Thread(target=second)

    @transactional
    def first():
        factors.locked_user(olga.user_id)
        held.set()
        thread.join(A_MOMENT)
        passkeys.register('Токен', answer, actor=owner)

    thread.start()
    with_connection(first)()
    thread.join(20)

    assert [type(error) for error in heard] == [NotAllowed]
    assert with_connection(factors.of)(olga.user_id).count == 1


def test_a_browser_left_open_chooses_no_first_factor_of_an_employee(db, ada, obligatory):
    user = User.get_by_id(ada.user_id)
    left_open = factories.actor(user, Role.SUBSCRIBER, factories.make_contract('100007', user=user))
    make_stale(left_open)

    with pytest.raises(sessions.SignInAgain):
        sessions.switch_role('any', Role.ADMINISTRATOR, actor=left_open)

    make_fresh(left_open)
    switched = sessions.resolve(sessions.switch_role('any', Role.ADMINISTRATOR, actor=left_open))
    assert switched.second_step == SecondStep.ENROL
