"""The operator's list of payments: states, filters, what was put aside and why. Reading only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from peewee import fn

from models.contract import Contract, Subscriber
from models.correction import CorrectionState
from models.payment import BY_HAND, Payment, PaymentState, Webhook
from models.quarantine import QuarantineVerdict, Verdict
from models.refund import Refund, RefundState
from services import audit, limits
from services.authority import Actor, require_operator
from services.clock import midnight
from services.payments import card_outcomes, differences, payment_outcomes
from services.payments.differences import Comparison
from services.payments.payment_hooks import UNKNOWN_PAYMENT
from services.payments.payment_outcomes import Fault

PAGE = limits.count('payments_page')


@dataclass(frozen=True)
class PaymentLine:
    """One payment for an operator; rubles. `fault` and `received` only when it was put aside; `way` is the gateway's
    name, or `cash`, `bank`."""

    number: int
    contract_number: str
    subscriber: str
    amount: Decimal
    state: PaymentState
    way: str
    card: str
    is_automatic: bool
    uid: str
    fault: Fault | None
    received: str
    decline_code: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Filter:
    """What is looked for; empty finds all. Days in Minsk, both included; `uid`: the bank's number or ours."""

    since: date | None = None
    until: date | None = None
    amount: Decimal | None = None
    uid: str = ''
    way: str = ''


@dataclass(frozen=True)
class Register:
    """A page of payments, the newest first; `counts` by state of what the other filters find; `strays`: genuine
    webhooks without payment; `ways` there are; `waiting`: refunds and credits that wait for a second employee."""

    lines: tuple[PaymentLine, ...]
    counts: dict[PaymentState, int]
    page: int
    has_more: bool
    strays: tuple[str, ...]
    ways: tuple[str, ...]
    waiting: tuple[int, ...]
    comparison: Comparison


def list_payments(
    state: PaymentState | None = None,
    contract: str = '',
    page: int = 1,
    *,
    wanted: Filter | None = None,
    actor: Actor | None,
) -> Register:
    """Return a page of PAGE payments in one state, of one contract number and as `wanted`; all when nothing is given.

    Raises:
        SignInRequired, NotAllowed: only operators and administrators.
    """
    actor = require_operator(actor)
    audit.note_reading(f'payments:{contract}' if contract else 'list:payments', actor=actor)
    where = _where(contract, wanted or Filter())
    query: Any = Payment.select(Payment, Contract, Subscriber).join(Contract).join(Subscriber).where(where)
    if state is not None:
        query = query.where(Payment.state == state)
    page = min(max(page, 1), 10_000)
    rows = list(query.order_by(Payment.id.desc()).limit(PAGE + 1).offset((page - 1) * PAGE))
    by_itself = card_outcomes.automatic_among([row.id for row in rows])
    return Register(
        lines=tuple(_line(row, is_automatic=row.id in by_itself) for row in rows[:PAGE]),
        counts=_counts(where),
        page=page,
        has_more=len(rows) > PAGE,
        strays=_strays(),
        ways=_ways(),
        waiting=_waiting(),
        comparison=differences.read(),
    )


def _where(contract: str, wanted: Filter) -> Any:
    where: Any = Payment.id > 0
    if contract:
        where &= Contract.number == contract
    if wanted.since:
        where &= Payment.created_at >= midnight(wanted.since)
    if wanted.until:
        where &= Payment.created_at < midnight(wanted.until + timedelta(days=1))
    if wanted.amount is not None:
        where &= Payment.amount == wanted.amount
    if wanted.uid:
        refunds = Refund.select(Refund.payment).where(Refund.gateway_uid == wanted.uid)
        named = (Payment.gateway_uid == wanted.uid) | (Payment.tracking_id == wanted.uid)
        where &= named | Payment.id.in_(refunds)
    if wanted.way:
        where &= Payment.gateway == wanted.way
    return where


def _counts(where: Any) -> dict[PaymentState, int]:
    query: Any = Payment.select(Payment.state, fn.COUNT(Payment.id)).join(Contract).where(where)
    return dict(query.group_by(Payment.state).tuples())


def _ways() -> tuple[str, ...]:
    rows: Any = Payment.select(Payment.gateway).distinct().order_by(Payment.gateway).tuples()
    return tuple(way for (way,) in rows)


def _waiting() -> tuple[int, ...]:
    """Return the payments about which a second employee is asked, the oldest question first."""
    refunds: Any = Refund.select(Refund.payment).where(Refund.state == RefundState.WAITING).order_by(Refund.id)
    credit = (QuarantineVerdict.verdict == Verdict.CREDIT) & (QuarantineVerdict.state == CorrectionState.WAITING)
    verdicts: Any = QuarantineVerdict.select(QuarantineVerdict.payment).where(credit).order_by(QuarantineVerdict.id)
    return tuple(dict.fromkeys(payment for (payment,) in [*refunds.tuples(), *verdicts.tuples()]))


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
        way=payment.gateway,
        card=payment_outcomes.card_words(payment.card_brand, payment.card_last4),
        is_automatic=is_automatic,
        uid='' if payment.gateway in BY_HAND else payment.gateway_uid or '',
        fault=Fault(fault) if fault else None,
        received=received,
        decline_code=payment.message if payment.message.startswith('F') else '',
        created_at=payment.created_at,
        updated_at=payment.updated_at,
    )
