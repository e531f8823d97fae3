"""Subscribers as an operator finds them: by contract number, name, phone, e-mail, address, or the paper in hand."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from peewee import JOIN, fn

from models.account import Account, AccountKind
from models.catalogue import Tariff
from models.contract import Contract, Subscriber
from services import audit, limits
from services.authority import Actor, require_operator
from services.contracts import paper_index
from services.contracts.contract_states import ContractState, states_of
from services.contracts.subscriber_cards import get_card
from services.money import ZERO
from services.search import matches

__all__ = ['PAGE', 'SubscriberPage', 'SubscriberRow', 'get_card', 'list_subscribers']

PAGE = limits.count('subscribers_page')
"""Rows of a page."""
FARTHEST_PAGE = limits.count('subscribers_farthest_page')


@dataclass(frozen=True)
class SubscriberRow:
    """One contract in a list; the balance is rubles, minus is debt."""

    number: str
    name: str
    phone: str
    email: str
    address: str
    tariff: str
    state: ContractState
    balance: Decimal


@dataclass(frozen=True)
class SubscriberPage:
    """A page of the search; pages are counted from 1."""

    rows: tuple[SubscriberRow, ...]
    page: int
    pages: int
    total: int


def list_subscribers(search: str = '', page: int = 1, *, actor: Actor | None) -> SubscriberPage:
    """Return contracts that match, by number; an empty search shows all. A page too far is the last one.

    A whole passport or identification number finds its owner by a keyed hash, and that is noted in the audit log.
    """
    actor = require_operator(actor)
    audit.note_reading('list:subscribers', actor=actor)
    found = matches(search, _WORDS, (Contract.number, Subscriber.phone))
    by_papers = paper_index.matches(search)
    if by_papers is not None:
        found = by_papers if found is None else found | by_papers
        paper_index.note_search(search, actor=actor)
    query = Contract.select(fn.COUNT(Contract.id)).join(Subscriber)
    total = int((query.where(found) if found is not None else query).scalar() or 0)
    pages = max(1, -(-total // PAGE))
    wanted = page if type(page) is int and 1 <= page <= FARTHEST_PAGE else 1
    wanted = min(wanted, pages)
    return SubscriberPage(_rows(found, wanted), wanted, pages, total)


_WORDS = (
    Contract.number,
    Subscriber.last_name,
    Subscriber.first_name,
    Subscriber.patronymic,
    Subscriber.phone,
    Subscriber.email,
    Contract.address,
)


def _rows(found: Any, page: int) -> tuple[SubscriberRow, ...]:
    wallet = (Account.contract == Contract.id) & (Account.kind == AccountKind.WALLET)
    query = (
        Contract.select(Contract, Subscriber, Tariff, Account)
        .join(Subscriber)
        .switch(Contract)
        .join(Tariff)
        .switch(Contract)
        .join(Account, JOIN.LEFT_OUTER, on=wallet, attr='wallet')
        .order_by(Contract.number)
        .paginate(page, PAGE)
    )
    contracts: list[Any] = list(query.where(found) if found is not None else query)
    states = states_of(contracts)
    return tuple(
        SubscriberRow(
            number=contract.number,
            name=contract.subscriber.full_name,
            phone=contract.subscriber.phone,
            email=contract.subscriber.email,
            address=contract.address,
            tariff=contract.tariff.name,
            state=states[contract.id],
            balance=contract.wallet.balance if contract.wallet else ZERO,
        )
        for contract in contracts
    )
