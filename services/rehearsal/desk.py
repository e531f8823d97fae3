"""The page of the billing clock: what was asked for, the process that works on it, and what that has told so far."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from models.contract import Contract, ContractStatus
from services import field_rules, limits, rate_limits
from services.clock import today
from services.errors import N_, InvalidField, NotFound
from services.quotes.monthly import days_in_month
from services.quotes.subscription import next_month
from services.rehearsal import days, wire
from services.rehearsal.copies import AlreadyRehearsing
from services.rehearsal.days import Bounds, Outcome
from services.rehearsal.happenings import Happening
from services.settings import get_settings

PROGRAM = Path(__file__).resolve().parents[2] / 'main.py'
CONTRACTS = limits.count('rehearsal_contracts')
LONGEST = limits.span('rehearsal_time')
BROKEN = N_('Расчёт прервался. Попробуйте ещё раз.')


@dataclass(frozen=True)
class Order:
    """What was asked for: up to which day, and for whom; everybody when `number` is empty."""

    until: date
    number: str = ''


@dataclass(frozen=True)
class Rehearsal:
    """How far the last rehearsal is: the day it has reached, hundredths of the way, and what it told."""

    order: Order
    reached: date
    part: int
    happenings: tuple[Happening, ...]
    outcome: Outcome | None
    problem: str

    @property
    def is_running(self) -> bool:
        """Tell whether there is more to come."""
        return self.outcome is None and not self.problem


@dataclass(frozen=True)
class ClockDesk:
    """The page: whom one may choose, the days one may choose, and the last rehearsal."""

    numbers: tuple[str, ...]
    today: date
    latest: date
    rehearsal: Rehearsal | None


@dataclass
class _Work:
    """One process and what it has told; the thread that reads writes, pages read."""

    order: Order
    process: subprocess.Popen[str]
    reached: date
    part: int = 0
    happenings: list[Happening] = field(default_factory=list)
    outcome: Outcome | None = None
    problem: str = ''
    is_over: bool = False

    def hear(self) -> None:
        """Take in what the process tells until it ends; one that does not end in time is ended."""
        alarm = threading.Timer(2 * LONGEST.total_seconds(), self.process.kill)  # it ends by itself before
        alarm.daemon = True
        alarm.start()
        try:
            for line in self.process.stdout or ():
                self._take(line)
        except (ValueError, KeyError, TypeError):
            self.process.kill()
        finally:
            self.process.wait()
            if self.process.stdout:
                self.process.stdout.close()
            alarm.cancel()
            if self.outcome is None and not self.problem:
                self.problem = BROKEN
            self.is_over = True

    def _take(self, line: str) -> None:
        told = wire.read(line)
        if isinstance(told, Happening):
            self.happenings.append(told)
        elif isinstance(told, Outcome):
            self.outcome = told
        elif isinstance(told, wire.Refusal):
            self.problem = told.text
        else:
            self.reached, self.part = told.on, told.part


_lock = threading.Lock()
_present: list[_Work] = []
"""The last rehearsal of this process; what it told stays until the next one begins."""


def bounds() -> Bounds:
    """Return how far a rehearsal of the site may go."""
    size, most = limits.count('rehearsal_bytes'), limits.count('rehearsal_happenings')
    return Bounds(LONGEST.total_seconds(), size, most)


def show() -> ClockDesk:
    """Return the page.

    Raises:
        NotFound: this is no demo.
    """
    _only_in_a_demo()
    living: Any = Contract.select(Contract.number).where(Contract.status == ContractStatus.ACTIVE)
    numbers = tuple(number for (number,) in living.order_by(Contract.number).limit(CONTRACTS).tuples())
    work = _present[-1] if _present else None
    return ClockDesk(numbers, today(), days.last_day(), _view(work) if work else None)


def order(until: str, step: str, number: str, *, address: str) -> Order:
    """Take an order for a rehearsal; who takes it calls `begin`.

    Args:
        until: a day as ISO text, that of the form.
        step: day | first | month moves it on from there; empty leaves it.
        number: of an active contract, empty for all.

    Raises:
        NotFound: no demo, or no such contract.
        InvalidField: not a day to come within thirteen months.
        AlreadyRehearsing: one at a time.
        TooManyRequests: so many by one network.
    """
    _only_in_a_demo()
    known = _known(number)
    day = days.checked_day(_moved(until, step))
    if _is_at_work():
        raise AlreadyRehearsing
    most, window = limits.rate('rehearsals')
    rate_limits.spend('rehearsal', rate_limits.network(address), most=most, window=window)
    return Order(day, known)


def begin(wanted: Order) -> None:
    """Start the process that works on an order: this very program, which copies the database and tells by lines.

    Raises:
        AlreadyRehearsing: another one was faster.
    """
    with _lock:
        if _is_at_work():
            raise AlreadyRehearsing
        number = ('--contract', wanted.number) if wanted.number else ()
        process = subprocess.Popen(  # noqa: S603 - this program; a day, and the number of a contract that is there
            (sys.executable, str(PROGRAM), 'rehearse', '--until', wanted.until.isoformat(), *number, '--for-the-site'),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            encoding='utf-8',
        )
        work = _Work(wanted, process, today())
        _present[:] = [work]
    threading.Thread(target=work.hear, name='rehearsal', daemon=True).start()


def install(on_shutdown: Callable[[Callable[[], None]], object]) -> None:
    """End the process that works when the site goes down; its copy goes with it, or with the next sweep."""
    on_shutdown(_stop)


def _stop() -> None:
    for work in _present:
        if work.process.poll() is None:
            work.process.terminate()


def _is_at_work() -> bool:
    return any(not work.is_over for work in _present)


def _view(work: _Work) -> Rehearsal:
    """Return what was told; that it is over only when its copy is gone and the next one may begin."""
    outcome, problem = (work.outcome, work.problem) if work.is_over else (None, '')
    return Rehearsal(work.order, work.reached, work.part, tuple(work.happenings), outcome, problem)


def _known(number: object) -> str:
    """Return the number of a contract that is there, empty when none was asked for."""
    if not number:
        return ''
    rule = field_rules.rule('contract_number')
    text = rule.brought(number)
    if not rule.fits(text) or not Contract.select().where(Contract.number == text).exists():
        raise NotFound
    return text


def _moved(until: str, step: str) -> date:
    try:
        day = date.fromisoformat(until)
    except (TypeError, ValueError) as error:
        raise InvalidField('until', N_('Выберите день в календаре.')) from error
    day = min(max(day, today()), days.last_day() + timedelta(days=1))
    if step == 'day':
        return day + timedelta(days=1)
    if step == 'first':
        return next_month(day)
    if step == 'month':
        month = next_month(day)
        return month.replace(day=min(day.day, days_in_month(month)))
    return day


def _only_in_a_demo() -> None:
    if not get_settings().demo:
        raise NotFound
