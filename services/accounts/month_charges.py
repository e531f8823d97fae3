"""The charge of the 1st for many contracts in one transaction, in a handful of statements; one is a batch of one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.account import PeriodCharge
from models.account import Quote as QuoteRow
from models.base import insert_rows, next_ids
from models.contract import Contract
from services.accounts import books, ending, ledger, overages, planned_tariffs, snapshots, subscriptions
from services.accounts.ledger import MOST_AT_ONCE, Posting
from services.accounts.line_postings import posting
from services.accounts.overages import Overage
from services.clock import now, today
from services.quotes.month_charge import ACTION, quote_month
from services.quotes.monthly import Line, LineKind, month_words
from services.quotes.quote import Quote
from services.quotes.subscription import rubles
from services.runner import transactional

BY_THE_PLAN = frozenset({LineKind.TARIFF, LineKind.FEE})
"""Lines behind which the quote of a planned tariff stands, the one the subscriber saw when he ordered it."""


@dataclass(frozen=True)
class MonthCharge:
    """What a contract is charged for a month, with the wallet before and after in `quote`; `traffic` is what of it is
    above the quotas of months that are over."""

    contract: Contract
    quote: Quote
    traffic: tuple[Overage, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines in the order of debiting."""
        return self.quote.charges


@transactional
def book(contract_ids: Sequence[int], month: date, *, booked_at: datetime | None = None) -> list[MonthCharge]:
    """Charge a month of these contracts, each once, all or none; returns those that were charged now.

    A planned change of tariff that has come is applied first. Who is not due (see `due`) is left out. A month that
    costs nothing is marked as charged all the same.

    Args:
        month: its 1st.
        booked_at: for a past that is written.

    Raises:
        ValueError: the month has not begun.
        ChargingStopped: somebody is due, but the books do not agree.
    """
    if month > today():
        raise ValueError(f'{month} has not begun')
    contracts = due(subscriptions.lock_many(contract_ids), month)
    if not contracts:
        return []
    books.require_open()
    charges = compute(contracts, month)
    moment = now()
    rows = [(contract.id, month, moment.replace(tzinfo=None)) for contract in contracts]
    insert_rows(PeriodCharge, ('contract_id', 'month', 'charged_at'), rows)
    quotes = _store_quotes(charges, moment)
    shown = planned_tariffs.begin_month(contracts, month)
    _post(charges, month, quotes, shown, booked_at)
    overages.settle([each for charge in charges for each in charge.traffic], moment)
    return charges


def due(contracts: Sequence[Contract], month: date) -> list[Contract]:
    """Return those a month is to be charged of: active since an earlier one, and not charged yet.

    The month of activation belongs to the activation itself; a month after the last day that was asked for to nobody.
    """
    begun = [c for c in contracts if c.is_active and c.active_on is not None and c.active_on < month]
    over = ending.ids_over_before(begun, month)
    which = PeriodCharge.contract.in_([contract.id for contract in begun]) & (PeriodCharge.month == month)
    rows: Any = PeriodCharge.select(PeriodCharge.contract).where(which)
    charged = {contract_id for (contract_id,) in rows.tuples()}
    return [contract for contract in begun if contract.id not in charged | over]


def compute(contracts: Sequence[Contract], month: date) -> list[MonthCharge]:
    """Return what these contracts would be charged, in their order, without charging anything."""
    known, balances = snapshots.load_many(contracts), ledger.balances(contracts)
    traffic = overages.due(contracts, month)
    charges = []
    for contract in contracts:
        above = traffic.get(contract.id, ())
        extra = [line for each in above for line in each.lines]
        quote = quote_month(known[contract.id], balance=balances[contract.id], month=month, extra=extra)
        charges.append(MonthCharge(contract, quote, above))
    return charges


def reason(line: Line) -> str:
    """Return the rule behind a line of a month, in words."""
    when = month_words(line.on)
    if line.kind == LineKind.RENT:
        return f'Аренда оборудования за {when}; при приостановке не прерывается.'
    if line.kind == LineKind.FEE:
        return f'Переход на тариф дешевле — {rubles(line.sum)}, списываем в день перехода.'
    if line.kind == LineKind.BUNDLE:
        return f'Скидка за интернет и телевидение вместе, {when}.'
    return f'Абонплата за {when}: списываем 1-го числа за месяц вперёд.'


def _store_quotes(charges: Sequence[MonthCharge], moment: datetime) -> dict[int, QuoteRow]:
    """Store one quote for each charge that costs something, executed as it is stored; by the ids of the contracts."""
    costly = [charge for charge in charges if charge.lines]
    at = moment.replace(tzinfo=None)
    rows, stored = [], {}
    for new_id, charge in zip(next_ids(QuoteRow, len(costly)), costly, strict=True):
        request = json.dumps({'month': charge.lines[0].on.isoformat()})
        lines = json.dumps(charge.quote.rows())
        rows.append((new_id, charge.contract.id, ACTION, request, charge.quote.facts(), lines, at, at))
        stored[charge.contract.id] = QuoteRow(id=new_id)
    columns = ('id', 'contract_id', 'action', 'request', 'facts', 'lines', 'created_at', 'executed_at')
    insert_rows(QuoteRow, columns, rows)
    return stored


def _post(
    charges: Sequence[MonthCharge],
    month: date,
    quotes: dict[int, QuoteRow],
    shown: dict[int, QuoteRow],
    booked_at: datetime | None,
) -> None:
    postings: list[tuple[Contract, Posting]] = []
    for charge in charges:
        contract = charge.contract
        own = quotes.get(contract.id)
        above = {line: each for each in charge.traffic for line in each.lines}
        for line in charge.lines:
            if line in above:
                key, basis = above[line].key(contract), above[line].basis(contract, line)
                postings.append((contract, posting(line, key=key, basis=basis, quote=own, booked_at=booked_at)))
                continue
            key = f'month:{contract.number}:{month:%Y-%m}:{line.kind}:{line.code}'
            basis = f'Договор № {contract.number}. {reason(line)} {line.basis}'.rstrip()
            quote = shown.get(contract.id, own) if line.kind in BY_THE_PLAN else own
            postings.append((contract, posting(line, key=key, basis=basis, quote=quote, booked_at=booked_at)))
    for start in range(0, len(postings), MOST_AT_ONCE):
        ledger.post_many(postings[start : start + MOST_AT_ONCE])
