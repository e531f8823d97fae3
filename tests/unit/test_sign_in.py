"""Signing in: by contract number or login, the same answer for all that is wrong."""

from datetime import timedelta

import pytest
import time_machine

from models.contract import Contract, ContractStatus
from models.user import AuditEvent, Role, User
from services.clock import now
from services.identity import passwords, sessions, sign_in
from services.identity.sign_in import OneTimePasswordExpired, WrongCredentials
from tests import factories
from tests.cast import contract_of

HERE = '192.0.2.7'


def enter(login, password=factories.PASSWORD, address=HERE):
    return sign_in.sign_in(login, password, address=address, agent='Browser')


def test_a_contract_number_opens_the_cabinet(db, anna):
    opened = enter('100001')

    actor = sessions.resolve(opened.token)
    assert (actor.user_id, actor.role, actor.contract_number) == (anna.user_id, Role.SUBSCRIBER, '100001')
    assert AuditEvent.select().where(AuditEvent.action == 'session.begin').count() == 1


def test_the_second_contract_opens_the_same_cabinet_at_itself(db, vera):
    assert sessions.resolve(enter('100004').token).contract_number == '100004'


@pytest.mark.parametrize(
    ('login', 'role'), [('olga', Role.OPERATOR), ('taras', Role.TECHNICIAN), ('ADA', Role.ADMINISTRATOR)]
)
def test_staff_come_in_by_login(db, olga, taras, ada, login, role):
    assert enter(login).role == role


@pytest.mark.parametrize(
    ('login', 'password'),
    [
        ('100001', 'wrong'),
        ('999999', factories.PASSWORD),
        ('', ''),
        ('100001', ''),
        (' ', ' '),
        ('100001', 'x' * 10_000),
        ('x' * 10_000, 'x'),
        ('100001\x00', factories.PASSWORD),
        ("' OR 1=1 --", 'x'),
        ({'a': 1}, ['b']),
        ('👋👋👋', '👋'),
        ('１００００１', factories.PASSWORD),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(db, anna, login, password):
    with pytest.raises(WrongCredentials):
        enter(login, password)


def test_an_unknown_number_costs_a_hash_too(db, anna, monkeypatch):
    checked = []
    monkeypatch.setattr(passwords, 'verify_password', lambda *args: checked.append(args) or False)
    for login in ('100001', '999999', "'"):
        with pytest.raises(WrongCredentials):
            enter(login)

    assert len(checked) == 3


def test_a_blocked_person_hears_what_a_wrong_password_hears(db, anna):
    User.update(is_blocked=True).where(User.id == anna.user_id).execute()

    with pytest.raises(WrongCredentials):
        enter('100001')


@pytest.mark.parametrize('status', [ContractStatus.DRAFT, ContractStatus.VOID])
def test_a_contract_that_is_not_in_force_opens_nothing(db, anna, status):
    Contract.update(status=status).where(Contract.id == contract_of(anna).id).execute()

    with pytest.raises(WrongCredentials):
        enter('100001')


def test_a_one_time_password_dies_after_its_days(db, anna):
    User.update(must_change_password=True, one_time_until=now() + timedelta(days=7)).execute()

    assert enter('100001').must_change_password
    with time_machine.travel(now() + timedelta(days=7, seconds=1)), pytest.raises(OneTimePasswordExpired):
        enter('100001')


def test_an_old_hash_is_renewed(db, anna, monkeypatch):
    monkeypatch.setattr(passwords, 'rounds', lambda: 5)

    enter('100001')

    assert passwords.needs_rehash(User.get_by_id(anna.user_id).password_hash) is False
