"""One payment as an operator reads it: facts, bells, operations, refunds, verdicts, and what may be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.account import Account, AccountKind, Entry, Operation
from models.contract import Contract, Subscriber
from models.correction import CorrectionState
from models.manual_payment import ManualPayment
from models.payment import BY_HAND, Payment, PaymentState, Webhook
from models.quarantine import QuarantineVerdict, Verdict
from models.refund import Refund, RefundState
from models.user import User
from services import audit, limits, rules
from services.accounts import correction_input, ledger
from services.authority import Actor, require_operator
from services.errors import NotFound
from services.identity import step_up
from services.money import ZERO
from services.payments import (
    differences,
    erip_answers,
    manual_payments,
    payment_outcomes,
    quarantine,
    refund_booking,
)
from services.payments.differences import DifferenceView
from services.payments.payment_outcomes import Fault
from services.runner import with_connection

BELLS = limits.count('payment_bells')


@dataclass(frozen=True)
class Bell:
    """A webhook about it: when, how often, whether it was genuine, what came of it."""

    at: datetime
    count: int
    is_genuine: bool
    outcome: str


@dataclass(frozen=True)
class Booked:
    """An operation of a wallet: rubles, plus came in."""

    id: int
    at: datetime
    title: str
    sum: Decimal
    contract_number: str


@dataclass(frozen=True)
class RefundView:
    """A refund: rubles; `asked_by` is empty when it was made in the bank. `may_decide`: it waits for the reader."""

    id: int
    amount: Decimal
    state: RefundState
    reason: str
    refusal: str
    uid: str
    asked_by: str
    decided_by: str
    asked_at: datetime
    ended_at: datetime | None
    may_decide: bool


@dataclass(frozen=True)
class VerdictView:
    """What an employee decided about quarantine: a credit to a contract, or a note."""

    id: int
    verdict: Verdict
    contract_number: str
    amount: Decimal
    state: CorrectionState
    reason: str
    refusal: str
    asked_by: str
    decided_by: str
    asked_at: datetime
    may_decide: bool


@dataclass(frozen=True)
class PaperView:
    """The paper of a payment by cash or bank transfer."""

    document: str
    document_on: date
    taken_by: str
    cancelled_by: str
    cancelled_at: datetime | None
    reason: str
    may_cancel: bool


@dataclass(frozen=True)
class Sheet:
    """Everything about one payment. Rubles: `left` may go back, `balance` of the wallet now, above `limit` two are
    needed. `received` is what came when it was not as agreed. `may_refund`, `may_credit`, `may_ask` the bank."""

    number: int
    contract_id: int
    contract_number: str
    subscriber: str
    payer: str
    amount: Decimal
    state: PaymentState
    way: str
    card: str
    uid: str
    tracking_id: str
    receipt_url: str
    fault: Fault | None
    received: str
    decline_code: str
    created_at: datetime
    updated_at: datetime
    bells: tuple[Bell, ...]
    booked: tuple[Booked, ...]
    refunds: tuple[RefundView, ...]
    verdicts: tuple[VerdictView, ...]
    paper: PaperView | None
    differences: tuple[DifferenceView, ...]
    left: Decimal
    balance: Decimal
    limit: Decimal
    is_own: bool
    is_fresh: bool
    may_refund: bool
    may_credit: bool
    may_ask: bool


def get_sheet(number: int, *, actor: Actor | None) -> Sheet:
    """Return one payment; that it was read is noted.

    Raises:
        NotFound: no such payment.
    """
    actor = require_operator(actor)
    query = Payment.select(Payment, Contract, Subscriber).join(Contract).join(Subscriber)
    payment: Payment | None = query.where(Payment.id == correction_input.row_id(number)).get_or_none()
    if payment is None:
        raise NotFound
    contract = payment.contract
    audit.note_reading(f'payments:{contract.number}', actor=actor)
    is_aside, is_by_hand = payment.state == PaymentState.QUARANTINED, payment.gateway in BY_HAND
    fault, _, received = payment.message.partition(' ') if is_aside else ('', '', '')
    left = ZERO if is_by_hand or erip_answers.is_erip(payment) else refund_booking.left_of(payment)
    refunds = tuple(_refund(row, actor) for row in _with_people(Refund, Refund.payment == payment))
    verdicts = tuple(
        _verdict(row, actor) for row in _with_people(QuarantineVerdict, QuarantineVerdict.payment == payment)
    )
    is_moving = any(each.state in (RefundState.WAITING, RefundState.ASKED) for each in refunds)
    is_asked = any(each.state == CorrectionState.WAITING for each in verdicts)
    payer = User.get_or_none(User.id == payment.user_id)
    return Sheet(
        number=payment.id,
        contract_id=contract.id,
        contract_number=contract.number,
        subscriber=contract.subscriber.full_name,
        payer=payer.name if payer else '',
        amount=payment.amount,
        state=PaymentState(payment.state),
        way=payment.gateway,
        card=payment_outcomes.card_words(payment.card_brand, payment.card_last4),
        uid='' if is_by_hand else payment.gateway_uid or '',
        tracking_id='' if is_by_hand else payment.tracking_id,
        receipt_url=payment.receipt_url,
        fault=Fault(fault) if fault else None,
        received=received,
        decline_code=payment.message if payment.message.startswith('F') else '',
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        bells=_bells(payment),
        booked=_booked(payment, refunds),
        refunds=refunds,
        verdicts=verdicts,
        paper=_paper(payment, actor) if is_by_hand else None,
        differences=differences.of_payment(payment),
        left=left,
        balance=ledger.balance(contract),
        limit=rules.current().four_eyes_above,
        is_own=contract.subscriber.user_id == actor.user_id,
        is_fresh=step_up.is_fresh(actor),
        may_refund=left > ZERO and not is_moving and not is_asked,
        may_credit=quarantine.is_creditable(payment) and not refunds and not is_asked,
        may_ask=not is_by_hand,
    )


def ask_bank(number: int, *, actor: Actor | None) -> bool:
    """Ask the gateway about every transaction of a payment now and follow it; False when it gave no answer.

    Goes over the network: call it where waiting is allowed (`act_outside`).

    Raises:
        NotFound: no such payment of the gateway.
    """
    row_id = _allowed(number, actor)
    return payment_outcomes.refresh_all(row_id)


@with_connection
def _allowed(number: object, actor: Actor | None) -> int:
    require_operator(actor)
    row_id = correction_input.row_id(number)
    if not Payment.select().where((Payment.id == row_id) & Payment.gateway.not_in(BY_HAND)).exists():
        raise NotFound
    return row_id


def _bells(payment: Payment) -> tuple[Bell, ...]:
    if payment.gateway in BY_HAND:
        return ()
    which = (Webhook.gateway == payment.gateway) & (Webhook.tracking_id == payment.tracking_id)
    rows = Webhook.select().where(which).order_by(Webhook.id.desc()).limit(BELLS)
    return tuple(Bell(row.received_at, row.count, row.is_verified, row.outcome) for row in rows)


def _booked(payment: Payment, refunds: Iterable[RefundView]) -> tuple[Booked, ...]:
    """Return the operations of its transactions, and of those that took them back, the oldest first."""
    keys = [f'pay:{payment.gateway}:{payment.gateway_uid}'] if payment.gateway_uid else []
    keys += [f'refund:{payment.gateway}:{each.uid}' for each in refunds if each.uid]
    keys += [f'reverse:{key}' for key in keys]
    rows: Any = (
        Entry.select(Entry, Operation, Account, Contract)
        .join(Operation)
        .switch(Entry)
        .join(Account)
        .join(Contract)
        .where(Operation.key.in_(keys) & (Account.kind == AccountKind.WALLET))
        .order_by(Entry.id)
    )
    return tuple(
        Booked(row.operation.id, row.operation.booked_at, row.operation.title, row.amount, row.account.contract.number)
        for row in rows
    )


def _with_people(table: Any, where: Any) -> Any:
    return table.select().where(where).order_by(table.id)


def _name(user_id: int | None) -> str:
    user = User.get_or_none(User.id == user_id) if user_id else None
    return user.name if user else ''


def _refund(row: Refund, actor: Actor) -> RefundView:
    return RefundView(
        id=row.id,
        amount=row.amount,
        state=RefundState(row.state),
        reason=row.reason,
        refusal=row.refusal,
        uid=row.gateway_uid or '',
        asked_by=_name(row.asked_by_id),
        decided_by=_name(row.decided_by_id),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        may_decide=row.state == RefundState.WAITING and row.asked_by_id != actor.user_id,
    )


def _verdict(row: QuarantineVerdict, actor: Actor) -> VerdictView:
    waits = row.verdict == Verdict.CREDIT and row.state == CorrectionState.WAITING
    return VerdictView(
        id=row.id,
        verdict=Verdict(row.verdict),
        contract_number=Contract.get_by_id(row.contract_id).number if row.contract_id else '',
        amount=row.amount,
        state=CorrectionState(row.state),
        reason=row.reason,
        refusal=row.refusal,
        asked_by=_name(row.asked_by_id),
        decided_by=_name(row.decided_by_id),
        asked_at=row.asked_at,
        may_decide=waits and row.asked_by_id != actor.user_id,
    )


def _paper(payment: Payment, actor: Actor) -> PaperView | None:
    row: ManualPayment | None = ManualPayment.get_or_none(ManualPayment.payment == payment)
    if row is None:
        return None
    return PaperView(
        document=row.document,
        document_on=row.document_on,
        taken_by=_name(row.taken_by_id),
        cancelled_by=_name(row.cancelled_by_id),
        cancelled_at=row.cancelled_at,
        reason=row.cancel_reason,
        may_cancel=not row.cancelled and manual_payments.may_cancel(row, actor),
    )
