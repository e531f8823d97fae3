"""Guessing played through against the real service with a clock that is moved: docs/auth.yml keeps what it promises.

The attacker never rests, waits exactly as long as he is told, and solves every captcha. The quick form has fewer
addresses and accounts, and takes both databases; the full one has a thousand, and prints what it counted.
"""

import heapq
import itertools
from datetime import datetime, timedelta

import pytest
import time_machine

from models.guessing import FailedSignIn
from models.user import User
from services.clock import MINSK, now
from services.identity import captcha, sign_in
from services.identity.auth_rules import get_rules
from services.identity.guessing import CaptchaNeeded, Solution, TooSoon
from services.identity.sign_in import WrongCredentials
from tests import factories

START = datetime(2026, 11, 2, 9, 0, tzinfo=MINSK)
DAY = timedelta(days=1)
AT_HOME, ELSEWHERE = '203.0.113.10', '203.0.113.77'
PROMISED = get_rules().promised


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def solved():
    return Solution(captcha.issue('sign_in').token, '12345')


def enter(login, password, address, **more):
    return sign_in.sign_in(login, password, address=address, agent='', **more)


class Attack:
    """All pairs of these accounts and addresses, each tried again the moment it may be."""

    def __init__(self, clock, logins, addresses, *, solves=True):
        self.clock, self.solves, self.made = clock, solves, []
        self.number = itertools.count()
        self.line = [
            (START, next(self.number), login, address) for login, address in itertools.product(logins, addresses)
        ]
        heapq.heapify(self.line)

    def until(self, moment):
        while self.line and self.line[0][0] < moment:
            due, _, login, address = heapq.heappop(self.line)
            self.clock.move_to(due)
            pause = self._guess(login, address)
            if pause is not None:
                heapq.heappush(self.line, (due + pause, next(self.number), login, address))
        self.clock.move_to(moment)
        return self

    def _guess(self, login, address):
        """Try once; returns after how long to come again, None when this pair is not worth it."""
        try:
            enter(login, 'wrong', address, solution=solved() if self.solves else None)
        except WrongCredentials:
            self.made.append(now())
            return timedelta(0)
        except TooSoon as refusal:
            return timedelta(seconds=refusal.seconds)
        except CaptchaNeeded:
            return None
        raise AssertionError('guessed')

    def most_in_a_day(self):
        """Return the most tries that fall into any 24 hours."""
        begin = most = 0
        for end, made in enumerate(self.made, 1):
            while self.made[begin] <= made - DAY:
                begin += 1
            most = max(most, end - begin)
        return most


def the_owner_gets_in(clock, login, address, device=None):
    """Return how long the owner of an account needs from the first click to the cabinet."""
    begun = now()
    if device is not None:
        assert enter(login, factories.PASSWORD, address, device=device).token
        return now() - begun
    solution = None
    for _ in range(4):
        try:
            assert enter(login, factories.PASSWORD, address, solution=solution).token
            return now() - begun
        except TooSoon as refusal:
            clock.shift(refusal.pause)
            solution = None
        except CaptchaNeeded:
            solution = solved()
    raise AssertionError('the owner stays outside')


def addresses(count):
    return [f'198.18.{number // 250}.{number % 250}' for number in range(count)]


def accounts(count):
    """Anna's and as many numbers nobody has: they are treated alike."""
    return ['100001', *(str(500_000 + number) for number in range(count - 1))]


def bound_for(figure, share):
    """Return the promised figure for a thousand, brought down to fewer."""
    return figure * share // 1000 + get_rules().guessing.siege.failures_of_account


def test_one_account_from_one_network(db, anna, clock):
    device = enter('100001', factories.PASSWORD, AT_HOME).device
    attack = Attack(clock, ['100001'], addresses(1)).until(START + 2 * DAY)
    print(f'\none account, one network: {attack.most_in_a_day()} tries a day')

    assert 5 < attack.most_in_a_day() <= PROMISED.tries_a_day.one_account_from_one_network
    assert the_owner_gets_in(clock, '100001', AT_HOME, device) == timedelta(0)
    assert the_owner_gets_in(clock, '100001', ELSEWHERE) <= PROMISED.owner_gets_in_within


@pytest.mark.parametrize('count', [30, pytest.param(1000, marks=(pytest.mark.full, pytest.mark.timeout(1800)))])
def test_one_account_from_many_networks(db, anna, clock, count):
    device = enter('100001', factories.PASSWORD, AT_HOME).device
    attack = Attack(clock, ['100001'], addresses(count))
    for hour in (1, 6, 12, 24):
        attack.until(START + timedelta(hours=hour))
        assert the_owner_gets_in(clock, '100001', AT_HOME, device) == timedelta(0)
        assert the_owner_gets_in(clock, '100001', ELSEWHERE) <= PROMISED.owner_gets_in_within
    print(f'\none account, {count} networks: {attack.most_in_a_day()} tries a day')

    figure = PROMISED.tries_a_day.one_account_from_1000_networks
    assert count < attack.most_in_a_day() <= bound_for(figure, count)
    assert count < 1000 or attack.most_in_a_day() <= figure


@pytest.mark.parametrize('count', [60, pytest.param(1000, marks=(pytest.mark.full, pytest.mark.timeout(1800)))])
def test_many_accounts_from_one_network(db, anna, clock, count):
    device = enter('100001', factories.PASSWORD, AT_HOME).device
    attack = Attack(clock, accounts(count), addresses(1)).until(START + DAY)
    print(f'\n{count} accounts, one network: {attack.most_in_a_day()} tries a day')

    figure = PROMISED.tries_a_day.thousand_accounts_from_one_network
    assert count < attack.most_in_a_day() <= figure
    assert the_owner_gets_in(clock, '100001', addresses(1)[0], device) == timedelta(0)
    assert the_owner_gets_in(clock, '100001', ELSEWHERE) <= PROMISED.owner_gets_in_within


def test_the_owner_behind_the_attackers_own_address_gets_in(db, anna, boris, clock):
    logins = [login for login in accounts(60) if login != '100001']
    Attack(clock, logins, addresses(1)).until(START + timedelta(hours=2))

    assert the_owner_gets_in(clock, '100001', addresses(1)[0]) <= PROMISED.owner_gets_in_within


def test_who_solves_no_captcha_gets_a_handful_of_tries(db, anna, clock):
    spraying = Attack(clock, accounts(200), addresses(1), solves=False).until(START + DAY)
    assert len(spraying.made) <= PROMISED.tries_a_day.one_network_without_captcha

    FailedSignIn.delete().execute()
    clock.move_to(START)
    swarm = Attack(clock, ['100001'], addresses(200), solves=False).until(START + DAY)
    assert len(swarm.made) == get_rules().guessing.captcha.failures_of_account


def test_an_account_that_exists_and_one_that_does_not_are_attacked_at_the_same_pace(db, anna, clock):
    paces = []
    for login in ('100001', '999999'):
        clock.move_to(START)
        paces.append(Attack(clock, [login], addresses(3)).until(START + DAY).made)

    assert User.select().count() == 1
    assert paces[0] == paces[1]
