"""The daily work of autopay: look at every contract that has it, tell the day before, pay on the day."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.contract import Contract, ContractStatus
from models.payment import FINAL, PAID, Payment
from models.saved_card import Autopay, CardPayment, CardPurpose
from services import audit
from services.accounts import billing, debt_blocks, ledger, reconnections
from services.authority import locked
from services.clock import midnight, today
from services.messages.letters import autopay as letters
from services.money import ZERO
from services.payments import card_charges, card_outcomes
from services.payments.card_names import card_words
from services.payments.in_flight import in_flight
from services.payments.payment_desk import LEAST, MOST
from services.quotes.autopay import Due, Facts, Terms, coming, due
from services.quotes.subscription import next_month
from services.runner import transactional, with_connection

log = logging.getLogger(__name__)
CAME_TO_NOTHING = tuple(FINAL - PAID)


def run_due() -> int:
    """Look once a day at every autopay that is on; returns how many payments were opened. `send_due` sends them.

    Works on the database alone. A payment on its way makes a contract wait for the next run.
    """
    return sum(_safely(autopay_id) for autopay_id in _to_look_at())


def send_due() -> int:
    """Ask the gateway to charge what `run_due` has opened; returns how many were sent. Goes over the network."""
    waiting = with_connection(_waiting)()
    for payment_id in waiting:
        card_charges.send(payment_id)
    return len(waiting)


def terms_of(autopay: Autopay) -> Terms:
    """Return what its owner has agreed to, as the rule takes it."""
    own = (autopay.days_before, autopay.below, autopay.fixed, autopay.month_limit)
    return Terms(*own, least=LEAST, most=MOST)


def facts_of(contract: Contract) -> Facts:
    """Return how a contract stands today, as the rule takes it."""
    day, next_one = today(), billing.next_charge(contract)
    fee = reconnections.fee_of(debt_blocks.open_block(contract))
    by_itself = _automatic(contract)
    # What went back later was paid all the same: no second payment for the same charge.
    for_charge = by_itself & (CardPayment.charge_on == next_one.on) & Payment.state.in_(PAID)
    return Facts(
        day=day,
        balance=ledger.balance(contract),
        charge_on=next_one.on,
        charge=next_one.sum + fee,
        spent=_spent(contract, day),
        is_paid_for=CardPayment.select().join(Payment).where(for_charge).exists(),
    )


def _spent(contract: Contract, day: date) -> Decimal:
    first = day.replace(day=1)
    in_month = (Payment.created_at >= midnight(first)) & (Payment.created_at < midnight(next_month(day)))
    counts = _automatic(contract) & in_month & Payment.state.not_in(CAME_TO_NOTHING)
    rows: Any = Payment.select(Payment.amount).join(CardPayment, on=CardPayment.payment == Payment.id).where(counts)
    return sum((payment.amount for payment in rows), ZERO)


def _automatic(contract: Contract) -> Any:
    return (Payment.contract == contract) & (CardPayment.purpose == CardPurpose.AUTOMATIC)


def _to_look_at() -> Iterator[int]:
    not_yet = Autopay.looked_on.is_null() | (Autopay.looked_on < today())
    is_served = Contract.status == ContractStatus.ACTIVE
    rows: Any = Autopay.select(Autopay.id).join(Contract).where(Autopay.is_on & not_yet & is_served)
    yield from [autopay_id for (autopay_id,) in rows.order_by(Autopay.id).tuples()]


def _waiting() -> list[int]:
    of_autopay = (CardPayment.purpose == CardPurpose.AUTOMATIC) & CardPayment.sent_at.is_null()
    rows: Any = CardPayment.select(CardPayment.payment).where(of_autopay).order_by(CardPayment.id)
    return [payment_id for (payment_id,) in rows.tuples()]


def _safely(autopay_id: int) -> bool:
    try:
        return _look(autopay_id)
    except Exception:
        log.exception('Autopay %s failed', autopay_id)
        return False


@transactional
def _look(autopay_id: int) -> bool:
    """Do the work of one day for one contract; tells whether a payment was opened."""
    contract: Contract = Autopay.get_by_id(autopay_id).contract
    locked(contract)
    autopay, day = Autopay.get_by_id(autopay_id), today()
    looked_on = autopay.looked_on
    if not autopay.is_on or (looked_on is not None and looked_on >= day) or _has_money_coming(contract):
        return False
    _change(autopay, looked_on=day)
    if autopay.card.removed_at is not None or autopay.card.is_expired(day):
        card_outcomes.stop(autopay, why=letters.Why.CARD)
        return False
    terms, facts = terms_of(autopay), facts_of(contract)
    owed = due(terms, facts)
    on = autopay.announced_on
    is_announced = on is not None and on <= day and (looked_on is None or looked_on < on)
    if owed and is_announced and not owed.is_over_limit:
        _open(autopay, owed, day)
        return True
    if found := coming(terms, facts):
        _announce(autopay, *found)
    return False


def _has_money_coming(contract: Contract) -> bool:
    return Payment.select().where((Payment.contract == contract) & in_flight()).exists()


def _open(autopay: Autopay, owed: Due, day: date) -> None:
    """Open the payment of a day, once: its key says for which contract and day. Never more than was announced."""
    amount = min(owed.amount, autopay.announced_sum or owed.amount)
    key = f'autopay:{autopay.contract_id}:{day.isoformat()}'
    _change(autopay, announced_on=None, announced_sum=None)
    if CardPayment.select().where(CardPayment.due_key == key).exists():
        return
    payer, purpose = autopay.agreed_by_id, CardPurpose.AUTOMATIC
    payment = card_charges.open_charge(autopay.card, amount, key, purpose, user_id=payer, charge_on=owed.charge_on)
    where = f'contract:{autopay.contract.number}'
    audit.note('autopay.pay', where, actor=None, payment=payment.id, amount=str(amount), card=_name(autopay))


def _announce(autopay: Autopay, on: date, owed: Due) -> None:
    """Write the letter of the day before; of a payment the limit does not let through, once a month."""
    if on != today() + timedelta(days=1):
        return
    contract, card, key = autopay.contract, _name(autopay), f'autopay:{autopay.contract_id}:{on.isoformat()}'
    if owed.is_over_limit:
        key = f'autopay:{autopay.contract_id}:limit:{on:%Y-%m}'
        letters.over_limit(contract, amount=owed.amount, limit=autopay.month_limit, card=card, key=key)
        return
    _change(autopay, announced_on=on, announced_sum=owed.amount)
    letters.announced(contract, on=on, amount=owed.amount, card=card, key=f'{key}:announced')


def _change(autopay: Autopay, **changes: object) -> None:
    for name, value in changes.items():
        setattr(autopay, name, value)
    autopay.save(only=list(changes))


def _name(autopay: Autopay) -> str:
    return card_words(autopay.card.brand, autopay.card.last4)
