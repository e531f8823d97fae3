"""Sessions: who stands behind a cookie, and when nobody does any more."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from models.user import Role, Session, User
from services.errors import NotAllowed, NotFound
from services.events import SessionEnded
from services.identity import chosen_contract, own_sessions, sessions
from services.identity.auth_rules import get_rules
from tests import factories
from tests.cast import contract_of

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def open_for(user, role=Role.OPERATOR, **fields):
    return sessions.open_session(user, role, address='192.0.2.7', agent='Browser', **fields)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def employee(clock, storage):
    return factories.make_user(Role.OPERATOR, Role.TECHNICIAN, Role.ADMINISTRATOR, login='petr')


def test_a_session_tells_who_it_is(db, anna):
    token = open_for(User.get_by_id(anna.user_id), Role.SUBSCRIBER, contract_id=anna.contract_id)

    actor = sessions.resolve(token)

    assert (actor.user_id, actor.role, actor.contract_number) == (anna.user_id, Role.SUBSCRIBER, '100001')
    assert actor.address == '192.0.2.7'


def test_the_token_itself_is_not_stored(db, employee):
    token = open_for(employee)

    stored = Session.get(Session.user == employee)

    assert stored.token_hash == sessions.token_hash(token)
    assert token not in str(stored.__data__)


@pytest.mark.parametrize('token', [None, '', 'unknown', 'x' * 129])
def test_a_made_up_cookie_is_nobody(db, token):
    assert sessions.resolve(token) is None


@pytest.mark.parametrize('role', list(Role))
def test_a_session_ends_when_nobody_is_there(db, employee, clock, role):
    token = open_for(employee, role)

    clock.move_to(START + get_rules().sessions[role].idle - SECOND)
    assert sessions.resolve(token)
    clock.shift(get_rules().sessions[role].idle)
    assert sessions.resolve(token) is None


@pytest.mark.parametrize('role', list(Role))
def test_a_session_ends_in_any_case(db, employee, clock, role):
    token = open_for(employee, role)
    end = START + get_rules().sessions[role].absolute
    Session.update(seen_at=end - SECOND).execute()

    clock.move_to(end - SECOND)
    assert sessions.resolve(token)
    clock.move_to(end)
    assert sessions.resolve(token) is None


def test_being_here_is_written_once_a_minute(db, employee, clock):
    token = open_for(employee)

    clock.shift(59 * SECOND)
    sessions.resolve(token)
    assert Session.get(Session.user == employee).seen_at == START
    clock.shift(SECOND)
    sessions.resolve(token)
    assert Session.get(Session.user == employee).seen_at == START + 60 * SECOND


def test_a_blocked_person_is_nobody_at_once(db, employee):
    token = open_for(employee)
    User.update(is_blocked=True).where(User.id == employee.id).execute()

    assert sessions.resolve(token) is None


def test_signing_out_ends_this_session_and_tells_its_pages(db, employee):
    token, other = open_for(employee), open_for(employee)

    sessions.end_session(token)

    assert sessions.resolve(token) is None
    assert sessions.resolve(other)
    assert db.events == [SessionEnded((sessions.token_hash(token),))]


def test_signing_out_everywhere_spares_the_session_in_hand(db, employee, anna):
    tokens = [open_for(employee) for _ in range(3)]
    kept = tokens[0]

    sessions.end_all_sessions(employee.id, but=sessions.token_hash(kept))

    assert [bool(sessions.resolve(token)) for token in tokens] == [True, False, False]
    assert sessions.resolve_hash(anna.session_hash)


def test_another_hat_is_another_session(db, ada):
    token = open_for(User.get_by_id(ada.user_id), Role.ADMINISTRATOR)
    worn = sessions.resolve(token)

    fresh = sessions.switch_role(token, Role.TECHNICIAN, actor=worn)

    assert sessions.resolve(token) is None
    assert sessions.resolve(fresh).role == Role.TECHNICIAN


def test_a_hat_one_does_not_hold_is_refused(db, olga):
    with pytest.raises(NotAllowed):
        sessions.switch_role('any', Role.ADMINISTRATOR, actor=olga)
    assert sessions.resolve_hash(olga.session_hash)


def test_an_employee_without_a_contract_is_no_subscriber(db, ada):
    with pytest.raises(sessions.NoContract):
        sessions.switch_role('any', Role.SUBSCRIBER, actor=ada)


def test_a_person_chooses_among_his_own_contracts(db, vera, anna):
    chosen_contract.choose_contract('100004', actor=vera)
    assert sessions.resolve_hash(vera.session_hash).contract_number == '100004'

    with pytest.raises(NotFound):
        chosen_contract.choose_contract(contract_of(anna).number, actor=vera)
    assert sessions.resolve_hash(vera.session_hash).contract_number == '100004'


def test_a_person_sees_only_his_own_living_sessions(db, anna, boris):
    user = User.get_by_id(anna.user_id)
    ended = open_for(user, Role.SUBSCRIBER)
    sessions.end_session(ended)
    open_for(user, Role.SUBSCRIBER)

    own = own_sessions.list_own(actor=anna)

    assert sorted(session.is_this for session in own) == [False, True]
