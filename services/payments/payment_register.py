"""The operator's list of card payments: states, what was put aside and why. Reading only."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from peewee import fn

from models.contract import Contract, Subscriber
from models.payment import Payment, PaymentState, Webhook
from services import audit, limits
from services.authority import Actor, require_operator
from services.payments import card_outcomes, payment_outcomes
from services.payments.payment_hooks import UNKNOWN_PAYMENT
from services.payments.payment_outcomes import Fault

PAGE = limits.count('payments_page')


@dataclass(frozen=True)
class PaymentLine:
    """One payment for an operator; rubles. `fault` and `received` only when it was put aside."""

    number: int
    contract_number: str
    subscriber: str
    amount: Decimal
    state: PaymentState
    card: str
    is_automatic: bool
    uid: str
    fault: Fault | None
    received: str
    decline_code: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Register:
    """A page of payments, the newest first; `counts` by state, of all; `strays`: genuine webhooks without payment."""

    lines: tuple[PaymentLine, ...]
    counts: dict[PaymentState, int]
    page: int
    has_more: bool
    strays: tuple[str, ...]


def list_payments(
    state: PaymentState | None = None, contract: str = '', page: int = 1, *, actor: Actor | None
) -> Register:
    """Return a page of PAGE payments in one state and of one contract number; all when neither is given.

    Raises:
        SignInRequired, NotAllowed: only operators and administrators.
    """
    actor = require_operator(actor)
    audit.note_reading(f'payments:{contract}' if contract else 'list:payments', actor=actor)
    query: Any = Payment.select(Payment, Contract, Subscriber).join(Contract).join(Subscriber)
    if state is not None:
        query = query.where(Payment.state == state)
    if contract:
        query = query.where(Contract.number == contract)
    page = min(max(page, 1), 10_000)
    rows = list(query.order_by(Payment.id.desc()).limit(PAGE + 1).offset((page - 1) * PAGE))
    by_itself = card_outcomes.automatic_among([row.id for row in rows])
    return Register(
        lines=tuple(_line(row, is_automatic=row.id in by_itself) for row in rows[:PAGE]),
        counts=_counts(),
        page=page,
        has_more=len(rows) > PAGE,
        strays=_strays(),
    )


def _counts() -> dict[PaymentState, int]:
    rows: Any = Payment.select(Payment.state, fn.COUNT(Payment.id)).group_by(Payment.state).tuples()
    return dict(rows)


def _strays() -> tuple[str, ...]:
    unknown = Webhook.is_verified & (Webhook.outcome == UNKNOWN_PAYMENT)
    rows: Any = Webhook.select().where(unknown).order_by(Webhook.id.desc()).limit(20)
    return tuple(row.tracking_id or row.fingerprint[:12] for row in rows)


def _line(payment: Payment, *, is_automatic: bool) -> PaymentLine:
    is_aside = payment.state == PaymentState.QUARANTINED
    fault, _, received = payment.message.partition(' ') if is_aside else ('', '', '')
    return PaymentLine(
        number=payment.id,
        contract_number=payment.contract.number,
        subscriber=payment.contract.subscriber.full_name,
        amount=payment.amount,
        state=payment.state,
        card=payment_outcomes.card_words(payment.card_brand, payment.card_last4),
        is_automatic=is_automatic,
        uid=payment.gateway_uid or '',
        fault=Fault(fault) if fault else None,
        received=received,
        decline_code=payment.message if payment.message.startswith('F') else '',
        created_at=payment.created_at,
        updated_at=payment.updated_at,
    )
