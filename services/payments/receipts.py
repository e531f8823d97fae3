"""Квитанция: a successful payment as PDF, whatever way it came; the bank's receipt is a QR code on it."""

import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import segno

from models.access import Access
from models.account import Account, AccountKind, Entry, Operation, OperationKind
from models.contract import Contract, Subscriber
from models.payment import Payment
from services import field_rules, limits, rate_limits
from services.authority import Actor, own_contract
from services.clock import now
from services.contracts.documents import Paper, compose
from services.contracts.paper_facts import company
from services.errors import NotFound
from services.messages.letters.render import moment, money
from services.money import ZERO
from services.payments import payees, payment_outcomes
from services.runner import transactional, with_connection

MOST, HOUR = limits.rate('receipts')


@dataclass(frozen=True)
class Receipt:
    """What stands on a receipt; rubles. `name` is masked for who paid for another; `bank_url` may be empty."""

    operation: int
    number: str
    name: str
    amount: Decimal
    title: str
    basis: str
    booked_at: datetime
    bank_url: str


def make_receipt(which: object, *, actor: Actor | None) -> Paper:
    """Return the receipt of a payment of the actor's contract, or of one he made for another.

    Args:
        which: number of the operation in digits, or our name of the payment.

    Raises:
        SignInRequired, NotAllowed: see `own_contract`.
        NotFound: no such payment, not his, or no money came.
        TooManyRequests: thirty papers an hour.
    """
    receipt = with_connection(_read)(which, actor=actor)
    return Paper(f'Квитанция {receipt.number}-{receipt.operation}.pdf', compose('receipt', _as_json(receipt)))


@transactional
def _read(which: object, *, actor: Actor | None) -> Receipt:
    contract = own_contract(actor, need=Access.PAY)
    text = which if isinstance(which, str) else ''
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    receipt = _by_operation(int(text), contract) if is_number else _by_payment(text, contract)
    rate_limits.spend('receipt', contract.number, most=MOST, window=HOUR)
    return receipt


def _by_operation(operation_id: int, contract: Contract) -> Receipt:
    which = (Operation.id == operation_id) & (Operation.kind == OperationKind.PAYMENT) & Operation.reverses.is_null()
    is_own = (Account.contract == contract) & (Account.kind == AccountKind.WALLET) & (Entry.amount > ZERO)
    query: Any = Entry.select(Entry, Operation).join(Operation).switch(Entry).join(Account).where(which & is_own)
    entry = query.get_or_none()
    if entry is None:
        raise NotFound
    prefix, _, uid = entry.operation.key.rpartition(':')
    known = (Payment.gateway_uid == uid) & (Payment.contract == contract)
    payment = Payment.get_or_none(known) if prefix.startswith('pay:') else None
    return _receipt(entry, contract, payment, name=contract.subscriber.full_name)


def _by_payment(tracking_id: str, contract: Contract) -> Receipt:
    if not field_rules.key_of('tracking', tracking_id):
        raise NotFound
    payment: Payment | None = Payment.get_or_none((Payment.tracking_id == tracking_id) & payees.begun_in(contract))
    if payment is None:
        raise NotFound
    paid: Contract = (
        Contract.select(Contract, Subscriber).join(Subscriber).where(Contract.id == payment.contract_id).get()
    )
    is_own = (Account.contract == paid) & (Account.kind == AccountKind.WALLET)
    key = Operation.key == f'pay:{payment.gateway}:{payment.gateway_uid}'
    query = Entry.select(Entry, Operation).join(Operation).switch(Entry).join(Account).where(key & is_own)
    entry = query.get_or_none()
    if entry is None:
        raise NotFound
    owner = paid.subscriber
    name = owner.short_name if payment_outcomes.payer_of(payment) else owner.full_name
    return _receipt(entry, paid, payment, name=name)


def _receipt(entry: Any, contract: Contract, payment: Payment | None, *, name: str) -> Receipt:
    return Receipt(
        operation=entry.operation.id,
        number=contract.number,
        name=name,
        amount=entry.amount,
        title=entry.operation.title,
        basis=entry.operation.basis,
        booked_at=entry.operation.booked_at,
        bank_url=payment.receipt_url if payment else '',
    )


def _as_json(receipt: Receipt) -> dict[str, Any]:
    return {
        'company': company(),
        'operation': str(receipt.operation),
        'number': receipt.number,
        'name': receipt.name,
        'amount': money(receipt.amount),
        'title': receipt.title,
        'basis': receipt.basis,
        'booked': moment(receipt.booked_at),
        'bank_url': receipt.bank_url,
        'qr': _qr(receipt.bank_url),
        'made': moment(now()),
    }


def _qr(text: str) -> str:
    """Return the QR code of an address as SVG, nothing for nothing."""
    if not text:
        return ''
    out = io.BytesIO()
    segno.make(text, error='m', micro=False).save(out, kind='svg', border=2, xmldecl=False)
    return out.getvalue().decode()
