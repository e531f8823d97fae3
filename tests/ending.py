"""Ending a contract in tests: ask for it, let its last day pass."""

from datetime import date

from models.account import Operation
from services.accounts import ledger, termination_runs, terminations
from services.accounts.termination_requests import Wish
from services.clock import midnight
from tests.cast import contract_of


def ask(actor, last_day='2026-11-25', key='key-end', **wish):
    """Ask for the end as a person does: see the quote, then agree."""
    shown = terminations.quote(last_day, actor=actor)
    return terminations.request(shown.id, key, Wish(**wish), actor=actor)


def let_it_end(clock, day=date(2026, 11, 26)):
    """Go to the first minute of a day and let the job run; returns how many contracts ended."""
    clock.move_to(midnight(day))
    return termination_runs.run_due()


def balance(actor):
    """Return what a contract's wallet holds."""
    return ledger.balance(contract_of(actor))


def booked():
    """Return the keys of what the ends booked."""
    keys = Operation.select(Operation.key).where(Operation.key.startswith('terminate:')).order_by(Operation.id)
    return [row.key for row in keys]
