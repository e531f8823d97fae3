"""Blocking for debt: below zero the internet stops; it is back the moment money or a promise covers the debt."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.account import Account, AccountKind
from models.base import next_ids
from models.contract import Contract, ContractStatus, DebtBlock, PromisedPayment, Subscriber, Suspension
from models.user import User
from services import rules
from services.accounts import contract_rows, ledger, reconnections, snapshots, subscriptions
from services.accounts.contract_rows import by_contract
from services.clock import midnight, now, today
from services.events import ContractChanged, record
from services.messages.letters import cabinet as letters
from services.money import ZERO
from services.payments import in_flight
from services.rules import Rules
from services.runner import transactional

log = logging.getLogger(__name__)

BATCH = 500
"""Contracts reviewed in one transaction."""


class Spared(StrEnum):
    """Why a debt does not block now."""

    FIRST_DAYS = 'first_days'
    PAUSED = 'paused'
    PAYMENT = 'payment'  # it is on its way
    NOT_ACTIVE = 'not_active'


@dataclass(frozen=True)
class Standing:
    """What decides about the block of a contract: rubles on its wallet, how far below zero it may be (`limit`), the
    open promise and block, the `fee` of coming back, and what spares it a block."""

    contract: Contract
    balance: Decimal
    limit: Decimal
    promise: PromisedPayment | None
    block: DebtBlock | None
    fee: Decimal
    spared: Spared | None

    @property
    def is_covered(self) -> bool:
        """Tell whether the debt, if any, stops nothing."""
        return self.balance + self.limit >= self.fee

    @property
    def is_paid(self) -> bool:
        """Tell whether the wallet alone covers everything: a promise is kept."""
        return self.balance >= self.fee

    @property
    def must_block(self) -> bool:
        """Tell whether the internet stops now."""
        return self.block is None and not self.is_covered and self.spared is None

    @property
    def must_unblock(self) -> bool:
        """Tell whether the internet comes back now."""
        return self.block is not None and self.is_covered


def review(contract: Contract) -> None:
    """Block or unblock one contract: see `review_many`. Call after every posting and every promise."""
    review_many([contract.id])


@transactional
def review_many(contract_ids: Sequence[int]) -> list[Standing]:
    """Block or unblock contracts as their balances say; returns what decided, block by block as it was before.

    Balance plus a running promise, a trust credit and the debt the rules allow, zero or more, unblocks at once (DOMAIN
    §7.8); less blocks, except in the first days after activation, while the subscriber has paused the service himself,
    and while a payment is on its way (for a time: `in_flight.sparing`). A promise whose debt is paid is fulfilled here.
    Coming back after a long block costs a fee, which must be covered too; it is charged here, once.
    """
    contracts = subscriptions.lock_many(contract_ids)
    found = standings(contracts, ledger.balances(contracts), today())
    kept = [each.promise.id for each in found if each.promise and each.is_paid]
    if kept:
        PromisedPayment.update(fulfilled_at=now()).where(PromisedPayment.id.in_(kept)).execute()
    _unblock([each for each in found if each.must_unblock])
    _block([each for each in found if each.must_block])
    for each in found:
        if each.must_block or each.must_unblock:
            record(ContractChanged(each.contract.id))
    return found


def standings(contracts: Sequence[Contract], balances: dict[int, Decimal], on: date) -> list[Standing]:
    """Return what decides about the block of each contract, should its wallet hold this many rubles; six queries,
    and those of a snapshot where somebody has a trust credit."""
    ids, terms = [contract.id for contract in contracts], rules.on(on)
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    promises = by_contract(PromisedPayment.select().where(PromisedPayment.contract.in_(ids) & is_open))
    blocks = by_contract(DebtBlock.select().where(DebtBlock.contract.in_(ids) & DebtBlock.ended_at.is_null()))
    runs = (Suspension.starts_on <= on) & (Suspension.ends_on > on) & Suspension.resumed_on.is_null()
    paused = set(by_contract(Suspension.select(Suspension.contract).where(Suspension.contract.in_(ids) & runs)))
    paying = in_flight.contracts_spared(ids, terms.payment_wait) if on <= today() else set()  # by then it is decided
    trusted = snapshots.credits_on(contracts, on)
    found = []
    for contract in contracts:
        promise = next(iter(promises[contract.id]), None)
        promised = promise.amount if promise and promise.due_at > midnight(on) else ZERO
        limit = terms.debt_allowed + trusted.get(contract.id, ZERO) + promised
        block = next(iter(blocks[contract.id]), None)
        spared = _spared(contract, on, terms.first_days_to_pay, paused=paused, paying=paying)
        fee = reconnections.fee_of(block, on, terms)
        found.append(Standing(contract, balances[contract.id], limit, promise, block, fee, spared))
    return found


@transactional
def end_promise(promise: PromisedPayment) -> None:
    """Close a promise whose day has come without the money, and look at the block again."""
    contract = subscriptions.reload_locked(promise.contract)
    still_open = open_promise(contract)
    if still_open is None or still_open.id != promise.id or still_open.due_at > now():
        return
    if ledger.balance(contract) < reconnections.fee_of(open_block(contract)):
        PromisedPayment.update(lapsed_at=now()).where(PromisedPayment.id == promise.id).execute()
    record(ContractChanged(contract.id))
    review(contract)


def review_due() -> int:
    """End promises that are due, block debts whose reason to wait is over, unblock what the rules cover by now; returns
    how many were looked at.

    Safe to run at any time and twice; each batch has its own transaction, one that fails is logged.
    """
    is_open = PromisedPayment.fulfilled_at.is_null() & PromisedPayment.lapsed_at.is_null()
    promises: Any = PromisedPayment.select(PromisedPayment, Contract).join(Contract)
    due = list(promises.where(is_open & (PromisedPayment.due_at <= now())))
    for promise in due:
        end_promise(promise)
    waiting = _waiting()
    for start in range(0, len(waiting), BATCH):
        ids = waiting[start : start + BATCH]
        try:
            review_many(ids)
        except Exception:
            log.exception('Reviewing %d contracts from %s failed', len(ids), ids[0])
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
    return rules.current().debt_allowed + snapshots.credits_on([contract], today()).get(contract.id, ZERO)


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
    return _first_days_left(contract, today(), rules.current().first_days_to_pay)


def _first_days_left(contract: Contract, on: date, days: int) -> timedelta | None:
    if contract.active_on is None:
        return None
    rest = contract.active_on + timedelta(days=days) - on
    return rest if rest > timedelta(0) else None


def _spared(contract: Contract, on: date, days: int, *, paused: set[int], paying: set[int]) -> Spared | None:
    if not contract.is_active:
        return Spared.NOT_ACTIVE
    if contract.id in paused:
        return Spared.PAUSED
    if _first_days_left(contract, on, days):
        return Spared.FIRST_DAYS
    return Spared.PAYMENT if contract.id in paying else None


def _unblock(found: Sequence[Standing]) -> None:
    """End the blocks and charge what coming back costs."""
    terms = rules.current()
    over = [(each.contract, each.block) for each in found if each.block]
    for contract, block in over:
        reconnections.charge(contract, block, terms)
    if over:
        DebtBlock.update(ended_at=now()).where(DebtBlock.id.in_([block.id for _, block in over])).execute()


def _block(found: Sequence[Standing]) -> None:
    """Write the blocks and their letters."""
    if not found:
        return
    owners: Any = Subscriber.select(Subscriber, User).left_outer_join(User)
    wanted = {each.contract.subscriber_id for each in found}
    by_id = {owner.id: owner for owner in owners.where(Subscriber.id.in_(wanted))}
    written, rows = [], []
    for new_id, each in zip(next_ids(DebtBlock, len(found)), found, strict=True):
        each.contract.subscriber = by_id[each.contract.subscriber_id]
        rows.append({'id': new_id, 'contract': each.contract, 'started_at': now()})
        written.append((each.contract, DebtBlock(**rows[-1]), -each.balance))
    DebtBlock.insert_many(rows).execute()
    letters.debts_blocked(written, free_until=reconnections.free_until(written[0][1]))


def _waiting() -> list[int]:
    """Return the active contracts in debt without a block, and those blocked although nothing is missing any more."""
    blocked = DebtBlock.select(DebtBlock.contract).where(DebtBlock.ended_at.is_null())
    is_wallet = (Account.kind == AccountKind.WALLET) & (Contract.status == ContractStatus.ACTIVE)
    in_debt = (Account.balance < ZERO) & Contract.id.not_in(blocked)
    may_be_paid = (Account.balance >= -rules.current().debt_allowed) | Contract.id.in_(contract_rows.running_credits())
    paid = may_be_paid & Contract.id.in_(blocked)
    rows: Any = Contract.select(Contract.id).join(Account).where(is_wallet & (in_debt | paid))
    return [contract_id for (contract_id,) in rows.order_by(Contract.id).tuples()]
