"""Signing out reaches every open page within two seconds: first the way to the door, then the end of the socket."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

LATEST = 2.0
PAGES = ('/my/probe', '/my/security', '/my/chat')


def trial(browse):
    """Open three pages, sign out in the browser; returns after how many seconds the last socket was closed."""
    anna = browse('100001')
    sockets = [anna.open(path).socket() for path in PAGES]
    assert all(socket.is_in for socket in sockets)
    began = time.monotonic()
    anna.sign_out()
    heard = [socket.hear(2 * LATEST) for socket in sockets]
    lasted = time.monotonic() - began
    for said in heard:
        assert any('location.replace' in message for message in said)
        assert said[-1] == 'closed'
    return lasted


def slowest(browse, trials):
    with ThreadPoolExecutor(3) as hands:
        seconds = list(hands.map(lambda _: trial(browse), range(trials)))
    print(
        f'\nsign-out of {len(PAGES)} pages, {trials} trials:'
        f' median {statistics.median(seconds):.2f} s · slowest {max(seconds):.2f} s'
    )
    return max(seconds)


def test_signing_out_reaches_every_socket(browse):
    assert slowest(browse, 10) <= LATEST


@pytest.mark.full
@pytest.mark.timeout(900)
def test_signing_out_reaches_every_socket_three_hundred_times(browse):
    assert slowest(browse, 300) <= LATEST
