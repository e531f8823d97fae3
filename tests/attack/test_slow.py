"""SECURITY P23: a client that never reads. What waits for it is bounded, then its socket is cut and its page is gone."""

import time

import pytest

from components.guard import slow
from tests.attack.intruder import DeafSocket


def left(browser, opened):
    return opened.client_id in browser.get('/probe/pages').json()['pages']


def seconds_until_gone(browser, opened, patience):
    began = time.monotonic()
    while left(browser, opened):
        assert time.monotonic() - began < patience
        time.sleep(0.2)
    return time.monotonic() - began


def test_p23_what_waits_for_a_socket_that_reads_nothing_is_bounded(browse, server, written):
    anna = browse('100001')
    opened = anna.open('/my/probe-torrent')
    before = server.memory()

    with DeafSocket(opened) as deaf:
        assert left(anna, opened)
        seconds_until_gone(anna, opened, patience=20)
        assert deaf.is_reset()
    grown = server.memory() - before

    print(f'\nP23: memory grew by {grown:.0f} MB')
    assert grown < 25
    assert anna.get('/probe/pages').json()['lines'] == 0
    assert written() == ''


def test_p23_somebody_who_reads_the_same_is_served(browse):
    anna = browse('100001')
    opened = anna.open('/my/probe-torrent')

    with opened.socket() as socket:
        heard = socket.hear(3)

    assert sum('яяя' in message for message in heard) > 15
    assert heard[-1] != 'closed'


@pytest.mark.full
def test_p23_a_socket_that_takes_nothing_for_half_a_minute_is_cut(browse):
    anna = browse('100001')
    opened = anna.open('/my/probe-torrent?most=300000')

    with DeafSocket(opened) as deaf:
        lasted = seconds_until_gone(anna, opened, patience=60)
        assert deaf.is_reset()

    print(f'\nP23: cut after {lasted:.0f} s')
    assert slow.PATIENCE - 1 < lasted < slow.PATIENCE + 15
