"""What an outcome means beyond the money: a card to keep, an autopay that went well or failed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from models.payment import Payment, PaymentState
from models.saved_card import Autopay, CardPayment, CardPurpose
from services import audit, limits
from services.clock import now, today
from services.events import ContractChanged, record
from services.gateways.payment_gateway import Transaction
from services.messages.letters import autopay as letters
from services.payments import saved_cards
from services.payments.card_names import card_words

MOST_FAILURES = limits.count('autopay_failures')
ENDED = (PaymentState.FAILED, PaymentState.EXPIRED)


def is_charge(payment_id: int) -> bool:
    """Tell whether a payment charges a kept card: one transaction from server to server, without a page of a token."""
    return CardPayment.select().where((CardPayment.payment == payment_id) & CardPayment.card.is_null(False)).exists()


def is_automatic(payment: Payment) -> bool:
    """Tell whether autopay made it."""
    of_it = (CardPayment.payment == payment) & (CardPayment.purpose == CardPurpose.AUTOMATIC)
    return CardPayment.select().where(of_it).exists()


def automatic_among(payment_ids: Sequence[int]) -> set[int]:
    """Return which of these payments autopay made."""
    of_them = CardPayment.payment.in_(list(payment_ids)) & (CardPayment.purpose == CardPurpose.AUTOMATIC)
    rows: Any = CardPayment.select(CardPayment.payment).where(of_them)
    return {payment_id for (payment_id,) in rows.tuples()}


def follow(payment: Payment, before: PaymentState, paid: Sequence[Transaction]) -> None:
    """Do what a change of state asks for, in its transaction: the contract is held."""
    row: CardPayment | None = CardPayment.get_or_none(CardPayment.payment == payment)
    if row is None or payment.state == before:
        return
    if row.purpose == CardPurpose.KEEP and payment.state == PaymentState.SUCCEEDED:
        saved_cards.keep(payment, paid)
    autopay = Autopay.get_or_none(Autopay.contract == payment.contract_id)
    if row.purpose != CardPurpose.AUTOMATIC or autopay is None:
        return
    if payment.state == PaymentState.SUCCEEDED:
        _change(autopay, failures=0)
    elif payment.state in ENDED:
        _failed(autopay, row)


def stop(autopay: Autopay, *, why: letters.Why) -> None:
    """End an autopay without its owner, and write to him."""
    _change(autopay, is_on=False, stopped_at=now(), announced_on=None, announced_sum=None)
    number = autopay.contract.number
    audit.note('autopay.stop', f'contract:{number}', actor=None, why=why)
    letters.stopped(autopay.contract, card=_name(autopay), why=why, key=f'autopay:{number}:stopped:{now().isoformat()}')


def _failed(autopay: Autopay, row: CardPayment) -> None:
    """Count a failure. The letter about it announces the next try too: tomorrow, of no more than this sum."""
    if not autopay.is_on:
        return
    _change(autopay, failures=autopay.failures + 1)
    if row.card and row.card.removed_at is not None:
        stop(autopay, why=letters.Why.CARD)
    elif autopay.failures >= MOST_FAILURES:
        stop(autopay, why=letters.Why.FAILURES)
    else:
        tomorrow = today() + timedelta(days=1)
        may_try = autopay.below is not None or row.charge_on is None or tomorrow < row.charge_on
        if may_try:
            _change(autopay, announced_on=tomorrow, announced_sum=row.payment.amount)
        facts = {'amount': row.payment.amount, 'card': _name(autopay), 'again_on': tomorrow if may_try else None}
        letters.failed(autopay.contract, key=f'{row.due_key}:failed', **facts)


def _change(autopay: Autopay, **changes: object) -> None:
    for name, value in changes.items():
        setattr(autopay, name, value)
    autopay.save(only=list(changes))
    record(ContractChanged(autopay.contract_id))


def _name(autopay: Autopay) -> str:
    return card_words(autopay.card.brand, autopay.card.last4)
