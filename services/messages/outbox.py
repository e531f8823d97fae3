"""The outbox: what services wrote into it leaves the house, at least once, and nothing of it inside a transaction.

A row is leased for a minute, sent, and settled. A worker that dies in between leaves a lease that runs out: then the
row goes again with the same Message-ID. Several workers never hold the same row.
"""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.base import is_postgres
from models.outbox import Channel, OutgoingMessage, OutgoingState
from services import limits
from services.clock import now
from services.gateways.mail import Letter
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

LEASE = limits.span('outbox_lease')
BATCH = 20
MOST_TRIES = limits.count('outbox_tries')
FIRST_PAUSE = limits.span('outbox_first_pause')
LONGEST_PAUSE = limits.span('outbox_longest_pause')
LONGEST_OUTAGE_PAUSE = limits.span('outbox_longest_outage_pause')
"""A server that is down is asked again at least this often: one connection is cheap, and letters wait for it."""
GIVE_UP = limits.span('outbox_give_up')
"""An outage costs no tries; news older than this is not news any more."""


@dataclass(frozen=True)
class Leased:
    """A row this worker may send until `leased_until`; `tries` counts this one."""

    id: int
    channel: Channel
    key: str
    tries: int
    leased_until: datetime
    letter: Letter


@with_connection
@transactional
def lease(most: int = BATCH) -> list[Leased]:
    """Take the oldest rows whose time has come, and count the try: a row that kills its worker ends as well."""
    moment = now()
    due = (
        OutgoingMessage.select()
        .where(
            (OutgoingMessage.state == OutgoingState.WAITING)
            & (OutgoingMessage.next_at <= moment)
            & (OutgoingMessage.leased_until.is_null() | (OutgoingMessage.leased_until < moment))
        )
        .order_by(OutgoingMessage.next_at, OutgoingMessage.id)
        .limit(most)
    )
    rows = list(due.for_update(skip_locked=True) if is_postgres() else due)
    until = moment + LEASE
    if rows:
        OutgoingMessage.update(leased_until=until, tries=OutgoingMessage.tries + 1).where(
            OutgoingMessage.id.in_([row.id for row in rows])
        ).execute()
    return [_leased(row, until) for row in rows]


def _leased(row: OutgoingMessage, until: datetime) -> Leased:
    letter = Letter(row.recipient, row.subject, row.text, row.html, row.message_id, row.created_at)
    return Leased(row.id, row.channel, row.key, row.tries + 1, until, letter)


@with_connection
@transactional
def still_mine(row: Leased) -> bool:
    """Begin the lease anew before sending; False when it ran out and somebody else took the row or settled it."""
    changed = _mine(row, leased_until=now() + LEASE)
    return changed == 1


@with_connection
@transactional
def sent(row: Leased) -> None:
    """Mark a row as sent. Its text is forgotten: it may hold a secret link, and nobody needs it again."""
    OutgoingMessage.update(
        state=OutgoingState.SENT, sent_at=now(), leased_until=None, text='', html='', error=''
    ).where(OutgoingMessage.id == row.id).execute()


@with_connection
@transactional
def release(rows: list[Leased]) -> None:
    """Give rows back untried: this worker is stopping, or its connection broke off before their turn."""
    for row in rows:
        _mine(row, leased_until=None, tries=OutgoingMessage.tries - 1)


@with_connection
@transactional
def refused(row: Leased, reason: str) -> None:
    """Give a row up; it stays with its reason for the operator to see."""
    log.error('Outbox: %s was refused: %s', row.key, reason)
    _settle(row, state=OutgoingState.DEAD, error=reason)


@with_connection
@transactional
def failed(row: Leased, reason: str) -> None:
    """Put a row off after a 4xx answer or a broken conversation: longer each time, given up after the eighth."""
    if row.tries >= MOST_TRIES:
        refused(row, reason)
        return
    log.warning('Outbox: %s, try %d of %d: %s', row.key, row.tries, MOST_TRIES, reason)
    _settle(row, next_at=now() + pause(row.tries), error=reason)


@with_connection
@transactional
def unreachable(rows: list[Leased], outages: int, reason: str) -> None:
    """Put rows off because the server is away; that costs them no try.

    Args:
        outages: how many times in a row the server was away.
    """
    log.warning('Outbox: %d waiting, the server is away (%d in a row): %s', len(rows), outages, reason)
    moment = now()
    next_at = moment + pause(outages, longest=LONGEST_OUTAGE_PAUSE)
    for row in rows:
        if row.letter.written_at < moment - GIVE_UP:
            refused(row, reason)
        else:
            _settle(row, next_at=next_at, error=reason, tries=OutgoingMessage.tries - 1)


def pause(tries: int, *, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """Return how long to wait after so many failures: 15 s, 1, 4, 16 min, then an hour, up to a fifth less or more."""
    planned: timedelta = min(FIRST_PAUSE * int(4 ** min(tries - 1, 6)), longest)
    spread: timedelta = planned * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, hides nothing
    return min(spread, LONGEST_PAUSE)


def _settle(row: Leased, **changes: object) -> None:
    changes['error'] = str(changes['error'])[:500]
    _mine(row, leased_until=None, **changes)


def _mine(row: Leased, **changes: object) -> int:
    """Change a row only as long as it waits; returns 1, or 0 when it is somebody else's by now."""
    own = (OutgoingMessage.id == row.id) & (OutgoingMessage.state == OutgoingState.WAITING)
    changed: int = OutgoingMessage.update(**changes).where(own & (OutgoingMessage.tries == row.tries)).execute()
    return changed
