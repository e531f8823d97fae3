"""Сотрудники: made, given roles, blocked and signed out by administrators; never so that nobody administers."""

import threading
from datetime import timedelta

import pytest
import time_machine

from models.user import AuditEvent, Role, Session, User, UserRole
from services.clock import now
from services.contracts import subscriber_sessions
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired
from services.events import SessionEnded
from services.identity import employee_passwords, employees, own_password, sessions, sign_in, staff
from services.identity.auth_rules import get_rules
from services.identity.employees import LoginTaken, NewEmployee
from services.runner import with_connection
from tests import factories

PETR = NewEmployee('petr', 'Пётр Петров', 'petr@example.by', ('operator',))
OWN = 'кони едят овёс утром'


def come_in(login, password):
    return sign_in.sign_in(login, password, address='192.0.2.7', agent='Browser')


def roles_of(user_id):
    return {row.role for row in UserRole.select().where(UserRole.user == user_id)}


def actions():
    return [line.action for line in AuditEvent.select().order_by(AuditEvent.id)]


COMMANDS = {
    'list': lambda on, actor: staff.list_staff(actor=actor),
    'card': lambda on, actor: staff.get_card(on, actor=actor),
    'create': lambda on, actor: employees.create(PETR, actor=actor),
    'roles': lambda on, actor: staff.set_roles(on, ['technician'], actor=actor),
    'block': lambda on, actor: staff.block(on, 'Уволился', actor=actor),
    'unblock': lambda on, actor: staff.unblock(on, actor=actor),
    'end one': lambda on, actor: staff.end_session(on, 1, actor=actor),
    'end all': lambda on, actor: staff.end_sessions(on, actor=actor),
    'may give a password': lambda on, actor: employee_passwords.may_reissue(on, actor=actor),
    'give a password': lambda on, actor: employee_passwords.reissue(on, 'Забыл', 'form-key-1', actor=actor),
}


@pytest.mark.parametrize('command', COMMANDS)
def test_only_administrators_may(db, olga, taras, anna, stranger, command):
    for actor, refusal in ((olga, NotAllowed), (taras, NotAllowed), (anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            COMMANDS[command](olga.user_id, actor)
    assert roles_of(olga.user_id) == {Role.OPERATOR}
    assert sessions.resolve_hash(olga.session_hash)


@pytest.mark.parametrize('command', [name for name in COMMANDS if name not in {'list', 'create'}])
def test_who_is_no_employee_is_not_found(db, ada, anna, command):
    for nobody in (anna.user_id, 10**6, None, '1', 0, True):
        with pytest.raises(NotFound):
            COMMANDS[command](nobody, ada)
    assert sessions.resolve_hash(anna.session_hash)


def test_the_list_names_employees_and_no_subscribers(db, ada, olga, taras, anna):
    people = staff.list_staff(actor=ada)

    assert [(p.login, p.roles, p.is_self) for p in people] == [
        ('ada', (Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR), True),
        ('olga', (Role.OPERATOR,), False),
        ('taras', (Role.TECHNICIAN,), False),
    ]
    assert all(person.seen_at for person in people)


def test_a_new_employee_comes_in_with_a_one_time_password_and_chooses_his_own(db, ada):
    access = employees.create(PETR, actor=ada)

    opened = come_in('petr', access.password)
    assert (opened.role, opened.must_change_password) == (Role.OPERATOR, True)
    token = own_password.set_first_password(OWN, OWN, actor=sessions.resolve(opened.token))
    assert sessions.resolve(token).wears(Role.OPERATOR)
    assert access.password not in repr(access)
    assert 'user.create' in actions()


def test_the_one_time_password_dies_in_its_time(db, ada):
    access = employees.create(PETR, actor=ada)

    later = now() + get_rules().tokens.first_access_of_employee + timedelta(seconds=1)
    with time_machine.travel(later), pytest.raises(sign_in.OneTimePasswordExpired):
        come_in('petr', access.password)


@pytest.mark.parametrize(
    ('typed', 'fields'),
    [
        (NewEmployee('', '', '', ()), {'login', 'name', 'email', 'roles'}),
        (NewEmployee('100500', 'Пётр', 'petr@example.by', ('operator',)), {'login'}),
        (NewEmployee('petr', 'Пётр', 'petr', ('operator',)), {'email'}),
        (NewEmployee('petr', 'Пётр', 'petr@example.by', ('subscriber',)), {'roles'}),
        (NewEmployee('petr', 'Пётр', 'petr@example.by', ('operator', 'god')), {'roles'}),
        (NewEmployee(None, 5, [], None), {'login', 'name', 'email', 'roles'}),
    ],
)
def test_a_wrong_form_says_what_is_wrong(db, ada, typed, fields):
    with pytest.raises(InvalidForm) as refused:
        employees.create(typed, actor=ada)

    assert set(refused.value.errors) == fields
    assert User.select().count() == 1


def test_a_login_is_given_once(db, ada, olga):
    with pytest.raises(LoginTaken):
        employees.create(NewEmployee(' OLGA ', 'Другая Ольга', 'o@example.by', ('operator',)), actor=ada)


def test_a_role_taken_away_ends_the_sessions_in_it(db, ada, olga):
    staff.set_roles(olga.user_id, ['technician', 'administrator'], actor=ada)

    assert roles_of(olga.user_id) == {Role.TECHNICIAN, Role.ADMINISTRATOR}
    assert Session.get(Session.token_hash == olga.session_hash).revoked_at
    assert SessionEnded((olga.session_hash,)) in db.events
    line = AuditEvent.get(AuditEvent.action == 'user.roles')
    assert (line.facts['before'], line.facts['roles']) == (['operator'], ['administrator', 'technician'])


def test_the_same_roles_again_change_nothing(db, ada, olga):
    staff.set_roles(olga.user_id, ['operator'], actor=ada)

    assert sessions.resolve_hash(olga.session_hash)
    assert 'user.roles' not in actions()


def test_the_subscribers_hat_stays(db, ada, olga):
    UserRole.create(user=olga.user_id, role=Role.SUBSCRIBER)
    staff.set_roles(olga.user_id, ['technician'], actor=ada)

    assert roles_of(olga.user_id) == {Role.TECHNICIAN, Role.SUBSCRIBER}


@pytest.mark.parametrize('roles', [[], ['subscriber'], ['operator', 'x'], None, 'operator'])
def test_an_employee_keeps_at_least_one_role(db, ada, olga, roles):
    with pytest.raises(InvalidField):
        staff.set_roles(olga.user_id, roles, actor=ada)
    assert roles_of(olga.user_id) == {Role.OPERATOR}


def test_the_last_administrator_stays_one(db, ada, olga):
    with pytest.raises(staff.LastAdministrator):
        staff.set_roles(ada.user_id, ['operator'], actor=ada)

    blocked = factories.make_user(Role.ADMINISTRATOR, login='old', is_blocked=True)
    with pytest.raises(staff.LastAdministrator):
        staff.set_roles(ada.user_id, ['operator'], actor=ada)
    User.update(is_blocked=False).where(User.id == blocked.id).execute()
    staff.set_roles(ada.user_id, ['operator'], actor=ada)
    assert Role.ADMINISTRATOR not in roles_of(ada.user_id)


def test_a_blocked_employee_is_out_at_once_and_stays_out(db, ada, olga):
    staff.block(olga.user_id, 'Уволилась', actor=ada)
    staff.block(olga.user_id, 'Уволилась', actor=ada)

    assert sessions.resolve_hash(olga.session_hash) is None
    assert SessionEnded((olga.session_hash,)) in db.events
    with pytest.raises(sign_in.WrongCredentials):
        come_in('olga', factories.PASSWORD)
    assert actions().count('user.block') == 1
    assert AuditEvent.get(AuditEvent.action == 'user.block').facts == {'reason': 'Уволилась'}


def test_an_unblocked_one_comes_in_with_the_old_password(db, ada, olga):
    staff.block(olga.user_id, 'Отпуск', actor=ada)
    staff.unblock(olga.user_id, actor=ada)
    staff.unblock(olga.user_id, actor=ada)

    assert come_in('olga', factories.PASSWORD).role == Role.OPERATOR
    assert actions().count('user.unblock') == 1


def test_a_block_needs_a_reason(db, ada, olga):
    with pytest.raises(InvalidField):
        staff.block(olga.user_id, ' ', actor=ada)
    assert sessions.resolve_hash(olga.session_hash)


def test_nobody_blocks_himself(db, ada):
    factories.make_user(Role.ADMINISTRATOR, login='eva')
    with pytest.raises(staff.NotYourself):
        staff.block(ada.user_id, 'Надоело', actor=ada)


def test_two_administrators_cannot_block_each_other(committed_db, ada):
    eva = factories.actor(factories.make_user(Role.ADMINISTRATOR, login='eva'), Role.ADMINISTRATOR)
    start, refused = threading.Barrier(2), []

    def block(whom, actor):
        start.wait()
        try:
            with_connection(staff.block)(whom.user_id, 'Спор', actor=actor)
        except staff.LastAdministrator as error:
            refused.append(error)

    pairs = ((eva, ada), (ada, eva))
    threads = [threading.Thread(target=block, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert with_connection(lambda: User.select().where(User.is_blocked).count())() == 1


def test_an_administrator_ends_one_session_or_all(db, ada, olga):
    user = User.get_by_id(olga.user_id)
    second = sessions.open_session(user, Role.OPERATOR, address='192.0.2.8', agent='Phone')
    sessions.open_session(user, Role.OPERATOR, address='192.0.2.9', agent='Tablet')
    card = staff.get_card(olga.user_id, actor=ada)
    assert len(card.sessions) == 3
    on_phone = next(each for each in card.sessions if each.agent == 'Phone')

    staff.end_session(olga.user_id, on_phone.id, actor=ada)
    assert sessions.resolve(second) is None
    assert sessions.resolve_hash(olga.session_hash)
    staff.end_sessions(olga.user_id, actor=ada)
    assert staff.get_card(olga.user_id, actor=ada).sessions == ()
    assert actions()[-1] == 'session.end_all'


def test_a_session_of_somebody_else_is_not_ended_in_passing(db, ada, olga, anna):
    annas = Session.get(Session.token_hash == anna.session_hash)
    for wrong in (annas.id, 10**6, 0):
        with pytest.raises(NotFound):
            staff.end_session(olga.user_id, wrong, actor=ada)
    assert sessions.resolve_hash(anna.session_hash)


def test_ending_all_of_ones_own_spares_the_one_in_hand(db, ada):
    other = sessions.open_session(User.get_by_id(ada.user_id), Role.OPERATOR, address='', agent='')
    staff.end_sessions(ada.user_id, actor=ada)

    assert sessions.resolve_hash(ada.session_hash)
    assert sessions.resolve(other) is None


def test_an_operator_ends_the_sessions_of_a_subscriber_who_called(db, olga, anna, boris):
    sessions.open_session(User.get_by_id(anna.user_id), Role.SUBSCRIBER, address='', agent='', contract_id=1)

    assert subscriber_sessions.end_all('100001', 'Потеряла телефон', actor=olga) == 2

    assert sessions.resolve_hash(anna.session_hash) is None
    assert sessions.resolve_hash(boris.session_hash)
    line = AuditEvent.get(AuditEvent.action == 'session.end_all')
    assert (line.subject, line.facts) == ('contract:100001', {'reason': 'Потеряла телефон', 'sessions': 2})


def test_what_he_works_in_as_an_employee_goes_on(db, olga, anna):
    user = User.get_by_id(anna.user_id)
    UserRole.create(user=user, role=Role.OPERATOR)
    at_work = sessions.open_session(user, Role.OPERATOR, address='', agent='')
    subscriber_sessions.end_all('100001', 'Просила', actor=olga)

    assert sessions.resolve(at_work)


@pytest.mark.parametrize(
    ('number', 'reason', 'refusal'),
    [('999999', 'Просил', NotFound), (None, 'Просил', NotFound), ('100001', '', InvalidField)],
)
def test_nothing_ends_without_a_contract_or_a_reason(db, olga, anna, number, reason, refusal):
    with pytest.raises(refusal):
        subscriber_sessions.end_all(number, reason, actor=olga)
    assert sessions.resolve_hash(anna.session_hash)


def test_others_do_not_end_a_subscribers_sessions(db, taras, anna, boris, stranger):
    for actor, refusal in ((taras, NotAllowed), (anna, NotAllowed), (boris, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            subscriber_sessions.end_all('100001', 'Просто так', actor=actor)
