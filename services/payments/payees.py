"""Paying for somebody else's contract by its number: a masked name, nothing else of it, and not many tries.

The number alone shows «Анна П.»; who counts through numbers is stopped after a few. The owner gets the usual letter and
does not learn who paid; the payer finds the payment in his own cabinet.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.access import Access
from models.contract import OPENING, Contract, Subscriber
from models.erip import PaymentForOther
from models.payment import Payment, PaymentState
from models.user import Attempt
from services import field_rules, limits, rate_limits
from services.authority import Actor, own_contract
from services.clock import now
from services.errors import N_, InvalidField
from services.runner import transactional

MOST, HOUR = limits.rate('payees_looked_up')
MOST_OF_ADDRESS, HOUR_OF_ADDRESS = limits.rate('payees_of_address')
SHOWN = limits.count('payments_for_others')


@dataclass(frozen=True)
class Payee:
    """Whom the money will reach: a number and a masked name."""

    number: str
    name: str


@dataclass(frozen=True)
class PaidForOther:
    """A payment for somebody else's contract, as its payer sees it; rubles."""

    tracking_id: str
    number: str
    amount: Decimal
    state: PaymentState
    at: datetime


def find(number: object, *, actor: Actor | None) -> Payee:
    """Return whose contract a number is, masked.

    Raises:
        SignInRequired, NotAllowed, NotFound: see `own_contract`.
        InvalidField: no such contract, or the actor's own.
        TooManyRequests: ten other numbers an hour; a number that was looked at within the hour counts once.
    """
    contract = payee_of(number, actor=actor)
    return Payee(contract.number, contract.subscriber.short_name)


def payee_of(number: object, *, actor: Actor | None) -> Contract:
    """Return the contract of a number with its subscriber; the same refusals as `find`."""
    payer = own_contract(actor, need=Access.PAY)
    assert actor is not None  # own_contract has refused a stranger
    text = field_rules.rule('payee_number').brought(number)
    if not field_rules.rule('payee_number').fits(text):
        raise InvalidField('number', N_('Номер договора — 6 цифр, он есть в договоре и в чеке.'))
    if text == payer.number:
        raise InvalidField('number', N_('Это ваш договор: пополните его на первой вкладке.'))
    _count(text, actor)
    which = (Contract.number == text) & Contract.status.in_(OPENING) & Subscriber.erased_at.is_null()
    found: Contract | None = Contract.select(Contract, Subscriber).join(Subscriber).where(which).get_or_none()
    if found is None:
        raise InvalidField('number', N_('Такого договора нет. Проверьте номер у того, за кого платите.'))
    return found


def list_paid(*, actor: Actor | None) -> tuple[PaidForOther, ...]:
    """Return what was paid for others from the actor's contract, the newest first."""
    payer = own_contract(actor, need=Access.PAY)
    rows: Any = (
        Payment.select(Payment, Contract)
        .join(Contract)
        .join_from(Payment, PaymentForOther)
        .where(PaymentForOther.payer == payer)
        .order_by(Payment.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        PaidForOther(row.tracking_id, row.contract.number, row.amount, row.state, row.created_at) for row in rows
    )


def begun_in(contract: Contract) -> Any:
    """Return the condition: payments begun in the cabinet of this contract, for itself or for others."""
    for_others = PaymentForOther.select(PaymentForOther.payment)
    own = (Payment.contract == contract) & Payment.id.not_in(for_others)
    return own | Payment.id.in_(for_others.where(PaymentForOther.payer == contract))


@transactional
def _count(number: str, actor: Actor) -> None:
    """Count a look at a number, by person and by address; the same number again within the hour is free."""
    key = f'{actor.user_id}:{number}'
    seen = (Attempt.kind == 'payee-seen') & (Attempt.key == key) & (Attempt.at > now() - HOUR)
    if Attempt.select().where(seen).exists():
        return
    rate_limits.spend('payee', str(actor.user_id), most=MOST, window=HOUR)
    address = rate_limits.network(actor.address)
    rate_limits.spend('payee-address', address, most=MOST_OF_ADDRESS, window=HOUR_OF_ADDRESS)
    Attempt.create(kind='payee-seen', key=key, at=now())
