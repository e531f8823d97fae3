"""A bell about ERIP: which claim it is about, and the payment it announces."""

import json
import secrets
from typing import Any

from models.contract import Contract
from models.erip import EripClaim, EripPayment
from models.payment import Payment, PaymentState
from services.clock import now
from services.events import PaymentChanged, record
from services.gateways.payment_gateway import GatewayStatus, NoticeKind, WebhookNotice
from services.money import ZERO
from services.payments import erip_answers, payment_outcomes

_ANNOUNCED = (GatewayStatus.SUCCEEDED, GatewayStatus.PROCESSING)


def payment_of(raw: bytes, notice: WebhookNotice) -> Payment | None:
    """Return the payment a proved bell announces, written down at the first bell; None when it is about none.

    The sum of the bell is only shown until the gateway was asked; nothing is credited from it.
    """
    transaction = notice.transaction
    if notice.kind is not NoticeKind.TRANSACTION or transaction is None:
        return None
    known: Payment | None = Payment.get_or_none(
        (Payment.gateway == erip_answers.GATEWAY) & (Payment.gateway_token == transaction.uid)
    )
    if known is not None:
        return known
    claim = _claim_of(raw, notice)
    is_news = transaction.status in _ANNOUNCED and transaction.amount > ZERO
    if claim is None or not is_news or (claim.uid == transaction.uid and transaction.status in _ANNOUNCED[1:]):
        return None
    return _announce(claim, transaction.uid, transaction.amount)


def is_about_claim(notice: WebhookNotice) -> bool:
    """Tell whether a bell tells of a claim itself: that it stands, was opened or is over."""
    return bool(EripClaim.select().where(EripClaim.tracking_id == notice.tracking_id).exists())


def _announce(claim: EripClaim, uid: str, amount: Any) -> Payment:
    moment = now()
    payment: Payment = Payment.create(
        contract=claim.contract_id,
        amount=amount,
        state=PaymentState.PROCESSING,
        gateway=erip_answers.GATEWAY,
        tracking_id=f'erip_{secrets.token_urlsafe(24)}',
        form_key=f'erip:{uid}'[:64],
        gateway_token=uid,
        next_check_at=payment_outcomes.next_check(moment, moment),
        created_at=moment,
        updated_at=moment,
    )
    EripPayment.create(claim=claim, payment=payment)
    record(PaymentChanged(payment.id, payment.contract_id))
    return payment


def _claim_of(raw: bytes, notice: WebhookNotice) -> EripClaim | None:
    """Find the claim by our tracking id, else by the account number: a payment made by ERIP may bear no tracking id."""
    found: EripClaim | None = EripClaim.get_or_none(EripClaim.tracking_id == notice.tracking_id)
    if found is not None or notice.tracking_id is not None:
        return found
    erip = json.loads(raw)['transaction'].get('erip')  # a proved bell that was read before
    number = erip.get('account_number') if isinstance(erip, dict) else None
    query: Any = EripClaim.select(EripClaim).join(Contract).where(Contract.number == str(number))
    claim: EripClaim | None = query.get_or_none()
    return claim
