"""Сверка: once a day the gateway is asked about every card payment of the last days, and the books are compared.

The gateway has no list of its own: each payment is asked about by our number (DOMAIN §2.7). A difference is written
down once by its kind and transaction; when it is gone, the next comparison closes it.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.account import Account, AccountKind, Entry, Operation
from models.payment import Payment, PaymentState
from models.reconciliation import DifferenceKind, PaymentDifference, Reconciliation
from models.refund import Refund, RefundState
from services import limits
from services.clock import now, today
from services.gateways.payment_gateway import (
    GatewayError,
    GatewayRefused,
    GatewayStatus,
    PaymentGateway,
    Transaction,
    TransactionKind,
)
from services.money import ZERO
from services.payments import payment_gateways
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

BACK = limits.span('reconciled_days')
SILENCES = limits.count('bank_silences')
_KINDS = {
    TransactionKind.PAYMENT: (DifferenceKind.NOT_BOOKED, DifferenceKind.NOT_AT_GATEWAY, DifferenceKind.OTHER_SUM),
    TransactionKind.REFUND: (
        DifferenceKind.REFUND_NOT_BOOKED,
        DifferenceKind.REFUND_NOT_AT_GATEWAY,
        DifferenceKind.OTHER_REFUND,
    ),
}


@dataclass(frozen=True)
class Difference:
    """What does not agree about one transaction: rubles of ours and theirs, zero where there is nothing."""

    kind: DifferenceKind
    uid: str
    ours: Decimal
    theirs: Decimal


def run_due() -> bool:
    """Compare once a day; tells whether today's comparison was made or finished now. Over the network."""
    return run(today())


def run(day: date) -> bool:
    """Make the comparison of a day, or finish one that broke off; one that is done is not made again."""
    gateway = payment_gateways.card_gateway()
    if gateway is None or not _begin(day):
        return False
    asked, silent, in_a_row = 0, 0, 0
    for payment_id in _wanted(gateway.port.name):
        if in_a_row >= SILENCES:  # the gateway is away: the comparison is taken up again within the hour
            _end(day, asked, silent, is_done=False)
            return False
        try:
            listed = _listed(gateway.port, payment_id)
        except GatewayError as error:
            log.warning('Comparing payment %s: the gateway gave no answer: %s', payment_id, error)
            silent, in_a_row = silent + 1, in_a_row + 1
            continue
        asked, in_a_row = asked + 1, 0
        _keep(payment_id, listed)
    _end(day, asked, silent, is_done=True)
    return True


def compare(payment: Payment, listed: tuple[Transaction, ...]) -> list[Difference]:
    """Return where the gateway's transactions of a payment and the books differ; reads only."""
    theirs = {(each.kind, each.uid): each.amount for each in listed if each.status is GatewayStatus.SUCCEEDED}
    ours = _booked(payment)
    aside = {(TransactionKind.PAYMENT, payment.gateway_uid)} if _is_uncredited(payment) else set()
    aside |= {(TransactionKind.REFUND, uid) for uid in _uncredited_refunds(payment)}
    found = []
    for key in sorted(set(theirs) | set(ours)):
        kind, uid = key
        if kind not in _KINDS or (key in aside and key in theirs):
            continue
        mine, other = ours.get(key, ZERO), theirs.get(key, ZERO)
        if mine != other:
            missing, unknown, differs = _KINDS[kind]
            found.append(Difference(missing if not mine else unknown if not other else differs, uid, mine, other))
    return found


@with_connection
@transactional
def _begin(day: date) -> bool:
    Reconciliation.insert(day=day, started_at=now()).on_conflict_ignore().execute()
    return bool(Reconciliation.select().where((Reconciliation.day == day) & Reconciliation.ended_at.is_null()).exists())


@with_connection
def _wanted(gateway: str) -> list[int]:
    """Return the payments that moved lately, and those that still differ."""
    since: datetime = now() - BACK
    differing = PaymentDifference.select(PaymentDifference.payment).where(PaymentDifference.closed_at.is_null())
    lately = (Payment.created_at >= since) | (Payment.updated_at >= since) | Payment.id.in_(differing)
    rows: Any = Payment.select(Payment.id).where((Payment.gateway == gateway) & lately).order_by(Payment.id).tuples()
    return [payment_id for (payment_id,) in rows]


def _listed(port: PaymentGateway, payment_id: int) -> tuple[Transaction, ...]:
    """Return what the gateway has of a payment; what a full list may hide is asked about by its uid."""
    tracking_id, ours = _asked_by(payment_id)
    listed = port.list_by_tracking_id(tracking_id)
    missing = sorted(set(ours) - {each.uid for each in listed})
    return listed + tuple(each for uid in missing if (each := _by_uid(port, uid)) is not None)


def _by_uid(port: PaymentGateway, uid: str) -> Transaction | None:
    try:
        return port.query_by_uid(uid)
    except GatewayRefused as refusal:
        if refusal.is_not_found:
            return None
        raise


@with_connection
def _asked_by(payment_id: int) -> tuple[str, list[str]]:
    payment = Payment.get_by_id(payment_id)
    return payment.tracking_id, [uid for _kind, uid in _booked(payment)]


def _booked(payment: Payment) -> dict[tuple[TransactionKind, str], Decimal]:
    """Return what the books say of a payment's transactions: rubles by kind and uid."""
    uids = {TransactionKind.PAYMENT: [payment.gateway_uid] if payment.gateway_uid else []}
    rows: Any = Refund.select(Refund.gateway_uid).where((Refund.payment == payment) & Refund.gateway_uid.is_null(False))
    uids[TransactionKind.REFUND] = [uid for (uid,) in rows.tuples()]
    words = {TransactionKind.PAYMENT: 'pay', TransactionKind.REFUND: 'refund'}
    keys = {f'{words[kind]}:{payment.gateway}:{uid}': (kind, uid) for kind, each in uids.items() for uid in each}
    entries: Any = (
        Entry.select(Operation.key, Entry.amount)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .where(Operation.key.in_(list(keys)) & (Account.kind == AccountKind.WALLET))
    )
    return {keys[key]: abs(amount) for key, amount in entries.tuples()}


def _is_uncredited(payment: Payment) -> bool:
    """Tell whether its money lies in quarantine, or went back from there."""
    back = (Refund.payment == payment) & Refund.is_uncredited & (Refund.state == RefundState.DONE)
    return payment.state == PaymentState.QUARANTINED or (
        payment.state == PaymentState.REFUNDED and Refund.select().where(back).exists()
    )


def _uncredited_refunds(payment: Payment) -> list[str]:
    which = (Refund.payment == payment) & Refund.is_uncredited & (Refund.state == RefundState.DONE)
    rows: Any = Refund.select(Refund.gateway_uid).where(which).tuples()
    return [uid for (uid,) in rows]


@with_connection
@transactional
def _keep(payment_id: int, listed: tuple[Transaction, ...]) -> None:
    payment, moment = Payment.get_by_id(payment_id), now()
    found = compare(payment, listed)
    for each in found:
        sums = {'ours': each.ours, 'theirs': each.theirs, 'seen_at': moment, 'closed_at': None}
        PaymentDifference.insert(
            payment=payment, kind=each.kind, uid=each.uid, found_at=moment, **sums
        ).on_conflict_ignore().execute()
        same = (PaymentDifference.kind == each.kind) & (PaymentDifference.uid == each.uid)
        PaymentDifference.update(sums).where(same).execute()
    still = {(each.kind, each.uid) for each in found}
    for row in PaymentDifference.select().where(
        (PaymentDifference.payment == payment) & PaymentDifference.closed_at.is_null()
    ):
        if (row.kind, row.uid) not in still:
            PaymentDifference.update(closed_at=moment).where(PaymentDifference.id == row.id).execute()


@with_connection
@transactional
def _end(day: date, asked: int, silent: int, *, is_done: bool) -> None:
    open_now = PaymentDifference.select().where(PaymentDifference.closed_at.is_null()).count()
    changes: dict[str, Any] = {'asked': asked, 'silent': silent, 'found': open_now}
    if is_done:
        changes['ended_at'] = now()
    Reconciliation.update(changes).where(Reconciliation.day == day).execute()
    if open_now:
        log.error('Comparing with the gateway on %s: %d differences', day, open_now)
