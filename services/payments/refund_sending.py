"""The gateway's side of a refund: ask with the row's key, follow the answer, look for what had none (SECURITY §2.3)."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.base import is_postgres
from models.payment import Payment
from models.refund import Refund, RefundState
from services import limits
from services.clock import now
from services.gateways.payment_gateway import (
    GatewayError,
    GatewayRefused,
    PaymentGateway,
    Transaction,
    TransactionKind,
)
from services.payments import payment_gateways, payment_outcomes, refund_booking
from services.payments.payment_gateways import CardGateway
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

KEY_LIFE = limits.span('refund_key_life')
"""So long a repeated question is answered as the first one was; the gateway remembers a little longer."""
LISTED = limits.count('gateway_transactions_listed')
"""Transactions the gateway lists of one payment; a full list may hide one."""


def send(refund_id: int) -> RefundState:
    """Ask the gateway for one refund, or what became of it, and follow its answer; safe to call any number of times."""
    gateway = payment_gateways.card_gateway()
    question = _claim(refund_id)
    if gateway is None or question is None:
        return _state(refund_id)
    try:
        answer = _answer(gateway.port, question)
    except GatewayRefused as refusal:
        log.error('Refund %s was refused: %s %s', refund_id, refusal.message, refusal.fields)  # noqa: TRY400 - a clear answer, no traceback needed
        return _note_no(refund_id, refusal.message)
    except GatewayError as error:
        log.warning('Refund %s: the gateway gave no answer: %s', refund_id, error)
        return RefundState.ASKED
    return _settle(refund_id, answer, gateway)


@dataclass(frozen=True)
class _Question:
    """What the gateway is asked. `is_repeat`: it may have heard it before."""

    refund_id: int
    parent_uid: str
    tracking_id: str
    amount: Decimal
    reason: str
    request_id: str
    uid: str | None
    is_repeat: bool
    is_late: bool


@with_connection
@transactional
def _claim(refund_id: int) -> _Question | None:
    """Write down that the gateway is being asked, and when next; None when there is nothing to ask."""
    rows: Any = Refund.select().where(Refund.id == refund_id)
    row = (rows.for_update() if is_postgres() else rows).get_or_none()
    if row is None or row.state != RefundState.ASKED:
        return None
    payment, moment = Payment.get_by_id(row.payment_id), now()
    is_repeat, row.sent_at = row.sent_at is not None, row.sent_at or moment
    row.next_check_at = payment_outcomes.next_check(row.sent_at, moment)
    row.save(only=[Refund.sent_at, Refund.next_check_at])
    return _Question(
        refund_id=row.id,
        parent_uid=row.parent_uid,
        tracking_id=payment.tracking_id,
        amount=row.amount,
        reason=row.reason,
        request_id=row.request_id,
        uid=row.gateway_uid,
        is_repeat=is_repeat,
        is_late=moment - row.sent_at >= KEY_LIFE,
    )


def _answer(port: PaymentGateway, question: _Question) -> Transaction:
    """Ask by its uid where it has one, with its key while the gateway remembers that, else look for it."""
    if question.uid:
        return port.query_by_uid(question.uid)
    if not question.is_late:
        try:
            return port.refund(question.parent_uid, question.amount, question.reason, request_id=question.request_id)
        except GatewayRefused:
            found = _found(port, question) if question.is_repeat else None
            if found is None:
                raise
            return found
    found = _found(port, question)
    if found is None:
        raise GatewayRefused('No such refund was made', status=404)
    return found


def _found(port: PaymentGateway, question: _Question) -> Transaction | None:
    """Return the refund the gateway made of this payment and sum that we do not know of yet."""
    listed = port.list_by_tracking_id(question.tracking_id)
    for each in listed:
        fits = each.kind is TransactionKind.REFUND and each.parent_uid == question.parent_uid
        if fits and each.amount == question.amount and not _is_known(each.uid):
            return each
    if len(listed) >= LISTED:
        raise GatewayError('the list is full and may hide it')
    return None


@with_connection
def _is_known(uid: str) -> bool:
    return bool(Refund.select().where(Refund.gateway_uid == uid).exists())


@with_connection
@transactional
def _settle(refund_id: int, answer: Transaction, gateway: CardGateway) -> RefundState:
    payment = refund_booking.held(Refund.get_by_id(refund_id).payment_id)
    refund_booking.note(payment, answer, gateway, Refund.get_by_id(refund_id))
    return RefundState(Refund.get_by_id(refund_id).state)


@with_connection
@transactional
def _note_no(refund_id: int, why: str) -> RefundState:
    refund_booking.held(Refund.get_by_id(refund_id).payment_id)
    row: Refund = Refund.get_by_id(refund_id)
    if row.state == RefundState.ASKED:
        refund_booking.close(row, RefundState.FAILED, why)
    return RefundState(row.state)


@with_connection
def _state(refund_id: int) -> RefundState:
    return RefundState(Refund.get_by_id(refund_id).state)
