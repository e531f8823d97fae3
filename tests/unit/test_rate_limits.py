"""Limits on tries: the last one that is allowed is, the next is not, also when all come at once."""

import threading
from datetime import timedelta

import pytest

from models.base import database
from services import rate_limits
from services.errors import TooManyRequests

HOUR = timedelta(hours=1)


def test_many_at_once_get_no_more_than_one_after_another(committed_db):
    counted, start = [], threading.Barrier(8)

    def spend():
        with database.connection_context():
            start.wait(20)
            for _ in range(2):
                try:
                    rate_limits.spend('kind', 'key', most=5, window=HOUR)
                    counted.append(True)
                except TooManyRequests:
                    counted.append(False)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    [t.start() for t in threads]
    [t.join(60) for t in threads]

    assert (counted.count(True), counted.count(False)) == (5, 11)


def test_a_try_that_was_no_failure_is_taken_back_alone(db):
    for key in ('mine', 'mine', 'yours'):
        rate_limits.spend('kind', key, most=9, window=HOUR)

    rate_limits.take_back('kind', 'mine')

    rate_limits.spend('kind', 'mine', most=2, window=HOUR)
    with pytest.raises(TooManyRequests):
        rate_limits.spend('kind', 'yours', most=1, window=HOUR)
