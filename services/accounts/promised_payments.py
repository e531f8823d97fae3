"""Обещанный платёж: five days on trust. It is a limit, not money: the ledger does not know it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.access import Access
from models.contract import Contract, PromisedPayment
from services import audit, form_keys, rules
from services.accounts import billing, debt_blocks, ending, ledger, reconnections
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.events import ContractChanged, record
from services.money import ZERO
from services.rules import Rules
from services.runner import transactional


class PromiseRefused(DomainError):
    """No promised payment now; subclasses say why."""


class NoDebt(PromiseRefused):
    """There is nothing to cover."""

    message = N_('Обещанный платёж нужен, когда на счёте минус. Сейчас интернет оплачен.')


class CoveredAnyway(PromiseRefused):
    """The trust credit, or the debt the rules allow, keeps the internet on."""

    message = N_('Интернет и так работает: минус на счёте пока не больше разрешённого.')


class PromiseAlreadyGiven(PromiseRefused):
    """One at a time."""

    message = N_('Обещанный платёж уже действует до {until}.')


class PromiseNotKept(PromiseRefused):
    """After one that was not kept there is a pause."""

    message = N_('Прошлый обещанный платёж не был погашен вовремя. Следующий можно взять {on}.')


class DebtTooLarge(PromiseRefused):
    """The promise would not bring the internet back."""

    message = N_('Долг больше {amount}: обещанный платёж его не закроет. Сначала пополните счёт на {missing}.')


@dataclass(frozen=True)
class PromiseView:
    """What the subscriber may have: `amount` rubles for `days`; the open one ends at `due_at`; else why he may not."""

    amount: Decimal
    days: int
    due_at: datetime | None
    refusal: DomainError | None


def view(*, actor: Actor | None) -> PromiseView:
    """Return whether a promised payment runs, may be taken, or why not."""
    contract = own_contract(actor, need=Access.SEE)
    promise, terms = debt_blocks.open_promise(contract), rules.current()
    return PromiseView(
        amount=terms.promise_amount,
        days=terms.promise_days,
        due_at=promise.due_at if promise else None,
        refusal=_why_not(contract, terms),
    )


@transactional
def promise(form_key: str, *, actor: Actor | None) -> datetime:
    """Give a promised payment and return when it must be paid; a block for debt is lifted at once.

    The same key again does nothing twice.

    Raises:
        PromiseRefused: it is not possible; the class says why.
    """
    contract = own_contract(actor, lock=True, need=Access.PAY)
    form_key = form_keys.checked(form_key)
    done = PromisedPayment.get_or_none(PromisedPayment.form_key == form_key)
    if done is not None:
        if done.contract.id != contract.id:
            raise NotFound
        due_at: datetime = done.due_at
        return due_at
    billing.catch_up(contract)
    terms = rules.current()
    refusal = _why_not(contract, terms)
    if refusal:
        raise refusal
    moment = now()
    due_at = moment + terms.promise_time
    PromisedPayment.create(
        contract=contract, amount=terms.promise_amount, promised_at=moment, due_at=due_at, form_key=form_key
    )
    audit.note('payment.promise', f'contract:{contract.number}', actor=actor, amount=str(terms.promise_amount))
    record(ContractChanged(contract.id))
    debt_blocks.review(contract)
    return due_at


def _why_not(contract: Contract, terms: Rules) -> DomainError | None:
    if over := ending.why_not(contract):
        return over
    running = debt_blocks.open_promise(contract)
    if running:
        return PromiseAlreadyGiven(until=running.due_at)
    balance, limit = ledger.balance(contract), debt_blocks.limit_without_promise(contract)
    fee = reconnections.fee_of(debt_blocks.open_block(contract))
    if balance + limit >= fee:
        return NoDebt() if balance >= fee else CoveredAnyway()
    again_at = debt_blocks.trusted_again_at(contract, terms)
    if again_at is not None:
        return PromiseNotKept(on=again_at)
    missing = fee - (balance + limit + terms.promise_amount)
    return DebtTooLarge(amount=terms.promise_amount, missing=missing) if missing > ZERO else None
