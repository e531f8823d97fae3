"""A rehearsal from beginning to end: copy, live through the days, ask the books, delete the copy."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from peewee import JOIN

from models.account import Account, AccountKind
from models.base import database, size
from models.catalogue import Tariff
from models.contract import Contract, ContractStatus, DebtBlock, PromisedPayment, Suspension
from services import clock, jobs, limits
from services.accounts import invariants
from services.errors import N_, DomainError, InvalidField, NotFound
from services.money import ZERO
from services.quotes.subscription import next_month
from services.rehearsal import autopays, copies
from services.rehearsal.happenings import Happening, Watch
from services.runner import with_connection

MONTHS_AHEAD = limits.count('rehearsal_months')
LETTERS_THAT_WAIT = ('I10 late',)
"""Nobody sends the letters of a copy: that they are late is no fault of the books."""
_LIVING = (ContractStatus.ACTIVE, ContractStatus.TERMINATED)


class RehearsalTooLong(DomainError):
    """It has taken as long as it may."""

    message = N_('Расчёт идёт слишком долго, мы его остановили. Выберите день поближе.')


class RehearsalTooLarge(DomainError):
    """The data are too many for a copy in passing."""

    message = N_('База слишком велика для часов на сайте. Запустите «main.py rehearse» на сервере.')


class State(StrEnum):
    """What the internet of a contract does at the end."""

    WORKS = 'works'
    BLOCKED = 'blocked'
    PAUSED = 'paused'
    TERMINATED = 'terminated'


@dataclass(frozen=True)
class Day:
    """A day that has been lived through; `part` of the whole way in hundredths."""

    on: date
    part: int


@dataclass(frozen=True)
class Ending:
    """How a contract stands on the last day: rubles on the wallet, the tariff, what the internet does."""

    number: str
    balance: Decimal
    tariff: str
    state: State


@dataclass(frozen=True)
class Outcome:
    """The end: all contracts as they stand then, what the self-check says (nothing is good), how much was left out."""

    endings: tuple[Ending, ...]
    faults: tuple[str, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Bounds:
    """How far a rehearsal of the site may go: seconds, bytes of the database, happenings that are told."""

    seconds: float
    size: int
    most: int


Told = Day | Happening | Outcome


def rehearse(until: date, number: str = '', *, tell: Callable[[Told], None], bounds: Bounds | None = None) -> None:
    """Live through the days from now to the end of `until` on a copy of the data, and tell what happens as it happens.

    The real data are only read. Nothing leaves: the outbox of the copy has no worker.

    Args:
        number: tell of this contract only; all are lived through in any case.

    Raises:
        InvalidField: not a day to come within thirteen months.
        NotFound: no such contract.
        AlreadyRehearsing, RehearsalTooLarge, RehearsalTooLong: why not, or not further.
    """
    checked_day(until)
    with_connection(_require)(number, bounds)
    deadline = time.monotonic() + bounds.seconds if bounds else None
    with copies.the_only_one() as target:
        copies.make(target)
        with copies.bound(target), database.connection_context():
            database.execute_sql('PRAGMA synchronous = off')  # a copy that does not survive a power cut is no loss
            _live(until, _Teller(number, tell, bounds), deadline)


def checked_day(until: date) -> date:
    """Return a day up to which may be rehearsed.

    Raises:
        InvalidField: it is not one.
    """
    first, last = clock.today() + timedelta(days=1), last_day()
    if not first <= until <= last:
        raise InvalidField('until', N_('Выберите день не раньше завтрашнего и не позже {last}.'), last=last)
    return until


def last_day() -> date:
    """Return the furthest day that may be asked for."""
    month = clock.today()
    for _ in range(MONTHS_AHEAD):
        month = next_month(month)
    return next_month(month) - timedelta(days=1)


class _Teller:
    """Hands on what concerns the chosen contract, no more than may be told."""

    def __init__(self, number: str, tell: Callable[[Told], None], bounds: Bounds | None) -> None:
        self._number, self._tell, self._bounds = number, tell, bounds
        self._told = self.left_out = 0

    def happening(self, each: Happening) -> None:
        """Tell one thing."""
        if self._number and each.number != self._number:
            return
        if self._bounds and self._told >= self._bounds.most:
            self.left_out += 1
            return
        self._told += 1
        self._tell(each)

    def day(self, on: date, part: int) -> None:
        """Tell that a day is over."""
        self._tell(Day(on, part))

    def outcome(self, faults: list[str]) -> None:
        """Tell how it ends."""
        self._tell(Outcome(tuple(_endings(self._number)), tuple(faults), self.left_out))


def _live(until: date, teller: _Teller, deadline: float | None) -> None:
    begun = clock.now()
    first, days = clock.local(begun).date(), (until - clock.local(begun).date()).days
    work = [job.work for job in jobs.timetable() if job.is_rehearsed]
    watch, day = Watch(), first
    for moment in _moments(begun, clock.midnight(until + timedelta(days=1))):
        if deadline is not None and time.monotonic() > deadline:
            raise RehearsalTooLong
        with clock.stopped_at(moment):
            if clock.today() != day:
                teller.day(day, 100 * (day - first).days // days)
                day = clock.today()
            for each in work:
                each()
            autopays.agree()
            for happening in watch.look():
                teller.happening(happening)
    with clock.stopped_at(clock.midnight(until + timedelta(days=1)) - timedelta(seconds=1)):
        teller.day(until, 100)
        teller.outcome(invariants.self_check(thorough=True, but=LETTERS_THAT_WAIT))


def _moments(begun: datetime, end: datetime) -> Iterator[datetime]:
    """Return when the jobs run: now, each midnight, when a promise is due. In reality they run every ten minutes."""
    moment = begun
    while moment < end:
        yield moment
        midnight = clock.midnight(clock.local(moment).date() + timedelta(days=1))
        is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
        due = PromisedPayment.due_at.between(moment, midnight) & (PromisedPayment.due_at > moment)
        promise = PromisedPayment.select().where(is_open & due).order_by(PromisedPayment.due_at).first()
        moment = promise.due_at if promise else midnight


def _require(number: str, bounds: Bounds | None) -> None:
    if number and not Contract.select().where(Contract.number == number).exists():
        raise NotFound
    if bounds and size() > bounds.size:
        raise RehearsalTooLarge


def _endings(number: str) -> Iterator[Ending]:
    day = clock.today()
    blocked = _numbers(DebtBlock, DebtBlock.ended_at.is_null())
    runs = (Suspension.starts_on <= day) & (Suspension.ends_on > day) & Suspension.resumed_on.is_null()
    paused = _numbers(Suspension, runs)
    rows: Any = Contract.select(Contract.number, Account.balance, Tariff.name, Contract.status)
    is_wallet = (Account.contract == Contract.id) & (Account.kind == AccountKind.WALLET)
    rows = rows.join(Tariff).join_from(Contract, Account, JOIN.LEFT_OUTER, on=is_wallet)
    wanted = Contract.number == number if number else Contract.status.in_(_LIVING)
    for own, balance, tariff, status in rows.where(wanted).order_by(Contract.number).tuples():
        state = State.PAUSED if own in paused else State.BLOCKED if own in blocked else State.WORKS
        yield Ending(own, balance or ZERO, tariff, State.TERMINATED if status == ContractStatus.TERMINATED else state)


def _numbers(model: Any, which: Any) -> set[str]:
    return {number for (number,) in model.select(Contract.number).join(Contract).where(which).tuples()}
