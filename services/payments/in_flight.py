"""Payments that may still become money: nobody is blocked for debt while one is on its way, for a time."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from peewee import fn

from models.payment import PAID, Payment, PaymentState
from services import limits
from services.clock import now

PAGE_LIFE = limits.span('payment_page_life')
"""How long the bank's page waits for a card: short, because nothing can close it earlier (DOMAIN §2.2.7)."""


def in_flight() -> Any:
    """Return the condition: opened within the life of the bank's page, or at work in the bank."""
    waiting = (Payment.state == PaymentState.REDIRECTED) & (Payment.created_at > now() - PAGE_LIFE)
    return waiting | Payment.state.in_((PaymentState.PROCESSING, PaymentState.QUARANTINED))


def sparing(wait: timedelta) -> Any:
    """Return the condition: in flight, and it puts a block off.

    Whoever opens the bank's page again and again without paying is spared for the time `wait` from the first attempt
    that came to nothing, looked for twice as far back. Money that came and waits for us spares without an end.
    """
    tried, moment = Payment.alias(), now()
    before = (tried.created_at > moment - 2 * wait) & (tried.created_at <= moment - wait)
    vain = tried.select(tried.id).where((tried.contract == Payment.contract) & tried.state.not_in(PAID) & before)
    is_fresh = (Payment.created_at > moment - wait) & ~fn.EXISTS(vain)
    return (Payment.state == PaymentState.QUARANTINED) | (in_flight() & is_fresh)


def contracts_spared(contract_ids: Collection[int], wait: timedelta) -> set[int]:
    """Return which of these contracts have money on its way that puts a block off."""
    rows: Any = Payment.select(Payment.contract).where(Payment.contract.in_(list(contract_ids)) & sparing(wait))
    return {contract_id for (contract_id,) in rows.tuples()}
