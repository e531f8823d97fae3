"""«Удалить мои данные»: what stands in the way, the request, and what happens when an employee confirms it.

What the law lets us keep stays: the signed contract as a sealed paper, payments, the books, the audit log. Everything
else stops telling of the person.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import JOIN

from models.account import Account, AccountKind
from models.application import Consent
from models.contract import Contract, ContractStatus, EquipmentUnit, Ownership, Subscriber
from models.outbox import OutgoingMessage
from models.payment import FINAL, Payment
from models.privacy import PrivacyRequest, RequestState
from models.user import STAFF, Session, User, UserRole
from services import audit
from services.authority import Actor, locked
from services.clock import local, now
from services.errors import N_, DomainError
from services.identity import sessions
from services.messages.letters import privacy as letters
from services.money import ZERO
from services.privacy import forgetting
from services.privacy.inventory import kept_until
from services.runner import transactional

PAYMENT_ENDS = timedelta(days=2)
"""A payment in flight has its answer from the bank by then, or is put aside for a person."""


@dataclass(frozen=True)
class Obstacle:
    """Why data cannot be erased yet: a Russian template with facts, and the day it goes by itself, if it does."""

    reason: str
    until: date | None = None
    facts: dict[str, object] = field(default_factory=dict)


class CannotErase(DomainError):
    """Something stands in the way; the page lists it."""

    message = N_('Пока удалить нельзя. На странице написано, что мешает.')
    status = 409


def obstacles_of(user_id: int) -> tuple[Obstacle, ...]:
    """Return what stands in the way of erasing a person; empty when nothing does. The caller has asked who may know."""
    contracts = contracts_of(user_id)
    found = [Obstacle(_STAFF)] if _is_employee(user_id) else []
    for contract in contracts:
        found += _of_contract(contract)
    return tuple(found)


def books_until(user_id: int) -> date | None:
    """Return until when contracts and payments are kept after the last contract ended; None while one runs."""
    ends = [contract.terminated_on for contract in contracts_of(user_id)]
    return kept_until('accounting', max(ends)) if ends and all(ends) else None


def contracts_of(user_id: int) -> list[Any]:
    """Return the contracts of a login with their wallets, drafts that came to nothing aside."""
    wallet = (Account.contract == Contract.id) & (Account.kind == AccountKind.WALLET)
    query = (
        Contract.select(Contract, Subscriber, Account)
        .join(Subscriber)
        .switch(Contract)
        .join(Account, JOIN.LEFT_OUTER, on=wallet, attr='wallet')
        .where((Subscriber.user == user_id) & (Contract.status != ContractStatus.VOID))
    )
    return list(query.order_by(Contract.id))


@transactional
def erase(request: PrivacyRequest, *, actor: Actor) -> None:
    """Erase the person of a request and settle it; the caller has asked who may confirm.

    Raises:
        CannotErase: something has come up since he asked.
    """
    user, moment = User.get_by_id(request.user_id), now()
    contracts = contracts_of(user.id)
    for contract in contracts:
        locked(contract)
    if obstacles_of(user.id):
        raise CannotErase
    people = list(Subscriber.select().where(Subscriber.user == user))
    letters.erased(user, people, key=f'{forgetting.FAREWELL}{request.id}')
    sessions.revoke(Session.user == user)
    done = Counter(letters=forgetting.empty_letters(OutgoingMessage.recipient.in_(_addresses(user, people))))
    applications = [contract.application_id for contract in contracts if contract.application_id]
    done += forgetting.forget_applications(applications, moment)
    for contract in contracts:
        done += forgetting.forget_contract(contract, moment)
    for person in people:
        forgetting.forget_subscriber(person, moment)
    forgetting.withdraw_news(Consent.user == user, moment)
    done += forgetting.forget_login(user, moment)
    _settle(request, done, actor=actor)


def _settle(request: PrivacyRequest, done: Counter[str], *, actor: Actor) -> None:
    PrivacyRequest.update(
        state=RequestState.DONE, answered_at=now(), answered_by=actor.user_id, erased=dict(done)
    ).where(PrivacyRequest.id == request.id).execute()
    audit.note('privacy.erase', f'user:{request.user_id}', actor=actor, request=request.id, erased=dict(done))


_STAFF = N_('Этот вход принадлежит сотруднику. Сначала администратор закроет рабочий доступ.')


def _of_contract(contract: Any) -> list[Obstacle]:
    number, found = contract.number, []
    if contract.status != ContractStatus.TERMINATED:
        words = N_('Договор {number} действует. Расторгните его на странице «Расторжение договора» или в офисе.')
        found.append(Obstacle(words, facts={'number': number}))
    balance = contract.wallet.balance if contract.wallet else ZERO
    if balance > ZERO:
        words = N_('По договору {number} на счёте {sum} — напишите в чат, куда вернуть деньги.')
        found.append(Obstacle(words, facts={'number': number, 'sum': balance}))
    if balance < ZERO:
        words = N_('По договору {number} долг {sum} — оплатите его.')
        found.append(Obstacle(words, facts={'number': number, 'sum': -balance}))
    ours = EquipmentUnit.ownership.in_((Ownership.RENTED, Ownership.LENT)) & EquipmentUnit.returned_at.is_null()
    if EquipmentUnit.select().where((EquipmentUnit.contract == contract) & ours).exists():
        words = N_('По договору {number} не сдано оборудование. Привезите его в офис или позовите мастера.')
        found.append(Obstacle(words, facts={'number': number}))
    payment = Payment.select().where((Payment.contract == contract) & Payment.state.not_in(FINAL)).first()
    if payment is not None:
        words = N_('Платёж по договору {number} ещё проверяется в банке.')
        found.append(Obstacle(words, local(payment.created_at + PAYMENT_ENDS).date(), {'number': number}))
    return found


def _is_employee(user_id: int) -> bool:
    return bool(UserRole.select().where((UserRole.user == user_id) & UserRole.role.in_(STAFF)).exists())


def _addresses(user: User, people: list[Subscriber]) -> list[str]:
    known = {user.email, user.phone, *(p.email for p in people), *(p.phone for p in people)}
    return sorted(one for one in known if one)
