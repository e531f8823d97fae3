"""Fresh for five minutes: what matters most asks who is there once more, and nothing else does."""

from datetime import timedelta

import pytest
import time_machine

from models.access import AccessGrant
from models.user import Session, User
from services.clock import now
from services.contracts import access_grants, profile
from services.errors import InvalidField, NotAllowed, SignInRequired, TooManyRequests
from services.identity import confirming, own_password, passkeys, recovery_codes, sessions, step_up
from services.identity.auth_rules import get_rules
from services.identity.step_up import StepUpRequired
from tests import factories
from tests.factors import code, enter, give_app, give_key, make_stale, wrong_code

pytestmark = pytest.mark.at('2026-12-01 10:00')
NEW = 'кони едят овёс'


def confirm(actor, password=factories.PASSWORD, typed='', credential=''):
    return sessions.resolve(confirming.confirm(password, typed, credential, actor=actor))


def test_fresh_means_five_minutes(db, anna):
    with time_machine.travel(now() + timedelta(minutes=5) - timedelta(seconds=1), tick=False):
        assert step_up.require_fresh(anna) is anna
    with time_machine.travel(now() + timedelta(minutes=5), tick=False), pytest.raises(StepUpRequired):
        step_up.require_fresh(anna)


def test_nobody_is_not_fresh(db):
    with pytest.raises(SignInRequired):
        step_up.require_fresh(None)


@pytest.mark.parametrize(
    'change',
    [
        lambda actor: profile.change_phone('+375291112233', actor=actor),
        lambda actor: profile.change_email('new@example.by', factories.PASSWORD, factories.key(), actor=actor),
        lambda actor: own_password.change_password(factories.PASSWORD, NEW, NEW, actor=actor),
    ],
    ids=['phone', 'e-mail', 'password'],
)
def test_a_stale_session_changes_nothing_that_matters(db, anna, change):
    before = User.get_by_id(anna.user_id).__data__
    make_stale(anna)

    with pytest.raises(StepUpRequired):
        change(anna)
    assert User.get_by_id(anna.user_id).__data__ == before

    change(confirm(anna))


@pytest.mark.parametrize(
    'work',
    [
        lambda grant, actor: access_grants.give('Мама', 'm@example.by', 'manage', 'forever', 'key-2', actor=actor),
        lambda grant, actor: access_grants.change(grant.id, 'manage', 'forever', actor=actor),
        lambda grant, actor: access_grants.invite_again(grant.id, actor=actor),
    ],
    ids=['give', 'change', 'invite again'],
)
def test_a_stale_session_opens_the_contract_to_nobody(db, anna, work):
    grant = invited(anna)
    before = list(AccessGrant.select().dicts())
    make_stale(anna)

    with pytest.raises(StepUpRequired):
        work(grant, anna)
    assert list(AccessGrant.select().dicts()) == before

    work(grant, confirm(anna))
    assert list(AccessGrant.select().dicts()) != before


def test_a_stale_session_ends_an_access_all_the_same(db, anna):
    grant = invited(anna)
    make_stale(anna)

    access_grants.end(grant.id, actor=anna)

    assert AccessGrant.get().ended_at == now()


def invited(owner):
    access_grants.give('Вера', 'vera@example.by', 'see', 'month', 'key-1', actor=owner)
    return AccessGrant.get()


def test_a_confirmed_session_goes_on_under_a_new_id_as_long_as_before(db, anna):
    make_stale(anna)
    old = Session.get(Session.token_hash == anna.session_hash)

    fresh = confirm(anna)

    new = Session.get(Session.token_hash == fresh.session_hash)
    assert (new.created_at, new.expires_at, fresh.contract_id) == (old.created_at, old.expires_at, anna.contract_id)
    assert sessions.resolve_hash(anna.session_hash) is None
    assert step_up.is_fresh(fresh)


@pytest.mark.parametrize('password', ['wrong', '', None, {'a': 1}])
def test_a_wrong_password_confirms_nothing(db, anna, password):
    make_stale(anna)

    with pytest.raises(InvalidField) as refused:
        confirm(anna, password)
    assert refused.value.field == 'password'
    assert not step_up.is_fresh(anna)


def test_whoever_has_a_factor_shows_it_too(db, anna):
    give_app(anna)
    make_stale(anna)

    for typed in ('', wrong_code()):
        with pytest.raises(InvalidField) as refused:
            confirm(anna, typed=typed)
        assert refused.value.field == 'code'
    assert step_up.is_fresh(confirm(anna, typed=code()))


def test_a_recovery_code_or_a_passkey_will_do(db, anna):
    key = give_key(anna)
    spare = recovery_codes.make(anna.user_id)[0]
    make_stale(anna)

    again = confirm(anna, typed=spare)
    make_stale(again)
    answer = key.get(confirming.ask_passkey(actor=again))
    fresh = confirm(again, credential=answer)

    assert step_up.is_fresh(fresh)
    with pytest.raises(passkeys.PasskeyRefused):
        confirm(fresh, credential=answer)


def test_a_password_alone_is_not_fresh_for_who_has_a_factor(db, anna):
    thief = enter('100001')
    assert step_up.is_fresh(thief)

    give_app(anna)

    assert not step_up.is_fresh(thief)


def test_guessing_ends(db, anna):
    for _ in range(get_rules().confirming.most):
        with pytest.raises(InvalidField):
            confirm(anna, 'wrong')

    with pytest.raises(TooManyRequests):
        confirm(anna)


def test_only_a_full_session_confirms(db, anna):
    give_app(anna)
    half = enter('100001')

    for service in (confirming.asked, confirming.ask_passkey):
        with pytest.raises(NotAllowed):
            service(actor=half)
        with pytest.raises(SignInRequired):
            service(actor=None)


def test_a_session_that_ended_meanwhile_is_not_brought_back(db, anna):
    sessions.end_all_sessions(anna.user_id)

    with pytest.raises(SignInRequired):
        confirm(anna)
