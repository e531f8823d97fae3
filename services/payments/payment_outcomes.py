"""What became of a payment: ask the gateway, judge, credit once (SECURITY §2.3).

Whoever rings (webhook, return page, poller) leads here, and here only the gateway's own answer counts. The ledger's key
is the gateway's `uid`: any number of answers in any order credit one transaction once.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models.account import Operation, OperationKind
from models.base import is_postgres
from models.contract import Contract
from models.payment import PAID, Payment, PaymentState
from services import audit
from services.accounts import debt_blocks, ledger
from services.authority import locked
from services.clock import now
from services.events import PaymentChanged, record
from services.gateways.payment_gateway import (
    GatewayError,
    GatewayStatus,
    PaymentGateway,
    Transaction,
    TransactionKind,
)
from services.gateways.told_by_bells import ToldByBells
from services.messages import letters
from services.payments import card_names, card_outcomes, payment_gateways, refund_booking, unasked_pages
from services.payments.in_flight import PAGE_LIFE
from services.payments.payment_gateways import CardGateway
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

CHECKS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 2 * 1440, 4 * 1440, 7 * 1440)
)
"""When after its beginning a payment is asked about, until it succeeds: money may come after an expired page too."""

card_words = card_names.card_words

STATES = {
    GatewayStatus.PROCESSING: PaymentState.PROCESSING,
    GatewayStatus.FAILED: PaymentState.FAILED,
    GatewayStatus.EXPIRED: PaymentState.EXPIRED,
    GatewayStatus.CANCELLED: PaymentState.CANCELLED,
}
ENDED = (PaymentState.FAILED, PaymentState.EXPIRED)


class Fault(StrEnum):
    """Why money is not credited by itself: it did not come as agreed."""

    AMOUNT = 'amount'
    CURRENCY = 'currency'
    TEST = 'test'
    TRACKING = 'tracking'


@dataclass(frozen=True)
class Answer:
    """What the gateway says now: its status of the whole, whether that is final, and the transactions it named."""

    status: GatewayStatus
    is_finished: bool
    transactions: tuple[Transaction, ...]


def next_check(created_at: datetime, moment: datetime) -> datetime | None:
    """Return when to ask next: the first of CHECKS after this moment, or None after a week."""
    return next((created_at + pause for pause in CHECKS if created_at + pause > moment), None)


def refresh(payment_id: int, *, uid: str | None = None) -> bool:
    """Ask the gateway about a payment and apply its answer; returns False when it gave none.

    Goes over the network between two short transactions. Safe to call at any time, any number of times.

    Args:
        uid: a transaction somebody rang about; it is asked about as well.
    """
    gateway = payment_gateways.card_gateway()
    payment: Payment | None = with_connection(Payment.get_or_none)(Payment.id == payment_id)
    if gateway is None or payment is None or payment.gateway != gateway.port.name:
        return False
    try:
        answer = _ask(gateway.port, payment, uid)
    except GatewayError as error:
        log.warning('Payment %s: the gateway gave no answer: %s', payment_id, error)
        return False
    _apply(payment_id, answer, gateway)
    return True


def refresh_all(payment_id: int) -> bool:
    """Do what `refresh` does, but ask about every transaction the gateway has of a payment, refunds as well."""
    gateway = payment_gateways.card_gateway()
    payment: Payment | None = with_connection(Payment.get_or_none)(Payment.id == payment_id)
    if gateway is None or payment is None or payment.gateway != gateway.port.name:
        return False
    try:
        answer = _ask(gateway.port, payment, None)
        listed = gateway.port.list_by_tracking_id(payment.tracking_id)
    except GatewayError as error:
        log.warning('Payment %s: the gateway gave no answer: %s', payment_id, error)
        return False
    known = {each.uid for each in answer.transactions}
    more = tuple(each for each in listed if each.uid not in known)
    _apply(payment_id, Answer(answer.status, answer.is_finished, answer.transactions + more), gateway)
    return True


def _ask(port: PaymentGateway, payment: Payment, uid: str | None) -> Answer:
    """Return the whole answer. A token tells only the latest attempt, and in short: each is asked about by its uid."""
    if isinstance(port, ToldByBells):
        return Answer(*unasked_pages.verdict(payment, unasked_pages.rung(port, payment)))
    if payment.gateway_token is None:
        found = port.list_by_tracking_id(payment.tracking_id)
        if with_connection(card_outcomes.is_charge)(payment.id):
            return _of_charge(payment, found)
        return Answer(*unasked_pages.verdict(payment, found))
    state = port.query_by_token(payment.gateway_token)
    uids = dict.fromkeys(u for u in (state.transaction and state.transaction.uid, uid) if u)
    return Answer(state.status, state.is_finished, tuple(port.query_by_uid(each) for each in uids))


def _of_charge(payment: Payment, found: tuple[Transaction, ...]) -> Answer:
    """Return the answer about a charge of a kept card: one transaction, so what it says is final. One nobody has heard
    of, or confirmed, for as long as a page lives comes to nothing; money that comes later is credited all the same."""
    status = found[0].status if found else GatewayStatus.CREATED
    if status in (GatewayStatus.CREATED, GatewayStatus.PROCESSING):
        if payment.created_at + PAGE_LIFE < now():
            return Answer(GatewayStatus.EXPIRED, is_finished=True, transactions=found)
        # Where the payer has to confirm at the bank, he still may.
        status = GatewayStatus.CREATED if payment.redirect_url else status
        return Answer(status, is_finished=False, transactions=found)
    return Answer(status, is_finished=True, transactions=found)


def book(payment_id: int, transaction: Transaction, gateway: CardGateway) -> None:
    """Apply one transaction that has paid, as the gateway tells it: judged and credited like any other answer."""
    _apply(payment_id, Answer(GatewayStatus.SUCCEEDED, is_finished=True, transactions=(transaction,)), gateway)


@with_connection
@transactional
def refuse(payment_id: int, reason: str) -> None:
    """End a charge the gateway has refused outright: it is no transaction there, and there will be none."""
    payment = _locked(payment_id)
    before = payment.state
    if before == PaymentState.PROCESSING:
        _change(payment, state=PaymentState.FAILED, message=reason[:500], next_check_at=None)
        card_outcomes.follow(payment, before, ())


@with_connection
@transactional
def _apply(payment_id: int, answer: Answer, gateway: CardGateway) -> None:
    """Credit what was paid as agreed, put aside what was not, else move the state on; never back from success."""
    payment = _locked(payment_id)
    before = payment.state
    paid = [t for t in answer.transactions if _is_paid(t)]
    for transaction in paid:
        fault = _fault(payment, transaction, gateway)
        if fault:
            _quarantine(payment, transaction, fault)
        elif payment.state != PaymentState.QUARANTINED or payment.gateway_uid != transaction.uid:
            _credit(payment, transaction)
    if not paid:
        _move(payment, answer)
    card_outcomes.follow(payment, before, paid)
    for transaction in answer.transactions:
        if transaction.kind is TransactionKind.REFUND:
            refund_booking.note(payment, transaction, gateway)


def cancel_untried(payment_id: int) -> None:
    """Cancel a payment whose page was left before any card was tried; anything else stays as it is."""
    _cancel(payment_id)


@with_connection
@transactional
def _cancel(payment_id: int) -> None:
    payment = _locked(payment_id)
    if payment.state == PaymentState.REDIRECTED:
        _change(payment, state=PaymentState.CANCELLED)


def _locked(payment_id: int) -> Payment:
    """Hold the contract, then the payment: the order in which all services of money lock."""
    payment: Payment = Payment.get_by_id(payment_id)
    locked(Contract.get_by_id(payment.contract_id))
    query: Any = Payment.select().where(Payment.id == payment_id)
    held: Payment = (query.for_update() if is_postgres() else query).get()
    return held


def _is_paid(transaction: Transaction) -> bool:
    return transaction.kind is TransactionKind.PAYMENT and transaction.status is GatewayStatus.SUCCEEDED


def _fault(payment: Payment, transaction: Transaction, gateway: CardGateway) -> Fault | None:
    """Compare what came with what was agreed (DOMAIN §2.7)."""
    if transaction.tracking_id != payment.tracking_id:
        return Fault.TRACKING
    if transaction.test is not gateway.is_test:
        return Fault.TEST
    if transaction.currency != payment.currency:
        return Fault.CURRENCY
    return Fault.AMOUNT if transaction.amount != payment.amount else None


def _quarantine(payment: Payment, transaction: Transaction, fault: Fault) -> None:
    """Put aside for a person. A transaction of another payment says nothing about this one, except in the audit."""
    facts = {'fault': fault, 'uid': transaction.uid, 'sum': f'{transaction.amount} {transaction.currency}'}
    if payment.state == PaymentState.QUARANTINED:
        return
    log.error('Payment %s is put aside: %s', payment.id, facts)
    audit.note('payment.quarantine', f'payment:{payment.id}', actor=None, **facts)
    if fault is Fault.TRACKING or payment.is_paid:
        return
    _change(
        payment,
        state=PaymentState.QUARANTINED,
        gateway_uid=transaction.uid,
        message=f'{fault} {transaction.amount} {transaction.currency}',
        next_check_at=None,
        **_card(transaction),
    )


def _credit(payment: Payment, transaction: Transaction) -> None:
    """Book the money, unblock, write the letter; a transaction booked already changes nothing."""
    key = f'pay:{payment.gateway}:{transaction.uid}'
    if Operation.select().where(Operation.key == key).exists():
        return
    contract = Contract.get_by_id(payment.contract_id)
    card = card_words(transaction.brand or '', transaction.last_4 or '')
    is_automatic = card_outcomes.is_automatic(payment)
    posting = ledger.Posting(
        key=key,
        kind=OperationKind.PAYMENT,
        amount=transaction.amount,
        title=f'{"Автоплатёж" if is_automatic else "Оплата"} картой {card}'.strip(),
        basis=f'Платёж {payment_gateways.NAMES[payment.gateway]} {transaction.uid}',
        actor_id=payment.user_id,
    )
    ledger.post(contract, posting)
    if not payment.is_paid and payment.state != PaymentState.QUARANTINED:
        changes = {'state': PaymentState.SUCCEEDED, 'gateway_uid': transaction.uid, 'message': ''}
        _change(payment, next_check_at=None, **changes, **_card(transaction))
    debt_blocks.review(contract)
    _write_letter(contract, transaction, key, letters.PaidBy(card, is_automatic))


def _write_letter(contract: Contract, transaction: Transaction, key: str, by: letters.PaidBy) -> None:
    user = contract.subscriber.user
    if user is None:
        return
    letters.payment_received(
        user,
        contract_number=contract.number,
        amount=transaction.amount,
        balance=ledger.balance(contract),
        paid_at=transaction.paid_at or now(),
        key=key,
        by=by,
    )


def _move(payment: Payment, answer: Answer) -> None:
    """Follow the gateway where no money came. FAILED before the end means one card was refused, not the payment."""
    if payment.state in (*PAID, PaymentState.QUARANTINED, *ENDED):
        return
    refused = next((t for t in answer.transactions if t.status is GatewayStatus.FAILED), None)
    changes: dict[str, Any] = {}
    state = STATES.get(answer.status)
    if state in (*ENDED, PaymentState.CANCELLED) and not answer.is_finished:
        state = PaymentState.REDIRECTED if payment.state == PaymentState.PROCESSING else None
    was_left = state == PaymentState.EXPIRED and payment.state == PaymentState.CANCELLED
    if state and state != payment.state and not was_left:
        changes['state'] = state
    if refused and (refused.code or 'F') != payment.message:
        changes |= {'message': refused.code or 'F', **_card(refused)}
    if changes:
        _change(payment, **changes)


def _card(transaction: Transaction) -> dict[str, str]:
    receipt = transaction.receipt_url or ''
    is_address = receipt.startswith(('https://', 'http://')) and receipt.isprintable()
    return {
        'card_brand': (transaction.brand or '')[:16],
        'card_last4': transaction.last_4 or '',
        'receipt_url': receipt if is_address else '',
    }


def _change(payment: Payment, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(payment, name, value)
    payment.updated_at = now()
    payment.save()
    record(PaymentChanged(payment.id, payment.contract_id))
