"""Guessing: captcha and pauses instead of a lock, tries of the owner's own device, and nothing told to strangers."""

import threading
from datetime import datetime, timedelta

import pytest
import time_machine

from models.base import database
from models.guessing import FailedSignIn
from models.user import User
from services.clock import MINSK, now
from services.identity import captcha, guessing, own_password, passwords, sign_in
from services.identity.auth_rules import get_rules
from services.identity.guessing import CaptchaNeeded, CaptchaWrong, SecondsTooSoon, TooSoon
from services.identity.passwords import HashingBusy
from services.identity.sign_in import WrongCredentials
from tests import cast, factories

HERE, THERE = '192.0.2.7', '198.51.100.9'
START = datetime(2026, 11, 2, 9, 0, tzinfo=MINSK)
RULES = get_rules().guessing


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def solved():
    return guessing.Solution(captcha.issue('sign_in').token, '12345')


def enter(login='100001', password=factories.PASSWORD, address=HERE, **more):
    return sign_in.sign_in(login, password, address=address, agent='Browser', **more)


def fail(login='100001', address=HERE, **more):
    with pytest.raises(WrongCredentials):
        enter(login, 'wrong', address, **more)


def fail_patiently(clock, times, login='100001', address=HERE):
    """Fail so many times, as somebody who waits when told to and solves every captcha."""
    for _ in range(times):
        try:
            fail(login, address, solution=solved())
        except TooSoon as refusal:
            clock.shift(refusal.pause)
            fail(login, address, solution=solved())


def failures():
    return sum(row.failures for row in FailedSignIn.select())


def test_success_is_not_counted(db, anna):
    for _ in range(40):
        enter()

    assert FailedSignIn.select().count() == 0


@pytest.mark.parametrize('login', ['100001', '999999', 'olga', 'nobody', "' OR 1=1 --"])
def test_after_a_few_failures_a_captcha_is_asked_for_whoever_it_is(db, anna, olga, login):
    for _ in range(RULES.captcha.failures_of_account):
        fail(login)

    with pytest.raises(CaptchaNeeded):
        enter(login, 'wrong')
    with pytest.raises(CaptchaWrong):
        enter(login, 'wrong', solution=guessing.Solution(captcha.issue('sign_in').token, '54321'))
    fail(login, solution=solved())


def test_with_the_captcha_and_the_right_password_one_gets_in_and_is_forgotten(db, anna):
    for _ in range(RULES.captcha.failures_of_account):
        fail()

    assert enter(solution=solved()).token
    assert FailedSignIn.select().count() == 0
    assert enter().token


def test_a_captcha_opens_one_try_and_only_of_its_purpose(db, anna):
    for _ in range(RULES.captcha.failures_of_account):
        fail()
    once = solved()
    fail(solution=once)

    with pytest.raises(CaptchaWrong):
        enter(solution=once)
    with pytest.raises(CaptchaWrong):
        enter(solution=guessing.Solution(captcha.issue('recovery').token, '12345'))
    assert failures() == RULES.captcha.failures_of_account + 1


def test_capitals_and_spaces_are_no_other_account(db, olga):
    for login in ('olga', 'OLGA', ' Olga '):
        fail(login)

    with pytest.raises(CaptchaNeeded):
        enter('oLGA')


def test_from_many_addresses_the_account_asks_for_a_captcha(db, anna):
    for number in range(RULES.captcha.failures_of_account):
        fail(address=f'198.51.100.{number}')

    with pytest.raises(CaptchaNeeded):
        enter(address='203.0.113.1')


def test_at_many_accounts_the_address_asks_for_a_captcha_and_others_do_not(db, anna):
    for number in range(RULES.captcha.accounts_of_network):
        fail(f'20000{number}')

    with pytest.raises(CaptchaNeeded):
        enter()
    assert enter(solution=solved()).token
    assert enter(address=THERE).token


def test_a_whole_ipv6_network_is_one_visitor(db, anna):
    for last in range(RULES.captcha.accounts_of_network):
        fail(f'20000{last}', address=f'2001:db8:1:2::{last}')

    with pytest.raises(CaptchaNeeded):
        enter(address='2001:db8:1:2:ffff::1')
    assert enter(address='2001:db8:1:3::1').token


def test_when_it_fails_everywhere_everybody_is_asked_for_a_captcha(db, anna, clock):
    moment = now()
    rows = [
        {'account': f'{n}', 'network': f'net {n}', 'failures': 1, 'tried_at': moment}
        for n in range(RULES.captcha.pairs_everywhere)
    ]
    FailedSignIn.insert_many(rows).execute()

    with pytest.raises(CaptchaNeeded):
        enter()
    assert enter(solution=solved()).token
    clock.shift(RULES.captcha.everywhere_within)
    assert enter().token


def test_the_pause_grows_and_is_told_in_words(db, anna, clock):
    fail_patiently(clock, RULES.pause.free)
    told = []
    for _ in range(4):
        with pytest.raises(TooSoon) as refusal:
            enter(solution=solved())
        told.append(str(refusal.value))
        fail_patiently(clock, 1)

    assert 'Подождите 30 с ' in told[0]
    assert 'Подождите 60 с ' in told[1]
    assert 'Подождите 2 мин ' in told[2]
    assert 'Подождите 4 мин ' in told[3]


def test_a_pause_is_no_lock(db, anna, clock):
    fail_patiently(clock, RULES.pause.free + 8)

    with pytest.raises(TooSoon) as refusal:
        enter()
    assert refusal.value.pause <= RULES.pause.longest
    clock.shift(refusal.value.pause)
    assert enter(solution=solved()).token


@pytest.mark.parametrize('growth', [RULES.pause, RULES.siege])
@pytest.mark.parametrize('failures', [0, 1, 30, 1000, 10**9])
def test_a_pause_has_an_end_after_however_many_failures(growth, failures):
    assert growth.first <= growth.after(failures) <= growth.longest


def test_a_try_that_comes_too_soon_costs_neither_a_failure_nor_the_captcha(db, anna, clock):
    fail_patiently(clock, RULES.pause.free)
    code, before = solved(), failures()

    with pytest.raises(SecondsTooSoon):
        enter(solution=code)
    assert failures() == before
    clock.shift(RULES.pause.first)
    assert enter(solution=code).token


def test_in_a_siege_one_captcha_and_one_pause_lead_to_one_try(db, anna, clock):
    for number in range(RULES.siege.failures_of_account):
        fail(address=f'198.51.100.{number}', solution=solved())

    with pytest.raises(CaptchaNeeded):
        enter()
    with pytest.raises(TooSoon) as refusal:
        enter(solution=solved())
    assert (refusal.value.pause, refusal.value.needs_captcha) == (RULES.siege.first, False)
    clock.shift(RULES.siege.first)
    assert enter().token


def test_a_strangers_failures_never_stop_the_owners_device(db, anna, clock):
    device = enter().device
    for number in range(RULES.siege.failures_of_account):
        fail(address=f'198.51.100.{number}', solution=solved())
    fail_patiently(clock, RULES.pause.free + 3, address=HERE)

    assert enter(device=device).token
    assert enter('100001', device=device, address='203.0.113.5').token


def test_the_cookie_of_one_person_helps_nobody_else(db, anna, boris):
    device = enter('100002').device
    for _ in range(RULES.captcha.failures_of_account):
        fail('100001')

    with pytest.raises(CaptchaNeeded):
        enter('100001', device=device)


def test_both_contracts_of_one_person_know_the_device(db, vera):
    device = enter('100003').device
    for _ in range(RULES.captcha.failures_of_account):
        fail('100004')

    assert enter('100004', device=device).token


def test_a_stolen_cookie_is_soon_no_better_than_none(db, anna):
    device = enter().device
    for _ in range(RULES.known_device.failures):
        fail(device=device, address=THERE)
    for _ in range(RULES.captcha.failures_of_account):
        fail(device=device, address=THERE)

    with pytest.raises(CaptchaNeeded):
        enter(device=device, address=THERE)


def test_a_new_password_voids_the_cookies_of_all_devices(db, anna):
    device = enter().device
    own_password.set_password(anna.user_id, passwords.hash_password(factories.PASSWORD))
    for _ in range(RULES.captcha.failures_of_account):
        fail()

    with pytest.raises(CaptchaNeeded):
        enter(device=device)


def test_a_cookie_is_good_for_its_time(db, anna, clock):
    device = enter().device
    clock.shift(get_rules().tokens.known_device)
    for _ in range(RULES.captcha.failures_of_account):
        fail()

    with pytest.raises(CaptchaNeeded):
        enter(device=device)


@pytest.mark.parametrize('made_up', ['', '...', '1.x.1.y', 'x' * 10_000, '\x00.\x00.1.1', '👋.1.1.1', None, {'a': 1}])
def test_a_made_up_cookie_is_no_cookie(db, anna, made_up):
    for _ in range(RULES.captcha.failures_of_account):
        fail()

    with pytest.raises(CaptchaNeeded):
        enter(device=made_up)


def test_a_forged_cookie_is_no_cookie(db, anna, boris):
    owner, _, rest = enter('100002').device.partition('.')
    for _ in range(RULES.captcha.failures_of_account):
        fail()

    assert owner == str(boris.user_id)
    with pytest.raises(CaptchaNeeded):
        enter(device=f'{anna.user_id}.{rest}')


def test_what_was_typed_as_a_login_is_not_kept(db, anna):
    fail('my-secret-word')

    assert 'my-secret-word' not in str([row.__data__ for row in FailedSignIn.select()])


def test_a_password_nobody_looked_at_is_no_failure(db, anna, monkeypatch):
    def busy(*_):
        raise HashingBusy

    monkeypatch.setattr(passwords, 'verify_password', busy)
    for _ in range(RULES.captcha.failures_of_account + 2):
        with pytest.raises(HashingBusy):
            enter()

    assert failures() == 0


def test_failures_are_forgotten_after_a_day_without_one(db, anna, clock):
    fail_patiently(clock, RULES.pause.free + 5)
    clock.shift(RULES.forgotten_after)

    assert enter().token


def test_the_job_forgets_what_counts_no_more(db, anna, clock):
    fail()
    clock.shift(RULES.forgotten_after - timedelta(seconds=1))
    fail(address=THERE)
    clock.shift(timedelta(seconds=1))

    assert guessing.sweep() == 1
    assert [row.network for row in FailedSignIn.select()] == [THERE]


def test_the_limit_holds_for_tries_at_the_same_moment(committed_db):
    cast._anna()
    line, outcomes = threading.Barrier(8), []

    def guess(number):
        with database.connection_context():
            line.wait(10)
            try:
                guessing.admit('100001', address=f'198.51.100.{number}')
                outcomes.append('admitted')
            except CaptchaNeeded:
                outcomes.append('captcha')

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(8)]
    [t.start() for t in threads]
    [t.join(20) for t in threads]

    assert outcomes.count('admitted') == RULES.captcha.failures_of_account
    assert outcomes.count('captcha') == 8 - RULES.captcha.failures_of_account


def test_lifted_limits_count_nothing(db, anna, monkeypatch):
    from services import settings

    lifted = settings.get_settings().model_copy(update={'demo_no_limits': True})
    monkeypatch.setattr(settings, 'get_settings', lambda: lifted)
    for _ in range(RULES.siege.failures_of_account + 1):
        fail()

    assert FailedSignIn.select().count() == 0
    assert User.select().count() == 1
