"""What an engineer has to do to a line: how it should be now against how he left it. Pure: facts in, work out."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.line import LineState
from services.clock import midnight

WHOLE = 100
"""Percent of a speed that nothing changes."""


class Work(StrEnum):
    """What is to be done, in the order of urgency: who has paid waits."""

    RESTORE = 'restore'
    CUT = 'cut'
    SPEED = 'speed'


class Reason(StrEnum):
    """Why."""

    PAID = 'paid'  # the debt is covered
    RESUMED = 'resumed'  # the subscriber's own pause is over
    TERMINATED = 'terminated'
    DEBT = 'debt'
    PAUSED = 'paused'  # at the subscriber's own wish
    TARIFF = 'tariff'
    BOOST = 'boost'
    BOOST_OVER = 'boost_over'
    PROMO = 'promo'  # a code for speed began or ended


@dataclass(frozen=True)
class Speed:
    """Kilobits a second."""

    down: int
    up: int

    def times(self, promo: int | None, boost: int | None = None) -> 'Speed':
        """Return the speed with a code for speed (percent, downwards only) and a boost (percent, both ways)."""
        factor = boost or WHOLE
        down = self.down * max(promo or WHOLE, WHOLE) // WHOLE
        return Speed(down * factor // WHOLE, self.up * factor // WHOLE)


@dataclass(frozen=True)
class Done:
    """How a line was left by the newest tick: `speed` is None while it is off."""

    state: LineState
    speed: Speed | None
    at: datetime


@dataclass(frozen=True)
class LineFacts:
    """What decides about one line. Days and moments that never came are None; percents are those that hold now.

    `first` is the tariff it was connected with, `first_promo` the code for speed of that month; `month` is the 1st of
    the one that runs, where a code begins and ends.
    """

    tariff: Speed
    first: Speed
    active_on: date
    done: Done | None = None
    is_terminated: bool = False
    terminated_on: date | None = None
    blocked_at: datetime | None = None
    unblocked_at: datetime | None = None
    paused_on: date | None = None
    back_on: date | None = None
    changed_on: date | None = None
    promo: int | None = None
    first_promo: int | None = None
    boost: int | None = None
    boosted_at: datetime | None = None
    boost_over_at: datetime | None = None
    month: date | None = None

    @property
    def wanted(self) -> Speed | None:
        """Return how fast the line should be now, None: it should be off."""
        if self.is_terminated or self.blocked_at or self.paused_on:
            return None
        return self.tariff.times(self.promo, self.boost)

    @property
    def stands(self) -> Speed | None:
        """Return how fast it was left, None: it is off."""
        return self.done.speed if self.done else self.first.times(self.first_promo)


@dataclass(frozen=True)
class LineWork:
    """One thing to do: `speed` is what the line should have after it (None: off), `old` what it has."""

    work: Work
    reason: Reason
    since: datetime
    speed: Speed | None
    old: Speed | None


def work_of(facts: LineFacts) -> LineWork | None:
    """Return what is to be done to a line now, None when it is as it should be."""
    wanted, stands = facts.wanted, facts.stands
    if wanted == stands:
        return None
    if wanted is None:
        return LineWork(Work.CUT, *_cut(facts), wanted, stands)
    if stands is None:
        return LineWork(Work.RESTORE, *_restored(facts), wanted, stands)
    return LineWork(Work.SPEED, *_changed(facts), wanted, stands)


def _cut(facts: LineFacts) -> tuple[Reason, datetime]:
    if facts.is_terminated:
        return Reason.TERMINATED, midnight(facts.terminated_on or facts.active_on)
    if facts.blocked_at:
        return Reason.DEBT, facts.blocked_at
    assert facts.paused_on is not None  # wanted off for one of the three
    return Reason.PAUSED, midnight(facts.paused_on)


def _restored(facts: LineFacts) -> tuple[Reason, datetime]:
    assert facts.done is not None  # only a tick leaves a line off
    ends = [
        *([(facts.unblocked_at, Reason.PAID)] if facts.unblocked_at else []),
        *([(midnight(facts.back_on), Reason.RESUMED)] if facts.back_on else []),
    ]
    at, reason = max(ends, default=(facts.done.at, Reason.PAID))
    return reason, at


def _changed(facts: LineFacts) -> tuple[Reason, datetime]:
    changes = [
        *([(facts.boosted_at, Reason.BOOST)] if facts.boosted_at else []),
        *([(facts.boost_over_at, Reason.BOOST_OVER)] if facts.boost_over_at else []),
        *([(midnight(facts.changed_on), Reason.TARIFF)] if facts.changed_on else []),
    ]
    at, reason = max(changes, default=(midnight(facts.month or facts.active_on), Reason.PROMO))
    return reason, at
