"""The gateway rings: keep the bell, prove who rang, remember to ask. Nothing is credited from what it says."""

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.payment import Payment, PaymentState, Webhook
from services import limits, rate_limits
from services.clock import now
from services.errors import NotFound, TooManyRequests
from services.gateways.payment_gateway import NoticeKind, RefusalReason, TransactionKind, WebhookNotice, WebhookRefused
from services.payments import erip_bells, payment_gateways, payment_outcomes, refund_booking
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

KEPT_OF_FORGED = limits.count('forged_webhook_bytes')
"""Bytes kept of a body nobody proved: enough to see what it was, too little to fill the disk."""
FORGED_AN_HOUR, HOUR = limits.rate('forged_webhooks')
"""Forged bells written down in an hour; more are only counted in the log."""
UNKNOWN_PAYMENT = 'unknown_payment'
TOKEN = re.compile(rb'("credit_card"\s*:\s*\{[^{}]*?"token"\s*:\s*")[^"]*(")')


@dataclass(frozen=True)
class Heard:
    """A genuine bell: the payment it is about (None: we have no such payment) and the transaction it names."""

    payment_id: int | None
    uid: str | None


def follow(heard: Heard) -> None:
    """Ask the gateway about what it rang for. If it does not answer now, the poller asks: `hear` has set the time."""
    if heard.payment_id is not None:
        payment_outcomes.refresh(heard.payment_id, uid=heard.uid)


@with_connection
def hear(gateway: str, raw: bytes, headers: Mapping[str, str]) -> Heard:
    """Keep a webhook and prove who sent it; quick, no network.

    Raises:
        NotFound: this installation has no such gateway.
        WebhookRefused: forged, damaged or unreadable; kept too, in part.
    """
    found = payment_gateways.card_gateway()
    if found is None or found.port.name != gateway:
        raise NotFound
    try:
        notice = found.port.verify_webhook(raw, headers)
    except WebhookRefused as refused:
        _keep_forged(gateway, raw, refused.reason)
        raise
    return _keep(gateway, raw, notice)


@transactional
def _keep(gateway: str, raw: bytes, notice: WebhookNotice) -> Heard:
    payment = _payment_of(gateway, notice) or erip_bells.payment_of(raw, notice)
    is_known = payment is not None or erip_bells.is_about_claim(notice)
    outcome = notice.kind if is_known else UNKNOWN_PAYMENT
    _write(gateway, raw, fingerprint=notice.event_id, is_verified=True, outcome=outcome, tracking=notice.tracking_id)
    if payment is None and erip_bells.is_about_claim(notice):
        return Heard(None, None)
    if payment is None:
        log.error('A genuine webhook is about a payment we do not have: %s', notice.tracking_id)
        return Heard(None, None)
    if notice.transaction and notice.transaction.kind is TransactionKind.REFUND:
        refund_booking.remember(payment, notice.transaction)
    elif not payment.is_paid and payment.state != PaymentState.QUARANTINED:
        Payment.update(next_check_at=now()).where(Payment.id == payment.id).execute()
    is_payment = notice.kind is NoticeKind.TRANSACTION and notice.transaction is not None
    return Heard(payment.id, notice.transaction.uid if is_payment and notice.transaction else None)


def _payment_of(gateway: str, notice: WebhookNotice) -> Payment | None:
    """Return the payment a bell is about: by our number, or by the transaction whose money goes back."""
    parent = notice.transaction.parent_uid if notice.transaction else None
    which = Payment.tracking_id == notice.tracking_id
    which = which | (Payment.gateway_uid == parent) if parent else which
    found: Payment | None = Payment.get_or_none((Payment.gateway == gateway) & which)
    return found


@transactional
def _keep_forged(gateway: str, raw: bytes, reason: RefusalReason) -> None:
    log.warning('A webhook of %s was refused: %s, %d bytes', gateway, reason, len(raw))
    try:
        rate_limits.spend('forged-webhook', gateway, most=FORGED_AN_HOUR, window=HOUR)
    except TooManyRequests:
        return
    fingerprint = hashlib.sha256(raw).hexdigest()
    _write(gateway, raw[:KEPT_OF_FORGED], fingerprint=fingerprint, is_verified=False, outcome=reason, tracking=None)


def _without_token(raw: bytes) -> bytes:
    """Blot out what pays with a kept card: it is kept sealed elsewhere, and this body lies open in the table."""
    return TOKEN.sub(rb'\1***\2', raw)


def _write(
    gateway: str, raw: bytes, *, fingerprint: str, is_verified: bool, outcome: str, tracking: str | None
) -> None:
    """Write a bell down; a body that came before is counted, and a proof once given is never taken back."""
    facts = {
        'body': _without_token(raw),
        'is_verified': is_verified,
        'outcome': outcome,
        'tracking_id': (tracking or '')[:64],
    }
    fresh = Webhook.insert(gateway=gateway, fingerprint=fingerprint, received_at=now(), **facts).on_conflict_ignore()
    if fresh.as_rowcount().execute():
        return
    same = Webhook.fingerprint == fingerprint
    Webhook.update(count=Webhook.count + 1).where(same).execute()
    if is_verified:
        Webhook.update(facts).where(same).execute()
