"""The poller: asks the gateway about payments whose time has come, so that a lost webhook loses no money."""

import logging
from typing import Any

from models.base import is_postgres
from models.payment import Payment
from services import limits
from services.clock import now
from services.payments import payment_outcomes
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

BATCH = 20
SILENCES = limits.count('bank_silences')
"""So many questions in a row without an answer end a run: the gateway is away, the others wait for the next run."""


def poll_due() -> int:
    """Ask about the payments that are due, the longest waiting first, at most BATCH; returns how many were asked.

    A payment is claimed by moving its next question on before it is asked: two processes never ask the same one, and
    one that dies in between only makes it wait for the next time.
    """
    asked, silent = 0, 0
    while asked < BATCH and silent < SILENCES:
        payment_id = _claim()
        if payment_id is None:
            break
        asked += 1
        silent = 0 if _ask(payment_id) else silent + 1
    return asked


def _ask(payment_id: int) -> bool:
    try:
        return payment_outcomes.refresh(payment_id)
    except Exception:
        log.exception('Asking about payment %s failed', payment_id)
        return True


@with_connection
@transactional
def _claim() -> int | None:
    moment = now()
    due: Any = Payment.select().where(Payment.next_check_at <= moment).order_by(Payment.next_check_at, Payment.id)
    due = due.limit(1)
    payment = (due.for_update('FOR UPDATE SKIP LOCKED') if is_postgres() else due).get_or_none()
    if payment is None:
        return None
    then = payment_outcomes.next_check(payment.created_at, moment)
    Payment.update(next_check_at=then, asked=Payment.asked + 1).where(Payment.id == payment.id).execute()
    return int(payment.id)
