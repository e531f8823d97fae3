"""The monthly run: everybody who is due, batch by batch; stopped anywhere, it goes on with those not charged yet.

What was charged is told by the books alone (one `PeriodCharge` for a contract and month); the row of the run only
counts. So two runs at once, a rerun and a kill in the middle charge everybody once.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import peewee
from peewee import fn

from models.account import BillingRun, PeriodCharge
from models.base import is_postgres
from models.contract import Contract, ContractStatus
from services.accounts import books, debt_blocks, ending, month_charges
from services.accounts.books import ChargingStopped
from services.clock import now, today
from services.events import BillingRunChanged, record
from services.money import ZERO
from services.quotes.subscription import next_month, total
from services.runner import transactional

log = logging.getLogger(__name__)

BATCH = 500
"""Contracts charged in one transaction: on SQLite nobody else writes for as long as one takes."""
BREATH = 0.15
"""Seconds between two batches on SQLite: whoever waits to write asks every tenth of a second and needs a gap to get in;
without one the site answered «занят» during a long run."""
SILENCE = timedelta(minutes=2)
"""A run that was not at work for so long has died; another process may go on with it."""
MONTHS_BACK = 12
"""How many months a run that was missed is made good for."""


@dataclass(frozen=True)
class Failed:
    """A contract for which something did not work."""

    number: str
    error: Exception


def run_month(month: date) -> int:
    """Charge a month of everybody who is due, now; returns how many were charged by this call.

    Safe to stop, to run again and to run twice at once. A contract that fails is set aside and logged, the others go
    on.

    Raises:
        ChargingStopped: the books do not agree.
        ValueError: the month has not begun.
    """
    month = month.replace(day=1)
    if month > today():
        raise ValueError(f'{month} has not begun')
    books.require_open()
    run = open_run(month)
    return _work(run) if run else 0


def run_due() -> int:
    """Charge what is due today: this month and those before that were missed; nothing while charging is stopped.

    Further back than the month before only a contract is charged of which an earlier month was: what was never charged
    here belongs to the books it came from.
    """
    if books.is_stopped():
        log.warning('Charging is stopped: the books do not agree')
        return 0
    this = today().replace(day=1)
    missed = [this]
    while len(missed) < MONTHS_BACK:
        missed.append(month_before(missed[-1]))
    return sum(run_month(month) for month in reversed(missed) if due(month).exists() and not _is_at_work(month))


def carry_on() -> int:
    """Do the runs that were ordered on the operator's page, and those whose process has died."""
    if books.is_stopped():
        return 0
    waiting = BillingRun.select().where(BillingRun.ended_at.is_null()).order_by(BillingRun.month)
    return sum(_work(run) for run in list(waiting) if _claim(run))


@transactional
def open_run(month: date, *, actor_id: int | None = None, is_ordered: bool = False) -> BillingRun | None:
    """Return the run of a month with its count of who is due, opened or opened again; None when nobody is.

    Args:
        is_ordered: it is only ordered, somebody else (`carry_on`) does it.
    """
    count = due(month).count()
    if not count:
        return None
    fresh = {'started_at': now(), 'started_by': actor_id, 'seen_at': None if is_ordered else now(), 'ended_at': None}
    BillingRun.insert(month=month, total=count, charged=ZERO, **fresh).on_conflict_ignore().execute()
    run: BillingRun = _held(BillingRun.month == month)
    if run.ended_at is not None:
        changes = {**fresh, 'total': run.done + count, 'set_aside': {}}
        BillingRun.update(changes).where(BillingRun.id == run.id).execute()
    elif not is_ordered:
        BillingRun.update(seen_at=now()).where(BillingRun.id == run.id).execute()
    record(BillingRunChanged(run.id))
    return run


def due(month: date) -> Any:
    """Return the query of the contracts a month is to be charged of, as `month_charges.due` says for some of them."""
    of_it = PeriodCharge.select(PeriodCharge.id).where(PeriodCharge.contract == Contract.id)
    is_due = (
        (Contract.status == ContractStatus.ACTIVE)
        & (Contract.active_on < month)
        & Contract.id.not_in(ending.over_before(month))
    )
    query = Contract.select(Contract.id).where(is_due & ~fn.EXISTS(of_it.where(PeriodCharge.month == month)))
    if next_month(month) < today().replace(day=1):
        query = query.where(fn.EXISTS(of_it.where(PeriodCharge.month < month)))
    return query


def batches(month: date) -> Iterator[list[int]]:
    """Yield the ids of those that are due now, in their order, a batch at a time.

    They are asked for once: what is left anew after each batch costs PostgreSQL a look at everybody for each of them.
    """
    ids = [contract_id for (contract_id,) in due(month).order_by(Contract.id).tuples()]
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def month_before(month: date) -> date:
    """Return the 1st of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def _work(run: BillingRun) -> int:
    charged: list[int] = []
    for ids in batches(run.month):
        for failed in halved(ids, lambda part: charged.append(charge_batch(part, run))):
            log.error('Charging %s for %s failed', failed.number, run.month, exc_info=failed.error)
            _set_aside(run, failed)
        if len(ids) == BATCH and not is_postgres():
            time.sleep(BREATH)
    _end(run)
    return sum(charged)


def halved(ids: list[int], work: Callable[[list[int]], None]) -> list[Failed]:
    """Do some work for contracts, all or none; where it fails it is done for each half, until those that fail stand
    alone. Returns them."""
    try:
        work(ids)
    except (ChargingStopped, peewee.OperationalError):
        raise  # not the fault of a contract: the run goes on another time
    except Exception as error:  # noqa: BLE001 - handed back; the caller tells it
        if len(ids) == 1:
            return [Failed(str(Contract.get_by_id(ids[0]).number), error)]
        middle = len(ids) // 2
        return halved(ids[:middle], work) + halved(ids[middle:], work)
    return []


@transactional
def charge_batch(contract_ids: Sequence[int], run: BillingRun) -> int:
    """Charge some contracts and look at their blocks, all or none, and count them; returns how many were charged."""
    charges = month_charges.book(contract_ids, run.month)
    reviewed = debt_blocks.review_many([charge.contract.id for charge in charges])
    changes = {
        'done': BillingRun.done + len(charges),
        'blocked': BillingRun.blocked + sum(each.must_block for each in reviewed),
        'charged': BillingRun.charged + sum((total(charge.lines) for charge in charges), ZERO),
        'seen_at': now(),
    }
    BillingRun.update(changes).where(BillingRun.id == run.id).execute()
    record(BillingRunChanged(run.id))
    return len(charges)


@transactional
def _set_aside(run: BillingRun, failed: Failed) -> None:
    fresh = _held(BillingRun.id == run.id)
    changes = {'set_aside': {**fresh.set_aside, failed.number: type(failed.error).__name__}, 'seen_at': now()}
    BillingRun.update(changes).where(BillingRun.id == run.id).execute()
    record(BillingRunChanged(run.id))


@transactional
def _end(run: BillingRun) -> None:
    ended = BillingRun.update(ended_at=now(), seen_at=now())
    ended.where((BillingRun.id == run.id) & BillingRun.ended_at.is_null()).execute()
    record(BillingRunChanged(run.id))


@transactional
def _claim(run: BillingRun) -> bool:
    """Take a run nobody is at work on; False when somebody was faster."""
    is_idle = BillingRun.seen_at.is_null() | (BillingRun.seen_at < now() - SILENCE)
    claimed = BillingRun.update(seen_at=now()).where(
        (BillingRun.id == run.id) & BillingRun.ended_at.is_null() & is_idle
    )
    return bool(claimed.execute())


def _is_at_work(month: date) -> bool:
    open_and_seen = BillingRun.ended_at.is_null() & (BillingRun.seen_at >= now() - SILENCE)
    return bool(BillingRun.select().where((BillingRun.month == month) & open_and_seen).exists())


def _held(which: Any) -> BillingRun:
    query: Any = BillingRun.select().where(which)
    run: BillingRun = (query.for_update() if is_postgres() else query).get()
    return run
