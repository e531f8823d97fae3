"""Исправления счёта: plus, minus or the reversal of an operation; a large one waits for a second employee."""

from decimal import Decimal
from typing import Any

from models.account import Operation, OperationKind
from models.contract import Contract
from models.correction import Correction, CorrectionState
from services import audit, form_keys, limits
from services.accounts import correction_input, debt_blocks, four_eyes, ledger
from services.accounts.correction_refusals import (
    CorrectionRefused,
    Decided,
    IsOpening,
    IsReversal,
    MoneyFromBank,
    ReversalWaits,
    ReversedAlready,
)
from services.accounts.ledger import Posting
from services.authority import Actor, locked, require_operator
from services.clock import now
from services.errors import NotFound
from services.events import CorrectionChanged, record
from services.identity import step_up
from services.input_text import clean_text
from services.messages.letters import cabinet as letters
from services.money import ZERO
from services.runner import transactional

CREDIT, DEBIT = 'credit', 'debit'
SMALL_WITHIN = limits.span('corrections_counted_together')
"""Small corrections of one employee for one contract are added up over this time: a large one cannot be cut up."""


@transactional
def correct(
    number: str, direction: str, amount: str, reason: str, form_key: str, *, actor: Actor | None
) -> CorrectionState:
    """Give money to a wallet or take it; tells whether that is done or waits. The same key again does nothing twice.

    Args:
        direction: CREDIT or DEBIT; `amount` as typed: «5», «5,50».
        reason: ten characters at least; the subscriber reads it.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidForm: what is wrong in `amount`, `reason`.
        NotFound: no such contract. OwnContract: one's own.
    """
    actor = step_up.require_fresh(require_operator(actor))
    contract = correction_input.contract_of(Contract.number == number) if isinstance(number, str) else None
    if contract is None or direction not in (CREDIT, DEBIT):
        raise NotFound
    form_key = form_keys.checked(form_key)
    rubles, why = correction_input.read(amount, reason)
    return _ask(contract, rubles if direction == CREDIT else -rubles, why, form_key, None, actor)


@transactional
def reverse(operation_id: int, reason: str, form_key: str, *, actor: Actor | None) -> CorrectionState:
    """Take an operation back, whole; tells whether that is done or waits. The same key again does nothing twice.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidField: the reason says too little.
        NotFound: no such operation of a wallet.
        CorrectionRefused: this one is not reversed; the class says why.
    """
    actor = step_up.require_fresh(require_operator(actor))
    form_key = form_keys.checked(form_key)
    why = correction_input.read_reason(reason)
    entry = correction_input.wallet_entry(operation_id)
    contract = correction_input.contract_of(Contract.id == entry.account.contract_id)
    assert contract is not None  # a wallet has one
    return _ask(contract, -entry.amount, why, form_key, entry.operation, actor)


@transactional
def approve(correction_id: int, *, actor: Actor | None) -> None:
    """Book what a colleague asked for; the subscriber gets a letter. One that is booked stays booked.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: no such correction. SecondPersonNeeded, OwnContract: the wrong person.
        Decided: it was refused meanwhile.
    """
    actor = step_up.require_fresh(require_operator(actor))
    correction = four_eyes.to_decide(Correction, correction_id, actor.user_id, CorrectionState.BOOKED, Decided)
    if correction is None:
        return
    if correction.reverses:
        _refuse_reversed(correction.reverses)
    four_eyes.sign(correction, actor.user_id)
    _book(correction, actor, 'correction.approve')


@transactional
def refuse(correction_id: int, reason: str, *, actor: Actor | None) -> None:
    """Say no to what a colleague asked for: nothing is booked. One that is refused stays refused.

    Raises:
        InvalidField: no reason.
        NotFound: no such correction. SecondPersonNeeded, OwnContract: the wrong person.
        Decided: it was booked meanwhile.
    """
    actor = require_operator(actor)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    correction = four_eyes.to_decide(Correction, correction_id, actor.user_id, CorrectionState.REFUSED, Decided)
    if correction is None:
        return
    four_eyes.refuse(correction, why, actor.user_id)
    _note('correction.refuse', correction, actor, why)


def why_not_reversible(operation: Operation) -> CorrectionRefused | None:
    """Return why an operation is never taken back, by what it is; None when it may be."""
    if operation.kind in (OperationKind.PAYMENT, OperationKind.REFUND):
        return MoneyFromBank()
    if operation.kind == OperationKind.OPENING:
        return IsOpening()
    return IsReversal() if operation.reverses_id else None


def _ask(
    contract: Contract, amount: Decimal, reason: str, form_key: str, reverses: Operation | None, actor: Actor
) -> CorrectionState:
    four_eyes.refuse_own(contract, actor.user_id)
    locked(contract)
    done = four_eyes.asked_before(Correction, form_key, contract, amount)
    if done is not None:
        return done
    if reverses:
        _refuse_twice(reverses)
    correction = Correction.create(
        contract=contract,
        amount=amount,
        reverses=reverses,
        reason=reason,
        form_key=form_key,
        asked_by=actor.user_id,
        asked_at=now(),
    )
    if four_eyes.needs_second(correction, since=now() - SMALL_WITHIN):
        _note('correction.ask', correction, actor, reason)
        return CorrectionState.WAITING
    _book(correction, actor, 'correction.book')
    return CorrectionState.BOOKED


def _book(correction: Correction, actor: Actor, action: str) -> None:
    """Book a correction in the name of whoever asked for it, look at the block again, and tell the subscriber."""
    contract = correction.contract
    if correction.reverses:
        operation = ledger.reverse(correction.reverses, reason=correction.reason, actor_id=correction.asked_by_id)
    else:
        operation = ledger.post(contract, _posting(correction))
    four_eyes.book(correction, operation)
    debt_blocks.review(contract)
    letters.corrected(contract, correction, balance=ledger.balance(contract))
    _note(action, correction, actor, correction.reason)


def _posting(correction: Correction) -> Posting:
    return Posting(
        key=f'adjust:{correction.id}',
        kind=OperationKind.ADJUSTMENT,
        amount=correction.amount,
        title='Исправление: возврат на счёт' if correction.amount > ZERO else 'Исправление: списание',
        basis=f'Исправление № {correction.id}',
        reason=correction.reason,
        actor_id=correction.asked_by_id,
    )


def _note(action: str, correction: Correction, actor: Actor, reason: str) -> None:
    facts: dict[str, Any] = {'amount': str(correction.amount), 'correction': correction.id, 'reason': reason}
    if correction.reverses_id:
        facts['operation'] = correction.reverses_id
    audit.note(action, f'contract:{correction.contract.number}', actor=actor, **facts)
    record(CorrectionChanged(correction.id, correction.contract_id))


def _refuse_twice(operation: Operation) -> None:
    refusal = why_not_reversible(operation)
    if refusal:
        raise refusal
    _refuse_reversed(operation)
    asked = (Correction.reverses == operation) & (Correction.state == CorrectionState.WAITING)
    if Correction.select().where(asked).exists():
        raise ReversalWaits


def _refuse_reversed(operation: Operation) -> None:
    if Operation.select().where(Operation.reverses == operation).exists():
        raise ReversedAlready
