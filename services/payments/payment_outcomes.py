"""What became of a payment: ask the gateway, judge, credit once (SECURITY §2.3).

Whoever rings (webhook, return page, poller) leads here, and here only the gateway's own answer counts. The ledger's key
is the gateway's `uid`: any number of answers in any order credit one transaction once.
"""

import logging
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models.account import Operation, OperationKind
from models.base import is_postgres
from models.contract import Contract
from models.erip import PaymentForOther
from models.payment import PAID, Payment, PaymentState
from services import audit
from services.accounts import debt_blocks, ledger
from services.authority import locked
from services.clock import now
from services.events import PaymentChanged, record
from services.gateways.payment_gateway import (
    GatewayError,
    GatewayStatus,
    Transaction,
    TransactionKind,
)
from services.messages.letters import PaidBy
from services.payments import (
    card_names,
    card_outcomes,
    erip_answers,
    payment_gateways,
    payment_questions,
    refund_booking,
)
from services.payments.owner_letters import tell_owner
from services.payments.payment_gateways import CardGateway
from services.payments.payment_questions import Answer
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
    ACCOUNT = 'account'  # ERIP: another service or account number
    REGISTRY = 'registry'  # ERIP: the same money came with a register before


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
    if gateway is None or payment is None or payment.gateway not in (gateway.port.name, erip_answers.GATEWAY):
        return False
    try:
        answer = payment_questions.ask(gateway.port, payment, uid)
    except GatewayError as error:
        log.warning('Payment %s: the gateway gave no answer: %s', payment_id, error)
        return False
    _apply(payment_id, answer, gateway)
    return True


def refresh_all(payment_id: int) -> bool:
    """Do what `refresh` does, but ask about every transaction the gateway has of a payment, refunds as well."""
    gateway = payment_gateways.card_gateway()
    payment: Payment | None = with_connection(Payment.get_or_none)(Payment.id == payment_id)
    if payment is not None and erip_answers.is_erip(payment):  # a transaction of its own, it has no others
        return refresh(payment_id)
    if gateway is None or payment is None or payment.gateway != gateway.port.name:
        return False
    try:
        answer = payment_questions.ask(gateway.port, payment, None)
        listed = gateway.port.list_by_tracking_id(payment.tracking_id)
    except GatewayError as error:
        log.warning('Payment %s: the gateway gave no answer: %s', payment_id, error)
        return False
    known = {each.uid for each in answer.transactions}
    more = tuple(each for each in listed if each.uid not in known)
    _apply(payment_id, Answer(answer.status, answer.is_finished, answer.transactions + more), gateway)
    return True


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
        return Fault.ACCOUNT if erip_answers.is_erip(payment) else Fault.TRACKING
    if transaction.test is not gateway.is_test:
        return Fault.TEST
    if transaction.currency != payment.currency:
        return Fault.CURRENCY
    if erip_answers.is_erip(payment):  # the payer says how much
        return Fault.REGISTRY if erip_answers.is_in_register(payment) else None
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
        title=_title(payment, card, is_automatic=is_automatic),
        basis=f'Платёж {payment_gateways.NAMES[payment.gateway]} {transaction.uid}',
        actor_id=payment.user_id,
    )
    ledger.post(contract, posting)
    if not payment.is_paid and payment.state != PaymentState.QUARANTINED:
        changes: dict[str, Any] = {'state': PaymentState.SUCCEEDED, 'gateway_uid': transaction.uid, 'message': ''}
        changes['amount'] = transaction.amount
        _change(payment, next_check_at=None, **changes, **_card(transaction))
    debt_blocks.review(contract)
    shown = '' if payer_of(payment) else card  # somebody else's card is nobody's business
    by = PaidBy(shown, is_automatic)
    tell_owner(contract, transaction.amount, key, paid_at=transaction.paid_at, by=by)


def _title(payment: Payment, card: str, *, is_automatic: bool) -> str:
    """Return the line of the history; whoever pays for somebody else does not show his card."""
    if erip_answers.is_erip(payment):
        return 'Оплата через ЕРИП'
    if payer_of(payment):
        return 'Оплата картой, оплатил кто-то другой'
    return f'{"Автоплатёж" if is_automatic else "Оплата"} картой {card}'.strip()


def payer_of(payment: Payment) -> Contract | None:
    """Return the contract from whose cabinet somebody else's was paid, None for a payment of one's own."""
    given = PaymentForOther.get_or_none(PaymentForOther.payment == payment)
    return given.payer if given else None


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
