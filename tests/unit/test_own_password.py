"""One's own password: the first one after the envelope, and every later one."""

import pytest

from models.outbox import OutgoingMessage
from models.user import RecoveryToken, User
from services.authority import own_contract, require_role
from services.clock import now
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired
from services.events import SessionEnded
from services.identity import chosen_contract, own_password, own_sessions, passwords, sessions
from tests import factories

NEW = 'кони едят овёс'


@pytest.fixture
def newcomer(db, anna):
    """Anna as she comes with her one-time password."""
    User.update(must_change_password=True).where(User.id == anna.user_id).execute()
    token = sessions.open_session(
        User.get_by_id(anna.user_id), anna.role, address='192.0.2.7', agent='Browser', contract_id=anna.contract_id
    )
    return sessions.resolve(token)


def test_a_half_opened_session_wears_no_role(newcomer):
    with pytest.raises(NotAllowed):
        require_role(newcomer, *type(newcomer.role))
    with pytest.raises(NotAllowed):
        own_contract(newcomer)
    for service in (own_sessions.list_own, own_sessions.end_others):
        with pytest.raises(NotAllowed):
            service(actor=newcomer)
    with pytest.raises(NotAllowed):
        own_password.change_password(factories.PASSWORD, NEW, NEW, actor=newcomer)
    with pytest.raises(NotAllowed):
        chosen_contract.choose_contract('100001', actor=newcomer)
    with pytest.raises(NotAllowed):
        sessions.switch_role('any', newcomer.role, actor=newcomer)


def test_the_first_password_opens_a_full_session_under_a_new_id(db, newcomer, anna):
    token = own_password.set_first_password(NEW, NEW, actor=newcomer)

    full = sessions.resolve(token)
    assert not full.must_change_password
    assert full.contract_id == anna.contract_id
    assert sessions.resolve_hash(newcomer.session_hash) is None
    assert sessions.resolve_hash(anna.session_hash) is None
    assert passwords.verify_password(NEW, User.get_by_id(anna.user_id).password_hash)
    assert OutgoingMessage.select().where(OutgoingMessage.key.startswith('password:')).count() == 1


@pytest.mark.parametrize(('who', 'way'), [('anna', '/my/recovery'), ('olga', 'скажите администратору')])
def test_the_letter_about_a_new_password_names_a_way_that_is_open_to_the_person(db, anna, olga, who, way):
    own_password.set_password({'anna': anna, 'olga': olga}[who].user_id, passwords.hash_password(NEW))

    text = OutgoingMessage.get(OutgoingMessage.key.startswith('password:')).text
    assert way in text
    assert ('/my/recovery' in text) is (who == 'anna')


def test_the_first_password_is_asked_once(db, newcomer):
    token = own_password.set_first_password(NEW, NEW, actor=newcomer)

    with pytest.raises(NotAllowed):
        own_password.set_first_password(NEW, NEW, actor=sessions.resolve(token))


def test_the_one_time_password_is_no_password_of_ones_own(db, newcomer):
    User.update(password_hash=passwords.hash_password(NEW)).where(User.id == newcomer.user_id).execute()

    with pytest.raises(InvalidField) as refused:
        own_password.set_first_password(NEW, NEW, actor=newcomer)
    assert refused.value.field == 'new'


def test_an_email_is_taken_from_who_has_none(db, newcomer):
    User.update(email=None).where(User.id == newcomer.user_id).execute()
    assert not own_password.rules(actor=newcomer).has_email

    own_password.set_first_password(NEW, NEW, ' Anna.New@Example.by ', actor=newcomer)

    assert User.get_by_id(newcomer.user_id).email == 'Anna.New@example.by'
    letter = OutgoingMessage.get(OutgoingMessage.key.endswith(':new'))
    assert letter.recipient == 'Anna.New@example.by'


def test_an_email_that_is_bound_is_not_changed_here(db, newcomer):
    own_password.set_first_password(NEW, NEW, 'thief@example.com', actor=newcomer)

    assert User.get_by_id(newcomer.user_id).email == 'anna@example.by'


@pytest.mark.parametrize('email', ['not an address', 'x' * 10_000, 'a@b\x00.by', '<b>@x.by', '👋', {'a': 1}])
def test_a_bad_email_is_named_beside_its_field(db, newcomer, email):
    User.update(email=None).where(User.id == newcomer.user_id).execute()

    with pytest.raises(InvalidField) as refused:
        own_password.set_first_password(NEW, NEW, email, actor=newcomer)
    assert refused.value.field == 'email'


@pytest.mark.parametrize('bad', ['short', 'x' * 10_000, 'договор 100001', {'a': 1}, None, ''])
def test_a_bad_password_is_refused(db, newcomer, bad):
    with pytest.raises(InvalidField):
        own_password.set_first_password(bad, bad, actor=newcomer)
    assert User.get_by_id(newcomer.user_id).must_change_password


def test_changing_the_password_spares_this_session_and_ends_the_others(db, anna):
    other = sessions.open_session(User.get_by_id(anna.user_id), anna.role, address='', agent='')
    RecoveryToken.create(user=anna.user_id, token_hash='h', created_at=now(), expires_at=now())
    db.events.clear()

    own_password.change_password(factories.PASSWORD, NEW, NEW, actor=anna)

    assert sessions.resolve_hash(anna.session_hash)
    assert sessions.resolve(other) is None
    assert SessionEnded((sessions.token_hash(other),)) in db.events
    assert RecoveryToken.select().count() == 0


@pytest.mark.parametrize(
    ('old', 'new', 'again', 'field'),
    [
        ('wrong', NEW, NEW, 'old'),
        ({}, NEW, NEW, 'old'),
        (factories.PASSWORD, NEW, 'other', 'again'),
        (factories.PASSWORD, factories.PASSWORD, factories.PASSWORD, 'new'),
    ],
)
def test_a_mistake_is_named_beside_its_field(db, anna, old, new, again, field):
    with pytest.raises(InvalidField) as refused:
        own_password.change_password(old, new, again, actor=anna)
    assert refused.value.field == field


def test_staff_need_a_longer_one(db, olga):
    assert own_password.rules(actor=olga).minimum == passwords.minimum(is_staff=True)
    with pytest.raises(passwords.WeakPassword):
        own_password.change_password(factories.PASSWORD, NEW, NEW, actor=olga)


@pytest.mark.parametrize('service', [own_password.rules, own_sessions.list_own, own_sessions.end_others])
def test_nobody_may_nothing(db, service):
    with pytest.raises(SignInRequired):
        service(actor=None)


def test_somebody_elses_session_is_not_there(db, anna, boris):
    mine = own_sessions.list_own(actor=anna)[0].id

    with pytest.raises(NotFound):
        own_sessions.end_own(mine, actor=boris)
    assert sessions.resolve_hash(anna.session_hash)


def test_one_ends_a_session_of_ones_own_twice_without_harm(db, anna):
    other = sessions.open_session(User.get_by_id(anna.user_id), anna.role, address='', agent='')
    listed = next(s for s in own_sessions.list_own(actor=anna) if not s.is_this)

    own_sessions.end_own(listed.id, actor=anna)
    own_sessions.end_own(listed.id, actor=anna)

    assert sessions.resolve(other) is None
    assert len(own_sessions.list_own(actor=anna)) == 1
