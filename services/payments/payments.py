"""Paying by card, the subscriber's side: an intent, the bank's page, what he sees of it (DOMAIN §2.7)."""

import logging
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.access import Access
from models.contract import Contract
from models.erip import PaymentForOther
from models.payment import Payment, PaymentState
from models.user import User
from services import audit, field_rules, form_keys, limits, rate_limits
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import N_, DomainError, InvalidField
from services.events import PaymentChanged, record
from services.gateways.payment_gateway import Checkout, CheckoutIntent, GatewayRefused, GatewayUnknown
from services.gateways.saved_cards import SavedCardGateway
from services.payments import payees, payment_desk, payment_gateways, payment_outcomes, saved_cards
from services.payments.in_flight import PAGE_LIFE
from services.payments.payment_desk import LEAST, MOST, OPEN, CardsUnavailable
from services.payments.payment_gateways import CardGateway
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)

ATTEMPTS = limits.count('payment_card_tries')
"""Cards that may be tried on one page: after a refusal people take another card, and need not begin anew."""
MOST_STARTED, HOUR = limits.rate('payments_started')
MOST_CHECKS, CHECKED_WITHIN = limits.rate('payment_checks')


class BankSilent(DomainError):
    """The gateway did not answer; nothing was paid, because the person has seen no page to pay on."""

    message = N_('Банк не ответил, страница оплаты не открылась. Деньги не списаны. Попробуйте ещё раз через минуту.')
    status = 503


class BankRefused(DomainError):
    """The gateway said no to the intent itself."""

    message = N_('Банк не открыл страницу оплаты. Деньги не списаны. Попробуйте ещё раз или позвоните нам.')
    status = 503


class StaleForm(DomainError):
    """The form's key stands for another contract or sum already."""

    message = N_('Эта форма устарела. Проверьте сумму и отправьте ещё раз.')
    status = 409


@dataclass(frozen=True)
class Started:
    """An intent: `tracking_id` names it on our pages; `redirect_url` is the bank's page, empty while it is opened."""

    tracking_id: str
    redirect_url: str


def start(
    amount: object, form_key: object, *, payee: object = None, keep_card: bool = False, actor: Actor | None
) -> Started:
    """Open a payment of the actor's contract and the bank's page for it; the same `form_key` opens nothing twice.

    Goes over the network between two short transactions: call it where waiting is allowed (`act_outside`).

    Args:
        amount: what was typed: `20`, `20,50`; 1.00 to 5000.00 rubles, whole kopecks.
        payee: number of somebody else's contract that gets the money; the actor's own unless given.
        keep_card: the payer, who owns the contract, wants the bank to keep his card if he pays; not for somebody else.

    Raises:
        InvalidField: the sum; BrokenForm, StaleForm, TooManyRequests, SignInRequired, NotAllowed, NotFound.
        OwnerOnly, TooManyCards: no card is kept, and nothing was begun.
        CardsUnavailable, BankSilent, BankRefused: nothing was paid; a new form may try again.
    """
    gateway = payment_gateways.card_gateway()
    other = with_connection(payees.payee_of)(payee, actor=actor) if payee is not None else None
    keep_card = keep_card and other is None
    payment, is_new = _open_intent(amount, form_key, gateway, other, keep_card=keep_card, actor=actor)
    if gateway is None:
        raise CardsUnavailable
    if not is_new:
        return _repeated(payment)
    try:
        checkout = _open_page(_checkout_intent(payment, gateway), gateway, keep_card=keep_card)
    except GatewayUnknown as error:
        log.warning('Checkout of payment %s is unknown: %s', payment.id, error)
        raise BankSilent from error
    except GatewayRefused as error:
        log.error('Checkout of payment %s was refused: %s %s', payment.id, error.message, error.fields)  # noqa: TRY400 - a clear answer, no traceback needed
        _note_refusal(payment, error)
        raise BankRefused from error
    _note_redirect(payment, checkout.token, checkout.redirect_url)
    return Started(payment.tracking_id, checkout.redirect_url)


def read_amount(typed: object, *, least: Decimal = LEAST, most: Decimal = MOST) -> Decimal:
    """Return rubles from what was typed.

    Raises:
        InvalidField: not a sum in digits, or outside of `least` … `most`.
    """
    wanted = field_rules.rule('amount')
    text = wanted.brought(typed)
    if wanted.signs is None or not wanted.signs.fullmatch(text):
        raise InvalidField('amount', N_('Введите сумму цифрами, например 20 или 20,50.'))
    amount = Decimal(text.replace(',', '.')).quantize(Decimal('0.01'))
    if not least <= amount <= most:
        raise InvalidField('amount', N_('Введите сумму от {least} до {most}.'), least=least, most=most)
    return amount


def check(tracking_id: object, *, gave_up: bool = False, actor: Actor | None) -> payment_desk.PaymentView:
    """Ask the bank about one's own payment, apply what it says and return it; over the network, as `start`.

    More than 40 questions in ten minutes are answered from our books.

    Args:
        gave_up: the person came back through «cancel»; a payment nobody tried is then cancelled. The bank's page stays
            open until its time is over, and money that comes late is still credited.
    """
    payment = with_connection(payment_desk.own)(tracking_id, actor)
    if not payment.is_paid and with_connection(_may_ask)(payment):
        payment_outcomes.refresh(payment.id)
    if gave_up:
        payment_outcomes.cancel_untried(payment.id)
    return with_connection(payment_desk.show)(tracking_id, actor=actor)


def _open_page(intent: CheckoutIntent, gateway: CardGateway, *, keep_card: bool) -> Checkout:
    if keep_card and isinstance(gateway.port, SavedCardGateway):
        return gateway.port.create_saving_checkout(intent)
    return gateway.port.create_checkout(intent)


@with_connection
@transactional
def _open_intent(
    amount: object,
    form_key: object,
    gateway: CardGateway | None,
    other: Contract | None,
    *,
    keep_card: bool,
    actor: Actor | None,
) -> tuple[Payment, bool]:
    """Write the intent down, or find the one this form has made already."""
    payer = own_contract(actor, lock=True, need=Access.OWNER if keep_card else Access.PAY)
    contract = other or payer
    rubles = read_amount(amount)
    if gateway is None:
        raise CardsUnavailable
    key = form_keys.checked(form_key)
    same: Any = Payment.get_or_none(Payment.form_key == key)
    if same is not None:
        if same.contract_id != contract.id or same.amount != rubles:
            raise StaleForm
        return same, False
    rate_limits.spend('payment', payer.number, most=MOST_STARTED, window=HOUR)
    moment = now()
    payment = Payment.create(
        contract=contract,
        amount=rubles,
        state=PaymentState.CREATED,
        gateway=gateway.port.name,
        tracking_id=f'pay_{secrets.token_urlsafe(24)}',
        form_key=key,
        user=actor.user_id if actor else None,
        next_check_at=payment_outcomes.next_check(moment, moment),
        created_at=moment,
        updated_at=moment,
    )
    if keep_card:
        saved_cards.wish_to_keep(payment, contract)
    if other:
        PaymentForOther.create(payment=payment, payer=payer, created_at=moment)
    facts = {'payee': contract.number} if other else {}  # under the payer's contract: the owner reads his own log
    subject = f'contract:{payer.number}'
    audit.note('payment.start', subject, actor=actor, payment=payment.id, amount=str(rubles), **facts)
    record(PaymentChanged(payment.id, contract.id))
    return payment, True


def _repeated(payment: Payment) -> Started:
    """Answer a repeated form as the first one was answered; one at work yet, or over, has no bank's page."""
    if payment.state == PaymentState.FAILED and not payment.gateway_token:
        raise BankRefused
    is_open = payment.state in (*OPEN, PaymentState.CANCELLED)
    return Started(payment.tracking_id, payment.redirect_url if is_open else '')


def _checkout_intent(payment: Payment, gateway: CardGateway) -> CheckoutIntent:
    back = f'{gateway.return_base}/my/pay/return?p={payment.tracking_id}'
    contract, email = _payer(payment)
    return CheckoutIntent(
        tracking_id=payment.tracking_id,
        amount=payment.amount,
        description=f'Оплата услуг, договор {contract}',
        expires_at=payment.created_at + PAGE_LIFE,
        return_url=back,
        cancel_url=f'{back}&cancelled=1',
        notification_url=gateway.hook_url,
        contract_number=contract,
        email=email,
        attempts=ATTEMPTS,
    )


@with_connection
def _payer(payment: Payment) -> tuple[str, str | None]:
    user = User.get_or_none(User.id == payment.user_id)
    return Contract.get_by_id(payment.contract_id).number, (user.email if user else None) or None


@with_connection
@transactional
def _note_redirect(payment: Payment, token: str, redirect_url: str) -> None:
    """Keep the token whatever happened meanwhile: with it the bank can be asked. The state only moves on."""
    Payment.update(gateway_token=token, redirect_url=redirect_url, updated_at=now()).where(
        Payment.id == payment.id
    ).execute()
    Payment.update(state=PaymentState.REDIRECTED).where(
        (Payment.id == payment.id) & (Payment.state == PaymentState.CREATED)
    ).execute()
    record(PaymentChanged(payment.id, payment.contract_id))


@with_connection
@transactional
def _note_refusal(payment: Payment, error: GatewayRefused) -> None:
    changes = {'state': PaymentState.FAILED, 'message': error.message[:500], 'next_check_at': None, 'updated_at': now()}
    Payment.update(changes).where((Payment.id == payment.id) & (Payment.state == PaymentState.CREATED)).execute()
    record(PaymentChanged(payment.id, payment.contract_id))


def _may_ask(payment: Payment) -> bool:
    try:
        rate_limits.spend('payment-check', payment.tracking_id, most=MOST_CHECKS, window=CHECKED_WITHIN)
    except DomainError:
        return False
    return True
