"""Two workers call with known keys and are killed at any instant; after every kill the books are compared with the answers."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from models.account import Account, AccountKind, Entry, Operation, PeriodCharge
from models.contract import Contract
from services.accounts import billing, invariants, ledger
from services.money import kopecks
from services.runner import with_connection
from tests import factories
from tests.crash import calls

ROOT = Path(__file__).resolve().parents[2]


class Lost(AssertionError):
    """The books are not what was answered."""


@contextmanager
def nursery(url, folder, fault=''):
    """Start the process that forks workers; ends it by its id."""
    line = [sys.executable, '-m', 'tests.crash.nursery', url, str(folder), fault]
    errors = (folder / 'errors').open('w')
    process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        assert process.stdout.readline() == 'ready\n', (folder / 'errors').read_text()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
        errors.close()


def fork(process, order):
    """Start a worker and return its pid."""
    process.stdin.write(f'{order}\n')
    process.stdin.flush()
    return int(process.stdout.readline())


def kill(pids):
    """End workers as a power cut does, and wait until they are gone."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while any(Path(f'/proc/{pid}').exists() for pid in pids):
        time.sleep(0.001)  # the kernel takes them away


@with_connection
def prepare():
    """Make the contracts, the running month charged and money enough for packages."""
    for number in calls.NUMBERS:
        contract = factories.make_contract(
            number, tariff='I-10G', balance=Decimal('50000.00'), active_on=date(2019, 1, 1)
        )
        billing.charge_month(contract, date.today())  # noqa: DTZ011 - the clock runs here


class Crash:
    """Cycles of work and kill on one database."""

    def __init__(self, folder, seed=1):
        self.folder, self.chance, self.acknowledged = folder, random.Random(seed), 0  # noqa: S311
        self.start = with_connection(self._wallets)()

    def cycle(self, process):
        """Let both work for a random while, kill them, compare."""
        begin = [self._answered(worker) for worker in range(calls.WORKERS)]
        pids = [fork(process, f'work {worker} {k}') for worker, k in enumerate(begin)]
        self._wait_for_first(begin)
        time.sleep(self.chance.random() * 0.06)  # the random instant
        kill(pids)
        with_connection(self.compare)()
        self.acknowledged = sum(self._answered(worker) for worker in range(calls.WORKERS))

    def _wait_for_first(self, begin):
        until = time.monotonic() + 5
        while time.monotonic() < until and all(self._answered(w) == k for w, k in enumerate(begin)):
            time.sleep(0.002)  # looked at again and again: a worker that fails never answers

    def compare(self):
        """Raise Lost unless the books hold each answered call once, and beside them at most the call that was running."""
        answered = [[calls.call(w, k) for k in range(self._answered(w))] for w in range(calls.WORKERS)]
        running = [calls.call(w, len(done)) for w, done in enumerate(answered)]
        expected = {each.key: each for done in answered for each in done}
        booked = self._booked()
        for key, each in expected.items():
            if booked.pop(key, None) != (each.number, each.kopecks):
                raise Lost(f'{key} was answered and is not in the books as it was')
        for each in running:
            if booked.pop(each.key, (each.number, each.kopecks)) != (each.number, each.kopecks):
                raise Lost(f'{each.key} is half in the books')
        if booked:
            raise Lost(f'nobody asked for {sorted(booked)[:3]}')
        months = sum(1 for done in answered for each in done if each.what == 'charge')
        claimed = PeriodCharge.select().join(Contract).where(Contract.number.in_(calls.NUMBERS)).count() - len(
            calls.NUMBERS
        )
        if not months <= claimed <= months + sum(each.what == 'charge' for each in running):
            raise Lost(f'{months} months were charged and {claimed} are claimed')
        if faults := invariants.self_check(but=('I10 late',)):
            raise Lost(faults[0])

    def _booked(self):
        owner = {a.id: a.contract.number for a in Account.select().where(Account.kind == AccountKind.WALLET)}
        chosen = (
            Entry.select(Entry, Operation)
            .join(Operation)
            .where((Entry.id > self.start) & Entry.account.in_(list(owner)))
        )
        return {each.operation.key: (owner[each.account_id], kopecks(each.amount)) for each in chosen}

    def _wallets(self):
        return Entry.select(Entry.id).order_by(Entry.id.desc()).get().id

    def _answered(self, worker):
        path = self.folder / f'answers-{worker}'
        lines = path.read_text().split('\n') if path.exists() else ['']
        return int(lines[-2]) + 1 if len(lines) > 1 else 0


@with_connection
def ledger_of_months(people):
    """Return what a billing run wrote for these contracts, in the order of writing, with their places for their numbers."""
    assert invariants.self_check(but=('I10 late',)) == []
    rows = []
    for contract in people:
        for each in (
            Entry.select(Entry, Operation)
            .join(Operation)
            .where(Entry.account == ledger.wallet_of(contract))
            .order_by(Entry.id)
        ):
            key = each.operation.key.replace(contract.number, '')
            rows.append((key, each.operation.title, each.operation.formula, each.amount, each.balance_after))
    return rows
