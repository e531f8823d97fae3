"""Readings of traffic: bytes a contract used since the 1st of a month. A table brings them in, later RADIUS as well.

A reading grows with its month: a larger one takes the place of the one before, the same one is harmless (it says that
nothing was used since), a smaller one is refused. A month whose overage was charged is closed: what was charged is in
the books, and another figure would contradict it; whoever has to put it right corrects the wallet, with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.contract import Contract
from models.usage import TrafficUsage
from services import limits
from services.accounts import billing_run, subscriptions
from services.clock import now, today
from services.events import ContractChanged, record
from services.runner import transactional

MOST_BYTES = limits.count('usage_bytes')
BATCH = 500


class Refused(StrEnum):
    """Why a reading is not taken."""

    UNREADABLE = 'not three columns: contract;YYYY-MM;bytes'
    MONTH = 'not a month like 2026-11'
    BYTES = 'not a whole number of bytes, or more than a line can carry'
    NO_CONTRACT = 'no such contract'
    NOT_ACTIVE = 'the contract is not in force'
    BEFORE = 'the month is before the contract'
    TO_COME = 'the month is still to come'
    TOO_OLD = 'the month is too long ago'
    BACKWARDS = 'less than was read before: the meter went backwards'
    SETTLED = 'another figure for a month that is closed'


class Taken(StrEnum):
    """What a reading does."""

    NEW = 'new'
    GROWN = 'grown'
    SAME = 'same'


@dataclass(frozen=True)
class Reading:
    """Bytes of one contract since the 1st of a month; `line` is where it stands in a table, from 1."""

    number: str
    period: date
    used_bytes: int
    line: int = 0


@dataclass(frozen=True)
class Judged:
    """A reading, the bytes before it, and what becomes of it; `is_closed`: its month was charged."""

    reading: Reading
    before: int | None
    outcome: Taken | Refused
    contract_id: int
    is_closed: bool


def take(readings: Sequence[Reading]) -> list[Judged]:
    """Keep readings, five hundred in a transaction, and tell of each what became of it; again it changes nothing."""
    return [each for part in _parts(readings) for each in _take(part)]


def look(readings: Sequence[Reading]) -> list[Judged]:
    """Tell of readings what would become of them now, without keeping any."""
    kept: Kept = {}
    return [each for part in _parts(readings) for each in _judge(part, _named(part), kept)]


Kept = dict[tuple[int, date], tuple[int, bool]]
"""Bytes by contract and month, and whether the month is closed."""


@transactional
def _take(readings: Sequence[Reading]) -> list[Judged]:
    contracts = subscriptions.lock_many([contract.id for contract in _named(readings)])
    judged, moment = _judge(readings, contracts, {}), now()
    fresh = {
        (each.contract_id, each.reading.period): (each.reading.used_bytes, moment)
        for each in judged
        if isinstance(each.outcome, Taken) and not each.is_closed
    }
    if fresh:
        columns = (TrafficUsage.contract, TrafficUsage.period)
        rows = [
            {'contract': contract_id, 'period': period, 'used_bytes': used, 'taken_at': at}
            for (contract_id, period), (used, at) in fresh.items()
        ]
        changed = [TrafficUsage.used_bytes, TrafficUsage.taken_at]
        TrafficUsage.insert_many(rows).on_conflict(conflict_target=columns, preserve=changed).execute()
    for contract_id in {contract_id for contract_id, _ in fresh}:
        record(ContractChanged(contract_id))
    return judged


def _parts(readings: Sequence[Reading]) -> list[Sequence[Reading]]:
    return [readings[start : start + BATCH] for start in range(0, len(readings), BATCH)]


def _named(readings: Sequence[Reading]) -> list[Contract]:
    return list(Contract.select().where(Contract.number.in_({reading.number for reading in readings})))


def _judge(readings: Sequence[Reading], contracts: Sequence[Contract], kept: Kept) -> list[Judged]:
    """Judge readings one after another: each is measured by the one before it, be that a row or a line above."""
    by_number = {contract.number: contract for contract in contracts}
    months = {reading.period for reading in readings}
    which = TrafficUsage.contract.in_([each.id for each in contracts]) & TrafficUsage.period.in_(months)
    for row in TrafficUsage.select().where(which):
        kept.setdefault((row.contract_id, row.period), (row.used_bytes, row.settled_at is not None))
    judged = []
    for reading in readings:
        contract = by_number.get(reading.number)
        place = (contract.id if contract else 0, reading.period)
        before, is_closed = kept.get(place, (None, False))
        outcome = _outcome(reading, contract, before, is_closed=is_closed)
        judged.append(Judged(reading, before, outcome, place[0], is_closed))
        if isinstance(outcome, Taken):
            kept[place] = (reading.used_bytes, is_closed)
    return judged


def _outcome(reading: Reading, contract: Contract | None, before: int | None, *, is_closed: bool) -> Taken | Refused:
    refusal = _refusal(reading, contract)
    if refusal:
        return refusal
    if before == reading.used_bytes:
        return Taken.SAME
    if is_closed:
        return Refused.SETTLED
    if before is None:
        return Taken.NEW
    return Taken.GROWN if before < reading.used_bytes else Refused.BACKWARDS


def _refusal(reading: Reading, contract: Contract | None) -> Refused | None:
    """Return why a reading is not taken, whatever stood there before."""
    this = today().replace(day=1)
    if not 0 <= reading.used_bytes <= MOST_BYTES:
        return Refused.BYTES
    if reading.period > this:
        return Refused.TO_COME
    if reading.period < _oldest(this):
        return Refused.TOO_OLD
    if contract is None:
        return Refused.NO_CONTRACT
    if not contract.is_active or contract.active_on is None:
        return Refused.NOT_ACTIVE
    return Refused.BEFORE if reading.period < contract.active_on.replace(day=1) else None


def _oldest(this: date) -> date:
    """A run that was missed is made good for so many months, and so are readings."""
    for _ in range(billing_run.MONTHS_BACK):
        this = billing_run.month_before(this)
    return this
