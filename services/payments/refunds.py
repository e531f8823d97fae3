"""Giving money of a card payment back: an employee asks, a large sum waits for a second one, the gateway does it.

The refund is our own row first. The gateway is asked between two short transactions with the row's key: no answer means
unknown, never failed, and the poller asks again (SECURITY §2.3).
"""

import secrets
from decimal import Decimal
from typing import Any

from peewee import fn

from models.contract import Contract, Subscriber
from models.payment import Payment, PaymentState
from models.quarantine import QuarantineVerdict, Verdict
from models.refund import Refund, RefundState
from services import audit, form_keys, limits, rules
from services.accounts import correction_input, ledger
from services.authority import Actor, require_operator
from services.clock import now
from services.errors import InvalidField, InvalidForm, NotFound, gathered
from services.events import PaymentChanged, record
from services.identity import step_up
from services.input_text import clean_text
from services.money import KOPECK, ZERO
from services.payments import payment_gateways, refund_booking
from services.payments.payment_desk import CardsUnavailable
from services.payments.payments import read_amount
from services.payments.refund_refusals import (
    LeavesDebt,
    MoreThanLeft,
    NothingLeft,
    OwnPayment,
    RefundDecided,
    RefundWaits,
    SecondPersonNeeded,
    VerdictWaits,
)
from services.payments.refund_sending import send
from services.runner import transactional, with_connection

SMALL_WITHIN = limits.span('corrections_counted_together')


def refund(
    payment_id: int, amount: str, reason: str, form_key: str, *, accepts_debt: bool = False, actor: Actor | None
) -> RefundState:
    """Give back all or a part of a payment; tells whether it is done, unknown yet (ASKED), waits, or failed.

    Goes over the network between two short transactions: call it where waiting is allowed (`act_outside`). The same
    `form_key` again gives nothing back twice. Money in quarantine goes back the same way and touches no wallet.

    Args:
        amount: as typed: «5», «5,50».
        reason: ten characters at least; the subscriber reads it.
        accepts_debt: the employee was told that the wallet will be below zero.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidForm: what is wrong in `amount`, `reason`.
        NotFound: no such payment. OwnPayment: of one's own contract.
        NothingLeft, MoreThanLeft, LeavesDebt, RefundWaits, VerdictWaits: nothing was asked for.
    """
    asked = _ask(payment_id, amount, reason, form_key, accepts_debt=accepts_debt, actor=actor)
    return send(asked.id) if asked.state == RefundState.ASKED else RefundState(asked.state)


def approve(refund_id: int, *, actor: Actor | None) -> RefundState:
    """Let go out what a colleague asked for; over the network, as `refund`. One that went out stays as it is.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: no such refund. SecondPersonNeeded, OwnPayment: the wrong person.
        RefundDecided: it was refused meanwhile. RefundWaits: another one is with the gateway.
    """
    state = _approve(refund_id, actor=actor)
    return send(refund_id) if state == RefundState.ASKED else state


@transactional
def refuse(refund_id: int, reason: str, *, actor: Actor | None) -> None:
    """Say no to what a colleague asked for: nothing goes back. One that is refused stays refused.

    Raises:
        InvalidField: no reason.
        NotFound: no such refund. SecondPersonNeeded, OwnPayment: the wrong person.
        RefundDecided: it went out meanwhile.
    """
    actor = require_operator(actor)
    why = clean_text('reason', reason, rule='staff_reason', required=True)
    row, payment = _to_decide(refund_id, actor)
    if row.state == RefundState.REFUSED:
        return
    if row.state != RefundState.WAITING:
        raise RefundDecided
    row.decided_by_id, row.decided_at = actor.user_id, now()
    row.save(only=[Refund.decided_by, Refund.decided_at])
    refund_booking.close(row, RefundState.REFUSED, why)
    _note('refund.refuse', row, payment, actor)


def payment_for(payment_id: object, actor: Actor) -> Payment:
    """Return a payment, held, that is not of the actor's own contract.

    Raises:
        NotFound, OwnPayment.
    """
    row_id = correction_input.row_id(payment_id)
    if not Payment.select().where(Payment.id == row_id).exists():
        raise NotFound
    payment = refund_booking.held(row_id)
    owner = Subscriber.select(Subscriber.user).join(Contract).where(Contract.id == payment.contract_id)
    if owner.scalar() == actor.user_id:
        raise OwnPayment
    return payment


@with_connection
@transactional
def _ask(
    payment_id: object, amount: object, reason: object, form_key: object, *, accepts_debt: bool, actor: Actor | None
) -> Refund:
    actor = step_up.require_fresh(require_operator(actor))
    key = form_keys.checked(form_key)
    rubles, why = _read(amount, reason)
    payment = payment_for(payment_id, actor)
    same: Refund | None = Refund.get_or_none(Refund.form_key == key)
    if same is not None:
        if same.payment_id != payment.id or same.amount != rubles:
            raise NotFound
        return same
    _refuse_wrong(payment, rubles, accepts_debt=accepts_debt)
    row: Refund = Refund.create(
        payment=payment,
        parent_uid=payment.gateway_uid,
        amount=rubles,
        reason=why,
        form_key=key,
        request_id=secrets.token_hex(16),
        is_uncredited=payment.state == PaymentState.QUARANTINED,
        asked_by=actor.user_id,
        asked_at=now(),
    )
    if _needs_second(row, payment):
        _note('refund.ask', row, payment, actor)
        return row
    _let_go(row)
    _note('refund.send', row, payment, actor)
    return row


@with_connection
@transactional
def _approve(refund_id: object, *, actor: Actor | None) -> RefundState:
    actor = step_up.require_fresh(require_operator(actor))
    row, payment = _to_decide(refund_id, actor)
    if row.state == RefundState.REFUSED:
        raise RefundDecided
    if row.state != RefundState.WAITING:
        return RefundState(row.state)
    if refund_booking.left_of(payment) < ZERO:  # the gateway gave some back meanwhile
        raise MoreThanLeft(left=refund_booking.left_of(payment) + row.amount)
    _refuse_second(payment)
    row.decided_by_id, row.decided_at = actor.user_id, now()
    row.save(only=[Refund.decided_by, Refund.decided_at])
    _let_go(row)
    _note('refund.approve', row, payment, actor)
    return RefundState.ASKED


def _read(amount: object, reason: object) -> tuple[Decimal, str]:
    errors: dict[str, InvalidField] = {}
    rubles, why = ZERO, ''
    with gathered(errors):
        rubles = read_amount(amount, least=KOPECK, most=correction_input.MOST)
    with gathered(errors):
        why = correction_input.read_reason(reason)
    if errors:
        raise InvalidForm(errors)
    return rubles, why


def _refuse_wrong(payment: Payment, rubles: Decimal, *, accepts_debt: bool) -> None:
    gateway = payment_gateways.card_gateway()
    if gateway is None or payment.gateway != gateway.port.name:
        raise CardsUnavailable
    _refuse_second(payment)
    credit = (QuarantineVerdict.payment == payment) & (QuarantineVerdict.verdict == Verdict.CREDIT)
    if QuarantineVerdict.select().where(credit & (QuarantineVerdict.state == 'waiting')).exists():
        raise VerdictWaits
    left = refund_booking.left_of(payment)
    if left <= ZERO:
        raise NothingLeft
    if rubles > left:
        raise MoreThanLeft(field='amount', left=left)
    after = ledger.balance(Contract.get_by_id(payment.contract_id)) - rubles
    if payment.is_paid and after < ZERO and not accepts_debt:
        raise LeavesDebt(after=after)


def _refuse_second(payment: Payment) -> None:
    """One refund of a payment at a time is with the gateway: whose answer comes is then beyond doubt."""
    waits = Refund.state.in_((RefundState.ASKED,)) & Refund.asked_by.is_null(False)
    if Refund.select().where((Refund.payment == payment) & waits).exists():
        raise RefundWaits


def _needs_second(row: Refund, payment: Payment) -> bool:
    """Tell whether this and what the same employee sent back alone lately, of this contract, is above the limit."""
    alone: Any = (
        Refund.select(fn.SUM(Refund.amount).coerce(False))
        .join(Payment)
        .where(
            (Payment.contract == payment.contract_id)
            & (Refund.asked_by == row.asked_by_id)
            & Refund.state.in_((RefundState.ASKED, RefundState.DONE))
            & Refund.decided_by.is_null()
            & (Refund.asked_at > now() - SMALL_WITHIN)
        )
    )
    together = row.amount + Decimal(int(alone.scalar() or 0)).scaleb(-2)
    return bool(together > rules.current().four_eyes_above)


def _let_go(row: Refund) -> None:
    """From here on it is the gateway's: if this process dies now, the poller asks."""
    row.state, row.next_check_at = RefundState.ASKED, now()
    row.save(only=[Refund.state, Refund.next_check_at])


def _to_decide(refund_id: object, actor: Actor) -> tuple[Refund, Payment]:
    found: Refund | None = Refund.get_or_none(Refund.id == correction_input.row_id(refund_id))
    if found is None or found.asked_by_id is None:
        raise NotFound
    payment = payment_for(found.payment_id, actor)
    row: Refund = Refund.get_by_id(found.id)
    if row.asked_by_id == actor.user_id:
        raise SecondPersonNeeded
    return row, payment


def _note(action: str, row: Refund, payment: Payment, actor: Actor) -> None:
    facts: dict[str, Any] = {'amount': str(row.amount), 'refund': row.id, 'reason': row.refusal or row.reason}
    audit.note(action, f'payment:{payment.id}', actor=actor, **facts)
    record(PaymentChanged(payment.id, payment.contract_id))
