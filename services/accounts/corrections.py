"""Исправления счёта: plus, minus or the reversal of an operation; a large one waits for a second employee."""

from decimal import Decimal
from typing import Any

from peewee import fn

from models.account import Operation, OperationKind
from models.contract import Contract
from models.correction import Correction, CorrectionState
from services import audit, form_keys, limits, rules
from services.accounts import correction_input, debt_blocks, ledger
from services.accounts.correction_refusals import (
    CorrectionRefused,
    Decided,
    IsOpening,
    IsReversal,
    MoneyFromBank,
    OwnContract,
    ReversalWaits,
    ReversedAlready,
    SecondPersonNeeded,
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
    correction = _to_decide(correction_id, actor, CorrectionState.BOOKED)
    if correction is None:
        return
    if correction.reverses:
        _refuse_reversed(correction.reverses)
    correction.decided_by_id, correction.decided_at = actor.user_id, now()
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
    correction = _to_decide(correction_id, actor, CorrectionState.REFUSED)
    if correction is None:
        return
    correction.state, correction.refusal = CorrectionState.REFUSED, why
    correction.decided_by_id, correction.decided_at = actor.user_id, now()
    correction.save(only=[Correction.state, Correction.refusal, Correction.decided_by, Correction.decided_at])
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
    if contract.subscriber.user_id == actor.user_id:
        raise OwnContract
    locked(contract)
    done = Correction.get_or_none(Correction.form_key == form_key)
    if done is not None:
        return _same(done, contract, amount)
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
    if _needs_second(correction):
        _note('correction.ask', correction, actor, reason)
        return CorrectionState.WAITING
    _book(correction, actor, 'correction.book')
    return CorrectionState.BOOKED


def _needs_second(correction: Correction) -> bool:
    others: Any = Correction.select(fn.SUM(fn.ABS(Correction.amount)).coerce(False)).where(
        (Correction.contract == correction.contract_id)
        & (Correction.asked_by == correction.asked_by_id)
        & (Correction.state == CorrectionState.BOOKED)
        & Correction.decided_by.is_null()
        & (Correction.asked_at > now() - SMALL_WITHIN)
    )
    together = abs(correction.amount) + Decimal(int(others.scalar() or 0)).scaleb(-2)
    return bool(together > rules.current().four_eyes_above)


def _book(correction: Correction, actor: Actor, action: str) -> None:
    """Book a correction in the name of whoever asked for it, look at the block again, and tell the subscriber."""
    contract = correction.contract
    if correction.reverses:
        operation = ledger.reverse(correction.reverses, reason=correction.reason, actor_id=correction.asked_by_id)
    else:
        operation = ledger.post(contract, _posting(correction))
    correction.operation, correction.state = operation, CorrectionState.BOOKED
    correction.save(only=[Correction.operation, Correction.state, Correction.decided_by, Correction.decided_at])
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


def _to_decide(correction_id: object, actor: Actor, outcome: CorrectionState) -> Correction | None:
    """Return the correction that waits, its contract locked; None when it has come to this outcome already."""
    asked = Correction.select(Correction.contract).where(Correction.id == correction_input.row_id(correction_id))
    contract = correction_input.contract_of(Contract.id.in_(asked))
    if contract is None:
        raise NotFound
    locked(contract)
    correction: Correction = Correction.get_by_id(correction_id)
    correction.contract = contract
    if correction.asked_by_id == actor.user_id:
        raise SecondPersonNeeded
    if contract.subscriber.user_id == actor.user_id:
        raise OwnContract
    if correction.state == outcome:
        return None
    if correction.state != CorrectionState.WAITING:
        raise Decided
    return correction


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


def _same(done: Correction, contract: Contract, amount: Decimal) -> CorrectionState:
    if done.contract_id != contract.id or done.amount != amount:
        raise NotFound
    return CorrectionState(done.state)
