"""The app with codes: each code once, one step of drift, guessing that ends, a secret nobody reads from the database."""

import threading
from datetime import timedelta

import pytest
import time_machine

from models.base import database
from models.outbox import OutgoingMessage
from models.second_factor import RecoveryCode, TotpSecret
from models.user import AuditEvent, Session
from services.clock import now
from services.errors import InvalidField, NotAllowed, SignInRequired, TooManyRequests
from services.identity import confirming, factors, sessions, step_up, totp
from services.identity.auth_rules import get_rules
from services.identity.enrolment import LastFactor
from services.identity.vault import SealBroken
from tests import factories
from tests.factors import SECRET, code, enter, give_app, make_stale, wrong_code

pytestmark = pytest.mark.at('2026-12-01 10:00')


def begun(actor):
    """Begin setting up an app; returns its secret."""
    totp.begin(actor=actor)
    return totp.setup(actor=actor).secret.replace(' ', '')


def letters(what):
    return OutgoingMessage.select().where(OutgoingMessage.key.contains(f':{what}:')).count()


def test_an_app_is_set_up_by_a_code_it_shows(db, anna):
    secret = begun(anna)
    assert not factors.has_any(anna.user_id)

    enrolled = totp.confirm(code(secret=secret), actor=anna)

    assert factors.own(actor=anna).has_app
    assert (len(enrolled.codes), enrolled.token) == (10, None)
    assert letters('app_added') == 1
    assert AuditEvent.select().where(AuditEvent.action == 'factor.app').count() == 1
    assert step_up.is_fresh(anna)


def test_the_address_in_the_qr_code_names_the_company_and_the_contract(db, anna):
    totp.begin(actor=anna)

    assert totp.setup(actor=anna).uri.startswith('otpauth://totp/Amigo:100001?secret=')


def test_a_wrong_code_sets_nothing_up(db, anna):
    begun(anna)

    with pytest.raises(InvalidField) as refused:
        totp.confirm('000000', actor=anna)

    assert refused.value.field == 'code'
    assert not factors.has_any(anna.user_id)


def test_a_secret_on_the_screen_lives_a_quarter_of_an_hour(db, anna):
    secret = begun(anna)

    with time_machine.travel(now() + get_rules().second_factor.app_setup, tick=False):
        Session.update(fresh_at=now()).execute()
        assert totp.setup(actor=anna) is None
        with pytest.raises(totp.SetupGone):
            totp.confirm(code(secret=secret), actor=anna)


def test_a_secret_belongs_to_the_session_that_began_it(db, anna):
    secret = begun(anna)
    other = enter('100001')

    assert totp.setup(actor=other) is None
    with pytest.raises(totp.SetupGone):
        totp.confirm(code(secret=secret), actor=other)
    assert not factors.has_any(anna.user_id)

    totp.begin(actor=other)
    assert totp.setup(actor=anna) is None
    with pytest.raises(totp.SetupGone):
        totp.confirm(code(secret=secret), actor=anna)


def test_a_secret_goes_along_when_the_session_shows_who_is_there(db, anna):
    secret = begun(anna)
    make_stale(anna)

    again = sessions.resolve(confirming.confirm(factories.PASSWORD, '', '', actor=anna))

    assert totp.setup(actor=again).secret.replace(' ', '') == secret
    totp.confirm(code(secret=secret), actor=again)
    assert factors.own(actor=again).has_app


def test_the_confirming_code_opens_nothing_later(db, anna):
    secret = begun(anna)
    totp.confirm(code(secret=secret), actor=anna)

    assert not totp.spend(anna.user_id, code(secret=secret))
    assert totp.spend(anna.user_id, code(1, secret))


def test_a_code_works_once(db, anna):
    give_app(anna)

    assert totp.spend(anna.user_id, code())
    assert not totp.spend(anna.user_id, code())


def test_an_older_code_is_dead_once_a_newer_was_used(db, anna):
    give_app(anna)

    assert totp.spend(anna.user_id, code(1))
    assert not totp.spend(anna.user_id, code())


@pytest.mark.parametrize(('steps', 'is_taken'), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_drift_is_taken_and_no_more(db, anna, steps, is_taken):
    give_app(anna)

    assert totp.spend(anna.user_id, code(steps)) is is_taken


@pytest.mark.parametrize(
    'typed', ['', ' ', '12345', '1234567', '１２３４５６', 'abcdef', None, {'a': 1}, 'x' * 10_000, 0]
)
def test_what_is_no_code_is_wrong(db, anna, typed):
    give_app(anna)

    assert not totp.spend(anna.user_id, typed)


def test_a_code_may_be_typed_with_a_space(db, anna):
    give_app(anna)

    assert totp.spend(anna.user_id, f'{code()[:3]} {code()[3:]}')


def test_somebody_elses_code_is_wrong(db, anna, boris):
    give_app(anna)
    give_app(boris, 'KRUGS4ZANFZSAYJAONUW24DMMUQHGZLD')

    assert not totp.spend(boris.user_id, code())


def test_guessing_ends_after_ten_wrong_ones_in_an_hour_and_thirty_in_a_day(db, anna):
    give_app(anna)
    for _ in range(3):
        for _ in range(get_rules().second_factor.wrong_codes_of_app.most):
            assert not totp.spend(anna.user_id, wrong_code())
        with pytest.raises(TooManyRequests):
            totp.spend(anna.user_id, code())
        _shift(timedelta(hours=1, seconds=1))

    with pytest.raises(TooManyRequests):
        totp.spend(anna.user_id, code())


def _shift(by):
    from models.user import Attempt

    for row in Attempt.select():
        row.at -= by
        row.save()


def test_the_secret_is_sealed_and_bound_to_its_owner(db, anna, boris):
    give_app(anna)
    give_app(boris)
    mine = TotpSecret.get(TotpSecret.user == anna.user_id)

    assert SECRET.encode() not in bytes(mine.sealed)
    TotpSecret.update(sealed=bytes(mine.sealed)).where(TotpSecret.user == boris.user_id).execute()
    with pytest.raises(SealBroken):
        totp.spend(boris.user_id, code())


def test_a_new_phone_replaces_the_old_one_only_when_it_is_proved(db, anna):
    give_app(anna, is_shown=True)
    secret = begun(anna)
    assert totp.spend(anna.user_id, code())

    totp.confirm(code(secret=secret), actor=anna)

    assert not totp.spend(anna.user_id, code(1))
    assert totp.spend(anna.user_id, code(1, secret))
    assert letters('app_replaced') == 1


def test_turning_the_app_off_takes_the_codes_along_and_writes_a_letter(db, anna):
    totp.confirm(code(secret=begun(anna)), actor=anna)

    totp.remove(actor=anna)
    totp.remove(actor=anna)

    assert not factors.has_any(anna.user_id)
    assert RecoveryCode.select().count() == 0
    assert letters('app_removed') == 1


def test_an_employee_keeps_the_last_factor(db, olga):
    totp.confirm(code(secret=begun(olga)), actor=olga)

    with pytest.raises(LastFactor):
        totp.remove(actor=olga)
    assert factors.own(actor=olga).has_app


@pytest.mark.parametrize('service', [totp.begin, totp.setup, totp.remove])
def test_a_stale_session_shows_its_owner_first(db, anna, service):
    make_stale(anna)

    with pytest.raises(step_up.StepUpRequired):
        service(actor=anna)


@pytest.mark.parametrize('service', [totp.begin, totp.setup, totp.remove, factors.own])
def test_nobody_sets_nothing_up(db, service):
    with pytest.raises(SignInRequired):
        service(actor=None)


def test_a_session_that_owes_its_second_step_changes_no_factor(db, anna):
    give_app(anna)
    half = enter('100001')

    for service in (totp.begin, totp.setup, totp.remove, factors.own):
        with pytest.raises(NotAllowed):
            service(actor=half)
    with pytest.raises(NotAllowed):
        totp.confirm(code(), actor=half)


def test_of_two_equal_codes_at_the_same_moment_one_is_taken(committed_db):
    from tests import cast

    anna = cast._anna()
    give_app(anna)
    shown, taken, start = code(), [], threading.Barrier(2)

    def use():
        with database.connection_context():
            start.wait(5)
            taken.append(totp.spend(anna.user_id, shown))

    threads = [threading.Thread(target=use) for _ in range(2)]
    [t.start() for t in threads]
    [t.join(20) for t in threads]

    assert sorted(taken) == [False, True]


def test_many_at_once_guess_no_more_often_than_one_after_another(committed_db):
    from tests import cast

    anna = cast._anna()
    give_app(anna)
    wrong, looked, start = wrong_code(), [], threading.Barrier(8)

    def guess():
        with database.connection_context():
            start.wait(20)
            for _ in range(2):
                try:
                    looked.append(totp.spend(anna.user_id, wrong))
                except TooManyRequests:
                    looked.append(None)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    [t.start() for t in threads]
    [t.join(60) for t in threads]

    most = get_rules().second_factor.wrong_codes_of_app.most
    assert (looked.count(False), looked.count(None)) == (most, 16 - most)


def test_a_right_code_is_not_counted_as_a_wrong_one(db, anna):
    give_app(anna)
    for step in range(get_rules().second_factor.wrong_codes_of_app.most + 1):
        with time_machine.travel(now() + timedelta(seconds=totp.STEP * step), tick=False):
            assert totp.spend(anna.user_id, code())


def test_setting_up_the_first_app_does_not_end_this_session(db, anna):
    totp.confirm(code(secret=begun(anna)), actor=anna)

    assert sessions.resolve_hash(anna.session_hash)
