"""What a subscriber sees of his card payments: what to pay, what is on its way, what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from models.access import Access
from models.contract import Contract
from models.payment import Payment, PaymentState
from services import field_rules
from services.accounts import billing, debt_blocks, ledger, reconnections
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.money import ZERO
from services.payments import payees, payment_gateways, payment_outcomes
from services.payments.in_flight import PAGE_LIFE, in_flight

LEAST, MOST = (field_rules.rubles(bound) for bound in (field_rules.rule('amount').least, field_rules.most('amount')))
QUICK = (Decimal('20.00'), Decimal('30.00'), Decimal('50.00'), Decimal('100.00'))
OPEN = (PaymentState.CREATED, PaymentState.REDIRECTED, PaymentState.PROCESSING)


class CardsUnavailable(DomainError):
    """No gateway is set up here."""

    message = N_('Оплата картой сейчас не подключена. Позвоните нам, подскажем, как пополнить счёт.')
    status = 503


@dataclass(frozen=True)
class PaymentView:
    """A payment as its owner sees it. `amount` in rubles, `balance` of the contract now; `redirect_url` only while the
    bank's page waits; `decline_code` of the last refused card, as F.0114; `is_waiting` while an answer may come.

    A payment for somebody else's contract has its number in `for_number`, and tells nothing else of it: no balance."""

    id: int
    tracking_id: str
    amount: Decimal
    state: PaymentState
    redirect_url: str
    decline_code: str
    card: str
    receipt_url: str
    created_at: datetime
    is_waiting: bool
    balance: Decimal | None
    for_number: str = ''


@dataclass(frozen=True)
class PayDesk:
    """What the page of paying needs: rubles, the next charge with its day, and what is on its way.

    `recommended` is what is missing until the next charge is covered, or the charge itself when nothing is missing. A
    block that costs something to end has its `reconnection_fee`, which stands in both.
    """

    contract_id: int
    balance: Decimal
    next_sum: Decimal
    next_on: date
    missing: Decimal
    reconnection_fee: Decimal
    recommended: Decimal
    quick: tuple[Decimal, ...]
    in_flight: tuple[PaymentView, ...]


def desk(*, actor: Actor | None) -> PayDesk:
    """Return what the page of paying shows.

    Raises:
        CardsUnavailable: there is nothing to pay with.
    """
    contract = own_contract(actor, need=Access.PAY)
    if payment_gateways.card_gateway() is None:
        raise CardsUnavailable
    balance, coming = ledger.balance(contract), billing.next_charge(contract)
    fee = reconnections.fee_of(debt_blocks.open_block(contract))
    missing = max(ZERO, coming.sum + fee - balance)
    recommended = min(max(missing or coming.sum, LEAST), MOST)
    debt = fee - balance if fee - balance >= LEAST else ZERO
    return PayDesk(
        contract_id=contract.id,
        balance=balance,
        next_sum=coming.sum,
        next_on=coming.on,
        missing=missing,
        reconnection_fee=fee,
        recommended=recommended,
        quick=tuple(each for each in (debt, *QUICK) if each and each != recommended),
        in_flight=tuple(_view(payment, balance) for payment in _in_flight(contract)),
    )


def show(tracking_id: object, *, actor: Actor | None) -> PaymentView:
    """Return one payment of the actor's contract.

    Raises:
        NotFound: no such payment, or somebody else's.
    """
    payment = own(tracking_id, actor)
    return _view(payment, ledger.balance(payment.contract))


def own(tracking_id: object, actor: Actor | None) -> Payment:
    """Return a payment of the actor's contract, or raise NotFound."""
    contract = own_contract(actor, need=Access.PAY)
    if not field_rules.key_of('tracking', tracking_id):
        raise NotFound
    payment: Payment | None = Payment.get_or_none((Payment.tracking_id == tracking_id) & payees.begun_in(contract))
    if payment is None:
        raise NotFound
    return payment


def _in_flight(contract: Contract) -> list[Payment]:
    rows: Any = Payment.select().where(payees.begun_in(contract) & in_flight())
    return list(rows.order_by(Payment.id.desc()).limit(5))


def _view(payment: Payment, balance: Decimal) -> PaymentView:
    is_open = payment.created_at + PAGE_LIFE > now() and payment.state in (*OPEN, PaymentState.CANCELLED)
    other = payment.contract.number if payment_outcomes.payer_of(payment) else ''
    asked = payment.gateway_token or payment.message.startswith('F.')
    has_code = asked and not payment.is_paid and payment.state != PaymentState.QUARANTINED
    return PaymentView(
        id=payment.id,
        tracking_id=payment.tracking_id,
        amount=payment.amount,
        state=payment.state,
        redirect_url=payment.redirect_url if is_open else '',
        decline_code=payment.message if has_code else '',
        card=payment_outcomes.card_words(payment.card_brand, payment.card_last4),
        receipt_url=payment.receipt_url,
        created_at=payment.created_at,
        is_waiting=payment.state in OPEN,
        balance=None if other else balance,
        for_number=other,
    )
