"""A lost factor: one employee asks after checking papers, another confirms, nobody does it alone or to himself."""

import pytest
import time_machine

from models.outbox import OutgoingMessage
from models.second_factor import FactorReset, Passkey, RecoveryCode, TotpSecret
from models.user import AuditEvent, Role
from services.clock import now
from services.errors import InvalidField, NotAllowed, NotFound, SignInRequired, WrongTransition
from services.identity import factor_reset, factors, sessions, step_up
from services.identity.auth_rules import get_rules
from services.identity.factor_reset import AdministratorNeeded, AlreadyWaiting, OwnFactor, SecondPersonNeeded
from tests import factories
from tests.factors import give_app, give_key, make_stale

pytestmark = pytest.mark.at('2026-12-01 10:00')
WHY = 'Паспорт проверен в офисе на Пробной, 1'


@pytest.fixture
def nina(storage):
    """Нина, another operator."""
    return factories.actor(factories.make_user(Role.OPERATOR, login='nina', name='Нина'), Role.OPERATOR)


def ask(actor, known_as='100001'):
    factor_reset.request(known_as, WHY, actor=actor)
    return FactorReset.select().order_by(FactorReset.id.desc()).get().id


def letters(what):
    return OutgoingMessage.select().where(OutgoingMessage.key.contains(f':{what}:')).count()


def test_two_employees_reset_a_subscribers_factor(db, anna, olga, nina):
    give_key(anna)
    give_app(anna)

    factor_reset.confirm(ask(olga), actor=nina)

    assert not factors.has_any(anna.user_id)
    assert [table.select().count() for table in (TotpSecret, Passkey, RecoveryCode)] == [0, 0, 0]
    assert sessions.resolve_hash(anna.session_hash) is None
    assert (letters('reset_asked'), letters('reset_done')) == (1, 1)
    noted = {event.action: event.actor_id for event in AuditEvent.select()}
    assert (noted['factor.reset_ask'], noted['factor.reset']) == (olga.user_id, nina.user_id)


def test_one_person_alone_resets_nothing(db, anna, olga):
    give_app(anna)
    reset = ask(olga)

    with pytest.raises(SecondPersonNeeded):
        factor_reset.confirm(reset, actor=olga)
    assert factors.has_any(anna.user_id)


def test_two_hats_of_one_person_are_one_person(db, anna, ada):
    give_app(anna)
    reset = ask(ada)
    as_operator = sessions.resolve(sessions.switch_role('any', Role.OPERATOR, actor=ada))

    with pytest.raises(SecondPersonNeeded):
        factor_reset.confirm(reset, actor=as_operator)


@pytest.mark.parametrize(('asks', 'confirms'), [('ada', 'nina'), ('nina', 'ada')])
def test_one_of_two_who_reset_an_employee_is_an_administrator(db, olga, nina, ada, asks, confirms):
    give_app(olga)
    people = {'ada': ada, 'nina': nina}

    factor_reset.confirm(ask(people[asks], 'olga'), actor=people[confirms])

    assert not factors.has_any(olga.user_id)


def test_two_operators_reset_no_colleague(db, taras, olga, nina):
    give_app(taras)
    reset = ask(olga, 'taras')

    with pytest.raises(AdministratorNeeded):
        factor_reset.confirm(reset, actor=nina)
    assert factors.has_any(taras.user_id)


def test_nobody_resets_his_own(db, olga, nina, ada):
    give_app(olga, is_shown=True)
    with pytest.raises(OwnFactor):
        ask(olga, 'olga')

    reset = ask(ada, 'olga')
    with pytest.raises(OwnFactor):
        factor_reset.confirm(reset, actor=olga)
    assert factor_reset.list_waiting(actor=olga) == []


@pytest.mark.parametrize('role', [Role.TECHNICIAN, Role.SUBSCRIBER])
def test_other_roles_may_nothing(db, anna, boris, taras, role):
    give_app(anna)
    actor = taras if role == Role.TECHNICIAN else boris

    for service in (
        lambda: factor_reset.request('100001', WHY, actor=actor),
        lambda: factor_reset.list_waiting(actor=actor),
        lambda: factor_reset.confirm(1, actor=actor),
        lambda: factor_reset.decline(1, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            service()


def test_nobody_may_nothing(db):
    with pytest.raises(SignInRequired):
        factor_reset.request('100001', WHY, actor=None)
    with pytest.raises(SignInRequired):
        factor_reset.list_waiting(actor=None)


def test_both_are_fresh(db, anna, olga, nina):
    give_app(anna)
    reset = ask(olga)
    make_stale(olga)
    make_stale(nina)

    with pytest.raises(step_up.StepUpRequired):
        ask(olga, '100001')
    with pytest.raises(step_up.StepUpRequired):
        factor_reset.confirm(reset, actor=nina)


def test_a_second_request_for_the_same_person_is_refused(db, anna, olga, nina):
    give_app(anna)
    ask(olga)

    with pytest.raises(AlreadyWaiting):
        ask(nina)


@pytest.mark.parametrize(
    ('known_as', 'reason', 'field'),
    [
        ('999999', WHY, 'known_as'),
        ('', WHY, 'known_as'),
        ({'a': 1}, WHY, 'known_as'),
        ('1\x00', WHY, 'known_as'),
        ('100002', WHY, 'known_as'),
        ('100001', 'да', 'reason'),
        ('100001', '', 'reason'),
        ('100001', 'ы' * 501, 'reason'),
    ],
)
def test_a_mistake_is_named_beside_its_field(db, anna, boris, olga, known_as, reason, field):
    give_app(anna)

    with pytest.raises(InvalidField) as refused:
        factor_reset.request(known_as, reason, actor=olga)
    assert refused.value.field == field


def test_a_request_is_decided_once(db, anna, olga, nina, ada):
    give_app(anna)
    reset = ask(olga)
    factor_reset.decline(reset, actor=nina)

    for service in (factor_reset.confirm, factor_reset.decline):
        with pytest.raises(WrongTransition):
            service(reset, actor=ada)
    assert factors.has_any(anna.user_id)
    with pytest.raises(NotFound):
        factor_reset.confirm(0, actor=ada)


def test_a_request_waits_three_days(db, anna, olga, nina):
    give_app(anna)
    reset = ask(olga)

    with time_machine.travel(now() + get_rules().second_factor.reset_waits, tick=False):
        fresh = factories.actor(factories.make_user(Role.OPERATOR, login='igor'), Role.OPERATOR)
        assert factor_reset.list_waiting(actor=fresh) == []
        with pytest.raises(WrongTransition):
            factor_reset.confirm(reset, actor=fresh)


def test_the_list_says_whose_turn_it_is(db, anna, olga, nina):
    give_app(anna)
    ask(olga)

    (for_olga,) = factor_reset.list_waiting(actor=olga)
    (for_nina,) = factor_reset.list_waiting(actor=nina)

    assert (for_olga.is_own, for_nina.is_own) == (True, False)
    assert (for_nina.person, for_nina.known_as, for_nina.is_employee) == ('Анна Примерова', '100001', False)
