"""Paying with a kept card: an intent, one charge from server to server, and no second one whatever the answer."""

import logging
import secrets
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models.access import Access
from models.payment import Payment, PaymentState
from models.saved_card import CardPayment, CardPurpose, SavedCard
from services import audit, form_keys, rate_limits
from services.authority import Actor, own_contract
from services.clock import now
from services.events import PaymentChanged, record
from services.gateways.payment_gateway import CheckoutIntent, GatewayRefused, GatewayUnknown
from services.gateways.saved_cards import CardUse, SavedCardGateway, SavedCharge
from services.payments import payment_gateways, payment_outcomes, saved_cards
from services.payments.card_names import card_words
from services.payments.in_flight import PAGE_LIFE
from services.payments.payment_desk import CardsUnavailable
from services.payments.payments import HOUR, MOST_STARTED, StaleForm, Started, read_amount
from services.payments.saved_cards import CardView
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

SENT_WITHIN = PAGE_LIFE / 2
"""An intent that could not be sent for so long is not sent any more: the poller finds that nothing came of it."""
USES = {CardPurpose.CHOSEN: CardUse.CARD_ON_FILE, CardPurpose.AUTOMATIC: CardUse.RECURRING}


@dataclass(frozen=True)
class Offer:
    """The last look before a click: rubles, and the card they come from."""

    card: CardView
    amount: Decimal


def offer(card_id: int, amount: object, *, actor: Actor | None) -> Offer:
    """Return what one click would pay.

    Raises:
        InvalidField: the sum. NotFound, CardExpired: the card. CardsUnavailable, OwnerOnly, SignInRequired.
    """
    contract = own_contract(actor, need=Access.OWNER)
    if not saved_cards.is_offered():
        raise CardsUnavailable
    return Offer(saved_cards.view_of(saved_cards.usable(card_id, contract)), read_amount(amount))


def pay(card_id: int, amount: object, form_key: object, *, actor: Actor | None) -> Started:
    """Pay with a kept card of the actor's own contract; the same `form_key` charges nothing twice.

    Goes over the network between short transactions. Whether it was paid is seen on the page of the payment.

    Raises:
        InvalidField: the sum. NotFound, CardExpired: the card. StaleForm, BrokenForm, TooManyRequests.
        CardsUnavailable, SignInRequired, NotAllowed, OwnerOnly.
    """
    payment, is_new = _open_intent(card_id, amount, form_key, actor=actor)
    page = send(payment.id) if is_new else ''
    return Started(payment.tracking_id, page)


def send(payment_id: int) -> str:
    """Ask the gateway to charge for an intent, once; returns the page where a payer confirms, '' when there is none.

    No answer is no failure: the poller asks by our number of the payment.
    """
    gateway = payment_gateways.card_gateway()
    if gateway is None or not isinstance(gateway.port, SavedCardGateway):
        return ''
    order = _claim(payment_id, gateway.port.name, gateway.return_base, gateway.hook_url)
    if order is None:
        return ''
    try:
        charge = gateway.port.charge_saved(order.charge, order.intent, request_id=order.intent.tracking_id)
    except GatewayUnknown as error:
        log.warning('The charge of payment %s is unknown: %s', payment_id, error)
        return ''
    except GatewayRefused as error:
        log.warning('The charge of payment %s was refused: %s %s', payment_id, error.message, sorted(error.fields))
        _note_refusal(payment_id, error)
        return ''
    if charge.redirect_url:
        _note_redirect(payment_id, charge.redirect_url)
    payment_outcomes.refresh(payment_id)
    return charge.redirect_url


def open_charge(
    card: SavedCard, amount: Decimal, key: str, purpose: CardPurpose, *, user_id: int, charge_on: date | None = None
) -> Payment:
    """Write down a charge of a kept card, inside a transaction that holds its contract; `send` asks for it."""
    moment = now()
    payment = Payment.create(
        contract=card.contract_id,
        amount=amount,
        state=PaymentState.PROCESSING,
        gateway=card.gateway,
        tracking_id=f'pay_{secrets.token_urlsafe(24)}',
        form_key=key,
        card_brand=card.brand,
        card_last4=card.last4,
        user=user_id,
        next_check_at=payment_outcomes.next_check(moment, moment),
        created_at=moment,
        updated_at=moment,
    )
    due_key = key if purpose is CardPurpose.AUTOMATIC else None
    CardPayment.create(payment=payment, purpose=purpose, card=card, due_key=due_key, charge_on=charge_on)
    record(PaymentChanged(payment.id, payment.contract_id))
    return payment


@dataclass(frozen=True)
class _Order:
    charge: SavedCharge
    intent: CheckoutIntent


@with_connection
@transactional
def _open_intent(card_id: int, amount: object, form_key: object, *, actor: Actor | None) -> tuple[Payment, bool]:
    """Write the intent down, or find the one this form has made already."""
    contract = own_contract(actor, lock=True, need=Access.OWNER)
    rubles = read_amount(amount)
    if not saved_cards.is_offered():
        raise CardsUnavailable
    key = form_keys.checked(form_key)
    same: Any = Payment.get_or_none(Payment.form_key == key)
    if same is not None:
        of_card = CardPayment.get_or_none((CardPayment.payment == same) & (CardPayment.card == card_id))
        if same.contract_id != contract.id or same.amount != rubles or of_card is None:
            raise StaleForm
        return same, False
    card = saved_cards.usable(card_id, contract)
    rate_limits.spend('payment', contract.number, most=MOST_STARTED, window=HOUR)
    payment = open_charge(card, rubles, key, CardPurpose.CHOSEN, user_id=actor.user_id if actor else 0)
    name = card_words(card.brand, card.last4)
    where = f'contract:{contract.number}'
    audit.note('payment.start', where, actor=actor, payment=payment.id, amount=str(rubles), card=name)
    return payment, True


@with_connection
@transactional
def _claim(payment_id: int, gateway: str, return_base: str, hook_url: str) -> _Order | None:
    """Take an intent for sending: whoever comes second gets nothing, and so does a repeat after a crash."""
    moment = now()
    taken = CardPayment.update(sent_at=moment).where(
        (CardPayment.payment == payment_id) & CardPayment.card.is_null(False) & CardPayment.sent_at.is_null()
    )
    if not taken.execute():
        return None
    row: Any = CardPayment.get(CardPayment.payment == payment_id)
    payment, token = row.payment, saved_cards.token_of(row.card)
    is_fresh = payment.created_at + SENT_WITHIN > moment
    if token is None or not is_fresh or payment.gateway != gateway or payment.state != PaymentState.PROCESSING:
        return None
    is_auto = row.purpose == CardPurpose.AUTOMATIC
    return _Order(SavedCharge(token, USES[row.purpose]), _intent(payment, return_base, hook_url, is_auto=is_auto))


def _intent(payment: Payment, return_base: str, hook_url: str, *, is_auto: bool) -> CheckoutIntent:
    number = payment.contract.number
    back = f'{return_base}/my/pay/return?p={payment.tracking_id}'
    what = 'Автоплатёж' if is_auto else 'Оплата услуг'
    return CheckoutIntent(
        tracking_id=payment.tracking_id,
        amount=payment.amount,
        description=f'{what}, договор {number}',
        expires_at=payment.created_at + PAGE_LIFE,
        return_url=back,
        cancel_url=f'{back}&cancelled=1',
        notification_url=hook_url,
        contract_number=number,
    )


@with_connection
@transactional
def _note_refusal(payment_id: int, error: GatewayRefused) -> None:
    """A clear no: nothing was taken. A card the gateway does not know any more is forgotten here too."""
    row: Any = CardPayment.get(CardPayment.payment == payment_id)
    if 'credit_card.token' in error.fields:
        saved_cards.forget(row.card)
    payment_outcomes.refuse(payment_id, error.message)


@with_connection
@transactional
def _note_redirect(payment_id: int, page: str) -> None:
    payment = Payment.get_by_id(payment_id)
    changes = {'state': PaymentState.REDIRECTED, 'redirect_url': page, 'updated_at': now()}
    Payment.update(changes).where((Payment.id == payment_id) & (Payment.state == PaymentState.PROCESSING)).execute()
    record(PaymentChanged(payment_id, payment.contract_id))
