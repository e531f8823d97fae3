"""Time tells nothing: sign-in and recovery take as long for an account that exists as for one that does not.

Interleaved samples over HTTP from a server with the real cost of a hash; limits are lifted by a setting that no
production starts with, so every match of a recovery has its letter written meanwhile. The medians are printed.
"""

import statistics
import time

import pytest

from tests.attack.intruder import Browser
from tests.server import running

SAMPLES = 200
WARM_UP = 10
MOST = 0.05
"""Of the difference of the medians, as a part of the smaller one."""

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]


@pytest.fixture(scope='module')
def measured(tmp_path_factory):
    with running(
        tmp_path_factory.mktemp('measured'), BCRYPT_ROUNDS='12', DEMO_NO_LIMITS='1', DEMO_NO_PAGE_LIMITS='1'
    ) as server:
        yield server


@pytest.fixture
def visitor(measured):
    with Browser(measured.url) as browser:
        yield browser


def sign_in(visitor, login):
    form = {'login': login, 'password': 'не тот пароль'}
    begun = time.perf_counter()
    answer = visitor.post('/auth/login', data=form)
    took = time.perf_counter() - begun
    assert (answer.status_code, 'не подходят' in answer.text) == (422, True)
    return took


def recover(visitor, asked):
    number, email = asked
    token = visitor.get('/captcha/new?purpose=recovery').json()['token']
    form = {'number': number, 'email': email, 'captcha_token': token, 'captcha': '12345'}
    begun = time.perf_counter()
    answer = visitor.post('/my/recovery', data=form)
    took = time.perf_counter() - begun
    assert answer.headers['location'] == '/my/recovery?sent=1'
    return took


def medians(take, known, unknown, samples):
    """Take turns, and begin each turn with the other one, so that whatever else the machine does hits both alike."""
    times = {True: [], False: []}
    for turn in range(samples + WARM_UP):
        for is_known in (True, False) if turn % 2 else (False, True):
            took = take(known if is_known else unknown)
            if turn >= WARM_UP:
                times[is_known].append(took)
    return statistics.median(times[True]), statistics.median(times[False])


def assert_alike(what, take, known, unknown):
    first, second = medians(take, known, unknown, SAMPLES)
    difference = abs(first - second) / min(first, second)
    print(
        f'\n{what}: {SAMPLES} + {SAMPLES} samples, known {first * 1000:.2f} ms, unknown {second * 1000:.2f} ms, '
        f'difference of medians {difference:.1%}'
    )
    assert difference < MOST


@pytest.mark.parametrize('login', ['100001', 'olga'])
def test_sign_in_takes_as_long_for_an_unknown_account(visitor, login):
    unknown = '999999' if login.isdigit() else 'olgb'

    assert_alike(f'sign-in {login}', lambda who: sign_in(visitor, who), login, unknown)


@pytest.mark.parametrize(
    ('what', 'unknown'),
    [('contract', ('999999', 'nobody@example.by')), ('e-mail', ('100001', 'enemy@example.by'))],
)
def test_recovery_takes_as_long_for_a_match_as_for_none(visitor, what, unknown):
    match = ('100001', 'anna@example.by')

    assert_alike(f'recovery, another {what}', lambda asked: recover(visitor, asked), match, unknown)
