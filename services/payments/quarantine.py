"""Money that did not come as agreed: an employee credits it, or leaves a note; sending it back is a refund."""

from decimal import Decimal
from typing import Any

from peewee import fn

from models.account import OperationKind
from models.contract import Contract
from models.correction import CorrectionState
from models.payment import Payment, PaymentState
from models.quarantine import QuarantineVerdict, Verdict
from models.refund import RESERVING, Refund
from services import audit, form_keys, limits, rules
from services.accounts import correction_input, debt_blocks, ledger
from services.authority import Actor, locked, require_operator
from services.clock import now
from services.errors import N_, InvalidField, InvalidForm, NotFound, gathered
from services.events import PaymentChanged, record
from services.identity import step_up
from services.input_text import clean_text
from services.payments import payment_gateways, refund_booking, refunds
from services.payments.owner_letters import tell_owner
from services.payments.payment_outcomes import Fault, card_words
from services.payments.refund_refusals import (
    NoMoney,
    NotAside,
    OwnPayment,
    RefundDecided,
    RefundWaits,
    SecondPersonNeeded,
    VerdictWaits,
)
from services.runner import transactional

CREDITABLE = (Fault.AMOUNT, Fault.ACCOUNT)
"""Faults of money that is ours all the same."""
SMALL_WITHIN = limits.span('corrections_counted_together')


@transactional
def credit(payment_id: int, number: str, reason: str, form_key: str, *, actor: Actor | None) -> CorrectionState:
    """Credit what came to a contract, the payer's or another one; tells whether that is done or waits.

    The same key again does nothing twice.

    Args:
        number: of the contract whose wallet gets it.
        reason: ten characters at least.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidForm: what is wrong in `number`, `reason`.
        NotFound: no such payment. OwnPayment: of one's own contract, or for it.
        NotAside, NoMoney, VerdictWaits, RefundWaits: nothing is credited.
    """
    actor = step_up.require_fresh(require_operator(actor))
    key = form_keys.checked(form_key)
    contract, why = _read(number, reason)
    payment = _held(payment_id, contract, actor)
    same: QuarantineVerdict | None = QuarantineVerdict.get_or_none(QuarantineVerdict.form_key == key)
    if same is not None:
        if same.payment_id != payment.id or same.contract_id != contract.id:
            raise NotFound
        return CorrectionState(same.state)
    _refuse_wrong(payment)
    row = _write(payment, Verdict.CREDIT, contract, why, key, actor)
    if _needs_second(row):
        _note('quarantine.ask', row, actor)
        return CorrectionState.WAITING
    _book(row, payment, actor, 'quarantine.credit')
    return CorrectionState.BOOKED


@transactional
def leave(payment_id: int, reason: str, form_key: str, *, actor: Actor | None) -> None:
    """Leave money where it is, with a note for the colleagues. The same key again writes nothing twice.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidField: no note. NotFound: no such payment. OwnPayment: of one's own contract. NotAside.
    """
    actor = step_up.require_fresh(require_operator(actor))
    key = form_keys.checked(form_key)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    payment = refunds.payment_for(payment_id, actor)
    if QuarantineVerdict.select().where(QuarantineVerdict.form_key == key).exists():
        return
    if payment.state != PaymentState.QUARANTINED:
        raise NotAside
    row = _write(payment, Verdict.NOTE, None, why, key, actor)
    row.state = CorrectionState.BOOKED
    row.save(only=[QuarantineVerdict.state])
    _note('quarantine.note', row, actor)


@transactional
def approve(verdict_id: int, *, actor: Actor | None) -> None:
    """Credit what a colleague asked for. What is credited stays credited.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: no such verdict. SecondPersonNeeded, OwnPayment: the wrong person.
        RefundDecided: it was refused meanwhile. NotAside: the money is gone.
    """
    actor = step_up.require_fresh(require_operator(actor))
    row, payment = _to_decide(verdict_id, actor)
    if row.state == CorrectionState.BOOKED:
        return
    if row.state != CorrectionState.WAITING:
        raise RefundDecided
    _refuse_gone(payment)
    row.decided_by_id, row.decided_at = actor.user_id, now()
    _book(row, payment, actor, 'quarantine.approve')


@transactional
def refuse(verdict_id: int, reason: str, *, actor: Actor | None) -> None:
    """Say no to what a colleague asked for: the money stays aside. What is refused stays refused.

    Raises:
        InvalidField: no reason.
        NotFound: no such verdict. SecondPersonNeeded, OwnPayment: the wrong person.
        RefundDecided: it was credited meanwhile.
    """
    actor = require_operator(actor)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    row, _payment = _to_decide(verdict_id, actor)
    if row.state == CorrectionState.REFUSED:
        return
    if row.state != CorrectionState.WAITING:
        raise RefundDecided
    row.state, row.refusal = CorrectionState.REFUSED, why
    row.decided_by_id, row.decided_at = actor.user_id, now()
    row.save()
    _note('quarantine.refuse', row, actor)


def is_creditable(payment: Payment) -> bool:
    """Tell whether what lies in quarantine is real money in our currency."""
    return payment.state == PaymentState.QUARANTINED and payment.message.split(' ')[0] in CREDITABLE


def _read(number: object, reason: object) -> tuple[Contract, str]:
    errors: dict[str, InvalidField] = {}
    typed = number.strip() if isinstance(number, str) else ''
    contract = correction_input.contract_of(Contract.number == typed) if 0 < len(typed) <= 16 else None
    why = ''
    if contract is None:
        errors['number'] = InvalidField('number', N_('Такого договора нет. Проверьте номер.'))
    with gathered(errors):
        why = correction_input.read_reason(reason)
    if errors or contract is None:
        raise InvalidForm(errors)
    return contract, why


def _held(payment_id: object, contract: Contract, actor: Actor) -> Payment:
    """Hold both contracts in the order of their ids, then the payment."""
    row_id = correction_input.row_id(payment_id)
    found: Payment | None = Payment.get_or_none(Payment.id == row_id)
    if found is None:
        raise NotFound
    if contract.subscriber.user_id == actor.user_id:
        raise OwnPayment
    for each in sorted({found.contract_id, contract.id}):
        locked(Contract.get_by_id(each))
    return refunds.payment_for(row_id, actor)


def _refuse_wrong(payment: Payment) -> None:
    _refuse_gone(payment)
    if not is_creditable(payment):
        raise NoMoney
    waits = (QuarantineVerdict.verdict == Verdict.CREDIT) & (QuarantineVerdict.state == CorrectionState.WAITING)
    if QuarantineVerdict.select().where((QuarantineVerdict.payment == payment) & waits).exists():
        raise VerdictWaits


def _refuse_gone(payment: Payment) -> None:
    if payment.state != PaymentState.QUARANTINED:
        raise NotAside
    if Refund.select().where((Refund.payment == payment) & Refund.state.in_(RESERVING)).exists():
        raise RefundWaits


def _write(
    payment: Payment, verdict: Verdict, contract: Contract | None, why: str, key: str, actor: Actor
) -> QuarantineVerdict:
    row: QuarantineVerdict = QuarantineVerdict.create(
        payment=payment,
        verdict=verdict,
        contract=contract,
        amount=refund_booking.received(payment),
        reason=why,
        form_key=key,
        asked_by=actor.user_id,
        asked_at=now(),
    )
    return row


def _needs_second(row: QuarantineVerdict) -> bool:
    alone: Any = QuarantineVerdict.select(fn.SUM(QuarantineVerdict.amount).coerce(False)).where(
        (QuarantineVerdict.contract == row.contract_id)
        & (QuarantineVerdict.asked_by == row.asked_by_id)
        & (QuarantineVerdict.verdict == Verdict.CREDIT)
        & (QuarantineVerdict.state == CorrectionState.BOOKED)
        & QuarantineVerdict.decided_by.is_null()
        & (QuarantineVerdict.asked_at > now() - SMALL_WITHIN)
    )
    together = row.amount + Decimal(int(alone.scalar() or 0)).scaleb(-2)
    return bool(together > rules.current().four_eyes_above)


def _book(row: QuarantineVerdict, payment: Payment, actor: Actor, action: str) -> None:
    """Make it a payment of this contract and of the sum that came, credited under the gateway's uid as any other."""
    contract = correction_input.contract_of(Contract.id == row.contract_id)
    assert contract is not None  # the row points to it
    facts = {'agreed': str(payment.amount), 'from': Contract.get_by_id(payment.contract_id).number}
    key = f'pay:{payment.gateway}:{payment.gateway_uid}'
    posting = ledger.Posting(
        key=key,
        kind=OperationKind.PAYMENT,
        amount=row.amount,
        title=f'Оплата картой {card_words(payment.card_brand, payment.card_last4)}'.strip(),
        basis=f'Платёж {payment_gateways.NAMES[payment.gateway]} {payment.gateway_uid}',
        reason=row.reason,
        actor_id=row.asked_by_id,
    )
    ledger.post(contract, posting)
    payment.contract, payment.amount, payment.state, payment.message = contract, row.amount, PaymentState.SUCCEEDED, ''
    payment.updated_at = now()
    payment.save()
    row.state = CorrectionState.BOOKED
    row.save()
    debt_blocks.review(contract)
    tell_owner(contract, payment.amount, key)
    _note(action, row, actor, **facts)
    record(PaymentChanged(payment.id, contract.id))


def _to_decide(verdict_id: object, actor: Actor) -> tuple[QuarantineVerdict, Payment]:
    found: QuarantineVerdict | None = QuarantineVerdict.get_or_none(
        (QuarantineVerdict.id == correction_input.row_id(verdict_id)) & (QuarantineVerdict.verdict == Verdict.CREDIT)
    )
    contract = correction_input.contract_of(Contract.id == found.contract_id) if found else None
    if found is None or contract is None:
        raise NotFound
    payment = _held(found.payment_id, contract, actor)
    row: QuarantineVerdict = QuarantineVerdict.get_by_id(found.id)
    if row.asked_by_id == actor.user_id:
        raise SecondPersonNeeded
    return row, payment


def _note(action: str, row: QuarantineVerdict, actor: Actor, **facts: str) -> None:
    known: dict[str, Any] = {'amount': str(row.amount), 'verdict': row.id, 'reason': row.refusal or row.reason, **facts}
    if row.contract_id:
        known['contract'] = Contract.get_by_id(row.contract_id).number
    audit.note(action, f'payment:{row.payment_id}', actor=actor, **known)
    record(PaymentChanged(row.payment_id, row.contract_id or Payment.get_by_id(row.payment_id).contract_id))
