"""Payments that may still become money: nobody is blocked for debt while one is on its way."""

from collections.abc import Collection
from typing import Any

from models.payment import Payment, PaymentState
from services import limits
from services.clock import now

PAGE_LIFE = limits.span('payment_page_life')
"""How long the bank's page waits for a card: short, because nothing can close it earlier (DOMAIN §2.2.7)."""


def in_flight() -> Any:
    """Return the condition: opened within the life of the bank's page, or at work in the bank."""
    waiting = (Payment.state == PaymentState.REDIRECTED) & (Payment.created_at > now() - PAGE_LIFE)
    return waiting | Payment.state.in_((PaymentState.PROCESSING, PaymentState.QUARANTINED))


def contracts_waiting(contract_ids: Collection[int]) -> set[int]:
    """Return which of these contracts have money on its way."""
    rows: Any = Payment.select(Payment.contract).where(Payment.contract.in_(list(contract_ids)) & in_flight())
    return {contract_id for (contract_id,) in rows.tuples()}
