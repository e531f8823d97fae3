"""Another one-time password for an employee: from a fresh administrator, once for a click, and the old one is dead."""

import pytest

from models.outbox import OutgoingMessage
from models.user import AuditEvent, SecondStep, User
from services.errors import InvalidField
from services.identity import employee_passwords, own_password, sessions, sign_in, staff, step_up
from services.identity.employee_passwords import AlreadyReissued, EmployeeBlocked, OwnPassword
from tests import factories
from tests.factors import give_app, make_stale

OWN = 'кони едят овёс утром'


def come_in(login, password):
    return sign_in.sign_in(login, password, address='192.0.2.7', agent='Browser')


def give_password(user_id, actor, reason='Забыл пароль', key='form-key-1'):
    return employee_passwords.reissue(user_id, reason, key, actor=actor)


def test_a_new_one_time_password_kills_the_old_one_and_every_session(db, ada, olga):
    give_app(olga)

    access = give_password(olga.user_id, ada)

    assert sessions.resolve_hash(olga.session_hash) is None
    with pytest.raises(sign_in.WrongCredentials):
        come_in('olga', factories.PASSWORD)
    opened = come_in('olga', access.password)
    assert opened.must_change_password
    own = own_password.set_first_password(OWN, OWN, actor=sessions.resolve(opened.token))
    assert sessions.resolve(own).second_step == SecondStep.ASK
    assert access.password not in repr(access)
    line = AuditEvent.get(AuditEvent.action == 'user.password')
    assert (line.subject, line.facts, line.actor_id) == (
        f'user:{olga.user_id}',
        {'reason': 'Забыл пароль'},
        ada.user_id,
    )


def test_the_letter_about_a_new_password_does_not_hold_it(db, ada, olga):
    User.update(email='olga@example.by').where(User.id == olga.user_id).execute()

    access = give_password(olga.user_id, ada)

    letter = OutgoingMessage.get(OutgoingMessage.recipient == 'olga@example.by')
    assert letter.subject == 'Вам выдали новый одноразовый пароль'
    assert access.password not in letter.text + letter.html


def test_a_password_is_given_once_for_a_click(db, ada, olga, taras):
    access = give_password(olga.user_id, ada)

    with pytest.raises(AlreadyReissued):
        give_password(olga.user_id, ada)

    assert come_in('olga', access.password)
    assert give_password(taras.user_id, ada).password != access.password
    assert give_password(olga.user_id, ada, key='form-key-2').password != access.password


def test_no_password_for_oneself_nor_for_who_is_blocked_nor_without_a_reason(db, ada, olga):
    with pytest.raises(OwnPassword):
        give_password(ada.user_id, ada)
    with pytest.raises(InvalidField):
        give_password(olga.user_id, ada, reason=' ')
    staff.block(olga.user_id, 'Уволилась', actor=ada)
    with pytest.raises(EmployeeBlocked):
        give_password(olga.user_id, ada)
    assert not AuditEvent.select().where(AuditEvent.action == 'user.password')


def test_a_stale_administrator_gives_no_password(db, ada, olga):
    make_stale(ada)

    with pytest.raises(step_up.StepUpRequired):
        employee_passwords.may_reissue(olga.user_id, actor=ada)
    with pytest.raises(step_up.StepUpRequired):
        give_password(olga.user_id, ada)

    assert sessions.resolve_hash(olga.session_hash)
    assert come_in('olga', factories.PASSWORD)
