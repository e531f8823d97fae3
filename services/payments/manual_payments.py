"""Payments by cash and bank transfer: an employee writes them down with a paper, and one paper counts once."""

import secrets
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from peewee import IntegrityError

from models.account import AccountKind, OperationKind
from models.contract import Contract
from models.manual_payment import ManualPayment
from models.payment import BY_HAND, Payment, PaymentState
from models.registry import Registry, RegistryLine, RegistrySource
from models.user import Role
from services import audit, field_rules
from services.accounts import correction_input, debt_blocks, ledger
from services.authority import Actor, locked, require_operator
from services.clock import local, now, today
from services.errors import N_, InvalidField, InvalidForm, NotFound, gathered
from services.events import PaymentChanged, record
from services.identity import step_up
from services.input_text import clean_text
from services.messages.letters import payments as money_letters
from services.money import KOPECK, ZERO
from services.payments import refunds
from services.payments.owner_letters import tell_owner
from services.payments.payments import read_amount
from services.payments.refund_refusals import CancelledAlready, InRegister, NotYours, OwnPayment, PaperTaken
from services.payments.typed_days import read_day
from services.runner import transactional

CASH, BANK = BY_HAND
SIDES = {CASH: AccountKind.CASH, BANK: AccountKind.BANK}
TITLES = {CASH: 'Оплата наличными', BANK: 'Оплата банковским переводом'}
PAPERS = {CASH: 'Кассовый документ', BANK: 'Платёжное поручение'}


@dataclass(frozen=True)
class Taken:
    """A payment that stands in the books; `is_repeat`: it did already, the same paper came once more."""

    payment_id: int
    is_repeat: bool


@transactional
def take(number: str, way: str, amount: str, document: str, document_on: str, *, actor: Actor | None) -> Taken:
    """Credit money that came with a paper; the same paper, contract and sum again credit nothing.

    Args:
        number: of the contract; `way` is `cash` or `bank`; `amount` as typed.
        document: the paper's number; its day is `2026-12-31` or `31.12.2026`.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidForm: what is wrong in `number`, `amount`, `document`, `document_on`.
        OwnPayment: for one's own contract. NotFound: no such way.
        PaperTaken: this paper stands for another payment. InRegister: a register of the bank brought it.
    """
    actor = step_up.require_fresh(require_operator(actor))
    if way not in BY_HAND:
        raise NotFound
    contract, rubles, paper, day = _read(number, amount, document, document_on)
    if contract.subscriber.user_id == actor.user_id:
        raise OwnPayment
    locked(contract)
    if way == BANK and _is_in_register(contract, paper, day):
        raise InRegister(field='document', number=contract.number)
    first = _first(way, paper, day)
    if first is None:
        try:
            return Taken(_book(contract, way, rubles, paper, day, actor), is_repeat=False)
        except IntegrityError:  # two employees at once with the same paper: the unique index decided
            first = _first(way, paper, day)
    assert first is not None  # nothing else is unique here
    return _repeated(first, contract, rubles)


@transactional
def cancel(payment_id: int, reason: str, *, actor: Actor | None) -> None:
    """Take a payment back that was written down by mistake; the paper may then be taken anew.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidField: the reason says too little; the subscriber reads it.
        NotFound: no such payment by hand. OwnPayment: of one's own contract. CancelledAlready.
        NotYours: taken by a colleague, or on an earlier day.
    """
    actor = step_up.require_fresh(require_operator(actor))
    why = correction_input.read_reason(reason)
    payment = refunds.payment_for(payment_id, actor)
    paper: ManualPayment | None = ManualPayment.get_or_none(ManualPayment.payment == payment)
    if paper is None:
        raise NotFound
    if paper.cancelled:
        raise CancelledAlready
    if not may_cancel(paper, actor):
        raise NotYours
    contract = correction_input.contract_of(Contract.id == payment.contract_id)
    assert contract is not None  # a payment has one
    ledger.reverse(paper.operation, reason=why, actor_id=actor.user_id)
    paper.cancelled, paper.cancelled_by_id, paper.cancelled_at, paper.cancel_reason = (
        paper.id,
        actor.user_id,
        now(),
        why,
    )
    paper.save()
    payment.state, payment.updated_at = PaymentState.CANCELLED, now()
    payment.save(only=[Payment.state, Payment.updated_at])
    debt_blocks.review(contract)
    money_letters.payment_cancelled(
        contract,
        amount=payment.amount,
        balance=ledger.balance(contract),
        reason=why,
        key=f'cancel:{payment.tracking_id}',
    )
    audit.note('payment.cancel', f'payment:{payment.id}', actor=actor, amount=str(payment.amount), reason=why)
    record(PaymentChanged(payment.id, contract.id))


def may_take(*, actor: Actor | None) -> bool:
    """Tell whether the reader may write payments down without showing once more that it is he."""
    return step_up.is_fresh(require_operator(actor))


def may_cancel(paper: ManualPayment, actor: Actor) -> bool:
    """Tell whether this is who took it and the day on which he did, in Minsk; or an administrator."""
    is_today = local(paper.taken_at).date() == today()
    return actor.wears(Role.ADMINISTRATOR) or (is_today and paper.taken_by_id == actor.user_id)


def _read(number: object, amount: object, document: object, document_on: object) -> tuple[Contract, Decimal, str, date]:
    errors: dict[str, InvalidField] = {}
    typed = number.strip() if isinstance(number, str) else ''
    contract = correction_input.contract_of(Contract.number == typed) if 0 < len(typed) <= 16 else None
    rubles, paper, day = ZERO, '', today()
    if contract is None:
        errors['number'] = InvalidField('number', N_('Такого договора нет. Проверьте номер.'))
    with gathered(errors):
        rubles = read_amount(amount, least=KOPECK, most=correction_input.MOST)
    with gathered(errors):
        paper = clean_text('document', document, rule='paper_number', required=True).upper()
    with gathered(errors):
        day = _day(document_on)
    if errors or contract is None:
        raise InvalidForm(errors)
    return contract, rubles, paper, day


def _day(typed: object) -> date:
    day = read_day('document_on', typed)
    if not 0 <= (today() - day).days <= field_rules.figure('manual_payment_is_recent', 'days'):
        raise InvalidField('document_on', N_('Дата документа не позже сегодняшнего дня и не старше года.'))
    return day


@transactional
def _book(contract: Contract, way: str, amount: Decimal, document: str, day: date, actor: Actor) -> int:
    moment, token = now(), f'{way}_{secrets.token_urlsafe(24)}'
    basis = f'{PAPERS[way]} № {document} от {day:%d.%m.%Y}'
    key = f'pay:{way}:{token}'
    posting = ledger.Posting(
        key=key,
        kind=OperationKind.PAYMENT,
        amount=amount,
        title=TITLES[way],
        basis=basis,
        actor_id=actor.user_id,
        other_side=SIDES[way],
    )
    operation = ledger.post(contract, posting)
    payment: Payment = Payment.create(
        contract=contract,
        amount=amount,
        state=PaymentState.SUCCEEDED,
        gateway=way,
        tracking_id=token,
        form_key=token,
        gateway_uid=token,
        user=actor.user_id,
        created_at=moment,
        updated_at=moment,
    )
    ManualPayment.create(
        payment=payment,
        way=way,
        document=document,
        document_on=day,
        operation=operation,
        taken_by=actor.user_id,
        taken_at=moment,
    )
    debt_blocks.review(contract)
    tell_owner(contract, amount, key)
    audit.note('payment.take', f'payment:{payment.id}', actor=actor, amount=str(amount), paper=basis)
    record(PaymentChanged(payment.id, contract.id))
    return int(payment.id)


def _first(way: str, document: str, day: date) -> Payment | None:
    """Return the payment this paper stands for already."""
    same = (ManualPayment.way == way) & (ManualPayment.document == document) & (ManualPayment.document_on == day)
    found: Payment | None = (
        Payment.select().join(ManualPayment).where(same & (ManualPayment.cancelled == 0)).get_or_none()
    )
    return found


def _is_in_register(contract: Contract, document: str, day: date) -> bool:
    """Tell whether a register of the bank brought this very transfer."""
    same = (RegistryLine.contract == contract) & (RegistryLine.document == document) & (RegistryLine.paid_on == day)
    of_bank = RegistryLine.select().join(Registry).where(same & (Registry.source == RegistrySource.BANK))
    return bool(of_bank.where(RegistryLine.operation.is_null(False)).exists())


def _repeated(first: Payment, contract: Contract, amount: Decimal) -> Taken:
    if first.contract_id == contract.id and first.amount == amount:
        return Taken(first.id, is_repeat=True)
    number = Contract.get_by_id(first.contract_id).number
    raise PaperTaken(field='document', first=first.id, sum=first.amount, number=number)
