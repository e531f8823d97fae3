"""Coming back after a block for debt: free in the first days, then for a fee, charged once when the block ends."""

from datetime import date
from decimal import Decimal

from models.contract import Contract, DebtBlock
from services import rules
from services.accounts.line_postings import book
from services.clock import local, today
from services.money import ZERO
from services.quotes.monthly import Line
from services.quotes.reconnection import fee_lines, last_free_day
from services.quotes.subscription import total
from services.rules import Rules


def fee_of(block: DebtBlock | None, on: date | None = None, terms: Rules | None = None) -> Decimal:
    """Return what it costs to end this block, rubles, today unless told otherwise; zero without a block."""
    return total(_lines(block, on or today(), terms or rules.current())) if block else ZERO


def free_until(block: DebtBlock | None) -> date | None:
    """Return the last day on which ending this block is free; None when it costs already, or never will."""
    terms = rules.current()
    if block is None or not terms.reconnection_fee:
        return None
    day = last_free_day(local(block.started_at).date(), terms.reconnection_free_days)
    return day if day >= today() else None


def charge(contract: Contract, block: DebtBlock, terms: Rules) -> None:
    """Charge what ending this block today costs by these rules, once."""
    for line in _lines(block, today(), terms):
        book(contract, line, key=f'block:{block.id}', basis=f'Договор № {contract.number}. {line.basis}')


def _lines(block: DebtBlock, on: date, terms: Rules) -> list[Line]:
    return fee_lines(
        local(block.started_at).date(),
        today=on,
        fee=terms.reconnection_fee,
        free_days=terms.reconnection_free_days,
    )
