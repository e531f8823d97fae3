"""Autopay in a rehearsal: the jobs decide as they will for real, and on the copy the bank agrees to everything."""

from pathlib import Path
from typing import Any

from models.base import database
from models.payment import Payment
from models.saved_card import CardPayment, CardPurpose
from services.clock import now
from services.gateways.payment_gateway import GatewayStatus, Transaction, TransactionKind
from services.payments import payment_gateways, payment_outcomes
from services.rehearsal import copies


def agree() -> None:
    """Book what autopay has opened on the copy, without asking anybody.

    Raises:
        RuntimeError: this process does not work on a copy.
    """
    if Path(str(database.obj.database)).name != copies.NAME:
        raise RuntimeError('Only on a copy does a bank agree without being asked')
    gateway = payment_gateways.card_gateway()
    if gateway is None:
        return
    for payment in _opened():
        payment_outcomes.book(payment.id, _agreed(payment, is_test=gateway.is_test), gateway)


def _opened() -> list[Payment]:
    opened = (CardPayment.purpose == CardPurpose.AUTOMATIC) & CardPayment.sent_at.is_null()
    rows: Any = Payment.select().join(CardPayment, on=CardPayment.payment == Payment.id).where(opened)
    found = list(rows.order_by(Payment.id))
    CardPayment.update(sent_at=now()).where(CardPayment.payment.in_([each.id for each in found])).execute()
    return found


def _agreed(payment: Payment, *, is_test: bool) -> Transaction:
    return Transaction(
        uid=f'rehearsal-{payment.id}',
        kind=TransactionKind.PAYMENT,
        status=GatewayStatus.SUCCEEDED,
        amount=payment.amount,
        currency=payment.currency,
        test=is_test,
        tracking_id=payment.tracking_id,
        brand=payment.card_brand,
        last_4=payment.card_last4,
        paid_at=now(),
    )
