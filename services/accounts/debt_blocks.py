"""Blocking for debt: below zero the internet stops; it is back the moment money or a promise covers the debt."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.account import Account, AccountKind
from models.contract import Contract, ContractStatus, DebtBlock, PromisedPayment
from services import rules
from services.accounts import ledger, reconnections, subscriptions
from services.clock import now, today
from services.events import ContractChanged, record
from services.messages.letters import cabinet as letters
from services.money import ZERO
from services.rules import Rules
from services.runner import transactional


@transactional
def review(contract: Contract) -> None:
    """Block or unblock a contract as its balance says; call after every posting and every promise.

    Balance plus a running promise, a trust credit and the debt the rules allow, zero or more, unblocks at once (DOMAIN
    §7.8); less blocks, except in the first days after activation and while the subscriber has paused the service
    himself. A promise whose debt is paid is fulfilled here. Coming back after a long block costs a fee, which must be
    covered too; it is charged here, once.
    """
    contract = subscriptions.reload_locked(contract)
    balance = ledger.balance(contract)
    promise, block = open_promise(contract), open_block(contract)
    fee = reconnections.fee_of(block)
    if promise and balance >= fee:
        PromisedPayment.update(fulfilled_at=now()).where(PromisedPayment.id == promise.id).execute()
        promise = None
    covered = balance + (promise.amount if promise else ZERO) + limit_without_promise(contract) >= fee
    if block and covered:
        reconnections.charge(contract, block)
        DebtBlock.update(ended_at=now()).where(DebtBlock.id == block.id).execute()
    elif not block and not covered and _may_be_blocked(contract):
        _block(contract, -balance)
    else:
        return
    record(ContractChanged(contract.id))


@transactional
def end_promise(promise: PromisedPayment) -> None:
    """Close a promise whose day has come without the money, and look at the block again."""
    contract = subscriptions.reload_locked(promise.contract)
    still_open = open_promise(contract)
    if still_open is None or still_open.id != promise.id or still_open.due_at > now():
        return
    if ledger.balance(contract) < ZERO:
        PromisedPayment.update(lapsed_at=now()).where(PromisedPayment.id == promise.id).execute()
    record(ContractChanged(contract.id))
    review(contract)


def review_due() -> int:
    """End promises that are due and block debts whose reason to wait is over; returns how many were looked at.

    Safe to run at any time and twice; each contract has its own transaction.
    """
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    promises: Any = PromisedPayment.select(PromisedPayment, Contract).join(Contract)
    due = list(promises.where(is_open & (PromisedPayment.due_at <= now())))
    for promise in due:
        end_promise(promise)
    blocked = DebtBlock.select(DebtBlock.contract).where(DebtBlock.ended_at.is_null())
    debtors: Any = (
        Contract.select()
        .join(Account)
        .where(
            (Account.kind == AccountKind.WALLET)
            & (Account.balance < ZERO)
            & (Contract.status == ContractStatus.ACTIVE)
            & Contract.id.not_in(blocked)
        )
    )
    waiting = list(debtors)
    for contract in waiting:
        review(contract)
    return len(due) + len(waiting)


def open_block(contract: Contract) -> DebtBlock | None:
    """Return the block that stops the internet now, if any."""
    found: DebtBlock | None = DebtBlock.get_or_none((DebtBlock.contract == contract) & DebtBlock.ended_at.is_null())
    return found


def open_promise(contract: Contract) -> PromisedPayment | None:
    """Return the promise that runs now, if any."""
    found: PromisedPayment | None = PromisedPayment.get_or_none(
        (PromisedPayment.contract == contract)
        & PromisedPayment.fulfilled_at.is_null()
        & PromisedPayment.lapsed_at.is_null()
    )
    return found


def limit_without_promise(contract: Contract) -> Decimal:
    """Return how far below zero the wallet may be today, rubles: the debt the rules allow and a trust credit."""
    terms, credit = rules.current(), subscriptions.open_credit(contract)
    has_credit = credit is not None and contract.tariff.down_kbit >= terms.credit_least_kbit
    return terms.debt_allowed + ((credit.credit_limit or ZERO) if credit and has_credit else ZERO)


def trusted_again_at(contract: Contract, terms: Rules) -> datetime | None:
    """Return when the pause after an unkept promise is over, None when there is none."""
    broken = (
        PromisedPayment.select()
        .where((PromisedPayment.contract == contract) & (PromisedPayment.lapsed_at > now() - terms.promise_pause))
        .order_by(PromisedPayment.lapsed_at.desc())
        .first()
    )
    return broken.lapsed_at + terms.promise_pause if broken is not None else None


def first_days_until(contract: Contract) -> timedelta | None:
    """Return how long the first days without a block still last, or None when they are over."""
    if contract.active_on is None:
        return None
    rest = contract.active_on + timedelta(days=rules.current().first_days_to_pay) - today()
    return rest if rest > timedelta(0) else None


def _may_be_blocked(contract: Contract) -> bool:
    suspension = subscriptions.open_suspension(contract)
    is_paused = suspension is not None and suspension.starts_on <= today()
    return contract.is_active and not is_paused and first_days_until(contract) is None


def _block(contract: Contract, debt: Decimal) -> None:
    block = DebtBlock.create(contract=contract, started_at=now())
    letters.debt_blocked(contract, block, debt, reconnections.free_until(block))
