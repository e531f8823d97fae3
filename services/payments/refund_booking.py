"""What the gateway gave back: every refund is booked once by its uid, whoever asked for it (DOMAIN §2.7).

A webhook only makes us remember to ask; what is booked is the gateway's own answer.
"""

import logging
import secrets
from decimal import Decimal
from typing import Any

from peewee import fn

from models.account import Operation, OperationKind
from models.base import is_postgres
from models.contract import Contract, Subscriber
from models.payment import Payment, PaymentState
from models.refund import RESERVING, Refund, RefundState
from services import audit
from services.accounts import debt_blocks, ledger
from services.authority import locked
from services.clock import now
from services.events import PaymentChanged, record
from services.gateways.payment_gateway import GatewayStatus, Transaction
from services.messages.letters import payments as letters
from services.money import ZERO
from services.payments.payment_gateways import CardGateway

log = logging.getLogger(__name__)


def held(payment_id: int) -> Payment:
    """Hold the contract, then the payment: the order in which all services of money lock."""
    payment: Payment = Payment.get_by_id(payment_id)
    locked(Contract.get_by_id(payment.contract_id))
    query: Any = Payment.select().where(Payment.id == payment_id)
    row: Payment = (query.for_update() if is_postgres() else query).get()
    return row


def received(payment: Payment) -> Decimal:
    """Return the rubles that came: as agreed, or what lies or lay in quarantine; nothing before."""
    if payment.state in (PaymentState.QUARANTINED, PaymentState.REFUNDED):
        match payment.message.split(' '):
            case [_fault, came, _currency]:  # as it was put aside
                return Decimal(came)
    return Decimal(payment.amount) if payment.is_paid else ZERO


def left_of(payment: Payment) -> Decimal:
    """Return the rubles of a payment that are neither given back nor about to be."""
    return received(payment) - _sum(payment, RESERVING)


def remember(payment: Payment, transaction: Transaction) -> None:
    """Keep a refund somebody rang about, so that the gateway is asked even if it does not answer now."""
    if _is_of_nothing(payment, transaction) or Refund.select().where(Refund.gateway_uid == transaction.uid).exists():
        return
    mine = _asked_for(payment, transaction)
    if mine is None:
        _create(payment, transaction)
        return
    Refund.update(next_check_at=now()).where(Refund.id == mine.id).execute()


def note(payment: Payment, transaction: Transaction, gateway: CardGateway, asked: Refund | None = None) -> None:
    """Follow what the gateway says of one refund; booked already, it changes nothing. The payment is `held`.

    Args:
        asked: the refund whose answer this is; else it is found by its uid, or by what was asked and has no answer.
    """
    is_done = (Refund.gateway_uid == transaction.uid) & (Refund.state == RefundState.DONE)
    if _is_of_nothing(payment, transaction) or Refund.select().where(is_done).exists():
        return
    is_like_ours = transaction.test is gateway.is_test and transaction.currency == payment.currency
    if not is_like_ours and payment.state != PaymentState.QUARANTINED:
        log.error('Refund %s of payment %s is strange: %s', transaction.uid, payment.id, transaction)
        return
    refund = _row_of(payment, transaction, asked)
    if transaction.status is GatewayStatus.FAILED:
        close(refund, RefundState.FAILED, transaction.message or (transaction.code or 'F'))
    elif transaction.status is GatewayStatus.SUCCEEDED:
        _complete(payment, refund, transaction)


def close(refund: Refund, state: RefundState, why: str) -> None:
    """End a refund without money."""
    refund.state, refund.refusal, refund.next_check_at, refund.ended_at = state, why[:500], None, now()
    refund.save(only=[Refund.state, Refund.refusal, Refund.next_check_at, Refund.ended_at])
    payment = Payment.get_by_id(refund.payment_id)
    record(PaymentChanged(payment.id, payment.contract_id))


def _is_of_nothing(payment: Payment, transaction: Transaction) -> bool:
    """Tell whether no money goes back at all; then there is nothing to keep, but somebody should know."""
    if transaction.amount > ZERO:
        return False
    log.error('Refund %s of payment %s is strange: %s', transaction.uid, payment.id, transaction)
    return True


def _row_of(payment: Payment, transaction: Transaction, asked: Refund | None) -> Refund:
    known: Refund | None = Refund.get_or_none(Refund.gateway_uid == transaction.uid)
    if known is not None:
        return known
    fits = asked is not None and asked.state == RefundState.ASKED and asked.gateway_uid is None
    refund = asked if fits and asked and asked.amount == transaction.amount else _asked_for(payment, transaction)
    if refund is None:
        return _create(payment, transaction)
    refund.gateway_uid = transaction.uid
    refund.save(only=[Refund.gateway_uid])
    return refund


def _asked_for(payment: Payment, transaction: Transaction) -> Refund | None:
    """Return what we asked for and have no answer to, if this may be it."""
    waits = (Refund.payment == payment) & (Refund.state == RefundState.ASKED) & Refund.gateway_uid.is_null()
    found: Refund | None = Refund.get_or_none(waits & (Refund.amount == transaction.amount))
    return found


def _create(payment: Payment, transaction: Transaction) -> Refund:
    """Write down a refund nobody asked for here: it was made in the gateway's own back office."""
    moment = now()
    log.warning('Payment %s: a refund we did not ask for: %s', payment.id, transaction.uid)
    return Refund.create(
        payment=payment,
        parent_uid=transaction.parent_uid or payment.gateway_uid or '',
        amount=transaction.amount,
        reason='',
        state=RefundState.ASKED,
        request_id=secrets.token_hex(16),
        gateway_uid=transaction.uid,
        asked_at=moment,
        sent_at=moment,
        next_check_at=moment,
    )


def _complete(payment: Payment, refund: Refund, transaction: Transaction) -> None:
    """Book it, or leave it waiting while its payment is not booked: then the poller comes back to both."""
    parent = transaction.parent_uid or refund.parent_uid
    credited: Operation | None = Operation.get_or_none(Operation.key == f'pay:{payment.gateway}:{parent}')
    is_aside = payment.state == PaymentState.QUARANTINED and parent == payment.gateway_uid
    if credited is None and not is_aside:
        log.warning('Refund %s came before its payment %s', transaction.uid, payment.id)
        return
    refund.amount, refund.parent_uid, refund.is_uncredited = transaction.amount, parent, credited is None
    if credited is not None:
        refund.operation = _book(payment, refund, transaction)
    refund.state, refund.next_check_at, refund.ended_at = RefundState.DONE, None, now()
    refund.save()
    facts: dict[str, Any] = {'uid': transaction.uid, 'amount': str(transaction.amount), 'refund': refund.id}
    audit.note('payment.refunded', f'payment:{payment.id}', actor=None, **facts)
    _move(payment)


def _book(payment: Payment, refund: Refund, transaction: Transaction) -> Operation:
    """Take the money from the wallet, look at the block again, write the letter."""
    contract = _contract(payment)
    card = f'на карту •• {payment.card_last4}' if payment.card_last4 else 'через банк'
    posting = ledger.Posting(
        key=f'refund:{payment.gateway}:{transaction.uid}',
        kind=OperationKind.REFUND,
        amount=-transaction.amount,
        title=f'Возврат {card}',
        basis=f'Возврат {transaction.uid} по платежу № {payment.id}',
        reason=refund.reason,
        actor_id=refund.asked_by_id,
    )
    operation = ledger.post(contract, posting)
    debt_blocks.review(contract)
    letters.refunded(
        contract,
        amount=transaction.amount,
        balance=ledger.balance(contract),
        card=payment.card_last4,
        reason=refund.reason,
        key=posting.key,
    )
    return operation


def _contract(payment: Payment) -> Contract:
    contract: Contract = (
        Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.id == payment.contract_id).get()
    )
    return contract


def _move(payment: Payment) -> None:
    """Let the payment's state follow what went back of it."""
    back = _sum(payment, (RefundState.DONE,))
    if back >= received(payment):
        state = PaymentState.REFUNDED
    elif payment.state == PaymentState.QUARANTINED:
        state = PaymentState.QUARANTINED
    else:
        state = PaymentState.PARTIALLY_REFUNDED if back else PaymentState.SUCCEEDED
    payment.state, payment.updated_at = state, now()
    payment.save(only=[Payment.state, Payment.updated_at])
    record(PaymentChanged(payment.id, payment.contract_id))


def _sum(payment: Payment, states: tuple[RefundState, ...]) -> Decimal:
    which = (Refund.payment == payment) & (Refund.parent_uid == payment.gateway_uid) & Refund.state.in_(states)
    kopecks: Any = Refund.select(fn.SUM(Refund.amount).coerce(False)).where(which).scalar()
    return Decimal(int(kopecks or 0)).scaleb(-2)
