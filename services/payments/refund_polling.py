"""The poller of refunds: what the gateway did not answer is asked again, so that nothing is lost or given twice."""

import logging
from typing import Any

from models.base import is_postgres
from models.refund import Refund, RefundState
from services import limits
from services.clock import now
from services.payments import payment_outcomes, refund_sending
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

BATCH = limits.count('refunds_asked_at_once')


def poll_due() -> int:
    """Ask about the refunds that are due, at most BATCH; returns how many were asked.

    One is claimed by moving its next question on before it is asked: two processes never ask the same one.
    """
    asked = 0
    while asked < BATCH:
        claimed = _claim()
        if claimed is None:
            break
        asked += 1
        refund_id, payment_id, uid = claimed
        try:
            if uid:  # its payment may not be booked yet either
                payment_outcomes.refresh(payment_id, uid=uid)
            refund_sending.send(refund_id)
        except Exception:
            log.exception('Asking about refund %s failed', refund_id)
    return asked


@with_connection
@transactional
def _claim() -> tuple[int, int, str] | None:
    moment = now()
    due: Any = Refund.select().where((Refund.state == RefundState.ASKED) & (Refund.next_check_at <= moment))
    due = due.order_by(Refund.next_check_at, Refund.id).limit(1)
    row = (due.for_update('FOR UPDATE SKIP LOCKED') if is_postgres() else due).get_or_none()
    if row is None:
        return None
    row.next_check_at = payment_outcomes.next_check(row.sent_at or row.asked_at, moment)
    row.save(only=[Refund.next_check_at])
    return row.id, row.payment_id, row.gateway_uid or ''
