"""The end itself: on the day after the last one the returns are booked and everything of the contract stops.

The row of the request decides: it is read again with the contract held, so a withdrawal, a second process and a
billing run at the same instant each come before or after it, and it is done once.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.account import OperationKind
from models.account import Quote as QuoteRow
from models.contract import (
    ConnectedAddOn,
    Contract,
    ContractStatus,
    DebtBlock,
    Discount,
    PromisedPayment,
    Suspension,
    TariffChange,
    TariffChangeState,
)
from models.termination import MoneyGoes, Termination, TerminationState
from services import audit
from services.accounts import (
    billing,
    books,
    debt_blocks,
    ending,
    ledger,
    overages,
    planned_tariffs,
    shown_quotes,
    subscriptions,
    termination_requests,
)
from services.accounts.ledger import Posting
from services.accounts.line_postings import book as book_line
from services.clock import now, today
from services.messages.letters import ending as letters
from services.money import ZERO
from services.quotes import termination as quotes
from services.quotes.quote import Quote
from services.runner import transactional

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Held:
    """The contract that ends and, if the money goes there, the one that gets it; both held."""

    contract: Contract
    target: Contract | None


def run_due() -> int:
    """End all contracts whose last day has passed, none while charging is stopped; returns how many.

    Safe to run at any time and twice; one that fails is logged, the others go on.
    """
    if books.is_stopped():
        log.warning('Charging is stopped: the books do not agree')
        return 0
    waits = (Termination.state == TerminationState.REQUESTED) & (Termination.last_day < today())
    done = 0
    for request in list(Termination.select().where(waits).order_by(Termination.last_day, Termination.id)):
        try:
            done += execute(request)
        except Exception:
            log.exception('The end of contract %s failed', request.contract_id)
    return done


@transactional
def execute(request: Termination) -> bool:
    """End the contract of a request whose last day has passed; tells whether that was done now.

    Raises:
        ChargingStopped: the books do not agree.
    """
    held = _hold(request)
    fresh: Termination = Termination.get_by_id(request.id)
    if fresh.state != TerminationState.REQUESTED or fresh.last_day >= today():
        return False
    books.require_open()
    contract = _charged_to_the_end(held.contract, fresh.last_day)
    end = quotes.quote_end(
        subscriptions.load(contract), balance=ledger.balance(contract), today=today(), last_day=fresh.last_day
    )
    _book(contract, fresh, end)
    moment = now()
    _stop_everything(contract, fresh.last_day, moment)
    _move_rest(contract, held.target, fresh)
    done = {'state': TerminationState.EXECUTED, 'executed_at': moment}
    Termination.update(done).where(Termination.id == fresh.id).execute()
    rest = ledger.balance(contract)
    facts = {'on': fresh.last_day.isoformat(), 'returned': str(-end.due), 'rest': str(rest)}
    audit.note('contract.end', f'contract:{contract.number}', actor=None, **facts)
    fresh.contract = contract
    devices = termination_requests.names_of(termination_requests.devices_of(contract))
    letters.ended(contract, fresh, returned=-end.due, rest=rest, devices=devices)
    termination_requests.tell(contract)
    return True


def _hold(request: Termination) -> _Held:
    ids = {request.contract_id} | ({request.target_id} if request.target_id else set())
    by_id = {contract.id: contract for contract in subscriptions.lock_many(sorted(ids))}
    return _Held(by_id[request.contract_id], by_id.get(request.target_id or 0))


def _charged_to_the_end(contract: Contract, last_day: date) -> Contract:
    """Charge what the nightly run has not come to: a tariff planned before the end, the month of the last day, traffic
    above the quota."""
    planned_tariffs.apply(contract)
    billing.book_month(contract, last_day)
    overages.charge_last(subscriptions.reload_locked(contract), last_day)
    return subscriptions.reload_locked(contract)


def _book(contract: Contract, request: Termination, end: Quote) -> None:
    """Book the returns by the quote that was shown; where they differ from it, by a fresh one that takes its place."""
    row: QuoteRow = QuoteRow.get_by_id(request.quote_id)
    if _returns_of(row, request.last_day) != [(line.kind, line.code, line.sum) for line in end.charges]:
        shown = shown_quotes.show(contract, end, {'last_day': request.last_day.isoformat()})
        row = QuoteRow.get_by_id(shown.id)
        QuoteRow.update(executed_at=now()).where(QuoteRow.id == row.id).execute()
        request.quote, request.was_recounted = row, True
        request.save(only=[Termination.quote, Termination.was_recounted])
    for line in end.charges:
        key = f'terminate:{contract.number}:{request.last_day.isoformat()}:{line.kind}:{line.code}'
        book_line(contract, line, key=key, basis=f'Договор № {contract.number}. {line.basis}', quote=row)


def _returns_of(row: QuoteRow, last_day: date) -> list[tuple[str, str, Decimal]]:
    first = (last_day + timedelta(days=1)).isoformat()
    return [(line['kind'], line['code'], Decimal(line['sum'])) for line in row.lines if line['on'] == first]


def _stop_everything(contract: Contract, last_day: date, moment: datetime) -> None:
    """End what hangs on the contract: add-ons, discounts, plans, pauses, promises, the block without a fee."""
    is_on = ConnectedAddOn.ends_at.is_null() | (ConnectedAddOn.ends_at > moment)
    _update(contract, ConnectedAddOn, is_on & ConnectedAddOn.disconnected_at.is_null(), disconnected_at=moment)
    _update(contract, ConnectedAddOn, is_on, ends_at=moment)
    _update(contract, Discount, Discount.ended_at.is_null(), ended_at=moment)
    waits = TariffChange.state == TariffChangeState.PLANNED
    _update(contract, TariffChange, waits, state=TariffChangeState.CANCELLED)
    _end_pauses(contract, last_day + timedelta(days=1))
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    outcome: dict[str, Any] = {'fulfilled_at' if ledger.balance(contract) >= ZERO else 'lapsed_at': moment}
    _update(contract, PromisedPayment, is_open, **outcome)
    _update(contract, DebtBlock, DebtBlock.ended_at.is_null(), ended_at=moment)
    contract.status, contract.terminated_on = ContractStatus.TERMINATED, last_day
    contract.save(only=[Contract.status, Contract.terminated_on])


def _end_pauses(contract: Contract, first_day: date) -> None:
    """Cut a suspension off at the end of the contract; one that was to come is called off."""
    goes_on = (Suspension.contract == contract) & Suspension.resumed_on.is_null() & (Suspension.ends_on > first_day)
    for pause in list(Suspension.select().where(goes_on)):
        pause.resumed_on = max(first_day, pause.starts_on)
        pause.save(only=[Suspension.resumed_on])


def _update(contract: Contract, model: Any, which: Any, **values: Any) -> None:
    model.update(values).where((model.contract == contract) & which).execute()


def _move_rest(contract: Contract, target: Contract | None, request: Termination) -> None:
    """Move what is left to the other contract of the same person, if that was asked for and the other one goes on."""
    rest = ledger.balance(contract)
    if request.money != MoneyGoes.CONTRACT or target is None or rest <= ZERO:
        return
    if not target.is_active or ending.why_not(target):
        return
    key, kind = f'transfer:{request.id}', OperationKind.ADJUSTMENT
    basis = f'Расторжение договора № {contract.number}'
    title_out, title_in = f'Остаток — на договор {target.number}', f'Остаток с договора {contract.number}'
    ledger.post_many(
        [
            (contract, Posting(f'{key}:out', kind, -rest, title_out, basis=basis)),
            (target, Posting(f'{key}:in', kind, rest, title_in, basis=basis)),
        ]
    )
    debt_blocks.review(target)
