"""Pages of a bank that cannot be asked about: their token was lost, or the gateway gives none."""

import logging
from typing import Any

from models.payment import Payment, Webhook
from services.clock import now
from services.gateways.payment_gateway import GatewayStatus, Transaction, WebhookRefused
from services.gateways.told_by_bells import ToldByBells
from services.payments.in_flight import PAGE_LIFE
from services.runner import with_connection

log = logging.getLogger(__name__)


def verdict(payment: Payment, found: tuple[Transaction, ...]) -> tuple[GatewayStatus, bool, tuple[Transaction, ...]]:
    """Return the state of such a page, whether it is final, and the transactions that are known of it.

    Nothing closes the page earlier than its own time; after it a page with no transaction was never paid. Money that
    comes later still counts.
    """
    statuses = {each.status for each in found}
    for status in (GatewayStatus.SUCCEEDED, GatewayStatus.PROCESSING):
        if status in statuses:
            return status, status is GatewayStatus.SUCCEEDED, found
    if payment.created_at + PAGE_LIFE > now():
        return (GatewayStatus.FAILED if found else GatewayStatus.CREATED), False, found
    return (GatewayStatus.FAILED if found else GatewayStatus.EXPIRED), True, found


def rung(port: ToldByBells, payment: Payment) -> tuple[Transaction, ...]:
    """Ask about every transaction which a genuine bell has named for this payment; over the network.

    The bells are in the database, so one that rang while the gateway did not answer is asked about again later.

    Raises:
        GatewayError: the gateway gave no answer.
    """
    found: dict[str, Transaction] = {}
    for body in with_connection(_bells)(payment):
        try:
            transaction = port.confirm(body)
        except WebhookRefused:
            log.warning('A bell of payment %s is not proved any more: was the secret changed?', payment.id)
            continue
        found[transaction.uid] = transaction
    return tuple(found.values())


def _bells(payment: Payment) -> list[bytes]:
    """Return the bodies of the last bells; a term of storage empties old ones."""
    about = (Webhook.gateway == payment.gateway) & (Webhook.tracking_id == payment.tracking_id) & Webhook.is_verified
    rows: Any = Webhook.select(Webhook.body).where(about).order_by(Webhook.id.desc()).limit(10)
    return [bytes(row.body) for row in rows if row.body]
