"""Waiting for what comes by itself, a letter for one, without sleeping."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar('T')


def keep_trying(check: Callable[[], T], times: int) -> T:
    """Return what `check` returns, asking it at most so many times while it fails; it does its own short waiting."""
    for _ in range(times - 1):
        try:
            return check()
        except AssertionError:
            continue
    return check()
